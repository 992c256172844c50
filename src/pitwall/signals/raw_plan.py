"""Statements on raw records: answer everything, exactly, and read as much as they must."""

from __future__ import annotations

from datetime import timedelta

from pitwall.signals.expressions import (
    Aggregate,
    Breakdown,
    Condition,
    Function,
    Histogram,
    columns_of,
    conjunction,
    conjuncts,
)
from pitwall.signals.parser import parse_column
from pitwall.signals.plan import Plan, Selection
from pitwall.signals.sources import SOURCES
from pitwall.signals.sql import (
    Parameters,
    aggregated,
    both,
    bucket_sql,
    condition_sql,
    label_sql,
    raw_column,
    records_between,
    unix_nano,
)
from pitwall.signals.windows import Grid

# How far before a range the previous point of a cumulative series is looked for.
_LOOK_BACK = timedelta(hours=1)
_PARTITION = "PARTITION BY series_id"


def raw_plan(selection: Selection, project: str, grid: Grid) -> Plan:
    """Write the statement that computes a selection from raw records."""
    return _RawPlanner(selection, project, grid).plan()


class _RawPlanner:
    def __init__(self, selection: Selection, project: str, grid: Grid) -> None:
        self._selection = selection
        self._spec = SOURCES[selection.source]
        self._grid = grid
        self._parameters = Parameters()
        self._column = raw_column(selection.source, self._parameters)
        self._project = project

    def plan(self) -> Plan:
        selection = self._selection
        keys = ["w", *(f"l{index}" for index in range(len(selection.labels)))]
        columns = [f"{self._window()} AS w", *self._labels(), *self._values()]
        sql = (
            f"SELECT {', '.join(columns)} FROM {self._records()} "
            f"WHERE {self._where()} GROUP BY {', '.join(keys)}"
        )
        values = len(selection.aggregates) or 1
        table = self._spec.table.split()[0]
        return Plan((table,), sql, self._parameters.values, selection.labels, values)

    def _window(self) -> str:
        if self._grid.count == 1:
            return "0"
        step = round(self._grid.step / timedelta(microseconds=1)) * 1000
        return f"intDiv(toUnixTimestamp64Nano({self._spec.time}) - {self._nano('since')}, {step})"

    def _nano(self, name: str) -> str:
        moment = self._grid.start if name == "since" else self._grid.end
        return self._parameters.named(name, unix_nano(moment), "Int64")

    def _labels(self) -> list[str]:
        source = self._selection.source
        columns = map(parse_column, self._selection.by)
        written = [label_sql(source, column, self._column(column)) for column in columns]
        match self._selection.breakdown:
            case None:
                pass
            case Histogram() as histogram:
                value = self._column(histogram.argument)
                written.append(bucket_sql(value, histogram.bounds, self._parameters))
            case breakdown:
                dimension = breakdown.dimension
                written.append(label_sql(source, dimension, self._column(dimension)))
        return [f"{expression} AS l{index}" for index, expression in enumerate(written)]

    def _values(self) -> list[str]:
        if self._selection.breakdown is not None:
            return ["toFloat64(count()) AS v0", "count() AS n0"]
        columns = []
        for index, aggregate in enumerate(self._selection.aggregates):
            value, count = self._aggregate(aggregate)
            columns += [f"{value} AS v{index}", f"{count} AS n{index}"]
        return columns

    def _where(self) -> str:
        grid = self._grid
        parts = records_between(self._spec.time, self._project, grid.start, grid.end, self._parameters)
        condition = conjunction(self._selection.condition, _breakdown_condition(self._selection.breakdown))
        if condition is not None:
            parts.append(self._condition(condition))
        if isinstance(self._selection.breakdown, Histogram):
            parts.append(f"({self._column(self._selection.breakdown.argument)}) IS NOT NULL")
        return " AND ".join(parts)

    def _condition(self, condition: Condition) -> str:
        return condition_sql(condition, self._column, self._parameters)

    def _aggregate(self, aggregate: Aggregate) -> tuple[str, str]:
        condition = None if aggregate.condition is None else self._condition(aggregate.condition)
        if aggregate.argument is None:
            base = None if aggregate.base is None else self._condition(aggregate.base)
            known = aggregated("count", "", both(condition and f"({condition}) IS NOT NULL", base))
            held = aggregated("count", "", both(condition, base))
            return (
                f"{held} / {known}" if aggregate.function is Function.RATIO else f"toFloat64({held})"
            ), known
        return self._aggregate_of(aggregate, self._column(aggregate.argument), condition)

    def _aggregate_of(self, aggregate: Aggregate, argument: str, condition: str | None) -> tuple[str, str]:
        known = both(f"({argument}) IS NOT NULL", condition)
        count = aggregated("count", "", known)
        match aggregate.function:
            case Function.QUANTILE:
                value = aggregated(
                    "quantileExactInclusive", argument, condition, levels=f"({aggregate.level!r})"
                )
            case Function.LAST if aggregate.across is None:
                value = aggregated("argMax", f"{argument}, {self._spec.time}", known)
            case Function.LAST:
                function = "avg" if aggregate.across is Function.MEAN else str(aggregate.across)
                value = aggregated(function, argument, both("is_last_of_series", known))
            case Function.INCREASE:
                count = aggregated("count", "", both("series_increase IS NOT NULL", condition))
                value = aggregated("sum", "series_increase", condition)
            case Function.MEAN:
                return f"toFloat64({aggregated('sum', argument, condition)}) / {count}", count
            case Function.DISTINCT:
                value = aggregated("uniqExact", argument, condition)
            case function:
                value = aggregated(str(function), argument, condition)
        return f"toFloat64({value})", count

    def _records(self) -> str:
        """The table, or for functions that follow single series of points the table with what they need."""
        if not any(_follows_series(aggregate) for aggregate in self._selection.aggregates):
            return self._spec.table
        look_back = round(_LOOK_BACK / timedelta(microseconds=1)) * 1000
        earliest = f"fromUnixTimestamp64Nano({self._nano('since')} - {look_back}, 'UTC')"
        where = [
            f"project = {self._parameters.named('project', self._project, 'String')}",
            f"at >= {earliest}",
            f"at < fromUnixTimestamp64Nano({self._nano('until')}, 'UTC')",
            "value IS NOT NULL",
            *(self._condition(part) for part in conjuncts(self._selection.condition) if _is_identity(part)),
        ]
        before = f"({_PARTITION} ORDER BY at ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING)"
        following = f"({_PARTITION}, {self._window()} ORDER BY at ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING)"
        increase = (
            "multiIf(temporality = 'delta', value, "
            f"count() OVER {before} = 0, if(started_at >= {earliest}, value, NULL), "
            f"value < any(value) OVER {before}, value, value - any(value) OVER {before})"
        )
        return (
            f"(SELECT *, {increase} AS series_increase, count() OVER {following} = 0 AS is_last_of_series "
            f"FROM points WHERE {' AND '.join(where)})"
        )


def _is_identity(condition: Condition) -> bool:
    """Whether a condition reads only what names a series of points, so that it keeps series whole."""
    return all(column.name not in ("value", "count", "sum") for column in columns_of(condition))


def _follows_series(aggregate: Aggregate) -> bool:
    return aggregate.function is Function.INCREASE or aggregate.across is not None


def _breakdown_condition(breakdown: Breakdown | None) -> Condition | None:
    return None if breakdown is None else breakdown.condition
