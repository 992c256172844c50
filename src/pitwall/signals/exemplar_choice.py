"""Which records stand behind a value, and which of them to show first: those that make it worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pitwall.signals.bands import Better
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.evaluation import breakdown_label
from pitwall.signals.expressions import (
    Aggregate,
    Arithmetic,
    Breakdown,
    Column,
    Comparison,
    Condition,
    Function,
    Histogram,
    MovingMean,
    Not,
    Number,
    Operator,
    Over,
    Reference,
    Source,
    Value,
    conjunction,
)
from pitwall.signals.lanes import OTHER, bucket_names
from pitwall.signals.operands import Operand
from pitwall.signals.plan import BUCKET
from pitwall.signals.sources import SOURCES, Type
from pitwall.signals.types import ExemplarOrder

_OPPOSITE = {
    Better.HIGHER: Better.LOWER,
    Better.LOWER: Better.HIGHER,
    Better.NEUTRAL: Better.NEUTRAL,
}
_UNRANKED = frozenset({Function.LAST, Function.DISTINCT, Function.INCREASE})


@dataclass(frozen=True, slots=True)
class Choice:
    """The records behind a value.

    Attributes:
        condition: Which records of the source they are; None for all.
        columns: Their sum is a record's own value; empty if a record has none.
        otherwise: What to show where there is no such record: those that did not fail.
    """

    source: Source
    condition: Condition | None
    columns: tuple[Column, ...]
    order: ExemplarOrder
    otherwise: Choice | None = None

    def narrowed(self, condition: Condition | None) -> Choice:
        """The same of those records that also meet a condition."""
        otherwise = None if self.otherwise is None else self.otherwise.narrowed(condition)
        return replace(self, condition=conjunction(self.condition, condition), otherwise=otherwise)


def choose(catalogue: Catalogue, signal: Signal, labels: Sequence[tuple[str, str]]) -> Choice:
    """Choose the records behind a value of a signal.

    Of a formula it is the first operand that is not a number: the numerator of a share.

    Args:
        catalogue: Where formulas find the signals they refer to.
        signal: Whose value it is.
        labels: Of the series the value belongs to.

    Raises:
        QuestionInvalid: The signal has no such label, or no records of its own stand behind its value.
    """
    over, value, worse = _leading(catalogue, signal)
    choice = _choice(over, value, worse)
    return choice.narrowed(conjunction(*(_label(signal, over, value, *label) for label in labels)))


def _leading(
    catalogue: Catalogue, signal: Signal, inherited: Better = Better.NEUTRAL
) -> tuple[Over, Value, Better]:
    """The leading operand of a signal with its records, and which way the operand makes the signal better."""
    better = signal.better if inherited is Better.NEUTRAL else inherited
    value, is_flipped = _first(signal.value)
    better = _OPPOSITE[better] if is_flipped else better
    if signal.over is not None:
        return signal.over, value, better
    assert isinstance(value, Reference)  # the catalogue's checks let nothing else into a formula
    return _leading(catalogue, catalogue.get(value.name), better)


def _first(value: Value) -> tuple[Value, bool]:
    """The leading operand of a value, and whether the value falls where the operand rises."""
    match value:
        case MovingMean(_, inner):
            return _first(inner)
        case Arithmetic(operator, Number(number), right):
            first, is_flipped = _first(right)
            return first, is_flipped != _falls(operator, number)
        case Arithmetic(Operator.MULTIPLY | Operator.DIVIDE, left, Number(number)):
            first, is_flipped = _first(left)
            return first, is_flipped != (number < 0)
        case Arithmetic(Operator.ADD, Aggregate(), Aggregate()) if _is_sum_of_columns(value):
            return value, False
        case Arithmetic(_, left, _):
            return _first(left)
        case _:
            return value, False


def _falls(operator: Operator, number: float) -> bool:
    """Whether arithmetic of a number with something falls where that rises."""
    match operator:
        case Operator.SUBTRACT:
            return True
        case Operator.MULTIPLY:
            return number < 0
        case Operator.DIVIDE:
            return number > 0
        case _:
            return False


def _is_sum_of_columns(value: Arithmetic) -> bool:
    """Whether each record has a share in both sides: `sum(input_tokens) + sum(output_tokens)`."""
    match value:
        case Arithmetic(_, Aggregate(left, Column(), None), Aggregate(right, Column(), None)):
            return left is right and left in (Function.SUM, Function.MEAN)
        case _:
            return False


def _choice(over: Over, value: Value, better: Better) -> Choice:
    match value:
        case Arithmetic(
            _, Aggregate(argument=Column() as one) as first, Aggregate(argument=Column() as other)
        ):
            return _measured(Operand(over, first), (one, other), better)
        case Aggregate(function=Function.RATIO):
            return _share(Operand(over, value), better)
        case Aggregate(function=Function.COUNT | Function.RATE):
            operand = Operand(over, value)
            is_failure = operand.counted is not None and better is Better.LOWER
            condition = conjunction(operand.condition, operand.counted)
            return Choice(
                over.source, condition, (), ExemplarOrder.FAILED if is_failure else ExemplarOrder.NEWEST
            )
        case Aggregate(argument=Column() as argument):
            return _measured(Operand(over, value), (argument,), better)
        case _:
            assert isinstance(value, Breakdown)  # nothing else can lead
            return _part(Operand(over, value), better)


def _share(operand: Operand, better: Better) -> Choice:
    """Of a share the records that make it worse; where there is none, what it is a share of."""
    known = conjunction(operand.condition, operand.known)
    everything = Choice(operand.source, known, (), ExemplarOrder.NEWEST)
    if better is Better.NEUTRAL or operand.counted is None:
        return replace(everything, condition=conjunction(known, operand.counted))
    failed = operand.counted if better is Better.LOWER else Not(operand.counted)
    condition = conjunction(known, failed)
    return Choice(operand.source, condition, (), ExemplarOrder.FAILED, everything)


def _measured(operand: Operand, columns: tuple[Column, ...], better: Better) -> Choice:
    """Of a measured number the records with the most, or the least where that is worse."""
    assert isinstance(operand.measure, Aggregate)
    function = operand.measure.function
    condition = conjunction(operand.condition, operand.known)
    types = {SOURCES[operand.source].columns[column.name].type for column in columns}
    shown = columns if types == {Type.NUMBER} else ()
    # A point is a sum over many requests: its number says nothing of a single one.
    if not shown or function in _UNRANKED or operand.source is Source.POINTS:
        return Choice(operand.source, condition, shown, ExemplarOrder.NEWEST)
    is_low = better is Better.HIGHER or (better is Better.NEUTRAL and function is Function.MIN)
    return Choice(operand.source, condition, shown, ExemplarOrder.LOWEST if is_low else ExemplarOrder.HIGHEST)


def _part(operand: Operand, better: Better) -> Choice:
    condition = conjunction(operand.condition, operand.known)
    if isinstance(operand.measure, Histogram):
        return Choice(operand.source, condition, (operand.measure.argument,), ExemplarOrder.NEWEST)
    is_failure = operand.measure.condition is not None and better is Better.LOWER
    return Choice(operand.source, condition, (), ExemplarOrder.FAILED if is_failure else ExemplarOrder.NEWEST)


def _label(signal: Signal, over: Over, value: Value, name: str, text: str) -> Condition:
    """What a label says of the records of its series."""
    if isinstance(value, Histogram) and name == BUCKET:
        return _bucket(value, text)
    if name not in (*signal.by, breakdown_label(value)):
        known = ", ".join(signal.by) or "no label"
        raise QuestionInvalid(
            f"Signal {signal.name} has no label {name!r}.", hint=f"It can be split by {known}."
        )
    if name == breakdown_label(value) and text == OTHER:
        raise QuestionInvalid(
            f"{OTHER} stands for several values of {name}.",
            hint=f"Leave the label out and exclude the others with `where`: not ({name} in ('a', 'b')).",
        )
    column = signal.column(name)
    is_truth = SOURCES[over.source].columns[column.name].type is Type.TRUTH
    return Comparison(column, "=", text == "true" if is_truth else text)


def _bucket(histogram: Histogram, text: str) -> Condition:
    names = bucket_names(histogram.bounds)
    if text not in names:
        raise QuestionInvalid(f"There is no bucket {text!r}.", hint=f"Buckets are {', '.join(names)}.")
    index = names.index(text)
    bounds = [("<=", bound) for bound in histogram.bounds[index : index + 1]]
    if index:
        bounds.append((">", histogram.bounds[index - 1]))
    found = conjunction(*(Comparison(histogram.argument, operator, bound) for operator, bound in bounds))
    assert found is not None  # a histogram has at least one bound
    return found
