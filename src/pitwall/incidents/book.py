"""The incidents of a project while alerts' events are entered into them: values alone, written afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.incidents.grouping import STARTS, find_place
from pitwall.incidents.lifecycle import open_incident, settled, with_event
from pitwall.incidents.types import Entry, EntryKind, Grouping, Incident, IncidentEventKind

_KINDS: Final = {
    EventKind.FIRED: EntryKind.ALERT_FIRED,
    EventKind.ESCALATED: EntryKind.ALERT_ESCALATED,
    EventKind.EASED: EntryKind.ALERT_EASED,
    EventKind.RESOLVED: EntryKind.ALERT_RESOLVED,
    EventKind.NO_DATA: EntryKind.ALERT_NO_DATA,
    EventKind.ERROR: EntryKind.ALERT_ERROR,
    EventKind.FLAPPING: EntryKind.ALERT_FLAPPING,
}


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell others of an incident; `id` is unique and stays the same when it happens again."""

    id: str
    kind: IncidentEventKind
    at: datetime
    by: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Changed:
    """An incident with what became of it: the alerts that changed, entries of its timeline, and news."""

    incident: Incident
    is_new: bool = False
    alert_ids: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    news: list[News] = field(default_factory=list)


class Book:
    """Incidents that may change.

    The order of events is all that counts: how many are entered at a time, and how late, changes nothing.

    Args:
        project_id: Whose incidents.
        grouping: How alerts become incidents.
        incidents: Those that are not resolved, and those that have an alert of the events to come.
        next_number: Number of the next new incident.
    """

    def __init__(
        self, project_id: str, grouping: Grouping, incidents: Iterable[Incident], next_number: int
    ) -> None:
        self._project_id = project_id
        self._grouping = grouping
        self._next_number = next_number
        self._incidents = {one.id: one for one in incidents}
        self._changed: dict[str, Changed] = {}

    @property
    def incidents(self) -> list[Incident]:
        """All incidents as they stand."""
        return list(self._incidents.values())

    @property
    def changed(self) -> list[Changed]:
        """What became of incidents so far."""
        return list(self._changed.values())

    def enter(self, event: AlertEvent) -> None:
        """Enter an event of an alert; the same one is to be entered once."""
        self.settle(event.at)
        holder = self._holder(event.alert_id)
        if holder is None and event.kind not in STARTS:
            return
        place = find_place(self._grouping, self._unresolved(), holder, event)
        if place is None:
            place = open_incident(self._project_id, self._next_number, event)
            self._next_number += 1
            self._changed[place.id] = Changed(place, is_new=True)
            self._note(place, Entry(id=f"{event.id}:opened", at=event.at, kind=EntryKind.OPENED))
            self._tell(place, f"{event.id}:opened", IncidentEventKind.OPENED, event)
        elif place.is_resolved and event.kind in STARTS:
            self._note(place, Entry(id=f"{event.id}:reopened", at=event.at, kind=EntryKind.REOPENED))
            self._tell(place, f"{event.id}:reopened", IncidentEventKind.REOPENED, event)
        elif event.alert_id not in place.members:
            self._tell(place, f"{event.id}:added", IncidentEventKind.ALERT_ADDED, event)
        self._note(place, Entry(id=event.id, at=event.at, kind=_KINDS[event.kind], content=event.to_json()))
        self._put(with_event(place, event)).alert_ids.add(event.alert_id)

    def settle(self, now: datetime) -> None:
        """Resolve incidents whose alerts had all been over for long enough at a time."""
        for incident in list(self._unresolved()):
            after = settled(self._grouping, incident, now)
            if after is incident:
                continue
            self._put(after)
            if after.is_resolved and after.resolved_at is not None:
                id_ = f"{after.id}:quiet:{after.resolved_at.isoformat()}"
                self._note(after, Entry(id=id_, at=after.resolved_at, kind=EntryKind.RESOLVED))
                news = News(id_, IncidentEventKind.RESOLVED, after.resolved_at)
                self._changed[after.id].news.append(news)

    def _unresolved(self) -> Iterator[Incident]:
        return (one for one in self._incidents.values() if not one.is_resolved)

    def _holder(self, alert_id: str) -> Incident | None:
        """The incident of an alert: one that is not over, where it is active or was last told of."""
        having = [one for one in self._incidents.values() if alert_id in one.members]

        def standing(one: Incident) -> tuple[bool, bool, datetime, int]:
            member = one.members[alert_id]
            return not one.is_resolved, member.is_active, member.changed_at, one.number

        return max(having, key=standing, default=None)

    def _put(self, incident: Incident) -> Changed:
        self._incidents[incident.id] = incident
        changed = self._changed.setdefault(incident.id, Changed(incident))
        changed.incident = incident
        return changed

    def _note(self, incident: Incident, entry: Entry) -> None:
        self._changed.setdefault(incident.id, Changed(incident)).entries.append(entry)

    def _tell(self, incident: Incident, id_: str, kind: IncidentEventKind, event: AlertEvent) -> None:
        details = {"alert_id": event.alert_id, "rule": event.rule}
        news = News(id_, kind, event.at, details=details)
        self._changed.setdefault(incident.id, Changed(incident)).news.append(news)
