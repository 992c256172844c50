"""From the state of a machine to what is stored and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pitwall.alerts.machine import State, Transition
from pitwall.alerts.repository import StoredAlert
from pitwall.alerts.rulebook import Compiled
from pitwall.alerts.samples import Sample, Seen
from pitwall.alerts.types import Alert, AlertEvent, Facts, Level
from pitwall.core.vocabulary import Severity

_ESSENCE = "essence"


@dataclass(frozen=True, slots=True)
class Tracked:
    """An alert as the evaluator remembers it.

    Attributes:
        essence: Of the rule it belongs to; a rule that means something else has other alerts.
        written_at: When its value was last stored.
        changed_at: When its state last changed.
    """

    id: str
    essence: str
    state: State
    facts: Facts
    labels: Mapping[str, str]
    written_at: datetime
    changed_at: datetime | None = None

    @classmethod
    def of(cls, stored: StoredAlert) -> Tracked:
        """Take up an alert that was stored."""
        alert = stored.alert
        return cls(
            alert.id,
            str(stored.machine[_ESSENCE]),
            State.from_json(stored.machine),
            alert.facts,
            alert.labels,
            alert.evaluated_at,
            alert.changed_at,
        )

    def stored(self, alert: Alert) -> StoredAlert:
        """What is written of it."""
        machine: dict[str, Any] = {_ESSENCE: self.essence, **self.state.to_json()}
        return StoredAlert(alert, machine)

    def ended(self, rule: str, state: State, at: datetime) -> Alert:
        """The alert after its rule is gone."""
        return _alert(rule, self.id, self.labels, state, self.facts, at)


def alert_of(
    rule: Compiled,
    id_: str,
    labels: Mapping[str, str],
    state: State,
    sample: Sample,
    *,
    changed_at: datetime | None,
) -> Alert:
    """The alert as people see it."""
    facts = facts_of(rule, state.level, sample, peak=state.peak)
    return replace(
        _alert(rule.rule.name, id_, labels, state, facts, state.evaluated_at), changed_at=changed_at
    )


def event_of(alert: Alert, told: Transition, sample: Sample | None) -> AlertEvent:
    """What happened to an alert, to be told."""
    facts = replace(alert.facts, peak=told.peak)
    if sample is not None and sample.origin is not None:
        facts = replace(facts, limit=sample.origin.limit(told.level))
    return AlertEvent(
        id=f"{alert.id}-{told.sequence}",
        kind=told.kind,
        alert_id=alert.id,
        rule=alert.rule,
        severity=_severity(told.level),
        labels=alert.labels,
        facts=facts,
        active_since=told.active_since,
        fired_at=told.fired_at,
        at=told.at,
        reason=told.reason,
    )


def facts_of(rule: Compiled, level: Level, sample: Sample, *, peak: float | None) -> Facts:
    """What an alert says of what it watches."""
    origin = sample.origin
    window = None if origin is None else origin.window
    signal = rule.rule.signals[0] if origin is None else origin.signal
    return Facts(
        title=rule.rule.title,
        signal=signal,
        rule_labels=rule.rule.labels,
        value=sample.value if sample.seen is Seen.VALUE else None,
        count=sample.observed_count,
        unit="" if origin is None else origin.unit,
        limit="" if origin is None else origin.limit(level),
        band=sample.band.value,
        peak=peak,
        window_start=None if window is None else window[0],
        window_end=None if window is None else window[1],
        runbook=rule.rule.runbook,
        where=rule.words,
        records=rule.rule.records_of(signal),
        explanation=sample.explanation,
    )


def _alert(rule: str, id_: str, labels: Mapping[str, str], state: State, facts: Facts, at: datetime) -> Alert:
    return Alert(
        id=id_,
        rule=rule,
        state=state.shown,
        severity=_severity(state.level),
        is_flapping=state.is_flapping,
        labels=labels,
        facts=facts,
        active_since=state.active_since,
        fired_at=state.fired_at,
        resolved_at=state.resolved_at,
        resolved_reason=state.reason,
        evaluated_at=at,
        error=None,
        sequence=state.sequence,
        changed_at=at,
        missing_since=state.missing_since,
    )


def _severity(level: Level) -> Severity:
    return Severity.WARNING if level is Level.NONE else level.severity
