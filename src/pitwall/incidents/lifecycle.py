"""How an incident goes on, by what happens to its alerts and by what people do; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.core.vocabulary import Severity
from pitwall.incidents.grouping import STARTS, all_labels, shared
from pitwall.incidents.types import Grouping, Incident, IncidentState, Member
from pitwall.kit.hashing import content_hash
from pitwall.kit.i18n import Text

_SEVERITIES = list(Severity)  # from mild to bad


def open_incident(project_id: str, number: int, event: AlertEvent) -> Incident:
    """Make the incident of an alert that belongs to none; the same event always makes the same one."""
    return Incident(
        id=content_hash(f"{project_id}\x1f{event.id}"),
        number=number,
        title=_title(event),
        severity=event.severity,
        state=IncidentState.OPEN,
        labels=dict(event.labels),
        group_labels=all_labels(event),
        opened_at=event.at,
        last_fired_at=event.at,
        updated_at=event.at,
    )


def with_event(incident: Incident, event: AlertEvent) -> Incident:
    """The incident after an event of an alert that belongs to it; what starts reopens what was resolved."""
    if event.kind in STARTS and incident.is_resolved:
        incident = reopened(incident, event.at)
    member = _member(incident.members.get(event.alert_id), event)
    members = {**incident.members, event.alert_id: member}
    changed = replace(
        incident,
        members=members,
        severity=worse(incident.severity, member.severity),
        labels=shared(incident.labels, event.labels),
        group_labels=shared(incident.group_labels, all_labels(event)),
        last_fired_at=max(incident.last_fired_at, event.at)
        if event.kind in STARTS
        else incident.last_fired_at,
        updated_at=max(incident.updated_at, event.at),
    )
    return replace(changed, quiet_since=_quiet_since(incident, changed, event))


def settled(grouping: Grouping, incident: Incident, now: datetime) -> Incident:
    """The incident at a time: resolved if all its alerts have been over for long enough, else as it is."""
    quiet_since = incident.quiet_since
    if incident.is_resolved or quiet_since is None:
        return incident
    if quiet_since > now + grouping.resolve_after:  # written by a clock that ran ahead and was set back
        return replace(incident, quiet_since=now)
    end = quiet_since + grouping.resolve_after
    return resolved(incident, end, None) if end <= now else incident


def resolved(incident: Incident, at: datetime, by: str | None) -> Incident:
    """The incident after somebody, or its alerts, ended it."""
    return replace(
        incident,
        state=IncidentState.RESOLVED,
        resolved_at=at,
        resolved_by=by,
        updated_at=max(incident.updated_at, at),
    )


def reopened(incident: Incident, at: datetime) -> Incident:
    """The incident after it turned out not to be over; nobody has acknowledged that yet."""
    return replace(
        incident,
        state=IncidentState.OPEN,
        acknowledged_at=None,
        acknowledged_by=None,
        resolved_at=None,
        resolved_by=None,
        quiet_since=None,
        updated_at=max(incident.updated_at, at),
    )


def acknowledged(incident: Incident, at: datetime, by: str) -> Incident:
    """The incident after somebody said to have seen it."""
    return replace(
        incident,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_at=at,
        acknowledged_by=by,
        updated_at=max(incident.updated_at, at),
    )


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two severities."""
    return max(one, other, key=_SEVERITIES.index)


def _member(before: Member | None, event: AlertEvent) -> Member:
    """The alert after an event; that it flaps says nothing of whether it is over."""
    was_active = before is not None and before.is_active
    match event.kind:
        case EventKind.RESOLVED:
            is_active = False
        case EventKind.FLAPPING:
            is_active = was_active
        case _:
            is_active = True
    return Member(
        alert_id=event.alert_id,
        is_active=is_active,
        severity=event.severity if before is None else worse(before.severity, event.severity),
        first_fired_at=event.at if before is None else before.first_fired_at,
        changed_at=event.at,
        event=event,
    )


def _quiet_since(before: Incident, after: Incident, event: AlertEvent) -> datetime | None:
    """Since when it is quiet: from the end of its last alert on, and kept until another one starts."""
    if not after.is_quiet:
        return None
    is_end = event.kind is EventKind.RESOLVED and not before.is_quiet
    return event.at if is_end else before.quiet_since


def _title(event: AlertEvent) -> Text:
    title = event.facts.title
    if not event.labels:
        return title
    values = ", ".join(value or "–" for value in event.labels.values())
    return Text(f"{title.en} ({values})", f"{title.ko} ({values})")
