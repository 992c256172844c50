"""Sending a file from the command line, with a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 18


@contextmanager
def shown_upload(file: Path) -> Iterator[Iterator[bytes]]:
    """Yield the bytes of a file, with a bar on a terminal while they go."""
    with file.open("rb") as opened:
        if not sys.stderr.isatty():
            yield iter(lambda: opened.read(_CHUNK), b"")
            return
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
            task = bars.add_task(file.name, total=file.stat().st_size)
            yield _counted(opened, lambda size: bars.advance(task, size))


def _counted(opened: BinaryIO, tell: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK):
        yield chunk
        tell(len(chunk))
