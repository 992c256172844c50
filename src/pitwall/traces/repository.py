"""Fetches lists from the telemetry store: matching spans in time order, and traces summed up into rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import (
    MINUTE,
    NANOS_PER_HOUR,
    UNIX_NANO,
    any_of,
    below,
    between,
    id_list,
    joined,
    literal,
    logged_between,
    logs_with_text,
    received,
    selected,
    text_between,
    text_of_spans,
)
from pitwall.traces.filters import Sql
from pitwall.traces.scores import SCORE_COLUMNS, to_score
from pitwall.traces.spans import STORED_COLUMNS, to_span
from pitwall.traces.summary import SUMMARY_COLUMNS, span_key, summarise
from pitwall.traces.types import Scan, Score, Selection, SpanKey, StoredSpan, TraceRow

QUERY_SETTINGS: Final[Mapping[str, Any]] = {"max_execution_time": 30, "max_threads": 2}
LOOK_AROUND_NANO: Final = 24 * NANOS_PER_HOUR
"""How far from the span that lists it the rest of a trace is looked for.

Only a trace whose root or end is not found there is looked for everywhere, so that a list reads little of a
large store. A trace whose work pauses for longer, under several roots, may be listed once for each part.
"""

_FIRST_WINDOW_HOURS: Final = 1
_WINDOW_GROWTH: Final = 3
_LAST_COPY: Final = "ORDER BY received_at DESC, log_position DESC LIMIT 1 BY trace_id, span_id"
# The table lies in order of minutes: the engine sorts one after the other and stops after enough rows.
_NEWEST_FIRST: Final = f"{MINUTE} DESC, started_at DESC"
_MAX_SUMMARY_ROWS: Final = 20_000
_MAX_TRACE_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """A trace as far as it was looked for.

    Attributes:
        row: None if no span of it matches any more: the one that did was received again, changed.
        is_settled: The whole trace lies well inside the time that was looked at.
    """

    row: TraceRow | None
    is_settled: bool


class TraceRepository:
    """Lists over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def scan(self, selection: Selection, after: SpanKey | None, size: int) -> Scan:
        """Find matching spans that come after a key, newest first.

        Args:
            after: Where to begin; None begins with the newest.
            size: About how many to find; fewer or, with equal times, more may come.
        """
        if selection.text:
            return self._scan_for_text(selection, after, size)
        return self._scan(joined([selected(selection), below(after)]), size)

    def traces(
        self, selection: Selection, trace_ids: Sequence[bytes], first_nano: int | None, last_nano: int | None
    ) -> dict[bytes, FoundTrace]:
        """Sum up traces from their spans that started in a time range; None is no limit."""
        if not trace_ids:
            return {}
        ids = Sql(f"trace_id IN {id_list(trace_ids)}")
        where = joined([_in_project(selection), ids, between(first_nano, last_nano), received(selection)])
        match = self._match(selection, where, ids)
        # Many long traces at once would fill the memory: then they are read one half after the other.
        limit = _MAX_SUMMARY_ROWS if len(trace_ids) > 1 else _MAX_TRACE_ROWS
        sql = (
            f"SELECT {SUMMARY_COLUMNS}, {match.text} AS is_match FROM spans WHERE {where.text} LIMIT {limit}"
        )
        rows = self._query(sql, joined([where, match]))
        if len(rows) == limit and len(trace_ids) > 1:
            del rows
            half = len(trace_ids) // 2
            parts = (trace_ids[:half], trace_ids[half:])
            first, second = (self.traces(selection, part, first_nano, last_nano) for part in parts)
            return first | second
        return {
            id_: FoundTrace(row, _is_inside(row, first_nano, last_nano))
            for id_, row in summarise(rows).items()
        }

    def spans(self, selection: Selection, keys: Sequence[SpanKey]) -> dict[SpanKey, StoredSpan]:
        """Fetch spans by key; those whose last copy does not match or started at another time are missing."""
        if not keys:
            return {}
        times = [key.unix_nano for key in keys]
        ids = ", ".join(f"({literal(k.trace_id)}, {literal(k.span_id)})" for k in keys)
        traces = Sql(f"trace_id IN {id_list(dict.fromkeys(key.trace_id for key in keys))}")
        where = joined(
            [
                _in_project(selection),
                received(selection),
                # A copy that was received later may have started at another time; it counts.
                between(min(times) - LOOK_AROUND_NANO, max(times) + LOOK_AROUND_NANO),
                traces,
                Sql(f"(trace_id, span_id) IN ({ids})"),
            ]
        )
        match = self._match(selection, where, traces)
        sql = (
            f"SELECT * FROM (SELECT {STORED_COLUMNS}, {match.text} AS is_match FROM spans "
            f"WHERE {where.text} {_LAST_COPY}) WHERE is_match"
        )
        rows = {span_key(row): row for row in self._query(sql, joined([where, match]))}
        return {key: to_span(rows[key]) for key in keys if key in rows}

    def scores(self, project: str, trace_ids: Sequence[bytes]) -> dict[str, list[Score]]:
        """Fetch the scores of traces and their spans, by trace id in hexadecimal, oldest first."""
        if not trace_ids:
            return {}
        sql = (
            f"SELECT {SCORE_COLUMNS} FROM scores WHERE project = {{project:String}} "
            f"AND trace_id IN {id_list(trace_ids)} ORDER BY received_at DESC LIMIT 1 BY score_id"
        )
        scores: dict[str, list[Score]] = {}
        rows = [to_score(row) for row in self._query(sql, Sql("", {"project": project}))]
        for score in sorted(rows, key=lambda score: (score.unix_nano, score.score_id)):
            scores.setdefault(score.trace_id or "", []).append(score)
        return scores

    def _match(self, selection: Selection, spans: Sql, traces: Sql) -> Sql:
        """What makes a span of a known trace a match; `traces` names the traces, for log records too."""
        conditions = [selected(selection)]
        if selection.text:
            logged = logs_with_text(selection.text, traces)
            conditions.append(self._with_logged(selection, text_of_spans(selection.text, spans), logged))
        return joined(conditions)

    def _with_logged(self, selection: Selection, texts: Sql, logs: Sql) -> Sql:
        """A condition on the texts of spans, widened to those in log records if there are any."""
        project = {"project": selection.project}
        first = Sql(f"{logs.text} LIMIT 1", {**logs.parameters, **project})
        if not self._query(first.text, first):
            return texts
        return any_of(texts, Sql(f"(trace_id, span_id) IN ({logs.text})", logs.parameters))

    def _scan_for_text(self, selection: Selection, after: SpanKey | None, size: int) -> Scan:
        """Look through growing stretches of whole hours: a frequent text is found without reading all."""
        limits = self._time_limits(selection, after)
        if limits is None:
            return Scan([], None)
        lowest, last = limits
        keys: list[SpanKey] = []
        hours = _FIRST_WINDOW_HOURS
        while True:
            first = max((last // NANOS_PER_HOUR - hours + 1) * NANOS_PER_HOUR, lowest)
            logs = logs_with_text(selection.text, logged_between(first, last))
            text = self._with_logged(selection, text_between(selection.text, first, last), logs)
            found = self._scan(joined([selected(selection), below(after), between(first, last), text]), size)
            keys += found.keys
            if found.end is not None:
                return Scan(keys, found.end)
            if first <= lowest:
                return Scan(keys, None)
            if len(keys) >= size:
                return Scan(keys, SpanKey(first, b"", b""))
            last, hours = first - 1, hours * _WINDOW_GROWTH

    def _time_limits(self, selection: Selection, after: SpanKey | None) -> tuple[int, int] | None:
        """Times of the first and the last span that a scan could find; None if there is none."""
        where = joined([selected(selection), below(after)])
        one = f"SELECT {UNIX_NANO} AS at FROM spans WHERE {where.text} ORDER BY"
        first, last = f"{MINUTE}, started_at LIMIT 1", f"{_NEWEST_FIRST} LIMIT 1"
        rows = self._query(f"({one} {first}) UNION ALL ({one} {last})", where)
        times = [row["at"] for row in rows]
        return (min(times), max(times)) if times else None

    def _scan(self, where: Sql, size: int) -> Scan:
        columns = f"{UNIX_NANO} AS at, span_id, trace_id"
        sql = f"SELECT {columns} FROM spans WHERE {where.text} ORDER BY {_NEWEST_FIRST} LIMIT {size}"
        keys, is_whole = self._keys(sql, where, size)
        if is_whole:
            return Scan(keys, None)
        oldest = keys[-1].unix_nano
        whole = [key for key in keys if key.unix_nano > oldest]
        if not whole:  # more spans at one instant than fit: here the ids give the order
            tied = joined([where, between(oldest, oldest)])
            order = "ORDER BY span_id DESC, trace_id DESC"
            sql = f"SELECT {columns} FROM spans WHERE {tied.text} {order} LIMIT {size}"
            whole, _ = self._keys(sql, tied, size)
        return Scan(whole, whole[-1])

    def _keys(self, sql: str, where: Sql, size: int) -> tuple[list[SpanKey], bool]:
        """Keys, greatest first and each once, and whether that is all there are."""
        rows = self._engine.query(sql, where.parameters, settings=QUERY_SETTINGS).rows
        return sorted({SpanKey(*row) for row in rows}, reverse=True), len(rows) < size

    def _query(self, sql: str, where: Sql) -> list[dict[str, Any]]:
        return self._engine.query(sql, where.parameters, settings=QUERY_SETTINGS).dicts()


def _in_project(selection: Selection) -> Sql:
    return Sql("project = {project:String}", {"project": selection.project})


def _is_inside(row: TraceRow | None, first_nano: int | None, last_nano: int | None) -> bool:
    """Whether nothing of a trace can lie outside a time range: its root is in it and ended in it."""
    if first_nano is None and last_nano is None:
        return True
    return row is not None and row.has_root and (last_nano is None or row.end_nano <= last_nano)
