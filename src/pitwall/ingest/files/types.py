"""What a reader of files and the store that takes their records tell each other.

A *source* is one file by its content, whatever it is called today. Its records are sent in *chunks* of whole
lines; the store knows up to which byte it has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

MIB = 1024 * 1024
MAX_CHUNK_BYTES = 4 * MIB
"""Most bytes of a source in one chunk, and so the longest line."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How lines become records.

    Attributes:
        kind: `jsonl` or `csv`.
        service: Service of the records that name none.
        environment: Environment of the records that name none.
        mapping: Column map, entries such as `started_at=TIMESTAMP`; see `column_map`. Empty for JSONL whose
            lines are events.
        constants: Values of fields that no column has.
        timezone: Of times that have none.
        columns: Column names of a CSV file.
        delimiter: Of a CSV file.
    """

    kind: str
    service: str = ""
    environment: str = ""
    mapping: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    columns: tuple[str, ...] = ()
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring whole lines of a source.

    Attributes:
        offset: Of the first byte in the source, which is uncompressed.
        first_line: Its line number, from 1.
        data: The lines.
        length: Bytes of the source that this chunk covers; more than `data` only if that is the beginning of
            one line too long to be sent.
        path: What the file is called, for messages.
        fingerprint: The source's fingerprint once the chunk is stored.
        skip_invalid: Put malformed lines aside and go on; otherwise refuse the chunk.
    """

    source_id: str
    offset: int
    first_line: int
    data: bytes
    length: int
    path: str
    fingerprint: str
    skip_invalid: bool
    reader: Reader

    @property
    def end(self) -> int:
        """Offset behind the last byte."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that was put aside."""

    line: int
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a chunk: all of it is durable.

    Attributes:
        next_offset: Where the next chunk begins.
        accepted: Records stored now.
        rejected: Lines or records put aside now.
        repeated: Records that were there already, because a crash had kept the offset from being noted.
        rejections: The first few of those rejected.
    """

    next_offset: int
    accepted: int
    rejected: int = 0
    repeated: int = 0
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSource:
    """How far a source is imported."""

    source_id: str
    path: str
    next_offset: int
    fingerprint: str
    rows: int = 0
    rejected: int = 0


class SourceSink(Protocol):
    """Where chunks go: a server, or the store in this process."""

    def sources(self) -> list[KnownSource]:
        """Return every source of the project."""
        ...

    def open(self, source_id: str, kind: str, path: str, fingerprint: str) -> KnownSource:
        """Return a source, making it with nothing imported if it is new."""
        ...

    def send(self, chunk: Chunk) -> Receipt:
        """Store a chunk.

        Raises:
            OffsetMismatch: The store is at another offset.
            InvalidLine: A line is malformed and `skip_invalid` is not set; nothing of the chunk is stored.
            LimitExceeded, Unavailable: Nothing is promised; ask where the source stands and send again.
        """
        ...
