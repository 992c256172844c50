"""Exemplars: the traces behind a value of a signal, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.signals.exemplar_choice import Choice
from pitwall.signals.expressions import Column, Source
from pitwall.signals.sources import SOURCES
from pitwall.signals.sql import Parameters, condition_sql, raw_column, records_between
from pitwall.signals.types import Exemplar, ExemplarOrder, ExemplarQuery
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.conditions import MINUTE
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.spans import NO_SPAN_ID, hex_or_none

_NO_TRACE_ID: Final = id_literal(bytes(16))
_FIRST_RECORDS: Final = 20
"""Records that are read for each trace that is wanted; a trace may have many of them."""
_GROWTH: Final = 20
_MAX_RECORDS: Final = 100_000
_DESCRIBED: Final = "name, service, model, toString(status) AS status_text, duration_ms"


@dataclass(frozen=True, slots=True)
class _Record:
    trace_id: bytes
    span_id: bytes
    unix_nano: int
    value: float | None


class ExemplarRepository:
    """Finds traces in the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def find(self, choice: Choice, query: ExemplarQuery) -> list[Exemplar]:
        """The first record of each trace, in the order of the choice."""
        records = self._records(choice, query)
        described = self._described(query.project, records)
        return [
            Exemplar(
                record.trace_id.hex(),
                hex_or_none(record.span_id),
                record.unix_nano,
                record.value,
                **described.get((record.trace_id, record.span_id), {}),
            )
            for record in records
        ]

    def _records(self, choice: Choice, query: ExemplarQuery) -> list[_Record]:
        """One record per trace; more are read as long as they belong to too few traces."""
        size = query.limit * _FIRST_RECORDS
        while True:
            parameters = Parameters()
            sql = f"{_records_sql(choice, query, parameters)} LIMIT {size}"
            rows = self._engine.query(sql, parameters.values, settings=QUERY_SETTINGS).rows
            first: dict[bytes, _Record] = {}
            for row in rows:
                first.setdefault(row[0], _Record(*row))
            if len(first) >= query.limit or len(rows) < size or size >= _MAX_RECORDS:
                return list(first.values())[: query.limit]
            size = min(size * _GROWTH, _MAX_RECORDS)

    def _described(
        self, project: str, records: Sequence[_Record]
    ) -> dict[tuple[bytes, bytes], dict[str, Any]]:
        """What the spans of records say; a record without a span has that of the trace's root."""
        if not records:
            return {}
        traces = ", ".join(id_literal(record.trace_id) for record in records)
        pairs = ", ".join(f"({id_literal(one.trace_id)}, {id_literal(one.span_id)})" for one in records)
        no_span = f"toFixedString({id_literal(NO_SPAN_ID)}, {len(NO_SPAN_ID)})"
        sql = (
            f"SELECT trace_id, if(parent_span_id = {no_span} AND (trace_id, {no_span}) IN ({pairs}), "
            f"{no_span}, span_id) AS described, {_DESCRIBED} FROM spans "
            f"WHERE project = {{project:String}} AND trace_id IN ({traces}) "
            f"AND (trace_id, described) IN ({pairs}) ORDER BY received_at DESC LIMIT 1 BY trace_id, described"
        )
        rows = self._engine.query(sql, {"project": project}, settings=QUERY_SETTINGS).rows
        return {
            (trace_id, span_id): {
                "name": name,
                "service": service or None,
                "model": model or None,
                "status": status,
                "duration_ms": duration_ms,
            }
            for trace_id, span_id, name, service, model, status, duration_ms in rows
        }


def _records_sql(choice: Choice, query: ExemplarQuery, parameters: Parameters) -> str:
    spec = SOURCES[choice.source]
    column = raw_column(choice.source, parameters)
    where = records_between(spec.time, query.project, query.since, query.until, parameters)
    if choice.condition is not None:
        where.append(condition_sql(choice.condition, column, parameters))
    if choice.source is Source.POINTS:
        # A point is a sum over many requests; the client may have kept some of them beside it.
        return (
            "SELECT e.trace_id AS t, e.span_id AS s, toUnixTimestamp64Nano(e.at) AS n, e.value AS v "
            f"FROM points ARRAY JOIN exemplars AS e WHERE {' AND '.join(where)} AND t != {_NO_TRACE_ID} "
            "ORDER BY n DESC"
        )
    return (
        f"SELECT trace_id AS t, span_id AS s, toUnixTimestamp64Nano({spec.time}) AS n, "
        f"{_value(choice.columns, column)} AS v FROM {spec.table} "
        f"WHERE {' AND '.join(where)} AND trace_id != {_NO_TRACE_ID} ORDER BY {_order(choice)}"
    )


def _value(columns: Sequence[Column], column_sql: Callable[[Column], str]) -> str:
    if not columns:
        return "NULL"
    return f"toFloat64({' + '.join(f'({column_sql(column)})' for column in columns)})"


def _order(choice: Choice) -> str:
    """Spans lie in order of minutes: the engine sorts one after the other and stops after enough rows."""
    newest = f"{MINUTE} DESC, n DESC" if choice.source is Source.SPANS else "n DESC"
    match choice.order:
        case ExemplarOrder.HIGHEST:
            return f"v DESC, {newest}"
        case ExemplarOrder.LOWEST:
            return f"v ASC, {newest}"
        case _:
            return newest
