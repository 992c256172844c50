"""Results of commands that are files: `-o FILE`, else standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click


def out_option(
    help_text: str = "File to write; default is stdout.", *names: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `-o/--out FILE`, passed as `out: Path | None`; `--output` is the form of a result.

    Args:
        names: Other names of the option.
    """
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option("-o", "--out", *names, "out", type=kind, help=help_text)


@contextmanager
def written(out: Path | None) -> Iterator[BinaryIO]:
    """Yield where the bytes of a result go; a file comes into being whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    if out is None:
        yield sys.stdout.buffer
        return
    if out.exists() and not out.is_file():  # such as /dev/null: nothing may take its place
        with out.open("wb") as file:
            yield file
        return
    path = out.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
