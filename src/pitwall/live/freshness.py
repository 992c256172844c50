"""How fresh the numbers are: computed here for the event and for `GET /api/v1/freshness`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock
from pitwall.live.repository import LastReceived
from pitwall.live.types import Freshness
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.telemetry.log_stats import LogStats

log = structlog.get_logger(__name__)

COMPLETENESS: Final = "data.completeness"
_COMPLETENESS_RANGE: Final = timedelta(hours=1)
_GOOD_SECONDS: Final = 1.0
_MAX_PROJECTS: Final = 64


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the store says of a project, and until when that is believed (monotonic)."""

    good_until: float
    window_end: datetime
    completeness: float | None
    last_received_at: datetime | None


class FreshnessService:
    """Tells how fresh a project is; what the store says of it is asked at most once a second.

    Args:
        signals: Has the watermark and the completeness.
        stats: The figures of the write-ahead log, from which the status page takes its lag too.
        last_received: Knows when the newest record arrived.
        clock: Time for what is remembered.
    """

    def __init__(
        self, signals: Signals, stats: Callable[[], LogStats], last_received: LastReceived, clock: Clock
    ) -> None:
        self._signals = signals
        self._stats = stats
        self._last_received = last_received
        self._clock = clock
        self._lock = threading.Lock()
        self._stored: dict[str, _Stored] = {}

    def __call__(self, project: str) -> Freshness:
        """Tell; a store that does not answer leaves gaps and raises nothing. Blocks."""
        with self._lock:
            stored = self._ask(project)
        stats, now = self._stats(), self._signals.watermark.now()
        return Freshness(
            now=now,
            watermark=self._signals.watermark.at(now, stats.ingest_lag_seconds),
            lag_seconds=stats.ingest_lag_seconds,
            pending_records=stats.pending_records,
            completeness=stored.completeness,
            last_received_at=stored.last_received_at,
        )

    def _ask(self, project: str) -> _Stored:
        known, now = self._stored.get(project), self._clock.monotonic()
        if known is not None and now < known.good_until:
            return known
        since, until = self._signals.last_window(_COMPLETENESS_RANGE)
        try:
            last_received_at = self._last_received(project)
            is_same = known is not None and known.window_end == until
            completeness = known.completeness if known and is_same else self._whole(project, since, until)
        except PitwallError as error:
            log.warning("freshness.not_asked", error=str(error))
            until, completeness = since, None  # the window of no later question
            last_received_at = self._last_received.known(project)
        if len(self._stored) >= _MAX_PROJECTS:
            self._stored.clear()
        self._stored[project] = _Stored(now + _GOOD_SECONDS, until, completeness, last_received_at)
        return self._stored[project]

    def _whole(self, project: str, since: datetime, until: datetime) -> float | None:
        if COMPLETENESS not in {signal.name for signal in self._signals.catalogue}:
            return None  # a pack may leave it out
        rows = self._signals.query(SignalQuery(COMPLETENESS, project, since, until)).rows
        return rows[0].value if rows else None
