"""Counting what is stored, for `GET /api/v1/status` and `GET /api/v1/projects`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import Clock
from pitwall.server.self_metrics import SELF_PROJECT
from pitwall.server.status import IngestTotals
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.log_stats import LogStats

log = structlog.get_logger(__name__)

# Rows also come and go without this server's log: other servers, retention, letters that were sent again.
_GOOD_SECONDS: Final = 1.0
_MAX_PROJECTS: Final = 64


@dataclass(frozen=True, slots=True)
class _Total:
    """How a total is counted, and the streams of the log that can change it."""

    sql: str
    streams: tuple[TelemetryType, ...]


# A score or a dead letter that was sent again replaces the earlier one when parts merge: count distinct ids.
# Spans and log records may carry scores.
_TOTALS: Final[Mapping[str, _Total]] = {
    "spans_total": _Total("SELECT count() FROM spans", (TelemetryType.TRACES,)),
    "points_total": _Total("SELECT count() FROM points", (TelemetryType.METRICS,)),
    "logs_total": _Total("SELECT count() FROM logs", (TelemetryType.LOGS,)),
    "scores_total": _Total(
        "SELECT uniqExact(project, score_id) FROM scores",
        (TelemetryType.SCORES, TelemetryType.LOGS, TelemetryType.TRACES),
    ),
    "dead_letters_total": _Total(
        "SELECT uniqExact(project, dead_letter_id) FROM dead_letters", (TelemetryType.DEAD_LETTERS,)
    ),
}


@dataclass(slots=True)
class _Counted:
    """Totals of one project, what was applied before they were counted, and since when they are good."""

    since: float
    totals: dict[str, int] = field(default_factory=dict)
    applied: dict[str, tuple[int, ...]] = field(default_factory=dict)


class TotalsCounter:
    """Counts one project or all of them; what cannot be counted is None, not 0.

    A total is counted again when the log has brought something to the store that can change it, and after a
    second in any case. So a lag of 0 says that all that was acknowledged is in the totals beside it.
    """

    def __init__(self, engine: TelemetryEngine, stats: Callable[[], LogStats], clock: Clock) -> None:
        self._engine = engine
        self._stats = stats
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: dict[str | None, _Counted] = {}

    def __call__(self, project: str | None) -> IngestTotals:
        # Before anything is counted: what is applied later may be in the totals, not the other way round.
        stats = self._stats()
        totals: dict[str, int | None] = dict.fromkeys(_TOTALS)
        try:
            with self._lock:
                totals.update(self._count(project, stats))
        except PitwallError as error:
            log.warning("status.not_counted", error=str(error))
        return IngestTotals(**totals, ingest_lag_seconds=stats.ingest_lag_seconds)

    def _count(self, project: str | None, stats: LogStats) -> dict[str, int]:
        now = self._clock.monotonic()
        counted = self._counted.get(project)
        if counted is None or now - counted.since >= _GOOD_SECONDS:
            counted = _Counted(now)
        applied = {name: _applied(total, stats) for name, total in _TOTALS.items()}
        changed = [name for name in _TOTALS if counted.applied.get(name) != applied[name]]
        if changed:
            counted.totals |= self._query(changed, project)
            counted.applied = applied
        if len(self._counted) >= _MAX_PROJECTS:
            self._counted.clear()
        self._counted[project] = counted
        return counted.totals

    def _query(self, names: list[str], project: str | None) -> dict[str, int]:
        condition = "project != {project:String}" if project is None else "project = {project:String}"
        columns = ", ".join(f"({_TOTALS[name].sql} WHERE {condition}) AS {name}" for name in names)
        found = self._engine.query(f"SELECT {columns}", {"project": project or SELF_PROJECT})
        return found.dicts()[0]


class SpansByProject:
    """Counts the spans of every project that has any, as fresh as the totals; None if they cannot be counted.

    Apart from the totals, because it reads a column where those read an index.
    """

    def __init__(self, engine: TelemetryEngine, stats: Callable[[], LogStats], clock: Clock) -> None:
        self._engine = engine
        self._stats = stats
        self._clock = clock
        self._lock = threading.Lock()
        self._good_until = 0.0
        self._applied: tuple[int, ...] = ()
        self._spans: dict[str, int] = {}

    def __call__(self) -> dict[str, int] | None:
        applied = _applied(_TOTALS["spans_total"], self._stats())
        try:
            with self._lock:
                return self._count(applied)
        except PitwallError as error:
            log.warning("projects.not_counted", error=str(error))
            return None

    def _count(self, applied: tuple[int, ...]) -> dict[str, int]:
        now = self._clock.monotonic()
        if applied != self._applied or now >= self._good_until:
            found = self._engine.query("SELECT project, count() FROM spans GROUP BY project")
            self._spans = dict(found.rows)
            self._applied, self._good_until = applied, now + _GOOD_SECONDS
        return self._spans


def _applied(total: _Total, stats: LogStats) -> tuple[int, ...]:
    return tuple(stats.streams[stream].applied_entries for stream in total.streams)


def count_spans(engine: TelemetryEngine) -> int:
    """Count the spans of all projects but Pitwall's own, now."""
    sql = "SELECT count() FROM spans WHERE project != {project:String}"
    return int(engine.query(sql, {"project": SELF_PROJECT}).rows[0][0])
