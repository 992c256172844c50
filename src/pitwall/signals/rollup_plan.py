"""Statements on the minute and hour rollups: answer what was counted on arrival, and touch no raw record.

Rollups answer when all their columns suffice and every window boundary is a whole minute; hours when
every boundary is a whole hour. A long single window with ragged edges takes hours in the middle and
minutes at the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitwall.signals.expressions import (
    Aggregate,
    Column,
    Condition,
    Function,
    Histogram,
    Or,
    Source,
    columns_of,
    conjunction,
    conjuncts,
)
from pitwall.signals.plan import BUCKET, Plan, Selection
from pitwall.signals.rollups import DIMENSIONS, HOUR, MEASURES, MINUTE, VALUE_COUNTS, Fact, Rollup, find_fact
from pitwall.signals.sql import Parameters, aggregated, both, bucket_sql, condition_sql, label_sql
from pitwall.signals.windows import EPOCH, Grid, floor_to

_ALL = "spans"
# Shorter windows gain nothing from reading two tables.
_MIXED_FROM = timedelta(hours=3)


class _Unanswerable(Exception):
    """The rollups do not hold what is asked."""


@dataclass(frozen=True, slots=True)
class _Records:
    """A set of spans in terms of states: how many each row stands for, and which rows take part."""

    weight: str
    condition: str | None


def rollup_plan(selections: Sequence[Selection], project: str, grid: Grid) -> Plan | None:
    """Write the one statement that computes selections from rollups; None if they cannot answer exactly.

    Args:
        selections: What to compute; several must have the same labels and no breakdown.
        project: Whose telemetry.
        grid: The windows.

    Returns:
        A plan whose values and counts are those of all aggregates of all selections, in order.
    """
    if not grid.is_multiple_of(MINUTE.grain) or not all(map(_may_fit, selections)):
        return None
    try:
        return _RollupPlanner(selections, project, grid).plan()
    except _Unanswerable:
        return None


def _may_fit(selection: Selection) -> bool:
    if selection.source is not Source.SPANS:
        return False
    match selection.breakdown:
        case Histogram(argument):
            return argument.name in VALUE_COUNTS and DIMENSIONS.issuperset(selection.by)
        case _:
            return DIMENSIONS.issuperset(selection.labels)


class _RollupPlanner:
    def __init__(self, selections: Sequence[Selection], project: str, grid: Grid) -> None:
        self._selections = selections
        self._labels = selections[0].labels
        self._grid = grid
        self._parameters = Parameters()
        self._project = self._parameters.named("project", project, "String")

    def plan(self) -> Plan:
        columns = [
            f"{self._window()} AS w",
            *(f"{self._label(name)} AS l{index}" for index, name in enumerate(self._labels)),
        ]
        rows = None
        if len(self._selections) == 1:
            dimensions, fact = self._split(self._selections[0].condition)
            rows = self._condition(dimensions)
            pairs = self._pairs(self._selections[0], _Records(_ALL if fact is None else fact.weight, None))
        else:
            shared = _shared([selection.condition for selection in self._selections])
            own = [_without(selection.condition, shared) for selection in self._selections]
            rows = self._condition(conjunction(*shared, _any([self._split(part)[0] for part in own])))
            everything = _Records(_ALL, None)
            pairs = [
                pair
                for selection, condition in zip(self._selections, own, strict=True)
                for pair in self._pairs(selection, self._narrowed(everything, condition))
            ]
        for index, (value, count) in enumerate(pairs):
            columns += [f"{value} AS v{index}", f"{count} AS n{index}"]
        tables, records = self._records(rows)
        keys = ["w", *(f"l{index}" for index in range(len(self._labels)))]
        sql = f"SELECT {', '.join(columns)} FROM {records} GROUP BY {', '.join(keys)}"
        return Plan(tables, sql, self._parameters.values, self._labels, len(pairs))

    def _label(self, name: str) -> str:
        match self._selections[0].breakdown:
            case Histogram() as histogram if name == BUCKET:
                value = f"{_unfolded(histogram)}.1"
                return bucket_sql(value, histogram.bounds, self._parameters)
            case _:
                return label_sql(Source.SPANS, Column(name), name)

    # Where

    def _records(self, condition: str | None) -> tuple[tuple[str, ...], str]:
        start, end = self._grid.start, self._grid.end
        if self._grid.is_multiple_of(HOUR.grain):
            return (HOUR.table,), self._part(HOUR, [(start, end)], condition)
        if self._grid.count > 1 or end - start < _MIXED_FROM:
            return (MINUTE.table,), self._part(MINUTE, [(start, end)], condition)
        first = -((EPOCH - start) // HOUR.grain) * HOUR.grain + EPOCH
        last = floor_to(end, HOUR.grain)
        hours = self._part(HOUR, [(first, last)], condition)
        minutes = self._part(MINUTE, [(start, first), (last, end)], condition)
        return (HOUR.table, MINUTE.table), (
            f"(SELECT * EXCEPT ({HOUR.time}) FROM {hours} "
            f"UNION ALL SELECT * EXCEPT ({MINUTE.time}) FROM {minutes})"
        )

    def _part(self, rollup: Rollup, ranges: list[tuple[datetime, datetime]], condition: str | None) -> str:
        spans_of_time = " OR ".join(
            f"({rollup.time} >= {self._instant(start)} AND {rollup.time} < {self._instant(end)})"
            for start, end in ranges
        )
        parts = [f"project = {self._project}", f"({spans_of_time})", *([condition] if condition else [])]
        return f"{rollup.table} WHERE {' AND '.join(parts)}"

    def _instant(self, moment: datetime) -> str:
        seconds = (moment - EPOCH) // timedelta(seconds=1)
        return f"toDateTime({self._parameters.named(f't{seconds}', seconds, 'UInt32')}, 'UTC')"

    def _window(self) -> str:
        if self._grid.count == 1:
            return "0"
        time = HOUR.time if self._grid.is_multiple_of(HOUR.grain) else MINUTE.time
        start = (self._grid.start - EPOCH) // timedelta(seconds=1)
        return f"intDiv(toUnixTimestamp({time}) - {start}, {self._grid.step // timedelta(seconds=1)})"

    # What

    def _pairs(self, selection: Selection, records: _Records) -> list[tuple[str, str]]:
        """Value and count of every aggregate of a selection."""
        breakdown = selection.breakdown
        if breakdown is None:
            return [self._aggregate(aggregate, records) for aggregate in selection.aggregates]
        narrowed = self._narrowed(records, breakdown.condition)
        weight = narrowed.weight
        if isinstance(breakdown, Histogram):
            if weight != _ALL:
                raise _Unanswerable
            weight = f"{_unfolded(breakdown)}.2"
        count = aggregated("sum", weight, narrowed.condition)
        return [(f"toFloat64({count})", count)]

    def _aggregate(self, aggregate: Aggregate, records: _Records) -> tuple[str, str]:
        match aggregate.function:
            case Function.COUNT | Function.RATE:
                held, known = self._counted(aggregate.condition, records)
                return f"toFloat64({held})", known
            case Function.RATIO:
                held, known = self._counted(aggregate.condition, self._narrowed(records, aggregate.base))
                return f"{held} / {known}", known
            case _ if aggregate.argument is None or records.weight != _ALL:
                raise _Unanswerable
            case _:
                return self._measured(aggregate, aggregate.argument.name, records)

    def _counted(self, condition: Condition | None, base: _Records) -> tuple[str, str]:
        """On how many of the base records a condition holds, and on how many it is known."""
        dimensions, fact = self._split(condition)
        rows = both(self._condition(dimensions), base.condition)
        if fact is None:
            return aggregated("sum", base.weight, rows), aggregated("sum", base.weight, base.condition)
        if base.weight == _ALL and (dimensions is None or fact.known == _ALL):
            return aggregated("sum", fact.weight, rows), aggregated("sum", fact.known, base.condition)
        raise _Unanswerable

    def _measured(self, aggregate: Aggregate, name: str, records: _Records) -> tuple[str, str]:
        measure = MEASURES.get(name)
        dimensions, fact = self._split(aggregate.condition)
        if measure is None or fact is not None:
            raise _Unanswerable
        condition = both(self._condition(dimensions), records.condition)
        count = aggregated("sum", measure.known, condition)
        total = f"toFloat64({aggregated('sum', measure.total, condition)})"
        match aggregate.function:
            case Function.SUM:
                return total, count
            case Function.MEAN:
                return f"{total} / {count}", count
            case Function.MAX if measure.maximum is not None:
                return aggregated("max", measure.maximum, condition), count
            case Function.QUANTILE if measure.sketch is not None:
                merged = aggregated(
                    "quantilesDDMerge", measure.sketch, condition, levels=f"(0.01, {aggregate.level!r})"
                )
                return f"{merged}[1]", count
            case _:
                raise _Unanswerable

    # Conditions

    def _narrowed(self, records: _Records, condition: Condition | None) -> _Records:
        dimensions, fact = self._split(condition)
        if fact is not None and records.weight != _ALL:
            raise _Unanswerable
        weight = records.weight if fact is None else fact.weight
        return _Records(weight, both(records.condition, self._condition(dimensions)))

    def _split(self, condition: Condition | None) -> tuple[Condition | None, Fact | None]:
        """Tell what dimensions decide from the one fact that was counted."""
        dimensions: list[Condition] = []
        facts: list[Fact] = []
        for part in conjuncts(condition):
            if all(column.name in DIMENSIONS for column in columns_of(part)):
                dimensions.append(part)
                continue
            fact = find_fact(part)
            if fact is None or facts:
                raise _Unanswerable
            facts.append(fact)
        return conjunction(*dimensions), facts[0] if facts else None

    def _condition(self, condition: Condition | None) -> str | None:
        if condition is None:
            return None
        return condition_sql(condition, _state_column, self._parameters)


def _shared(conditions: Sequence[Condition | None]) -> list[Condition]:
    """What dimensions decide and all of the conditions demand: rows that do not meet it need not be read."""
    return [
        part
        for part in conjuncts(conditions[0])
        if all(column.name in DIMENSIONS for column in columns_of(part))
        and all(part in conjuncts(condition) for condition in conditions)
    ]


def _without(condition: Condition | None, parts: Sequence[Condition]) -> Condition | None:
    return conjunction(*(part for part in conjuncts(condition) if part not in parts))


def _any(conditions: Sequence[Condition | None]) -> Condition | None:
    """What holds where any of the conditions does; None if one of them is always met."""
    distinct = list(dict.fromkeys(conditions))
    present = [condition for condition in distinct if condition is not None]
    if len(present) < len(distinct):
        return None
    return present[0] if len(present) == 1 else Or(tuple(present))


def _unfolded(histogram: Histogram) -> str:
    """A row of states as many rows: each value of the number, and how many spans had it."""
    return f"arrayJoin({VALUE_COUNTS[histogram.argument.name]})"


def _state_column(column: Column) -> str:
    return column.name
