"""The spans that feedback is about, out of the telemetry store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pitwall.kit.clock import to_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.engine_settings import QUERY_SETTINGS

LOOKED_BACK: Final = timedelta(days=30)
_NANOS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A span that feedback is about, and what sent it."""

    trace_id: bytes
    span_id: bytes
    service: str
    environment: str


class FeedbackPlaces:
    """Finds the spans of a trace or request; calls block."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def of_trace(self, project: str, trace_id: bytes, now: datetime) -> Place | None:
        """Return the root span of a trace, its earliest one while the root has not arrived, or None."""
        return self._find(project, f"trace_id = {id_literal(trace_id)}", {}, now)

    def of_request(self, project: str, request_id: str, now: datetime) -> Place | None:
        """Return the outermost span that carries a request id, or None."""
        return self._find(project, "request_id = {request:String}", {"request": request_id}, now)

    def _find(self, project: str, condition: str, parameters: dict[str, Any], now: datetime) -> Place | None:
        sql = (
            "SELECT trace_id, span_id, service, environment FROM spans WHERE project = {project:String} "
            f"AND started_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') AND {condition} "
            f"ORDER BY parent_span_id != {id_literal(bytes(8))}, started_at, span_id LIMIT 1"
        )
        since = to_unix_nano(now - LOOKED_BACK) // _NANOS_PER_MS
        own = {"project": project, "since": since, **parameters}
        rows = self._engine.query(sql, own, settings=QUERY_SETTINGS).dicts()
        return next((Place(**row) for row in rows), None)
