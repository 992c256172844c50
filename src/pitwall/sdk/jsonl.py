"""JSON Lines files that survive a crash: one write per line, healed at the next start, rotated by size."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from pitwall.sdk.events import trace_events
from pitwall.sdk.span import RecordingSpan

if sys.platform != "win32":
    import fcntl

_log = logging.getLogger("pitwall.sdk")
_MODE = 0o644
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


class RotatingJsonl:
    """Appends JSON lines to one file; several processes may append to the same one.

    Every line is a single `write(2)` on an append-only descriptor, so lines never interleave and a killed
    process leaves at most its last line torn. Opening ends such a line with a newline. At `max_bytes` the
    file becomes `name.1`, the older ones move up, and those beyond `keep_files` are removed.

    Args:
        path: The current file.
        max_bytes: Size from which a new file is begun.
        keep_files: How many rotated files stay beside the current one.
    """

    def __init__(self, path: Path, max_bytes: int, keep_files: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep_files = keep_files
        self._descriptor: int | None = None
        self._size = 0
        self._torn = False

    def append(self, records: Sequence[Mapping[str, Any]]) -> int:
        """Write the records, in order, and return how many were written completely.

        Raises:
            OSError: The file cannot be opened or written.
        """
        self._follow()
        for count, record in enumerate(records):
            line = orjson.dumps(record, default=str) + b"\n"
            if self._size and self._size + len(line) > self._max_bytes:
                self._rotate()
            if not self._write(line):
                return count
        return len(records)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _write(self, line: bytes) -> bool:
        descriptor = self._open()
        if self._torn:
            line = b"\n" + line
        written = os.write(descriptor, line)
        self._size += written
        self._torn = written < len(line)
        return not self._torn

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, _FLAGS, _MODE)
            self._size = os.fstat(self._descriptor).st_size
            self._torn = self._size > 0 and os.pread(self._descriptor, 1, self._size - 1) != b"\n"
        return self._descriptor

    def _follow(self) -> None:
        """Let go of a file that was rotated or removed by another process; learn how far it has grown."""
        if self._descriptor is None:
            return
        here = os.fstat(self._descriptor)
        try:
            there = self._path.stat()
        except FileNotFoundError:
            self.close()
            return
        if (here.st_ino, here.st_dev) != (there.st_ino, there.st_dev):
            self.close()
        else:
            self._size = here.st_size

    def _rotate(self) -> None:
        with _exclusive(self._path.with_name(self._path.name + ".lock")):
            self._follow()
            if os.fstat(self._open()).st_size < self._max_bytes // 2:
                return  # another process has just rotated
            self.close()
            for number in range(self._keep_files, 0, -1):
                source = self._rotated(number - 1) if number > 1 else self._path
                with contextlib.suppress(FileNotFoundError):
                    source.replace(self._rotated(number))
            if self._keep_files == 0:
                self._path.unlink(missing_ok=True)

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold a lock between processes; a platform without file locks goes on without."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class TraceFiles:
    """Writes spans as trace events into the files of one directory.

    Args:
        directory: Made if missing.
        max_bytes: Size from which each file is rotated.
        keep_files: Rotated files kept per name.
    """

    def __init__(self, directory: Path, max_bytes: int, keep_files: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._keep_files = keep_files
        self._files: dict[str, RotatingJsonl] = {}
        self._failed: set[str] = set()

    def write_spans(self, spans: Sequence[RecordingSpan]) -> int:
        """Write the events of these spans; return how many the disk did not take, also logged once."""
        by_file: dict[str, list[dict[str, Any]]] = {}
        for span in spans:
            for file_name, event in trace_events(span):
                by_file.setdefault(file_name, []).append(event)
        return sum(self._append(file_name, events) for file_name, events in by_file.items())

    def _append(self, file_name: str, events: list[dict[str, Any]]) -> int:
        written = 0
        try:
            written = self._file(file_name).append(events)
            self._failed.discard(file_name)
        except OSError as error:
            if file_name not in self._failed:
                reason = errno.errorcode.get(error.errno or 0, "")
                _log.warning("sdk.trace_file_failed file=%s error=%s %s", file_name, reason, error)
                self._failed.add(file_name)
        return len(events) - written

    def _file(self, file_name: str) -> RotatingJsonl:
        file = self._files.get(file_name)
        if file is None:
            self._directory.mkdir(parents=True, exist_ok=True)
            file = RotatingJsonl(self._directory / file_name, self._max_bytes, self._keep_files)
            self._files[file_name] = file
        return file

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
