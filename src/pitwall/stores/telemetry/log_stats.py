"""Figures of the write-ahead log, for status pages, metrics and back-pressure decisions."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from pitwall.core.vocabulary import TelemetryType

_REMEMBERED_SYNCS = 512


@dataclass(frozen=True, slots=True)
class StreamStats:
    """One stream. An entry is a request, a record is a span, point, log record or score inside it.

    Attributes:
        depth_bytes: Acknowledged but not yet in the store, as are `depth_entries` and `depth_records`.
        oldest_unapplied_age_seconds: How long the oldest of them has waited (the ingest lag), by the
            monotonic clock; 0 if nothing waits.
        appended_entries: Since this process started, as all totals are.
        applied_entries: Confirmed by the store, or rejected by it.
        duplicate_entries: Repeats that were acknowledged and dropped.
        refused_entries: Not acknowledged: a limit was reached or the disk failed.
        rejected_records: Refused by the store for good and kept as dead letters.
    """

    depth_bytes: int
    depth_entries: int
    depth_records: int
    oldest_unapplied_age_seconds: float
    appended_entries: int
    appended_records: int
    applied_entries: int
    applied_records: int
    duplicate_entries: int
    refused_entries: int
    rejected_records: int


@dataclass(frozen=True, slots=True)
class LogStats:
    """The whole log.

    Attributes:
        streams: Figures by stream.
        queued_bytes: Bodies in memory that wait for the disk.
        unapplied_bytes: On disk, all streams.
        repeats_forgotten_early: Requests whose repeat would no longer be recognised although the horizon has
            not passed.
        sync_p50_ms: Time of a disk sync over the last 512; None before the first.
        sync_p99_ms: As above.
        last_error: The last failure of the disk, None if there was none.
    """

    streams: Mapping[TelemetryType, StreamStats]
    queued_bytes: int
    unapplied_bytes: int
    repeats_forgotten_early: int
    sync_p50_ms: float | None
    sync_p99_ms: float | None
    last_error: str | None

    @property
    def ingest_lag_seconds(self) -> float:
        """Age of the oldest acknowledged request that cannot be queried yet, to the millisecond.

        0 only if there is none.
        """
        age = max(stream.oldest_unapplied_age_seconds for stream in self.streams.values())
        return math.ceil(age * 1000) / 1000

    @property
    def pending_records(self) -> int:
        """Acknowledged records that cannot be queried yet."""
        return sum(stream.depth_records for stream in self.streams.values())


class SyncTimes:
    """The durations of the last disk syncs."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED_SYNCS)

    def add(self, seconds: float) -> None:
        """Remember one sync."""
        self._seconds.append(seconds)

    def quantile_ms(self, p: float) -> float | None:
        """Return a quantile in milliseconds, None without any sync."""
        ordered = sorted(self._seconds)
        return ordered[min(len(ordered) - 1, int(p * len(ordered)))] * 1e3 if ordered else None
