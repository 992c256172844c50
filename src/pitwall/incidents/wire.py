"""The written form of incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pitwall.alerts.types import Alert, AlertState, EventKind
from pitwall.alerts.wire import alert_view
from pitwall.changes.types import ListedChange
from pitwall.changes.wire import listed_view
from pitwall.incidents.service import MAX_ALERTS, Row, Whole
from pitwall.incidents.texts import change_text, entry_text
from pitwall.incidents.types import Entry, Incident, IncidentState, Member
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text

_STATES: Final = {
    EventKind.RESOLVED: AlertState.RESOLVED,
    EventKind.NO_DATA: AlertState.NO_DATA,
    EventKind.ERROR: AlertState.ERROR,
}


def row_view(row: Row) -> dict[str, Any]:
    """An incident in a list."""
    counts = {"alert_count": row.alert_count, "active_alert_count": row.active_alert_count}
    return {**_head(row.incident), **counts}


def counts_view(counts: Mapping[IncidentState, int]) -> dict[str, int]:
    """How many incidents are in each state, those without any too."""
    return {state.value: counts.get(state, 0) for state in IncidentState}


def whole_view(whole: Whole) -> dict[str, Any]:
    """An incident with all that is known of it."""
    incident = whole.incident
    members = list(incident.members.values())
    shown = sorted(members, key=lambda one: (not one.is_active, one.first_fired_at))[:MAX_ALERTS]
    return {
        **_head(incident),
        "alert_count": len(members),
        "active_alert_count": sum(member.is_active for member in members),
        "alerts": [member_view(one, whole.alerts.get(one.alert_id), incident) for one in shown],
        "timeline": timeline_view(whole.entries, whole.changes),
        "changes": [listed_view(change) for change in whole.changes],
        "explanation": whole.explanation,
    }


def timeline_view(entries: Sequence[Entry], changes: Sequence[ListedChange]) -> list[dict[str, Any]]:
    """What happened and what was changed, oldest first."""
    views = [_entry_view(entry) for entry in entries]
    views += [_change_entry(listed_view(change)) for change in changes]
    return sorted(views, key=lambda view: datetime.fromisoformat(view["at"]))


def member_view(member: Member, alert: Alert | None, incident: Incident) -> dict[str, Any]:
    """An alert of an incident as it stands now, or by the last that was told of it if it is gone."""
    alert = _last_told(member) if alert is None else alert
    return {**alert_view(alert, incident_id=incident.id), "is_active": member.is_active}


def _head(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "number": incident.number,
        "title": _text(incident.title),
        "state": incident.state.value,
        "severity": incident.severity.value,
        "labels": dict(incident.labels),
        "opened_at": format_instant(incident.opened_at),
        "updated_at": format_instant(incident.updated_at),
        "acknowledged_at": _instant(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "assignee": incident.assignee,
        "resolved_at": _instant(incident.resolved_at),
        "resolved_by": incident.resolved_by,
    }


def _entry_view(entry: Entry) -> dict[str, Any]:
    content = entry.content
    is_alert = "alert_id" in content
    return {
        "id": entry.id,
        "at": format_instant(entry.at),
        "kind": entry.kind.value,
        "by": entry.by,
        "text": entry_text(entry),
        "alert_id": content.get("alert_id"),
        "rule": content.get("rule"),
        "severity": content.get("severity") if is_alert else None,
        "value": content.get("value") if is_alert else None,
        "change": None,
    }


def _change_entry(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change as an entry of the timeline."""
    return {
        "id": change["id"],
        "at": change["at"],
        "kind": "change",
        "by": change["by"],
        "text": change_text(change),
        "alert_id": None,
        "rule": None,
        "severity": None,
        "value": None,
        "change": dict(change),
    }


def _last_told(member: Member) -> Alert:
    """An alert that is not there any more."""
    event = member.event
    is_over = event.kind is EventKind.RESOLVED
    return Alert(
        id=event.alert_id,
        rule=event.rule,
        state=_STATES.get(event.kind, AlertState.FIRING),
        severity=event.severity,
        is_flapping=False,
        labels=event.labels,
        facts=event.facts,
        active_since=event.active_since,
        fired_at=event.fired_at,
        resolved_at=event.at if is_over else None,
        resolved_reason=event.reason,
        evaluated_at=event.at,
        error=None,
        sequence=0,
        changed_at=event.at,
    )


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
