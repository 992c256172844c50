"""The index of the archive: one JSON file, replaced as a whole, so that it is always one that was written."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from pitwall.ingest.archive.errors import ArchiveDamaged, ArchiveInUse
from pitwall.ingest.archive.types import ArchivedFile

INDEX_NAME = "index.json"
_LOCK_NAME = ".lock"
_TIMES = ("since", "until", "archived_at")


def read_index(directory: Path) -> dict[str, ArchivedFile]:
    """Return what the archive holds, by name; empty if there is no archive.

    Raises:
        ArchiveDamaged: The index cannot be read.
    """
    path = directory / INDEX_NAME
    try:
        entries = orjson.loads(path.read_bytes())["files"]
        return {entry["name"]: _entry(entry) for entry in entries}
    except FileNotFoundError:
        return {}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(
            f"The index of the archive, {path}, is damaged.",
            hint="Delete it: the next `pitwall archive run` makes it anew from the packed files.",
        ) from error


def write_index(directory: Path, entries: Iterable[ArchivedFile]) -> None:
    """Replace the index; it is on the disk when this returns."""
    ordered = sorted(entries, key=lambda entry: (entry.archived_at, entry.name))
    partial = directory / f".partial-{INDEX_NAME}"
    content = orjson.dumps({"files": [asdict(entry) for entry in ordered]}, option=orjson.OPT_INDENT_2)
    write_durably(partial, content)
    partial.replace(directory / INDEX_NAME)
    sync_directory(directory)


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file and bring it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Bring the names of a directory to the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes from changing the archive; the lock of a killed one is gone with it.

    Raises:
        ArchiveInUse: Another one is at work.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveInUse(
                f"Another process is at work on the archive {directory}.", hint="Try again later."
            ) from error
        yield
    finally:
        os.close(descriptor)


def _entry(written: Mapping[str, Any]) -> ArchivedFile:
    fields = dict(written)
    for name in _TIMES:
        fields[name] = None if fields[name] is None else datetime.fromisoformat(fields[name])
    return ArchivedFile(**fields)
