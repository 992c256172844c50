"""A stream as the doors see it: requests on their way to the disk, repeats of known ones, and totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pitwall.kit.clock import Clock
from pitwall.stores.telemetry.acks import Ack, Pending, Waiter
from pitwall.stores.telemetry.entries import Entry
from pitwall.stores.telemetry.log_stats import StreamStats
from pitwall.stores.telemetry.recent import RepeatIndex
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.segments import Segment
from pitwall.stores.telemetry.stream_log import StreamLog


class StreamFront:
    """Bookkeeping beside a `StreamLog`; the caller serialises all calls.

    Attributes:
        log: The stream's segments.
        repeats: What was acknowledged lately.
    """

    def __init__(self, log: StreamLog, options: LogOptions, clock: Clock) -> None:
        self.log = log
        self.repeats = RepeatIndex(
            clock, horizon_seconds=options.retry_horizon_seconds, max_entries=options.max_remembered_requests
        )
        self.repeats.restore(log.seen_before())
        self._in_flight: dict[bytes, Pending] = {}
        self._appended_entries = self._appended_records = 0
        self._applied_entries = self._applied_records = 0
        self._duplicates = self._refused = self._rejected_records = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way to the disk."""
        return not self._in_flight

    def join_repeat(self, request_hash: bytes, waiter: Waiter) -> Ack | Pending | None:
        """Recognise a repeat.

        Returns:
            An Ack if the first is durable; the first, which the waiter has joined, if it is still on its way;
            None if this request is new.
        """
        pending = self._in_flight.get(request_hash)
        if pending is not None:
            self._duplicates += 1
            pending.waiters.append(replace(waiter, is_duplicate=True))
            return pending
        if request_hash in self.repeats:
            self._duplicates += 1
            return Ack(None, is_duplicate=True)
        return None

    def add(self, pending: Pending) -> None:
        """Take note of a new request that goes to the disk now."""
        self._in_flight[pending.entry.request_hash] = pending

    def refuse(self, count: int) -> None:
        """Count requests that were not taken."""
        self._refused += count

    def note_written(self, entries: Sequence[Entry]) -> None:
        """Move requests from on their way to durable."""
        for entry in entries:
            del self._in_flight[entry.request_hash]
            self.repeats.add(entry.request_hash)
            self._appended_records += entry.record_count
        self._appended_entries += len(entries)

    def note_failed(self, entries: Sequence[Entry]) -> None:
        """Forget requests that could not be written: the same request sent again is a new one."""
        for entry in entries:
            del self._in_flight[entry.request_hash]
        self.refuse(len(entries))

    def note_applied(self, segment: Segment, rejected_records: int) -> None:
        """Count a segment that the store has taken or refused for good."""
        self._applied_entries += segment.entry_count
        self._applied_records += segment.record_count
        self._rejected_records += rejected_records

    def stats(self, now: float) -> StreamStats:
        """Measure the stream at the monotonic time `now`."""
        depth = self.log.depth()
        oldest_at = depth.oldest_at
        if oldest_at is None:
            oldest_at = next((pending.arrived_at for pending in self._in_flight.values()), now)
        return StreamStats(
            depth_bytes=depth.bytes,
            depth_entries=depth.entries,
            depth_records=depth.records,
            oldest_unapplied_age_seconds=max(0.0, now - oldest_at),
            appended_entries=self._appended_entries,
            appended_records=self._appended_records,
            applied_entries=self._applied_entries,
            applied_records=self._applied_records,
            duplicate_entries=self._duplicates,
            refused_entries=self._refused,
            rejected_records=self._rejected_records,
        )
