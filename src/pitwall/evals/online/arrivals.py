"""Root spans that arrived, out of the telemetry store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from pitwall.evals.online.types import Arrival, Look
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import compile_filters
from pitwall.traces.wire import read_filters

MAX_LENGTH_MS: Final = 3_600_000
"""A trace whose root arrived more than an hour after it started is not live any more."""
_AT_ONCE: Final = 5_000
_COLUMNS: Final = "trace_id, span_id, service, environment, toUnixTimestamp64Milli(received_at) AS arrived_ms"


class Arrivals:
    """Finds root spans that arrived; calls block."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def look(
        self, project: str, filters: Sequence[str], *, since_ms: int, until_ms: int, now: datetime
    ) -> Look:
        """Return root spans that match, in the order they arrived, from a moment on and before another.

        Raises:
            InvalidInput: A filter cannot be understood.
            StoreUnavailable: The telemetry store does not answer.
        """
        if until_ms <= since_ms:
            return Look(until_ms=since_ms)
        condition = compile_filters(read_filters(filters, now=now))
        sql = (
            f"SELECT {_COLUMNS} FROM spans WHERE project = {{project:String}} "
            "AND started_at >= fromUnixTimestamp64Milli({started:Int64}, 'UTC') "
            "AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') "
            "AND received_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC') "
            f"AND parent_span_id = {id_literal(bytes(8))} AND ({condition.text}) "
            f"ORDER BY received_at LIMIT {_AT_ONCE} WITH TIES"
        )
        own = {
            "project": project,
            "started": since_ms - MAX_LENGTH_MS,
            "since": since_ms,
            "until": until_ms,
        }
        rows = self._engine.query(sql, {**condition.parameters, **own}, settings=QUERY_SETTINGS).dicts()
        return _found(rows, until_ms)

    def newest(self, project: str, arrivals: Collection[Arrival]) -> dict[str, int]:
        """Return when the newest span of each trace arrived, in unix milliseconds."""
        if not arrivals:
            return {}
        ids = ", ".join(id_literal(bytes.fromhex(one.trace_id)) for one in arrivals)
        sql = (
            "SELECT trace_id, max(toUnixTimestamp64Milli(received_at)) AS newest_ms FROM spans "
            "WHERE project = {project:String} "
            "AND started_at >= fromUnixTimestamp64Milli({started:Int64}, 'UTC') "
            f"AND trace_id IN ({ids}) GROUP BY trace_id"
        )
        started = min(one.arrived_ms for one in arrivals) - 2 * MAX_LENGTH_MS
        rows = self._engine.query(sql, {"project": project, "started": started}, settings=QUERY_SETTINGS)
        return {row["trace_id"].hex(): row["newest_ms"] for row in rows.dicts()}


def _found(rows: Sequence[dict[str, Any]], until_ms: int) -> Look:
    arrivals = [
        Arrival(
            trace_id=row["trace_id"].hex(),
            span_id=row["span_id"].hex(),
            service=row["service"],
            environment=row["environment"],
            arrived_ms=row["arrived_ms"],
        )
        for row in rows
    ]
    is_cut = len(rows) >= _AT_ONCE  # it ends with the last of its millisecond
    return Look(arrivals, arrivals[-1].arrived_ms + 1 if is_cut else until_ms)
