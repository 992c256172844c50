"""Evaluates a signal on a grid of windows: a statement per signal, arithmetic on what comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.checks import check_condition
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.expressions import (
    Arithmetic,
    Breakdown,
    Condition,
    Histogram,
    MovingMean,
    Number,
    Over,
    Reference,
    Share,
    TopK,
    Value,
    aggregates_of,
    conjunction,
)
from pitwall.signals.lanes import Lane, Lanes, broken_down, combined, moving_mean, scaled, with_number
from pitwall.signals.parser import parse_condition
from pitwall.signals.plan import BUCKET, Selection
from pitwall.signals.windows import EPOCH, Grid

_ANY_STEP = timedelta(minutes=1)

Fetch = Callable[[Selection, Grid], list[Lanes]]


class Evaluator:
    """Evaluates signals for one question.

    Args:
        catalogue: Where formulas find the signals they refer to.
        fetch: Runs a selection on a grid; lanes per aggregate.
        by: Labels that split the answer.
        condition: What the records must also meet.
    """

    def __init__(
        self, catalogue: Catalogue, fetch: Fetch, by: tuple[str, ...], condition: Condition | None
    ) -> None:
        self._catalogue = catalogue
        self._fetch = fetch
        self._by = by
        self._condition = condition

    def evaluate(self, signal: Signal, grid: Grid) -> Lanes:
        """Compute a signal's lanes, on exactly the windows of the grid.

        Raises:
            QuestionInvalid: The signal cannot be split by the labels that were asked for.
            ExpressionInvalid: The extra condition does not fit the records that the signal looks at.
        """
        _check_labels(signal, self._by)
        before = look_back(signal.value)
        lanes = self._signal(signal, grid.lengthened(before))
        return {labels: _tail(lane, before) for labels, lane in lanes.items()} if before else lanes

    def _signal(self, signal: Signal, grid: Grid) -> Lanes:
        """Compute a signal on a grid that already holds the windows its moving means look back on."""
        if signal.over is None:
            lanes = self._formula(signal.value, grid)
        else:
            check_condition(signal.over.source, self._condition)
            lanes = self._measured(signal, signal.over, grid)
        return lanes if signal.per is None else scaled(lanes, signal.per / grid.step)

    def _formula(self, value: Value, grid: Grid) -> Lanes:
        return self._computed(value, grid, lambda leaf: self._referred(leaf, grid))

    def _referred(self, leaf: Value, grid: Grid) -> Lanes:
        assert isinstance(leaf, Reference)  # the catalogue's checks let nothing else into a formula
        return self.evaluate(self._catalogue.get(leaf.name), grid)

    def _measured(self, signal: Signal, over: Over, grid: Grid) -> Lanes:
        condition, value = conjunction(over.condition, self._condition), signal.value
        by = tuple(str(signal.column(name)) for name in self._by if name != breakdown_label(value))
        if isinstance(value, Breakdown):
            selection = Selection(over.source, condition, (), by, value)
            return broken_down(value, self._fetch(selection, grid)[0], grid.count)
        aggregates = tuple(dict.fromkeys(aggregates_of(value)))
        fetched = self._fetch(Selection(over.source, condition, aggregates, by), grid)
        lanes: dict[Value, Lanes] = dict(zip(aggregates, fetched, strict=True))
        return self._computed(value, grid, lanes.__getitem__)

    def _computed(self, value: Value, grid: Grid, leaf: Callable[[Value], Lanes]) -> Lanes:
        match value:
            case MovingMean(size, inner):
                return moving_mean(self._computed(inner, grid, leaf), size)
            case Arithmetic(operator, left, Number(number)):
                return with_number(operator, self._computed(left, grid, leaf), number, number_first=False)
            case Arithmetic(operator, Number(number), right):
                return with_number(operator, self._computed(right, grid, leaf), number, number_first=True)
            case Arithmetic(operator, left, right):
                return combined(
                    operator,
                    self._computed(left, grid, leaf),
                    self._computed(right, grid, leaf),
                    grid.count,
                )
            case _:
                return leaf(value)


def check_question(catalogue: Catalogue, name: str, *, by: tuple[str, ...] = (), where: str = "") -> Signal:
    """Return the signal of a question that could be asked of any range; nothing is read.

    Raises:
        UnknownSignal: There is no such signal.
        QuestionInvalid: It cannot be split by the labels.
        ExpressionInvalid: The condition cannot be understood or does not fit the records of the signal.
    """
    signal = catalogue.get(name)
    condition = parse_condition(where) if where.strip() else None
    Evaluator(catalogue, _fetch_nothing, by, condition).evaluate(signal, Grid(EPOCH, _ANY_STEP, 1))
    return signal


def _fetch_nothing(selection: Selection, _grid: Grid) -> list[Lanes]:
    return [{} for _ in selection.aggregates or [None]]


def label_names(signal: Signal, by: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the labels of an answer: those asked for, and that of a breakdown."""
    own = breakdown_label(signal.value)
    return by if own is None else (*(name for name in by if name != own), own)


def breakdown_label(value: Value) -> str | None:
    """The label a breakdown adds; None for other values."""
    match value:
        case Histogram():
            return BUCKET
        case TopK(dimension=dimension) | Share(dimension=dimension):
            return dimension.name
        case _:
            return None


def look_back(value: Value) -> int:
    """How many windows before the first one a value needs, without those of the signals it refers to."""
    match value:
        case MovingMean(size, inner):
            return size - 1 + look_back(inner)
        case Arithmetic(_, left, right):
            return max(look_back(left), look_back(right))
        case _:
            return 0


def _tail(lane: Lane, skipped: int) -> Lane:
    return Lane(lane.values[skipped:], lane.counts[skipped:])


def _check_labels(signal: Signal, by: tuple[str, ...]) -> None:
    unknown = [name for name in by if name not in signal.by and name != breakdown_label(signal.value)]
    if unknown:
        known = ", ".join(signal.by) or "no label"
        raise QuestionInvalid(
            f"Signal {signal.name} cannot be split by {', '.join(unknown)}.",
            hint=f"It can be split by {known}.",
        )
