"""Alerts as values: what is known of one now, and the event that tells what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Self

from pitwall.core.vocabulary import Severity
from pitwall.kit.durations import format_instant
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Text

TOPIC = "alerts"
"""Topic of the events of alerts in the event log."""

EXTERNAL_PREFIX = "external."
"""Begins the names of rules that others evaluate, such as a Prometheus; no rule of ours is called so."""


class AlertState(StrEnum):
    """Where an alert stands, as people are told."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"


ACTIVE_STATES = frozenset({AlertState.FIRING, AlertState.RECOVERING, AlertState.NO_DATA, AlertState.ERROR})
"""States that people were told of and that are not over."""


class EventKind(StrEnum):
    """What happened to an alert."""

    FIRED = "fired"
    ESCALATED = "escalated"
    EASED = "eased"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"
    FLAPPING = "flapping"


class Reason(StrEnum):
    """Why an alert is over."""

    RECOVERED = "recovered"
    RULE_CHANGED = "rule_changed"
    DATA_RETURNED = "data_returned"
    NO_DATA = "no_data"
    """The rule says that no data is fine, or none has come for so long that nobody waits for it."""


class Level(IntEnum):
    """How bad a value is, as numbers that can be compared."""

    NONE = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def severity(self) -> Severity:
        """The severity of a level above `NONE`."""
        return _SEVERITIES[self]

    @classmethod
    def of(cls, severity: Severity) -> Level:
        """The level of a severity."""
        return next(level for level, known in _SEVERITIES.items() if known is severity)


_SEVERITIES = {
    Level.INFO: Severity.INFO,
    Level.WARNING: Severity.WARNING,
    Level.CRITICAL: Severity.CRITICAL,
}


def alert_id(project_id: str, rule: str, labels: Mapping[str, str]) -> str:
    """Name an alert: the same project, rule and label values always give the same id."""
    return json_hash([project_id, rule, sorted(labels.items())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an alert says of what it watches, as of an evaluation.

    Attributes:
        signal: The signal the value is of; of the first one where a rule looks at several.
        rule_labels: Labels that the rule adds, such as the team.
        count: How many observations the value rests on.
        limit: The limit the value is judged by, such as `> 0.05`; empty where there is none.
        band: Where the value stands in the signal's bands.
        peak: The worst value since the alert became active.
        window_start: Start of the window of the value.
        window_end: Its end, not part of it.
        where: The rule's condition in words.
        records: Which records the signal is of, as a condition that can be asked; empty for all.
        explanation: What is unusual, for anomalies.
    """

    title: Text
    signal: str
    rule_labels: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None
    count: int = 0
    unit: str = ""
    limit: str = ""
    band: str = "no_data"
    peak: float | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    runbook: str | None = None
    where: str = ""
    records: str = ""
    explanation: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON values."""
        return {
            "title": _text_view(self.title),
            "signal": self.signal,
            "rule_labels": dict(self.rule_labels),
            "value": self.value,
            "count": self.count,
            "unit": self.unit,
            "limit": self.limit,
            "band": self.band,
            "peak": self.peak,
            "window_start": _instant_view(self.window_start),
            "window_end": _instant_view(self.window_end),
            "runbook": self.runbook,
            "where": self.where,
            "records": self.records,
            "explanation": None if self.explanation is None else _text_view(self.explanation),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """The facts that `to_json` wrote; other keys are ignored."""
        explanation = written["explanation"]
        return cls(
            title=_text(written["title"]),
            signal=written["signal"],
            rule_labels=written["rule_labels"],
            value=written["value"],
            count=written["count"],
            unit=written["unit"],
            limit=written["limit"],
            band=written["band"],
            peak=written["peak"],
            window_start=_instant(written["window_start"]),
            window_end=_instant(written["window_end"]),
            runbook=written["runbook"],
            where=written["where"],
            records=written.get("records", ""),
            explanation=None if explanation is None else _text(explanation),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """Something that happened to an alert: the payload of topic `alerts`.

    Attributes:
        id: The alert's id and the number of the event among the alert's; a repeated evaluation makes the
            same one.
        severity: Of the alert after what happened; for `resolved` the one it had.
        labels: The alert's own labels.
        active_since: When the condition first held; None for `no_data` and `error` of a quiet alert.
        fired_at: When people were first told in this episode.
        reason: Why it is over; None unless `resolved`.
    """

    id: str
    kind: EventKind
    alert_id: str
    rule: str
    severity: Severity
    labels: Mapping[str, str]
    facts: Facts
    active_since: datetime | None
    fired_at: datetime | None
    at: datetime
    reason: Reason | None = None

    def to_json(self) -> dict[str, Any]:
        """The payload, flat."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "alert_id": self.alert_id,
            "rule": self.rule,
            "severity": self.severity.value,
            "labels": dict(self.labels),
            **self.facts.to_json(),
            "active_since": _instant_view(self.active_since),
            "fired_at": _instant_view(self.fired_at),
            "at": format_instant(self.at),
            "reason": None if self.reason is None else self.reason.value,
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """The event of a payload."""
        return cls(
            id=payload["id"],
            kind=EventKind(payload["kind"]),
            alert_id=payload["alert_id"],
            rule=payload["rule"],
            severity=Severity(payload["severity"]),
            labels=payload["labels"],
            facts=Facts.from_json(payload),
            active_since=_instant(payload["active_since"]),
            fired_at=_instant(payload["fired_at"]),
            at=datetime.fromisoformat(payload["at"]),
            reason=None if payload["reason"] is None else Reason(payload["reason"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One label set of a rule as it stands.

    Attributes:
        severity: Of a pending, firing or recovering alert, and of what resolved last; the rule's for
            `no_data` and `error`.
        is_flapping: It came and went so often that it is held until it is quiet.
        resolved_at: When it was last over; None while it is not.
        evaluated_at: As of when its value is.
        changed_at: When its state last changed.
        missing_since: Since when it has been without data, or could not be evaluated; None if it can.
        error: Why it cannot be evaluated; None if it can.
        sequence: How many events it has had.
    """

    id: str
    rule: str
    state: AlertState
    severity: Severity
    is_flapping: bool
    labels: Mapping[str, str]
    facts: Facts
    active_since: datetime | None
    fired_at: datetime | None
    resolved_at: datetime | None
    resolved_reason: Reason | None
    evaluated_at: datetime
    error: str | None
    sequence: int
    changed_at: datetime | None = None
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of an alert, shortened."""

    at: datetime
    kind: EventKind
    severity: Severity
    value: float | None
    reason: Reason | None


def _text_view(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}


def _text(written: Mapping[str, str]) -> Text:
    return Text(written["en"], written["ko"])


def _instant_view(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)


def _instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
