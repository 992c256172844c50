"""Steps the alerts of one rule, and collects what a round will write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pitwall.alerts.machine import FORGET_AFTER, Phase, State, Transition, end, step
from pitwall.alerts.recording import Tracked, alert_of, event_of
from pitwall.alerts.repository import StoredAlert
from pitwall.alerts.rulebook import Compiled
from pitwall.alerts.rules import OnError
from pitwall.alerts.rules_repository import Evaluated
from pitwall.alerts.samples import LabelValues, Reader, Sample, Samples, Seen
from pitwall.alerts.types import AlertEvent, Level, Reason, alert_id
from pitwall.kit.i18n import Text

_REFRESH_EVERY: Final = timedelta(minutes=1)
_MAX_REFRESHED: Final = 2_000
"""At most so many values of alerts whose state did not change are written in a round."""
RULE_ITSELF: Final[LabelValues] = ()
"""Label values of the alert that tells of a rule which cannot be evaluated."""


@dataclass(slots=True)
class Changes:
    """What a round will write, and what it will remember once that is committed."""

    tracked: dict[tuple[str, LabelValues], Tracked | None] = field(default_factory=dict)
    alerts: list[StoredAlert] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stepping:
    """A round under way: its time, and what it has changed."""

    now: datetime
    changes: Changes


class RuleSteps:
    """The alerts of one rule in one round.

    Args:
        project_id: Whose rule.
        rule: Is evaluated.
        tracked: What is known of its label sets.
        stepping: The round.
    """

    def __init__(
        self,
        project_id: str,
        rule: Compiled,
        tracked: Mapping[LabelValues, Tracked],
        stepping: Stepping,
    ) -> None:
        self._project_id = project_id
        self._rule = rule
        self._tracked = tracked
        self._now = stepping.now
        self._changes = stepping.changes
        self._remembers = rule.rule.remembers

    def evaluate(self, reader: Reader) -> tuple[int, int]:
        """Step all label sets; returns how many there were, and how many more are beyond the limit.

        Raises:
            PitwallError: A question cannot be answered.
        """
        awaited = [labels for labels, one in self._tracked.items() if self._is_awaited(labels, one.state)]
        samples = self._rule.check.evaluate(reader, awaited)
        samples, dropped = contained(samples, self._tracked, self._rule.rule.max_series)
        for labels, sample in samples.items():
            if self._is_worth_a_step(self._tracked.get(labels), sample):
                self._step(labels, sample)
        return len(samples), dropped

    def tell_error(self, error: str | None) -> None:
        """A rule that cannot be evaluated is an alert of its own, if the rule wants to be told."""
        if error is not None and self._rule.timing.on_error is OnError.ALERT:
            self._step(RULE_ITSELF, Sample(Seen.ERROR, explanation=Text(error, error)))
        elif error is None and self._rule.rule.by and RULE_ITSELF in self._tracked:
            self._step(RULE_ITSELF, Sample(Seen.VALUE))

    def _is_worth_a_step(self, tracked: Tracked | None, sample: Sample) -> bool:
        """Whether anything could come of it: most label sets are well, and were before."""
        if sample.seen is not Seen.VALUE:
            return self._remembers or tracked is not None
        if sample.enters:
            return True
        return self._remembers if tracked is None else not tracked.state.is_quiet

    def _is_awaited(self, labels: LabelValues, state: State) -> bool:
        if len(labels) != len(self._rule.rule.by):
            return False  # of the rule itself
        is_given_up = state.phase is Phase.INACTIVE and state.reason is Reason.NO_DATA
        return not state.is_quiet or (self._remembers and not is_given_up)

    def _step(self, labels: LabelValues, sample: Sample) -> None:
        tracked = self._tracked.get(labels)
        before = None if tracked is None else tracked.state
        state, told = step(before, sample, self._rule.timing, self._now)
        if labels and _is_forgotten(state, sample, self._now):
            state, also = end(state, self._now, Reason.NO_DATA)
            told = (*told, *also)
        if tracked is not None and state == before and not told:
            self._refresh(labels, sample, replace(tracked, state=state))
        elif state.sequence == 0 and state.is_quiet and not self._remembers:
            self._drop(labels, tracked)
        else:
            self._changed(labels, sample, state, told)

    def _drop(self, labels: LabelValues, tracked: Tracked | None) -> None:
        """Nothing of it was ever told, and nothing has to be remembered."""
        self._changes.tracked[self._key(labels)] = None
        if tracked is not None:
            self._changes.removed.append(tracked.id)

    def _changed(self, labels: LabelValues, sample: Sample, state: State, told: Sequence[Transition]) -> None:
        named = dict(zip(self._rule.rule.by, labels, strict=False))
        id_ = alert_id(self._project_id, self._rule.rule.name, named)
        alert = alert_of(self._rule, id_, named, state, sample, changed_at=self._now)
        self._changes.events += [event_of(alert, one, sample) for one in told]
        kept = Tracked(id_, self._rule.essence, state, alert.facts, named, self._now, self._now)
        self._changes.tracked[self._key(labels)] = kept
        self._changes.alerts.append(kept.stored(alert))

    def _refresh(self, labels: LabelValues, sample: Sample, tracked: Tracked) -> None:
        """Let people see the value of now, once in a while."""
        is_due = abs(self._now - tracked.written_at) >= _REFRESH_EVERY
        has_room = len(self._changes.alerts) < _MAX_REFRESHED
        if is_due and has_room and tracked.state.phase is not Phase.INACTIVE:
            changed_at = tracked.changed_at
            alert = alert_of(
                self._rule, tracked.id, tracked.labels, tracked.state, sample, changed_at=changed_at
            )
            tracked = replace(tracked, facts=alert.facts, written_at=self._now)
            self._changes.alerts.append(tracked.stored(alert))
        self._changes.tracked[self._key(labels)] = tracked

    def _key(self, labels: LabelValues) -> tuple[str, LabelValues]:
        return self._rule.rule.name, labels


def contained(samples: Samples, tracked: Mapping[LabelValues, Tracked], limit: int) -> tuple[Samples, int]:
    """At most so many label sets: those that something is known of first, then the busiest."""
    if len(samples) <= limit:
        return samples, 0

    def rank(labels: LabelValues) -> tuple[bool, int, LabelValues]:
        known = tracked.get(labels)
        return (known is None or known.state.is_quiet, -samples[labels].observed_count, labels)

    chosen = sorted(samples, key=rank)[:limit]
    return {labels: samples[labels] for labels in chosen}, len(samples) - limit


def _is_forgotten(state: State, sample: Sample, now: datetime) -> bool:
    """Whether a label set has been without data for so long that nobody waits for it."""
    if sample.seen in (Seen.NOTHING, Seen.THIN):
        return state.missing_since is not None and now - state.missing_since >= FORGET_AFTER
    is_absent = sample.seen is Seen.VALUE and sample.value is None and sample.enters is not Level.NONE
    return is_absent and state.since is not None and now - state.since >= FORGET_AFTER
