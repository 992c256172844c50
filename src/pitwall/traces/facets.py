"""Facets: how many matching spans have each value of a column, the most frequent values first.

All columns are counted in one pass. A span that was received twice counts twice, as in signals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.ingest.mapping.values import MAP_MARK, PAYLOAD_MARK
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.columns import Column
from pitwall.traces.conditions import MINUTE, NANOS_PER_HOUR, hour, joined
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.hours import HourlyCounts, as_text
from pitwall.traces.matching import TextSearch
from pitwall.traces.types import Selection

MANY_SPANS: Final = 4_000_000
"""Matching spans above which only a part of the minutes is counted."""
_SAMPLED_SPANS: Final = 2_000_000
_MARKS: Final = PAYLOAD_MARK + MAP_MARK[0]


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of one column.

    Attributes:
        values: The most frequent values as filters write them, with their counts.
        other_count: Spans with any other value.
        missing_count: Spans without a value.
    """

    column: Column
    values: Sequence[tuple[str, int]]
    other_count: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts of several columns; `is_sampled` if they were made out of a part of the spans."""

    facets: Sequence[Facet]
    is_sampled: bool


class FacetRepository:
    """Counts over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
        many_spans: See `MANY_SPANS`.
    """

    def __init__(self, engine: TelemetryEngine, *, many_spans: int = MANY_SPANS) -> None:
        self._engine = engine
        self._many_spans = many_spans
        self._hours = HourlyCounts(engine)
        self._texts = TextSearch(engine)

    def facets(self, selection: Selection, columns: Sequence[Column], limit: int) -> Facets:
        """Count the values of columns; at most `limit` values of each."""
        named, parameters = _named(columns)
        every = 1
        source = self._hours.rows(selection, named)
        if source is None:
            match = self._texts.matching(selection)
            every = self._every(selection, match)
            source = _spans(named, match, every)
        sql = _statement(source.text, list(named), limit)
        rows = self._rows(sql, {**source.parameters, **parameters})
        return Facets(list(_facets(columns, rows, every, limit)), every > 1)

    def _every(self, selection: Selection, match: Sql) -> int:
        """One minute out of how many is looked at; few matches are counted exactly in any number of spans."""
        if selection.text or self._stored(selection) <= self._many_spans:
            return 1
        matches = self._rows(f"SELECT count() FROM spans WHERE {match.text}", match.parameters)[0][0]
        return 1 if matches <= self._many_spans else -(-matches // min(_SAMPLED_SPANS, self._many_spans))

    def _stored(self, selection: Selection) -> int:
        """About how many spans the time range holds."""
        hours = [Sql("project = {project:String}", {"project": selection.project})]
        if selection.since_nano is not None:
            hours.append(Sql(f"hour >= {hour(selection.since_nano // NANOS_PER_HOUR)}"))
        if selection.until_nano is not None:
            hours.append(Sql(f"hour < {hour(-(-selection.until_nano // NANOS_PER_HOUR))}"))
        where = joined(hours)
        rows = self._rows(f"SELECT sum(spans) FROM spans_by_hour WHERE {where.text}", where.parameters)
        stored: int = rows[0][0]
        return stored

    def _rows(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._engine.query(sql, parameters, settings=QUERY_SETTINGS).rows


def _named(columns: Sequence[Column]) -> tuple[dict[str, Column], dict[str, str]]:
    """Columns by names that nothing else in a statement has, and the keys of those that are attributes."""
    named: dict[str, Column] = {}
    keys: dict[str, str] = {}
    for index, column in enumerate(columns):
        if column.map_key is not None:
            keys[f"facet{index}"] = column.map_key
            column = replace(column, sql=f"{column.sql}[{{facet{index}:String}}]", known="1")
        named[f"v{index}"] = column
    return named, keys


def _spans(named: Mapping[str, Column], match: Sql, every: int) -> Sql:
    values = ", ".join(f"{as_text(column)} AS {name}" for name, column in named.items())
    sampled = f" AND cityHash64({MINUTE}) % {every} = 0" if every > 1 else ""
    return Sql(f"(SELECT {values}, 1 AS n FROM spans WHERE {match.text}{sampled})", match.parameters)


def _statement(source: str, names: Sequence[str], limit: int) -> str:
    """Rows of column number, value and count; absent values first, and all spans under the last number."""
    one_of = ", ".join(f"grouping({name}) = 0, {{}}" for name in names)
    facet = f"multiIf({one_of}, {{}})".format(*range(len(names)), len(names))
    value = f"multiIf({one_of}, '')".format(*names)
    sets = ", ".join(f"({name})" for name in names)
    return (
        f"SELECT {facet} AS facet, {value} AS value, sum(n) AS total FROM {source} "
        f"GROUP BY GROUPING SETS ({sets}, ()) "
        f"ORDER BY facet, value = '' DESC, total DESC, value LIMIT {limit + 1} BY facet"
    )


def _facets(
    columns: Sequence[Column], rows: Sequence[tuple[int, str, int]], every: int, limit: int
) -> Iterator[Facet]:
    all_spans = sum(count for facet, _, count in rows if facet == len(columns)) * every
    for index, column in enumerate(columns):
        found = [(value, count * every) for facet, value, count in rows if facet == index]
        missing = sum(count for value, count in found if not value)
        # Values that begin so stand for something else: long ones, lists and objects.
        shown = [pair for pair in found if pair[0] and pair[0][0] not in _MARKS][:limit]
        others = all_spans - missing - sum(count for _, count in shown)
        yield Facet(column, shown, others, missing)
