"""Segment files: how they are named, read back after a crash, and repaired without losing a sound entry."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.entries import (
    Damage,
    DamagedEntry,
    EntryHeader,
    decode_header,
    is_body_intact,
)
from pitwall.stores.telemetry.files import Files, make_private_directory
from pitwall.stores.telemetry.recent import pack_seen

_log = structlog.get_logger(__name__)

SUFFIX = ".seg"


@dataclass(slots=True)
class Segment:
    """A run of entries in one file, oldest first; the unit that the store takes.

    Attributes:
        size_bytes: Bytes that are durable and acknowledged; the file may be longer after a failed write.
        last_position: `first_position - 1` while the segment is empty.
        seen: Hash and arrival time of each entry, packed as in `recent.py`.
        opened_at: Monotonic time at which the oldest entry arrived.
        is_verified: False for a segment of an earlier process whose bodies have not been read yet.
        has_failed_tail: The file holds bytes after `size_bytes` that were never acknowledged.
    """

    stream: TelemetryType
    path: Path
    first_position: int
    opened_at: float
    size_bytes: int = 0
    entry_count: int = 0
    record_count: int = 0
    last_position: int = field(init=False)
    seen: bytearray = field(default_factory=bytearray)
    is_verified: bool = True
    has_failed_tail: bool = False

    def __post_init__(self) -> None:
        self.last_position = self.first_position - 1

    def add(self, position: int, record_count: int, seen: bytes) -> None:
        """Count one more durable entry (its bytes are counted by the caller)."""
        self.last_position = position
        self.entry_count += 1
        self.record_count += record_count
        self.seen += seen


@dataclass(frozen=True, slots=True)
class DamagedRange:
    """Bytes of a segment that are not a sound entry; `is_torn` if the file ends inside the entry."""

    start: int
    end: int
    damage: Damage

    @property
    def is_torn(self) -> bool:
        return self.damage is Damage.TORN


@dataclass(frozen=True, slots=True)
class SegmentScan:
    """What a segment file holds: sound entries, damage, and where the entries of an abandoned write begin."""

    entries: list[EntryHeader]
    damaged: list[DamagedRange]
    end: int
    size: int


def segment_path(directory: Path, first_position: int) -> Path:
    """Name the segment that begins at a position; names sort like positions."""
    return directory / f"{first_position:020d}{SUFFIX}"


def list_segments(directory: Path) -> list[tuple[int, Path]]:
    """Return (first position, path) of all segments, oldest first."""
    return sorted((int(path.stem), path) for path in directory.glob(f"*{SUFFIX}"))


def scan_segment(
    path: Path, stream: TelemetryType, *, first_position: int, before: int | None, check_bodies: bool
) -> SegmentScan:
    """Walk a segment from length to length.

    Args:
        path: The file.
        stream: Part of each request's hash.
        first_position: Where the positions of this segment begin.
        before: First position of the next segment. Entries from there on belong to a write that failed and
            was repeated in that segment; they were never acknowledged from here.
        check_bodies: Whether to read and hash the bodies too; without it only the headers' pages are touched.
    """
    scan = SegmentScan([], [], 0, path.stat().st_size)
    with mapped(path) as data:
        offset, lowest = 0, first_position
        while offset < scan.size:
            found = _read_entry(data, offset, lowest, scan.size)
            if isinstance(found, DamagedRange):
                scan.damaged.append(found)
                offset = found.end
                continue
            if before is not None and found.position >= before:
                break
            if check_bodies and not is_body_intact(data, found, stream):
                scan.damaged.append(DamagedRange(found.start, found.end, Damage.BODY))
            else:
                scan.entries.append(found)
            offset, lowest = found.end, found.position + 1
    return SegmentScan(scan.entries, scan.damaged, offset, scan.size)


def repair_segment(
    path: Path, stream: TelemetryType, scan: SegmentScan, files: Files, *, quarantine: Path, may_be_torn: bool
) -> None:
    """Leave only sound entries in the file; what is cut out is kept in `quarantine`.

    Args:
        path: The file that was scanned.
        stream: Its stream, for the name of what is set aside.
        scan: What was found in it.
        files: System calls.
        quarantine: Directory for damaged bytes.
        may_be_torn: An unfinished last entry is what a crash leaves of a write nobody was told about; drop
            it.
    """
    for damaged in scan.damaged:
        if damaged.is_torn and may_be_torn:
            _log.info(
                "wal.torn_tail_dropped",
                segment=path.name,
                stream=stream.value,
                bytes=damaged.end - damaged.start,
            )
        else:
            _set_aside(path, stream, damaged, files, quarantine)
    sound_end = scan.entries[-1].end if scan.entries else 0
    if any(damaged.start < sound_end for damaged in scan.damaged):
        _rewrite(path, scan.entries, files)
    elif sound_end < scan.size:
        files.truncate(path, sound_end)


def fill_segment(segment: Segment, entries: list[EntryHeader]) -> None:
    """Set a segment's counters from entries read back; positions once given stay used."""
    highest = segment.last_position
    segment.size_bytes = sum(entry.end - entry.start for entry in entries)
    segment.entry_count = segment.record_count = 0
    segment.seen.clear()
    for entry in entries:
        seen = pack_seen(entry.request_hash, entry.received_unix_nano)
        segment.add(entry.position, entry.record_count, seen)
    segment.last_position = max(highest, segment.last_position)


@contextmanager
def mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Map a file for reading; an empty file is empty bytes."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _read_entry(data: bytes | mmap.mmap, offset: int, lowest: int, size: int) -> EntryHeader | DamagedRange:
    try:
        header = decode_header(data, offset)
    except DamagedEntry as error:
        if error.damage is Damage.TORN:
            return DamagedRange(offset, size, Damage.TORN)
        return DamagedRange(offset, _resume(data, error.claimed_end, lowest, size), Damage.HEADER)
    if header.end > size:
        return DamagedRange(offset, size, Damage.TORN)
    if header.position < lowest:
        return DamagedRange(offset, header.end, Damage.HEADER)
    return header


def _resume(data: bytes | mmap.mmap, claimed_end: int | None, lowest: int, size: int) -> int:
    """Find where reading can go on after an unreadable header: where its length says, if a sound header
    stands there.

    Bodies are not searched for entries: a body is what a client sent and could hold a forged one.
    """
    if claimed_end is None or claimed_end >= size:
        return size
    try:
        return claimed_end if decode_header(data, claimed_end).position >= lowest else size
    except DamagedEntry:
        return size


def _set_aside(
    path: Path, stream: TelemetryType, damaged: DamagedRange, files: Files, quarantine: Path
) -> None:
    make_private_directory(quarantine)
    with path.open("rb") as file:
        file.seek(damaged.start)
        data = file.read(damaged.end - damaged.start)
    target = quarantine / f"{stream.value}-{path.stem}-{damaged.start}.bin"
    files.write_whole(target, data)
    _log.error(
        "wal.damaged_entry_quarantined",
        segment=path.name,
        stream=stream.value,
        offset=damaged.start,
        bytes=len(data),
        reason=damaged.damage.value,
        kept_as=str(target),
    )


def _rewrite(path: Path, entries: list[EntryHeader], files: Files) -> None:
    with mapped(path) as data:
        files.write_whole(path, b"".join(data[entry.start : entry.end] for entry in entries))
