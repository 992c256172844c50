"""The bytes of a file as an application wrote them: plain, compressed by rotation, or coming in on stdin."""

from __future__ import annotations

import gzip
import os
import select
import stat
import sys
from pathlib import Path
from typing import IO, Protocol, cast

from pitwall.core.errors import InvalidInput, NotFound

STDIN = Path("-")
UNPACK_FAILED = "ingest.unpack_failed"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE_BYTES = 1 << 20
# Whole lines that came in on a pipe wait so long for more to go with them.
_PATIENCE_SECONDS = 0.2


class Content(Protocol):
    """Uncompressed bytes that can be read from any place on, as far as they are there now."""

    @property
    def inode(self) -> str:
        """Name of the file within this machine, whatever it is called; empty if it has none."""
        ...

    @property
    def total_bytes(self) -> int | None:
        """How many bytes there are now; None if only reading to the end would tell."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return bytes from a place on; fewer than asked for only at the present end.

        A stream returns what has come, at least one byte, and nothing only at its end.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class PlainFile:
    """An uncompressed file; it may grow, and be renamed, while it is open."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def inode(self) -> str:
        return inode_of(os.fstat(self._descriptor))

    @property
    def total_bytes(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        pieces = []
        while length > 0:
            piece = os.pread(self._descriptor, length, offset)
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
            length -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        os.close(self._descriptor)


class CompressedFile:
    """A gzip or zstd file; going back means unpacking it from its beginning."""

    total_bytes = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self.inode = inode_of(path.stat())
        self._stream = _unpack(path)
        self._position = 0

    def read_at(self, offset: int, length: int) -> bytes:
        try:
            self._go_to(offset)
            data = self._stream.read(length)
        except (OSError, EOFError, ValueError) as error:
            raise InvalidInput(f"{self._path} cannot be unpacked: {error}.", code=UNPACK_FAILED) from error
        self._position += len(data)
        return data

    def close(self) -> None:
        self._stream.close()

    def _go_to(self, offset: int) -> None:
        if offset < self._position:
            self._stream.close()
            self._stream = _unpack(self._path)
            self._position = 0
        while self._position < offset:
            skipped = len(self._stream.read(min(_PIECE_BYTES, offset - self._position)))
            if not skipped:
                return
            self._position += skipped


class StreamedInput:
    """What comes in on a pipe: it cannot go back further than the last place that was read.

    Args:
        descriptor: Where it comes from; closed with it.
    """

    inode = ""
    total_bytes = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray()
        self._begin = 0
        self._is_ended = False

    def read_at(self, offset: int, length: int) -> bytes:
        if offset < self._begin:
            raise InvalidInput(
                "The input begins like one that was imported before, and then differs.",
                code="ingest.stdin_differs",
                hint="Write it to a file and import that.",
            )
        while not self._is_ended:
            self._drop_before(offset)
            has_line = self._begin == offset and b"\n" in self._buffer
            if self._begin + len(self._buffer) >= offset + length or (has_line and not self._is_ready()):
                break
            piece = os.read(self._descriptor, _PIECE_BYTES)
            self._is_ended = not piece
            self._buffer += piece
        self._drop_before(offset)
        return bytes(self._buffer[:length])

    def close(self) -> None:
        os.close(self._descriptor)

    def _is_ready(self) -> bool:
        return bool(select.select([self._descriptor], [], [], _PATIENCE_SECONDS)[0])

    def _drop_before(self, offset: int) -> None:
        drop = min(max(offset - self._begin, 0), len(self._buffer))
        del self._buffer[:drop]
        self._begin += drop


def open_content(path: Path) -> Content:
    """Open a file, packed or not, or stdin (`-`).

    Raises:
        NotFound: It is not there.
        InvalidInput: It is no file, or may not be read.
    """
    if path == STDIN:
        return StreamedInput(os.dup(sys.stdin.fileno()))
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.", code="ingest.file_not_found") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", code="ingest.unreadable") from error
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            return StreamedInput(descriptor)
        if not stat.S_ISREG(mode):
            raise InvalidInput(f"{path} is not a file.", code="ingest.unreadable")
        is_packed = os.pread(descriptor, 4, 0).startswith((_GZIP, _ZSTD))
    except BaseException:
        os.close(descriptor)
        raise
    if is_packed:
        os.close(descriptor)
        return CompressedFile(path)
    return PlainFile(descriptor)


def inode_of(status: os.stat_result) -> str:
    """Name a file within this machine."""
    return f"{status.st_dev}:{status.st_ino}"


def _unpack(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(_GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return _open_zstd(path)


def _open_zstd(path: Path) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        try:
            from backports import zstd  # not needed by a light client
        except ModuleNotFoundError:
            raise InvalidInput(
                f"{path} is packed with zstd, which this installation cannot unpack.",
                code="ingest.zstd_missing",
                hint='Install "pitwall[server]" or unpack it first.',
            ) from None
    return cast(IO[bytes], zstd.open(path, "rb"))
