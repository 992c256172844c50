"""Which source a file is: by what stands in it, so that a copy, a rename or a packed file is still the same.

A fingerprint knows the first lines of a source (up to 4 KB of those that were there at first sight) and the
last bytes before its offset. A file belongs to a source if both agree. A file that begins like a source but
is shorter than what was imported is an old copy of it, unless it is the very same file: then it was truncated
and begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from pitwall.ingest.files.contents import Content
from pitwall.ingest.files.types import KnownSource
from pitwall.kit.hashing import content_hash

_HASHED_LINES = 32
_LINE_HASH_DIGITS = 8
HEAD_BYTES = 4096
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a source is known by.

    Attributes:
        head_bytes, head: Length and hash of its beginning.
        first_lines: Short hashes of the lines in there, one behind the other, to know an old copy that is
            shorter still.
        tail_bytes, tail: Length and hash of what stands before the offset.
        lines: How many lines that makes.
        inode: Of the file it was read from.
    """

    head_bytes: int
    head: str
    first_lines: str = ""
    tail_bytes: int = 0
    tail: str = ""
    lines: int = 0
    inode: str = ""

    @classmethod
    def of_head(cls, head: bytes, inode: str) -> Fingerprint:
        """Return the fingerprint of a source of which nothing is imported yet."""
        return cls(len(head), content_hash(head), _hash_lines(head), inode=inode)

    @classmethod
    def parse(cls, text: str) -> Fingerprint | None:
        """Read a fingerprint; None if it was made by something else."""
        try:
            return cls(**orjson.loads(text))
        except (orjson.JSONDecodeError, TypeError):
            return None

    def encode(self) -> str:
        """Write the fingerprint as text."""
        return orjson.dumps(self).decode()

    def moved_past(self, data: bytes, inode: str) -> Fingerprint:
        """Return the fingerprint once these bytes are imported too."""
        tail = data[-TAIL_BYTES:]
        return replace(
            self,
            tail_bytes=len(tail),
            tail=content_hash(tail),
            lines=self.lines + data.count(b"\n"),
            inode=inode,
        )

    def is_head_of(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes begins like the source, as far as it goes."""
        if len(head) >= self.head_bytes:
            return content_hash(head[: self.head_bytes]) == self.head
        return head.endswith(b"\n") and self.first_lines.startswith(_hash_lines(head))

    def has_tail_at(self, content: Content, offset: int) -> bool:
        """Whether the bytes before the offset are still those that were imported."""
        tail = content.read_at(offset - self.tail_bytes, self.tail_bytes) if self.tail_bytes else b""
        return len(tail) == self.tail_bytes and (not tail or content_hash(tail) == self.tail)


@dataclass(frozen=True, slots=True)
class Match:
    """The source that a file belongs to.

    Attributes:
        fingerprint: As it was when the source was last sent.
        is_old_copy: The file ends before what was imported of the source.
    """

    source: KnownSource
    fingerprint: Fingerprint
    is_old_copy: bool = False


def read_head(content: Content, *, is_final: bool) -> bytes:
    """Return the beginning by which a file is known: whole lines, up to 4 KB.

    Args:
        is_final: The file will not grow, so that a last line without an end counts too.

    Returns:
        The bytes; empty if there is nothing yet to know the file by.
    """
    head = content.read_at(0, HEAD_BYTES)
    while len(head) < HEAD_BYTES and b"\n" not in head:
        more = content.read_at(0, HEAD_BYTES)
        if len(more) == len(head):
            return head if is_final else b""
        head = more
    end = head.rfind(b"\n") + 1
    return head[:end] if end else head


def find_source(content: Content, head: bytes, known: Sequence[KnownSource]) -> Match | None:
    """Find the source that a file belongs to.

    Args:
        head: The file's beginning, at least as long as that of any source it may belong to.
        known: All sources.
    """
    candidates = [
        (source, fingerprint)
        for source in known
        if (fingerprint := Fingerprint.parse(source.fingerprint)) and fingerprint.is_head_of(head)
    ]
    candidates.sort(key=lambda candidate: candidate[0].next_offset, reverse=not _is_stream(content))
    old_copy: Match | None = None
    for source, fingerprint in candidates:
        if fingerprint.has_tail_at(content, source.next_offset):
            return Match(source, fingerprint)
        is_shorter = not content.read_at(source.next_offset - 1, 1)
        if is_shorter and (_is_stream(content) or fingerprint.inode != content.inode):
            old_copy = old_copy or Match(source, fingerprint, is_old_copy=True)
    return old_copy


def new_source_id(head: bytes, known: Sequence[KnownSource]) -> str:
    """Return an id for a source that begins like this; one that begins like another gets one of its own."""
    taken = {source.source_id for source in known}
    generation = 0
    while True:
        suffix = f"\0{generation}".encode() if generation else b""
        source_id = content_hash(head + suffix)
        if source_id not in taken:
            return source_id
        generation += 1


def _hash_lines(head: bytes) -> str:
    lines = head.split(b"\n")[:-1][:_HASHED_LINES]
    return "".join(content_hash(line)[:_LINE_HASH_DIGITS] for line in lines)


def _is_stream(content: Content) -> bool:
    return not content.inode
