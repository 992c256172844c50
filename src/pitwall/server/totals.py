"""Counting what is stored, for `GET /api/v1/status`."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from pitwall.core.errors import PitwallError
from pitwall.server.self_metrics import SELF_PROJECT
from pitwall.server.status import IngestTotals
from pitwall.stores.telemetry.engine import TelemetryEngine

log = structlog.get_logger(__name__)

# A score or a dead letter that was sent again replaces the earlier one when parts merge: count distinct ids.
_COUNTS = {
    "spans_total": "SELECT count() FROM spans",
    "points_total": "SELECT count() FROM points",
    "logs_total": "SELECT count() FROM logs",
    "scores_total": "SELECT uniqExact(project, score_id) FROM scores",
    "dead_letters_total": "SELECT uniqExact(project, dead_letter_id) FROM dead_letters",
}


class TotalsCounter:
    """Counts one project or all of them; what cannot be counted is None, not 0."""

    def __init__(self, engine: TelemetryEngine, lag_seconds: Callable[[], float]) -> None:
        self._engine = engine
        self._lag_seconds = lag_seconds

    def __call__(self, project: str | None) -> IngestTotals:
        condition = "project != {project:String}" if project is None else "project = {project:String}"
        columns = ", ".join(f"({sql} WHERE {condition}) AS {name}" for name, sql in _COUNTS.items())
        totals: dict[str, int | None] = dict.fromkeys(_COUNTS)
        try:
            found = self._engine.query(f"SELECT {columns}", {"project": project or SELF_PROJECT})
            totals.update(found.dicts()[0])
        except PitwallError as error:
            log.warning("status.not_counted", error=str(error))
        return IngestTotals(**totals, ingest_lag_seconds=round(self._lag_seconds(), 3))
