"""Cuts a file of lines into chunks, and offers a chunk where the engine can read it."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pitwall.core.errors import InvalidInput

_LOOK_BACK_BYTES = 64 * 1024
_PIPE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines of a file: the bytes `[start, end)`; numbered from 1."""

    number: int
    start: int
    end: int


def cut(descriptor: int, start: int, size: int) -> Iterator[Chunk]:
    """Cut a file into chunks that end where lines end; a last line without an end counts if it is whole."""
    end = os.fstat(descriptor).st_size
    number = 1
    while start < end:
        border = _line_end(descriptor, start, min(start + size, end), end)
        if border is None:
            if _is_whole(os.pread(descriptor, end - start, start)):
                yield Chunk(number, start, end)
            return
        yield Chunk(number, start, border)
        start = border
        number += 1


def _line_end(descriptor: int, start: int, wanted: int, end: int) -> int | None:
    """The end of the last line in `(start, wanted]`, else of the first that ends later, else None."""
    high = wanted
    while high > start:
        low = max(start, high - _LOOK_BACK_BYTES)
        position = os.pread(descriptor, high - low, low).rfind(b"\n")
        if position >= 0:
            return low + position + 1
        high = low
    low = wanted
    while low < end:
        position = os.pread(descriptor, _LOOK_BACK_BYTES, low).find(b"\n")
        if position >= 0:
            return low + position + 1
        low += _LOOK_BACK_BYTES
    return None


def _is_whole(line: bytes) -> bool:
    """Whether a line without its end is complete: a JSON object is as soon as its brace is closed."""
    return line.rstrip().endswith(b"}")


@contextmanager
def piped(descriptor: int, chunk: Chunk) -> Iterator[str]:
    """Offer a chunk as a pipe that the engine opens by its path; on Linux its pages are moved, not copied.

    Raises:
        InvalidInput: The file became shorter than the chunk while it was read.
    """
    reader, writer = os.pipe()
    with suppress(AttributeError, OSError):  # a larger pipe is only faster
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    feeder = _Feeder(descriptor, chunk, writer)
    feeder.start()
    try:
        yield f"/dev/fd/{reader}"
    finally:
        os.close(reader)  # a feeder that still writes gets an error and ends
        feeder.join()
    if feeder.left:
        raise InvalidInput("The file was cut short while it was read; run the command again.")


class _Feeder(threading.Thread):
    """Writes a chunk into a pipe; `left` tells how many bytes of it did not arrive."""

    def __init__(self, descriptor: int, chunk: Chunk, writer: int) -> None:
        super().__init__(name="pitwall-jsonl-feeder", daemon=True)
        self._descriptor = descriptor
        self._end = chunk.end
        self._writer = writer
        self.left = chunk.end - chunk.start

    def run(self) -> None:
        try:
            while self.left:
                moved = self._move()
                if not moved:
                    break
                self.left -= moved
        except BrokenPipeError:
            pass  # nobody reads any more; what is left says so
        finally:
            os.close(self._writer)

    def _move(self) -> int:
        position = self._end - self.left
        if hasattr(os, "splice"):
            return os.splice(self._descriptor, self._writer, self.left, offset_src=position)
        return os.write(self._writer, os.pread(self._descriptor, min(self.left, _PIPE_BYTES), position))
