"""Counting many spans without reading them: whole hours from the rollup, the rest from the spans.

Only what the rollup tells apart can be asked this way. Hours of which the spans themselves have been removed
are left out: a list shows nothing of them either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.columns import Column, ValueType
from pitwall.traces.conditions import MINUTE, NANOS_PER_HOUR, hour, instant, joined, selected
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Filter, Sql, compile_filters
from pitwall.traces.types import Selection

_NANOS: Final = 1_000_000_000
DIMENSIONS: Final = frozenset(
    "kind environment service version provider model component experiment variant error_class is_root".split()
)
"""Columns of spans that the rollup has too."""
_FEWEST_HOURS: Final = 3
_OLDEST: Final = (
    f"SELECT toInt64(toUnixTimestamp({MINUTE})) FROM spans WHERE project = {{project:String}} "
    f"ORDER BY {MINUTE} LIMIT 1"
)


class HourlyCounts:
    """Counts of spans by few-valued columns.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def rows(self, selection: Selection, columns: Mapping[str, Column], at: str | None = None) -> Sql | None:
        """Write a SELECT of rows that stand for `n` matching spans each, of which `failed` failed.

        Args:
            columns: What to tell apart, by the name it is to have.
            at: Name for the time in seconds; it is the start of the hour where the rollup answers.

        Returns:
            None if the rollup does not hold what is asked, or the range is so short that it would not help.
        """
        filters = (item.column for item in selection.filters)
        if selection.text or selection.received_by_ms is not None:
            return None
        if not all(column.name in DIMENSIONS for column in (*filters, *columns.values())):
            return None
        hours = self._hours(selection)
        return None if hours is None else _union(selection, columns, at, *hours)

    def _hours(self, selection: Selection) -> tuple[int, int] | None:
        """The whole hours of a selection, in hours since 1970; None if there are too few."""
        rows = self._engine.query(_OLDEST, {"project": selection.project}, settings=QUERY_SETTINGS).rows
        if not rows or selection.until_nano is None:
            return None
        since = max(selection.since_nano or 0, rows[0][0] * _NANOS)
        first, end = -(-since // NANOS_PER_HOUR), selection.until_nano // NANOS_PER_HOUR
        return (first, end) if end - first >= _FEWEST_HOURS else None


def _union(selection: Selection, columns: Mapping[str, Column], at: str | None, first: int, end: int) -> Sql:
    rolled = {name: _rolled(column) for name, column in columns.items()}
    filters = tuple(_rolled_filter(item) for item in selection.filters)
    hours = [
        Sql("project = {project:String}", {"project": selection.project}),
        Sql(f"hour >= {hour(first)} AND hour < {hour(end)}"),
        compile_filters(filters),
    ]
    outside = Sql(
        f"NOT (started_at >= {instant('hours')} AND started_at < {instant('hours_end')})",
        {"hours": first * NANOS_PER_HOUR, "hours_end": end * NANOS_PER_HOUR},
    )
    where, rest = joined(hours), joined([selected(selection), outside])
    at_hour, second = "toInt64(toUnixTimestamp(hour))", f"toInt64(toUnixTimestamp({MINUTE}))"
    return Sql(
        f"(SELECT {_listed(rolled, at, at_hour)}, spans AS n, errors AS failed FROM spans_by_hour "
        f"WHERE {where.text} UNION ALL SELECT {_listed(columns, at, second)}, toUInt64(1) AS n, "
        f"toUInt64(status = 'error') AS failed FROM spans WHERE {rest.text})",
        {**where.parameters, **rest.parameters},
    )


def as_text(column: Column) -> str:
    """The value of a column as filters write it; empty if there is none."""
    is_flag = column.type is ValueType.FLAG
    value = f"if({column.sql}, 'true', 'false')" if is_flag else f"toString({column.sql})"
    if column.known == "1" or column.known == f"{column.sql} != ''":
        return value
    return f"ifNull(if({column.known}, {value}, ''), '')"


def _listed(columns: Mapping[str, Column], at: str | None, time: str) -> str:
    values = [f"{as_text(column)} AS {name}" for name, column in columns.items()]
    return ", ".join([*values, *([f"{time} AS {at}"] if at else [])]) or "1"


def _rolled(column: Column) -> Column:
    return replace(column, sql=column.name)


def _rolled_filter(item: Filter) -> Filter:
    return replace(item, column=_rolled(item.column))
