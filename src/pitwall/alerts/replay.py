"""Runs a rule over moments of the past, with the same machine and the same conditions as live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pitwall.alerts.machine import State, Transition, step
from pitwall.alerts.rulebook import Compiled
from pitwall.alerts.samples import LabelValues, Reader, Sample, Samples, Seen
from pitwall.alerts.types import EventKind, Level


class Told(NamedTuple):
    """An event of a label set, and what the evaluation said."""

    labels: LabelValues
    transition: Transition
    sample: Sample


@dataclass(slots=True)
class Period:
    """A stretch of time in which an alert would have been firing.

    Attributes:
        level: The worst one it had.
        until: None if it still fires at the end.
        value_at_fire: The value when it fired.
    """

    labels: LabelValues
    level: Level
    since: datetime
    until: datetime | None
    peak: float | None
    value_at_fire: float | None


@dataclass(slots=True)
class Replay:
    """The alerts of one rule, stepped from moment to moment.

    Attributes:
        states: What is known of each label set.
        told: Everything that would have been told, in order.
    """

    rule: Compiled
    states: dict[LabelValues, State] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def step(self, reader: Reader, at: datetime) -> Samples:
        """Evaluate once; returns what the evaluation said.

        Raises:
            PitwallError: A question cannot be answered.
        """
        remembers = self.rule.rule.remembers
        known = [labels for labels, state in self.states.items() if remembers or not state.is_quiet]
        samples = self.rule.check.evaluate(reader, known)
        for labels, sample in samples.items():
            state = self.states.get(labels)
            if state is None and not remembers and (sample.seen is not Seen.VALUE or not sample.enters):
                continue
            self.states[labels], told = step(state, sample, self.rule.timing, at)
            self.told += [Told(labels, one, sample) for one in told]
        return samples

    def periods(self) -> list[Period]:
        """When alerts would have fired, in order; also for data that was missing, if the rule tells that."""
        found: list[Period] = []
        running: dict[LabelValues, Period] = {}
        for labels, told, sample in self.told:
            if told.kind in _BEGINS and labels not in running:
                period = Period(labels, told.level, told.at, None, told.peak, sample.value)
                running[labels] = period
                found.append(period)
            elif labels in running:
                period = running[labels]
                period.level = max(period.level, told.level)
                if told.kind is EventKind.RESOLVED:
                    period.until, period.peak = told.at, told.peak
                    del running[labels]
        for labels, period in running.items():
            period.peak = self.states[labels].peak
        return found


_BEGINS = frozenset({EventKind.FIRED, EventKind.NO_DATA, EventKind.ERROR})


def labels_view(rule: Compiled, labels: LabelValues) -> Mapping[str, str]:
    """Labels with their names."""
    return dict(zip(rule.rule.by, labels, strict=False))
