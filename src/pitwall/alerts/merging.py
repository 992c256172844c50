"""Questions that differ in one label's value only are asked as one, split by that label.

A thousand teams that each watch their own service ask the same thing a thousand times. Asked once by service,
for the services that matter, it costs a tenth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from pitwall.alerts.samples import LabelValues, Point, Points
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Band
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.errors import ExpressionInvalid, UnknownSignal
from pitwall.signals.expressions import (
    Column,
    Comparison,
    Condition,
    Membership,
    conjunction,
    conjuncts,
)
from pitwall.signals.parser import parse_condition
from pitwall.signals.types import SignalQuery

_WORTH_MERGING: Final = 4
_MAX_VALUES: Final = 400
_SELECTIONS_AT_ONCE: Final = 24
"""More in one statement would make it too long for the store."""

_NO_POINT: Final = Point(None, 0, Band.NO_DATA)


class Question(NamedTuple):
    """A window of a signal of one project at a time."""

    signal: str
    by: tuple[str, ...]
    where: str
    since: datetime
    until: datetime

    def query(self, project_id: str) -> SignalQuery:
        """The question as signals take it."""
        return SignalQuery(self.signal, project_id, self.since, self.until, by=self.by, where=self.where)


class _Fixed(NamedTuple):
    """A condition taken apart: columns that equal a value, and the rest as text."""

    columns: tuple[str, ...]
    values: tuple[str, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A question that is asked, and the questions that its answer answers.

    Attributes:
        parts: Each with the values of the labels that were added; empty values for the question itself.
    """

    question: Question
    parts: Sequence[tuple[Question, LabelValues]]

    def split(self, points: Points) -> Iterator[tuple[Question, Points]]:
        """The answer of each question from that of the whole."""
        if len(self.parts) == 1 and not self.parts[0][1]:
            yield self.parts[0][0], points
            return
        by_values: defaultdict[LabelValues, dict[LabelValues, Point]] = defaultdict(dict)
        added = len(self.parts[0][1])
        for labels, point in points.items():
            by_values[labels[-added:]][labels[:-added]] = point
        for question, values in self.parts:
            found = by_values.get(values, {})
            if not question.by and not found:
                found = {(): _NO_POINT}
            yield question, found

    def fail(self, error: PitwallError) -> Iterator[tuple[Question, PitwallError]]:
        """The same error for each question."""
        return ((question, error) for question, _ in self.parts)


def merge(questions: Iterable[Question], catalogue: Catalogue) -> list[Merged]:
    """Put together questions that one answer can serve."""
    groups: defaultdict[tuple[Question, tuple[str, ...]], list[tuple[Question, LabelValues]]]
    groups = defaultdict(list)
    alone: list[Merged] = []
    for question in questions:
        fixed = _fixed(question.where)
        if fixed is None or not _can_split(catalogue, question, fixed.columns):
            alone.append(Merged(question, [(question, ())]))
            continue
        common = question._replace(where=fixed.rest)
        groups[(common, fixed.columns)].append((question, fixed.values))
    for (common, columns), parts in groups.items():
        if len(parts) < _WORTH_MERGING:
            alone += [Merged(question, [(question, ())]) for question, _ in parts]
            continue
        for start in range(0, len(parts), _MAX_VALUES):
            alone.append(_together(common, columns, parts[start : start + _MAX_VALUES]))
    return alone


def batches(merged: Sequence[Merged]) -> Iterator[list[Merged]]:
    """Batches in which few questions share windows and labels, as these become one statement."""
    counts: defaultdict[tuple[object, ...], int] = defaultdict(int)
    found: defaultdict[int, list[Merged]] = defaultdict(list)
    for one in merged:
        key = (one.question.by, one.question.since, one.question.until)
        found[counts[key] // _SELECTIONS_AT_ONCE].append(one)
        counts[key] += 1
    yield from (found[number] for number in sorted(found))


def _together(
    common: Question, columns: tuple[str, ...], parts: Sequence[tuple[Question, LabelValues]]
) -> Merged:
    condition = parse_condition(common.where) if common.where else None
    for place, name in enumerate(columns):
        values = tuple(dict.fromkeys(values[place] for _, values in parts))
        condition = conjunction(condition, Membership(Column(name), values))
    question = common._replace(by=(*common.by, *columns), where=str(condition))
    return Merged(question, parts)


def _can_split(catalogue: Catalogue, question: Question, columns: tuple[str, ...]) -> bool:
    try:
        known = catalogue.get(question.signal).by
    except UnknownSignal:
        return False
    return set(columns) <= set(known) - set(question.by)


@lru_cache(maxsize=8192)
def _fixed(where: str) -> _Fixed | None:
    """Take a condition apart; None if no column must equal a text."""
    if not where:
        return None
    try:
        parts = conjuncts(parse_condition(where))
    except ExpressionInvalid:
        return None
    equalities: dict[str, str] = {}
    rest: list[Condition] = []
    for part in parts:
        match part:
            case Comparison(Column(name, None), "=", str() as value) if name not in equalities:
                equalities[name] = value
            case _:
                rest.append(part)
    if not equalities:
        return None
    names = tuple(sorted(equalities))
    remaining = conjunction(*rest)
    text = "" if remaining is None else str(remaining)
    return _Fixed(names, tuple(equalities[name] for name in names), text)
