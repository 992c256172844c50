"""Conditions joined: all of them or any, unless another one holds, for label sets that match."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pitwall.alerts.conditions import Check, Known, make_check
from pitwall.alerts.rules import CompoundCondition, Condition, Rule, Timing
from pitwall.alerts.samples import LabelValues, Reader, Sample, Samples, Seen, Wanted, Watch
from pitwall.alerts.types import Level
from pitwall.signals.catalogue import Catalogue

_NOTHING = Sample(Seen.NOTHING)


def compile_condition(rule: Rule, condition: Condition, catalogue: Catalogue) -> Check:
    """Make a condition of any kind ready to be evaluated."""
    if not isinstance(condition, CompoundCondition):
        return make_check(rule, condition, catalogue)
    parts = [compile_condition(rule, part, catalogue) for part in condition.parts]
    unless = None if condition.unless is None else compile_condition(rule, condition.unless, catalogue)
    level = None if rule.severity is None else Level.of(rule.severity)
    return CompoundCheck(rule.by, parts, unless, needs_all=condition.needs_all, level=level)


def timing_of(rule: Rule, check: Check) -> Timing:
    """The rule's timing, with the levels that its condition can have."""
    return replace(rule.timing, levels=check.levels)


class CompoundCheck:
    """Several conditions with matching labels.

    A condition that is split by fewer labels than the rule holds for all label sets that share them. What is
    not known stays so: `all` is known to be false as soon as one part is, `any` to be true.

    Args:
        by: The rule's labels.
        parts: At least one is split by all of them.
        unless: Keeps everything quiet where it holds.
        needs_all: All of the parts, or any.
        level: How bad it is; None for what the parts say.
    """

    def __init__(
        self,
        by: tuple[str, ...],
        parts: Sequence[Check],
        unless: Check | None,
        *,
        needs_all: bool,
        level: Level | None,
    ) -> None:
        self.by = by
        self.levels = _levels(parts, level, needs_all=needs_all)
        self._parts = parts
        self._unless = unless
        self._needs_all = needs_all
        self._level = level

    def wanted(self) -> Iterable[Wanted]:
        """The windows of all parts."""
        return [wanted for part in self._all() for wanted in part.wanted()]

    def watches(self) -> Iterable[Watch]:
        """The watched series of all parts."""
        return [watch for part in self._all() for watch in part.watches()]

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """Join what the parts say."""
        parts = [_Part(self.by, part, reader, known) for part in self._parts]
        unless = None if self._unless is None else _Part(self.by, self._unless, reader, known)
        every = dict.fromkeys(labels for part in parts if part.is_whole for labels in part.samples)
        every |= dict.fromkeys(known)
        join = _all_of if self._needs_all else _any_of
        samples = {labels: join([part.of(labels) for part in parts]) for labels in every}
        if unless is not None:
            samples = {labels: _quieted(one, unless.of(labels)) for labels, one in samples.items()}
        return {labels: self._leveled(one) for labels, one in samples.items()}

    def _all(self) -> list[Check]:
        return [*self._parts, *([self._unless] if self._unless is not None else [])]

    def _leveled(self, sample: Sample) -> Sample:
        if self._level is None or sample.keeps is Level.NONE:
            return sample
        return sample._replace(enters=self._level if sample.enters else Level.NONE, keeps=self._level)


class _Part:
    """The answer of one part, found by the labels of the whole."""

    def __init__(self, by: tuple[str, ...], check: Check, reader: Reader, known: Known) -> None:
        self._places = tuple(by.index(name) for name in check.by)
        self.is_whole = len(self._places) == len(by)
        self.samples = check.evaluate(reader, {self._own(labels) for labels in known})
        if self.is_whole and self._places != tuple(range(len(by))):
            order = [check.by.index(name) for name in by]
            self.samples = {
                tuple(labels[index] for index in order): one for labels, one in self.samples.items()
            }
            self._places = tuple(range(len(by)))

    def of(self, labels: LabelValues) -> Sample:
        return self.samples.get(self._own(labels), _NOTHING)

    def _own(self, labels: LabelValues) -> LabelValues:
        return tuple(labels[place] for place in self._places)


def _levels(parts: Sequence[Check], level: Level | None, *, needs_all: bool) -> tuple[Level, ...]:
    if level is not None:
        return (level,)
    found = {one for part in parts for one in part.levels}
    if needs_all:
        highest = min(max(part.levels) for part in parts)
        found = {one for one in found if one <= highest}
    return tuple(sorted(found, reverse=True))


def _all_of(samples: Sequence[Sample]) -> Sample:
    clear = next((one for one in samples if one.seen is Seen.VALUE and not one.keeps), None)
    if clear is not None:
        return clear
    unknown = next((one for one in samples if one.seen is not Seen.VALUE), None)
    if unknown is not None:
        return unknown
    first = samples[0]
    return first._replace(enters=min(one.enters for one in samples), keeps=min(one.keeps for one in samples))


def _any_of(samples: Sequence[Sample]) -> Sample:
    known = [one for one in samples if one.seen is Seen.VALUE]
    worst = max(known, key=lambda one: (one.enters, one.keeps), default=None)
    if worst is not None and worst.keeps:
        return worst._replace(keeps=max(one.keeps for one in known))
    unknown = next((one for one in samples if one.seen is not Seen.VALUE), None)
    return unknown or samples[0]


def _quieted(sample: Sample, unless: Sample) -> Sample:
    if unless.seen is Seen.VALUE and unless.enters and sample.seen is Seen.VALUE:
        return sample._replace(enters=Level.NONE, keeps=Level.NONE)
    return sample
