"""Packing a file, and reading a packed one: what was written is compared before anybody relies on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

import orjson

from pitwall.ingest.archive.errors import ArchiveDamaged
from pitwall.ingest.files.contents import open_content
from pitwall.ingest.files.errors import BadLine
from pitwall.ingest.files.times import TimeRule
from pitwall.kit.clock import from_unix_nano

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE_BYTES = 1 << 20
_LEVEL = 9
_MAX_LINE = 4 << 20
_TIME_FIELDS = ("ts", "timestamp", "started_at", "time")
_RULE = TimeRule()


@dataclass(slots=True)
class Facts:
    """What is learnt of a file while it is read once.

    Attributes:
        size: Bytes so far.
        since_nano, until_nano: Earliest and latest time that a line tells.
    """

    size: int = 0
    rows: int = 0
    since_nano: int | None = None
    until_nano: int | None = None
    _digest: Any = field(default_factory=sha256)
    _line: bytearray = field(default_factory=bytearray)

    @property
    def sha256(self) -> str:
        """Of everything that was read."""
        return str(self._digest.hexdigest())

    @property
    def since(self) -> datetime | None:
        """Earliest time that a line tells."""
        return None if self.since_nano is None else from_unix_nano(self.since_nano)

    @property
    def until(self) -> datetime | None:
        """Latest time that a line tells."""
        return None if self.until_nano is None else from_unix_nano(self.until_nano)

    def add(self, piece: bytes) -> None:
        """Take in the next bytes."""
        self._digest.update(piece)
        self.size += len(piece)
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self._end_line(line)
        if len(self._line) < _MAX_LINE:
            self._line += rest

    def finish(self) -> Facts:
        """Take in a last line without an end."""
        if self._line:
            self._end_line(b"")
        return self

    def _end_line(self, line: bytes) -> None:
        whole = bytes(self._line + line) if self._line else line
        self._line.clear()
        if not whole.strip():
            return
        self.rows += 1
        nano = _time_of(whole)
        if nano is None:
            return
        self.since_nano = nano if self.since_nano is None else min(self.since_nano, nano)
        self.until_nano = nano if self.until_nano is None else max(self.until_nano, nano)


def pack(source: Path, target: Path) -> Facts:
    """Write a file packed; it is on the disk when this returns, and not yet compared."""
    facts, content = Facts(), open_content(source)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            options: Mapping[int, int] = {
                zstd.CompressionParameter.compression_level: _LEVEL,
                zstd.CompressionParameter.checksum_flag: 1,
            }
            with zstd.ZstdFile(file, "wb", options=options) as packed:
                while piece := content.read_at(facts.size, _PIECE_BYTES):
                    facts.add(piece)
                    packed.write(piece)
            file.flush()
            os.fsync(file.fileno())
    finally:
        content.close()
    return facts.finish()


def unpack_facts(path: Path) -> Facts:
    """Read a packed file to its end.

    Raises:
        ArchiveDamaged: It cannot be unpacked.
    """
    facts = Facts()
    for piece in unpacked(path):
        facts.add(piece)
    return facts.finish()


def unpacked(path: Path) -> Iterator[bytes]:
    """The pieces of a packed file.

    Raises:
        ArchiveDamaged: It is not there, or cannot be unpacked.
    """
    try:
        with cast(IO[bytes], zstd.open(path, "rb")) as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece
    except (OSError, EOFError, zstd.ZstdError) as error:
        raise ArchiveDamaged(
            f"The archived file {path} cannot be read: {error}.",
            hint="Take it from a backup; the others are not affected.",
        ) from error


def holds(path: Path, text: bytes) -> bool:
    """Whether a packed file holds a text, across the edges of pieces too."""
    before = b""
    for piece in unpacked(path):
        window = before + piece
        if text in window:
            return True
        before = window[-(len(text) - 1) :] if len(text) > 1 else b""
    return False


def _time_of(line: bytes) -> int | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    for name in _TIME_FIELDS:
        if name in record:
            try:
                return _RULE.read(name, record[name])
            except BadLine:
                return None
    return None
