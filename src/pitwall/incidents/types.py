"""Incidents as values: what they are made of, where they stand, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pitwall.alerts.types import AlertEvent
from pitwall.core.vocabulary import Severity
from pitwall.kit.i18n import Text

TOPIC = "incidents"
"""Topic of the events of incidents in the event log."""
CONSUMER = "incidents"
"""Who reads the events of alerts here."""


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class EntryKind(StrEnum):
    """What an entry of the timeline tells of."""

    OPENED = "opened"
    ALERT_FIRED = "alert_fired"
    ALERT_ESCALATED = "alert_escalated"
    ALERT_EASED = "alert_eased"
    ALERT_RESOLVED = "alert_resolved"
    ALERT_NO_DATA = "alert_no_data"
    ALERT_ERROR = "alert_error"
    ALERT_FLAPPING = "alert_flapping"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class IncidentEventKind(StrEnum):
    """What happened to an incident, as others are told."""

    OPENED = "opened"
    ALERT_ADDED = "alert_added"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Grouping:
    """How alerts become incidents.

    Attributes:
        by: Labels by which alerts belong together before all others.
        join_within: How long after an alert fired in it another one may join an incident.
        reopen_within: How long after an incident was resolved an alert that was in it reopens it.
        resolve_after: How long all alerts must be over until an incident counts as resolved.
    """

    by: tuple[str, ...] = ("service", "environment")
    join_within: timedelta = timedelta(minutes=10)
    reopen_within: timedelta = timedelta(minutes=30)
    resolve_after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An alert in an incident.

    Attributes:
        is_active: Whether it fires or has no data, by the last that was told.
        severity: The worst it had in this incident.
        event: The last that was told of it.
    """

    alert_id: str
    is_active: bool
    severity: Severity
    first_fired_at: datetime
    changed_at: datetime
    event: AlertEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What people handle.

    Attributes:
        number: Counts the incidents of a project.
        severity: The worst that any of its alerts had.
        labels: What the labels of all its alerts have in common.
        group_labels: The same with the labels that rules add.
        last_fired_at: When an alert last fired in it.
        quiet_since: Since when all its alerts are over; None while one is not, or after somebody reopened it.
        resolved_by: Who resolved it; None if it was resolved because all its alerts were over.
        members: Its alerts by their ids.
    """

    id: str
    number: int
    title: Text
    severity: Severity
    state: IncidentState
    labels: Mapping[str, str]
    group_labels: Mapping[str, str]
    opened_at: datetime
    last_fired_at: datetime
    updated_at: datetime
    quiet_since: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    assignee: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    members: Mapping[str, Member] = field(default_factory=dict)

    @property
    def is_resolved(self) -> bool:
        """Whether it is over."""
        return self.state is IncidentState.RESOLVED

    @property
    def is_quiet(self) -> bool:
        """Whether all its alerts are over."""
        return not any(member.is_active for member in self.members.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a timeline.

    Attributes:
        id: Of what an alert's event brought about it is made of that event's id, so that it is written once.
        by: Who did it; None for what happened by itself.
        content: Facts of the kind: the event of an alert, the text of a comment.
    """

    id: str
    at: datetime
    kind: EntryKind
    by: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
