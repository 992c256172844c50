"""The log of one stream: the segment being written, the sealed ones that wait, and the positions."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import NANOS_PER_SECOND, Clock
from pitwall.stores.telemetry.entries import Entry, encode_header
from pitwall.stores.telemetry.files import Files, make_private_directory
from pitwall.stores.telemetry.recent import AppliedJournal, iter_seen, pack_seen
from pitwall.stores.telemetry.segments import (
    SUFFIX,
    Segment,
    fill_segment,
    list_segments,
    repair_segment,
    scan_segment,
    segment_path,
)

_log = structlog.get_logger(__name__)

_IDENTITY_BITS, _POSITION_BITS = 21, 32


@dataclass(frozen=True, slots=True)
class SealPolicy:
    """When the segment being written is handed to the store.

    Small segments make data visible soon, large ones make inserts cheap. So a segment is sealed after
    `linger_seconds`, unless it fills so fast (`busy_bytes` by then) that waiting up to `busy_linger_seconds`
    pays.
    """

    linger_seconds: float = 0.1
    busy_linger_seconds: float = 0.35
    busy_bytes: int = 2 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """A write that is durable: its entries have consecutive positions from `first_position` on.

    Attributes:
        needs_writer: It began a segment or sealed one, so the writer has to look.
    """

    first_position: int
    size_bytes: int
    sync_seconds: float
    needs_writer: bool


@dataclass(frozen=True, slots=True)
class Depth:
    """What a stream holds that the store has not confirmed."""

    bytes: int
    entries: int
    records: int
    oldest_at: float | None


class StreamLog:
    """One stream's segments on disk.

    `write` belongs to one thread (the flusher), `next_sealed`, `verify` and `mark_applied` to another (the
    writer); the rest may be called from anywhere.

    Raises:
        OSError: The directory cannot be read or written.
    """

    def __init__(
        self,
        directory: Path,
        stream: TelemetryType,
        *,
        clock: Clock,
        files: Files,
        horizon_seconds: float,
        max_segment_bytes: int,
        random_bits: Callable[[int], int],
    ) -> None:
        self.stream = stream
        self._directory = directory / stream.value
        self._quarantine = directory / "quarantine"
        self._clock = clock
        self._files = files
        self._max_segment_bytes = max_segment_bytes
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._active: Segment | None = None
        self._descriptor = -1
        self._is_writing = False
        self._seal_requested = False
        self._sealed: deque[Segment] = deque()
        make_private_directory(self._directory)
        self._journal = AppliedJournal(self._directory / "recent.bin", files, horizon_seconds=horizon_seconds)
        self._recover()

    def seen_before(self) -> list[tuple[bytes, int]]:
        """Return (request hash, received_unix_nano) of what earlier processes took, applied or not."""
        seen, self._journal.seen = self._journal.seen, []
        for segment in self._sealed:
            seen.extend(iter_seen(segment.seen))
        return seen

    def token(self, segment: Segment) -> str:
        """Name a segment towards the store; no other content ever has the same token."""
        return f"{self._log_id}-{self.stream.value}-{segment.first_position}"

    def fitting(self, entries: Sequence[Entry]) -> int:
        """Count how many of the entries the next write should take; at least one."""
        room = self._max_segment_bytes - (self._active.size_bytes if self._active else 0)
        for count, entry in enumerate(entries):
            room -= len(entry.body)
            if room < 0:
                return max(1, count)
        return len(entries)

    def write(self, entries: Sequence[Entry], arrived_at: float) -> Written:
        """Make entries durable at the end of the log, all or none.

        Args:
            entries: In order; see `fitting`.
            arrived_at: Monotonic time at which the first of them arrived.

        Raises:
            OSError: None of the entries is in the log.
        """
        segment = self._begin(arrived_at)
        first = self._next
        buffers = [
            part
            for at, entry in enumerate(entries)
            for part in (encode_header(entry, first + at), entry.body)
        ]
        try:
            size = self._files.write(self._descriptor, buffers)
            before = self._clock.monotonic()
            self._files.datasync(self._descriptor)
            sync_seconds = self._clock.monotonic() - before
        except OSError:
            self._abandon(segment)
            raise
        self._next += len(entries)
        is_news = self._publish(segment, entries, first, size)
        return Written(first, size, sync_seconds, is_news)

    def seal_due(self, policy: SealPolicy) -> float | None:
        """Seal the segment being written if it is old enough.

        Returns:
            Seconds until it will be, None if nothing is being written or it is sealed now.
        """
        with self._lock:
            if self._active is None or not self._active.entry_count:
                return None
            age = self._clock.monotonic() - self._active.opened_at
            is_busy = self._active.size_bytes >= policy.busy_bytes
            wait = (policy.busy_linger_seconds if is_busy else policy.linger_seconds) - age
            if wait > 0:
                return wait
            self._seal()
            return None

    def next_sealed(self) -> Segment | None:
        """Return the oldest segment the store has not confirmed, if one is sealed."""
        with self._lock:
            return self._sealed[0] if self._sealed else None

    def sealed(self) -> list[Segment]:
        """Return the sealed segments that the store has not confirmed, oldest first."""
        with self._lock:
            return list(self._sealed)

    def verify(self, segment: Segment) -> None:
        """Make sure that the file holds exactly the segment's sound entries, before its bytes go to the
        store.

        Raises:
            OSError: The file cannot be read or repaired now.
        """
        if segment.has_failed_tail:
            self._files.truncate(segment.path, segment.size_bytes)
            segment.has_failed_tail = False
        if segment.is_verified:
            return
        scan = scan_segment(
            segment.path, self.stream, first_position=segment.first_position, before=None, check_bodies=True
        )
        repair_segment(
            segment.path, self.stream, scan, self._files, quarantine=self._quarantine, may_be_torn=False
        )
        with self._lock:
            fill_segment(segment, scan.entries)
            segment.is_verified = True

    def mark_applied(self, segment: Segment) -> None:
        """Remove the oldest segment, after noting durably that the store has it.

        Raises:
            OSError: The segment is still there; apply it again (its token makes that harmless).
        """
        self._journal.append(segment.last_position + 1, segment.seen, self._clock.unix_nano())
        segment.path.unlink(missing_ok=True)
        with self._lock:
            head = self._sealed.popleft()
        assert head is segment, f"{segment.path.name} was applied out of order"

    def depth(self) -> Depth:
        """Measure what waits for the store."""
        with self._lock:
            waiting = [*self._sealed, *([self._active] if self._active and self._active.entry_count else [])]
        return Depth(
            bytes=sum(segment.size_bytes for segment in waiting),
            entries=sum(segment.entry_count for segment in waiting),
            records=sum(segment.record_count for segment in waiting),
            oldest_at=waiting[0].opened_at if waiting else None,
        )

    def close(self) -> None:
        """Close the files; everything acknowledged stays for the next process."""
        with self._lock:
            self._seal()
        self._journal.close()

    def _begin(self, arrived_at: float) -> Segment:
        with self._lock:
            self._is_writing = True
        if self._active is None:
            path = segment_path(self._directory, self._next)
            try:
                self._descriptor = self._files.create(path)
                self._files.sync_directory(self._directory)
            except OSError:
                self._is_writing = False
                raise
            self._active = Segment(self.stream, path, self._next, opened_at=arrived_at)
        return self._active

    def _publish(self, segment: Segment, entries: Sequence[Entry], first: int, size: int) -> bool:
        seen = [pack_seen(entry.request_hash, entry.received_unix_nano) for entry in entries]
        with self._lock:
            is_begun = not segment.entry_count
            for at, entry in enumerate(entries):
                segment.add(first + at, entry.record_count, seen[at])
            segment.size_bytes += size
            self._is_writing = False
            if self._seal_requested or segment.size_bytes >= self._max_segment_bytes:
                self._seal()
            return is_begun or self._active is None

    def _abandon(self, segment: Segment) -> None:
        """Give up a file whose last write failed: after a failed sync its later pages cannot be trusted."""
        try:
            self._files.truncate(segment.path, segment.size_bytes)
        except OSError as error:
            _log.warning("wal.failed_tail_kept", segment=segment.path.name, error=str(error))
            segment.has_failed_tail = True
        with self._lock:
            self._is_writing = False
            self._seal()

    def _seal(self) -> None:
        """Close the segment being written; the caller holds the lock."""
        if self._is_writing:
            self._seal_requested = True
            return
        self._seal_requested = False
        segment, self._active = self._active, None
        if segment is None:
            return
        os.close(self._descriptor)
        if segment.entry_count:
            self._sealed.append(segment)

    def _recover(self) -> None:
        for leftover in self._directory.glob("*.tmp"):
            leftover.unlink()
        for plan in self._directory.glob("*.split"):
            if not plan.with_suffix(SUFFIX).exists():
                plan.unlink()
        segments = list_segments(self._directory)
        self._log_id, first_position = self._load_identity(has_segments=bool(segments))
        applied_before = self._journal.applied_before
        self._next = first_position if applied_before is None else applied_before
        for index, (first_position, path) in enumerate(segments):
            before = segments[index + 1][0] if index + 1 < len(segments) else None
            self._recover_segment(path, first_position, before)
            self._next = max(self._next, first_position)
            if self._sealed:
                self._next = max(self._next, self._sealed[-1].last_position + 1)

    def _recover_segment(self, path: Path, first_position: int, before: int | None) -> None:
        is_last = before is None
        scan = scan_segment(
            path, self.stream, first_position=first_position, before=before, check_bodies=is_last
        )
        repair_segment(path, self.stream, scan, self._files, quarantine=self._quarantine, may_be_torn=is_last)
        applied_before = self._journal.applied_before
        if not scan.entries or (applied_before is not None and scan.entries[-1].position < applied_before):
            path.unlink()
            return
        received = scan.entries[0].received_unix_nano
        age = max(0.0, (self._clock.unix_nano() - received) / NANOS_PER_SECOND)
        segment = Segment(self.stream, path, first_position, opened_at=self._clock.monotonic() - age)
        segment.is_verified = is_last
        fill_segment(segment, scan.entries)
        self._sealed.append(segment)

    def _load_identity(self, *, has_segments: bool) -> tuple[str, int]:
        """Read the log's identity and first position, or make new ones.

        Without segments and with a journal that lost its end nothing tells which positions were used.
        Starting over under the old identity could give a token to other data, which the store would then
        drop; so the identity changes. Each identity counts from a random point of its own, so that a position
        alone tells the rows of several servers apart in one store; all stay below 2**53, exact in every JSON
        reader.
        """
        path = self._directory / "log.json"
        if path.exists() and (has_segments or self._journal.is_whole):
            known = json.loads(path.read_bytes())
            return str(known["log_id"]), int(known["first_position"])
        log_id, first_position = os.urandom(8).hex(), self._random_bits(_IDENTITY_BITS) << _POSITION_BITS
        if self._journal.applied_before is not None:
            self._journal.append(first_position, b"", self._clock.unix_nano())
        identity = {"log_id": log_id, "stream": self.stream.value, "first_position": first_position}
        self._files.write_whole(path, json.dumps(identity).encode())
        return log_id, first_position
