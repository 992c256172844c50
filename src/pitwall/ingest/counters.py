"""What the doors count about themselves: plain numbers that status, metrics and tests read."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pitwall.core.vocabulary import TelemetryType

_GAMMA_LOG = math.log(1.02 / 0.98)


class LatencySketch:
    """Counts durations in logarithmic buckets; any quantile is right within 2 %."""

    __slots__ = ("_buckets", "count", "sum_seconds")

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.count = 0
        self.sum_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration; anything below a microsecond counts as that."""
        self._buckets[math.ceil(math.log(max(seconds, 1e-6)) / _GAMMA_LOG)] += 1
        self.count += 1
        self.sum_seconds += seconds

    def quantile_ms(self, share: float) -> float | None:
        """Return the duration below which this share of all lies, None if there was none."""
        if not self.count:
            return None
        remaining = share * (self.count - 1)
        for bucket in sorted(self._buckets):
            remaining -= self._buckets[bucket]
            if remaining < 0:
                break
        return 2 * math.exp(bucket * _GAMMA_LOG) / (1 + math.exp(_GAMMA_LOG)) * 1000


@dataclass(slots=True)
class DoorCounters:
    """Totals of one door and stream since the start of the process.

    Attributes:
        requests: Answered requests, whatever the answer.
        accepted: Records made durable; a repeated request counts none.
        repeated_requests: Requests that were there already.
        skipped: Points that carried no value.
        repaired: Records kept after invalid text in them was replaced.
        rejected: Records refused, by reason.
        failed: Requests refused whole, by the code of the error.
        received_bytes: Bodies as sent.
        decoded_bytes: Bodies after decompression.
    """

    requests: int = 0
    accepted: int = 0
    repeated_requests: int = 0
    skipped: int = 0
    repaired: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    received_bytes: int = 0
    decoded_bytes: int = 0
    latency: LatencySketch = field(default_factory=LatencySketch)


class IngestMetrics:
    """The counters of all doors; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[tuple[str, TelemetryType], DoorCounters] = {}

    def count_outcome(self, door: str, stream: TelemetryType, outcome: Outcome) -> None:
        """Count one accepted request."""
        with self._lock:
            counters = self._of(door, stream)
            counters.repeated_requests += outcome.is_repeated
            counters.accepted += 0 if outcome.is_repeated else outcome.accepted
            counters.skipped += outcome.skipped
            counters.repaired += outcome.repaired
            counters.rejected.update(outcome.rejected_reasons)

    def count_request(self, door: str, stream: TelemetryType, exchange: Exchange) -> None:
        """Count one answered request."""
        with self._lock:
            counters = self._of(door, stream)
            counters.requests += 1
            counters.received_bytes += exchange.received_bytes
            counters.decoded_bytes += exchange.decoded_bytes
            counters.latency.add(exchange.seconds)
            if exchange.failure is not None:
                counters.failed[exchange.failure] += 1

    def snapshot(self) -> dict[tuple[str, TelemetryType], DoorCounters]:
        """Return the live counters by door and stream; read them, do not keep them."""
        with self._lock:
            return dict(self._counters)

    def _of(self, door: str, stream: TelemetryType) -> DoorCounters:
        return self._counters.setdefault((door, stream), DoorCounters())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records of one request."""

    accepted: int
    rejected_reasons: Iterable[str] = ()
    skipped: int = 0
    repaired: int = 0
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `failure` is the code of the error it was refused with."""

    seconds: float
    received_bytes: int
    decoded_bytes: int
    failure: str | None = None
