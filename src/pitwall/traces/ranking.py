"""Matching traces and spans by duration, cost or tokens: their order only, out of few columns.

A trace has the value its row shows, of all its spans, whichever of them match. Spans are looked for up to an
hour around the time asked for, so that a trace at its edge counts as a whole. What has no value is -1 here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.conditions import MINUTE, NANOS_PER_HOUR, UNIX_NANO, joined, received
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.matching import TextSearch
from pitwall.traces.types import RankedSpan, RankedTrace, RankKey, Selection, SpanKey, TraceSort

EDGE_NANO: Final = NANOS_PER_HOUR
NO_VALUE: Final = -1.0
_NANOS_PER_MINUTE: Final = NANOS_PER_HOUR // 60
_MAX_MINUTES: Final = 20_000
_IS_ROOT: Final = "parent_span_id = toFixedString('', 8)"
_TOKENS: Final = "toUInt64(input_tokens) + output_tokens"
_HAS_TOKENS: Final = "token_source IN ('provider', 'estimated')"
_END: Final = f"{UNIX_NANO} + toInt64(ifNull(duration_ms, 0) * 1000000)"


def _once(value: str, known: str) -> str:
    """A sum over the spans of a trace that know a value, each id once however often it was received."""
    values = f"groupUniqArrayIf((span_id, {value}), {known})"
    return f"if(countIf({known}) = 0, {NO_VALUE}, toFloat64(arraySum(x -> x.2, {values})))"


_TRACE_VALUES: Final[Mapping[TraceSort, str]] = {
    TraceSort.DURATION: (
        f"multiIf(countIf({_IS_ROOT}) > 0, "
        f"argMinIf(ifNull(duration_ms, {NO_VALUE}), (started_at, span_id), {_IS_ROOT}), "
        f"count(duration_ms) = 0, {NO_VALUE}, toFloat64(max({_END}) - min({UNIX_NANO})) / 1000000)"
    ),
    TraceSort.COST: _once("assumeNotNull(cost_usd)", "isNotNull(cost_usd) AND NOT is_usage_rollup"),
    TraceSort.TOKENS: _once(_TOKENS, f"{_HAS_TOKENS} AND NOT is_usage_rollup"),
}
_SPAN_VALUES: Final[Mapping[TraceSort, str]] = {
    TraceSort.DURATION: f"ifNull(duration_ms, {NO_VALUE})",
    TraceSort.COST: f"ifNull(toFloat64(cost_usd), {NO_VALUE})",
    TraceSort.TOKENS: f"if({_HAS_TOKENS}, toFloat64({_TOKENS}), {NO_VALUE})",
}


class RankingRepository:
    """Lists by value over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self._texts = TextSearch(engine)

    def traces(
        self, selection: Selection, sort: TraceSort, after: RankKey | None, limit: int
    ) -> list[RankedTrace]:
        """Find the traces that come after a place, greatest first; at most `limit`."""
        where = joined([*_around(selection), received(selection)])
        match = self._texts.matching(selection)
        having = _in_range(selection)
        if selection.filters or selection.text:
            where = joined([where, Sql(f"trace_id IN (SELECT trace_id FROM spans WHERE {match.text})")])
            having = "1"
        sql = (
            f"SELECT value, trace_id, first_nano, last_nano FROM (SELECT trace_id, "
            f"{_TRACE_VALUES[sort]} AS value, min({UNIX_NANO}) AS first_nano, max({UNIX_NANO}) AS last_nano "
            f"FROM spans WHERE {where.text} GROUP BY trace_id HAVING {having}) "
            f"{_beyond(after, '(value, trace_id)')} ORDER BY value DESC, trace_id DESC LIMIT {limit}"
        )
        rows = self._query(sql, joined([where, match]), after)
        return [RankedTrace(RankKey(value, b"", trace), first, last) for value, trace, first, last in rows]

    def spans(
        self, selection: Selection, sort: TraceSort, after: RankKey | None, limit: int
    ) -> list[RankedSpan]:
        """Find the spans that come after a place, greatest first, each copy for itself; at most `limit`."""
        match = self._texts.matching(selection)
        sql = (
            f"SELECT value, at, span_id, trace_id FROM (SELECT {_SPAN_VALUES[sort]} AS value, "
            f"{UNIX_NANO} AS at, span_id, trace_id FROM spans WHERE {match.text}) "
            f"{_beyond(after, '(value, span_id, trace_id)')} "
            f"ORDER BY value DESC, span_id DESC, trace_id DESC LIMIT {limit}"
        )
        rows = self._query(sql, match, after)
        return [
            RankedSpan(RankKey(value, span, trace), SpanKey(at, span, trace))
            for value, at, span, trace in rows
        ]

    def _query(self, sql: str, where: Sql, after: RankKey | None) -> list[tuple[Any, ...]]:
        parameters = where.parameters if after is None else {**where.parameters, "after": after.value}
        return self._engine.query(sql, parameters, settings=QUERY_SETTINGS).rows


def minutes_of(traces: Sequence[RankedTrace]) -> Sql:
    """A condition that holds for all spans of traces, by which the engine finds them in its order."""
    minutes: set[int] = set()
    for trace in traces:
        first, last = trace.first_nano // _NANOS_PER_MINUTE, trace.last_nano // _NANOS_PER_MINUTE
        if last - first + len(minutes) > _MAX_MINUTES:
            return Sql("1")
        minutes.update(range(first, last + 1))
    listed = ", ".join(str(minute * 60) for minute in sorted(minutes))
    return Sql(f"{MINUTE} IN ({listed})") if minutes else Sql("1")


def edges(selection: Selection) -> tuple[int | None, int | None]:
    """The closed range in which the spans of the traces of a selection are looked for."""
    since, until = selection.since_nano, selection.until_nano
    return (
        None if since is None else since - EDGE_NANO,
        None if until is None else until + EDGE_NANO - 1,
    )


def _around(selection: Selection) -> list[Sql]:
    first, last = edges(selection)
    conditions = [Sql("project = {project:String}", {"project": selection.project})]
    if first is not None:
        conditions.append(Sql(f"started_at >= {_instant(first)}"))
    if last is not None:
        conditions.append(Sql(f"started_at <= {_instant(last)}"))
    return conditions


def _in_range(selection: Selection) -> str:
    """Whether a trace has a span in the time asked for itself."""
    conditions = []
    if selection.since_nano is not None:
        conditions.append(f"started_at >= {_instant(selection.since_nano)}")
    if selection.until_nano is not None:
        conditions.append(f"started_at < {_instant(selection.until_nano)}")
    return f"max({' AND '.join(conditions)})" if conditions else "1"


def _instant(unix_nano: int) -> str:
    return f"fromUnixTimestamp64Nano({unix_nano}, 'UTC')"


def _beyond(after: RankKey | None, columns: str) -> str:
    if after is None:
        return ""
    ids = [id_literal(id_) for id_ in (after.span_id, after.trace_id) if id_]
    return f"WHERE {columns} < ({', '.join(['{after:Float64}', *ids])})"
