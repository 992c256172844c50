"""Fetches lists from the telemetry store: matching spans in time order, and traces summed up into rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.kit.clock import Clock
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.conditions import (
    MINUTE,
    NANOS_PER_HOUR,
    UNIX_NANO,
    below,
    between,
    id_list,
    joined,
    received,
    selected,
)
from pitwall.traces.engine_settings import ONE_THREAD, QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.matching import TextSearch
from pitwall.traces.scores import SCORE_COLUMNS, to_score
from pitwall.traces.spans import STORED_COLUMNS, to_span
from pitwall.traces.summary import SUMMARY_COLUMNS, span_key, summarise
from pitwall.traces.types import Scan, Score, Selection, SpanKey, StoredSpan, TraceRow

# With buffers the engine reads whole parts before it sorts, however few rows are wanted.
_SCAN_SETTINGS: Final[Mapping[str, Any]] = {**QUERY_SETTINGS, "read_in_order_use_buffering": 0}
EVERYWHERE: Final = Sql("1")
LOOK_AROUND_NANO: Final = 24 * NANOS_PER_HOUR
"""How far from the span that lists it the rest of a trace is looked for.

Only a trace whose root or end is not found there is looked for everywhere, so that a list reads little of a
large store. A trace whose work pauses for longer, under several roots, may be listed once for each part.
"""

_NANOS_PER_MINUTE: Final = NANOS_PER_HOUR // 60
_FIRST_STRETCH_NANO: Final = NANOS_PER_HOUR
# Stretches are read in order until there is enough, so they grow fast and soon become all the rest. Texts are
# read whole, so these stretches grow slowly, and begin where there is anything.
_GROWTH: Final = 24
_LONGEST_STRETCH_NANO: Final = 30 * 24 * NANOS_PER_HOUR
_TEXT_GROWTH: Final = 5
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
        clock: Tells when the newest spans have probably started.
    """

    def __init__(self, engine: TelemetryEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._texts = TextSearch(engine)

    def scan(self, selection: Selection, after: SpanKey | None, size: int) -> Scan:
        """Find matching spans that come after a key, newest first.

        Growing stretches of time are looked through: most questions are answered by the first ones, in which
        the engine opens few parts, and a frequent text is found without reading all.

        Args:
            after: Where to begin; None begins with the newest.
            size: About how many to find; fewer or more may come.
        """
        keys: list[SpanKey] = []
        for first, last in self._stretches(selection, after):
            if last is not None and len(keys) >= size:
                return Scan(keys, SpanKey(last + 1, b"", b""))
            stretch = [selected(selection), below(after), between(first, last)]
            found = self._scan(joined([*stretch, self._texts.within(selection, first, last)]), size)
            keys += found.keys
            if found.end is not None:
                return Scan(keys, found.end)
        return Scan(keys, None)

    def traces(
        self,
        selection: Selection,
        trace_ids: Sequence[bytes],
        first_nano: int | None,
        last_nano: int | None,
        *,
        near: Sql = EVERYWHERE,
    ) -> dict[bytes, FoundTrace]:
        """Sum up traces from their spans that started in a time range; None is no limit.

        Args:
            near: Where in that range all their spans are known to be.
        """
        if not trace_ids:
            return {}
        ids = Sql(f"trace_id IN {id_list(trace_ids)}")
        times = between(first_nano, last_nano)
        where = joined([_in_project(selection), ids, times, near, received(selection)])
        match = self._texts.match(selection, where, joined([times, near]), ids)
        # Many long traces at once would fill the memory: then they are read one half after the other.
        limit = _MAX_SUMMARY_ROWS if len(trace_ids) > 1 else _MAX_TRACE_ROWS
        sql = (
            f"SELECT {SUMMARY_COLUMNS}, {match.text} AS is_match FROM spans WHERE {where.text} LIMIT {limit}"
        )
        is_narrow = bool(selection.filters or selection.text)
        parameters = joined([where, match]).parameters
        settings = QUERY_SETTINGS if is_narrow else ONE_THREAD
        rows = self._engine.query(sql, parameters, settings=settings).dicts()
        if len(rows) == limit and len(trace_ids) > 1:
            del rows
            half = len(trace_ids) // 2
            parts = (trace_ids[:half], trace_ids[half:])
            first, second = (self.traces(selection, part, first_nano, last_nano, near=near) for part in parts)
            return first | second
        return {
            id_: FoundTrace(row, _is_inside(row, first_nano, last_nano))
            for id_, row in summarise(rows).items()
        }

    def spans(self, selection: Selection, keys: Sequence[SpanKey]) -> dict[SpanKey, StoredSpan]:
        """Fetch spans by key; those whose last copy does not match or started at another time are missing."""
        if not keys:
            return {}
        starts = [key.unix_nano for key in keys]
        # A copy that was received later may have started at another time; it counts.
        times = between(min(starts) - LOOK_AROUND_NANO, max(starts) + LOOK_AROUND_NANO)
        ids = ", ".join(f"({id_literal(k.trace_id)}, {id_literal(k.span_id)})" for k in keys)
        traces = Sql(f"trace_id IN {id_list(dict.fromkeys(key.trace_id for key in keys))}")
        these = Sql(f"(trace_id, span_id) IN ({ids})")
        where = joined([_in_project(selection), received(selection), times, traces, these])
        match = self._texts.match(selection, where, times, traces)
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

    def _stretches(
        self, selection: Selection, after: SpanKey | None
    ) -> Iterator[tuple[int | None, int | None]]:
        """Closed ranges of time that hold every match together, newest first; None is no limit."""
        ends = (self._clock.unix_nano(), selection.until_nano, after.unix_nano if after else None)
        earliest, first = selection.since_nano, min(end for end in ends if end is not None)
        growth = _GROWTH
        if selection.text:
            newest = self._minute(selection, after, "DESC")
            if newest is None:
                return
            first, growth = min(first, newest + _NANOS_PER_MINUTE), _TEXT_GROWTH
            if earliest is None:
                earliest = self._minute(selection, after, "ASC")
        length, last = _FIRST_STRETCH_NANO, None
        while first - length > (earliest or 0) and (selection.text or length <= _LONGEST_STRETCH_NANO):
            first -= length
            yield first, last
            last, length = first - 1, length * growth
        yield earliest, last

    def _minute(self, selection: Selection, after: SpanKey | None, order: str) -> int | None:
        """The newest (DESC) or oldest (ASC) minute in which any span started; None if there is none."""
        where = joined([selected(replace(selection, filters=())), below(after)])
        minute = f"toInt64(toUnixTimestamp({MINUTE})) * 1000000000"
        sql = f"SELECT {minute} FROM spans WHERE {where.text} ORDER BY {MINUTE} {order} LIMIT 1"
        rows = self._engine.query(sql, where.parameters, settings=_SCAN_SETTINGS).rows
        return rows[0][0] if rows else None

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
        rows = self._engine.query(sql, where.parameters, settings=_SCAN_SETTINGS).rows
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
