"""What a signal measures: the aggregates and breakdowns it is computed of, whatever stands between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.expressions import (
    Aggregate,
    Breakdown,
    Column,
    Condition,
    Function,
    IsNull,
    Not,
    Over,
    Source,
    aggregates_of,
    columns_of,
    conjunction,
    references_of,
)
from pitwall.signals.sources import SOURCES

COUNTING = frozenset({Function.COUNT, Function.RATE, Function.RATIO})


@dataclass(frozen=True, slots=True)
class Operand:
    """One measurement of the records that a signal looks at."""

    over: Over
    measure: Aggregate | Breakdown

    @property
    def source(self) -> Source:
        """The telemetry it looks at."""
        return self.over.source

    @property
    def condition(self) -> Condition | None:
        """Which records it looks at; what it counts of them is `counted`."""
        match self.measure:
            case Aggregate(function=function, base=base) if function in COUNTING:
                return conjunction(self.over.condition, base)
            case measure:
                return conjunction(self.over.condition, measure.condition)

    @property
    def counted(self) -> Condition | None:
        """What is counted by count, rate and ratio; None for all records, and for other measures."""
        match self.measure:
            case Aggregate(function=function, condition=condition) if function in COUNTING:
                return condition
            case _:
                return None

    @property
    def argument(self) -> Column | None:
        """The column that is measured."""
        match self.measure:
            case Aggregate(argument=argument):
                return argument
            case measure:
                return getattr(measure, "argument", None) or getattr(measure, "dimension", None)

    @property
    def known(self) -> Condition | None:
        """That a record tells what is measured of it; None where every record does."""
        read = [self.argument] if self.argument is not None else list(columns_of(self.counted))
        columns = SOURCES[self.source].columns
        optional = [column for column in dict.fromkeys(read) if columns[column.name].nullable]
        return conjunction(*(Not(IsNull(column)) for column in optional))


def operands_of(catalogue: Catalogue, signal: Signal) -> Iterator[Operand]:
    """Every operand of a signal, left to right, also of the signals it refers to."""
    if signal.over is None:
        for name in references_of(signal.value):
            yield from operands_of(catalogue, catalogue.get(name))
    elif isinstance(signal.value, Breakdown):
        yield Operand(signal.over, signal.value)
    else:
        for aggregate in dict.fromkeys(aggregates_of(signal.value)):
            yield Operand(signal.over, aggregate)
