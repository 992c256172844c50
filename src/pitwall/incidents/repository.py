"""All SQL about incidents, their alerts and their timelines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    RowMapping,
    Select,
    bindparam,
    case,
    cast,
    func,
    insert,
    select,
    update,
)

from pitwall.alerts.types import AlertEvent
from pitwall.core.vocabulary import Severity
from pitwall.incidents.types import Entry, EntryKind, Incident, IncidentState, Member
from pitwall.kit.i18n import Text
from pitwall.stores.state.tables import incident_alerts, incident_entries, incidents

_BATCH = 400
_EXPLAINED_FOR = timedelta(hours=2)
"""As long as the stretch that an explanation looks at may still grow."""
_EXPLAINED_EVERY = timedelta(seconds=30)
_EXPLAINED_AGAIN = timedelta(seconds=10)
"""How soon after something happened to an incident."""
_UNRESOLVED = (IncidentState.OPEN.value, IncidentState.ACKNOWLEDGED.value)


class Incidents:
    """Incidents of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def of_alert(self, alert_id: str) -> str | None:
        """Return the id of the incident that has an alert; see `of_alerts`."""
        return self.of_alerts([alert_id]).get(alert_id)

    def of_alerts(self, alert_ids: Collection[str]) -> dict[str, str]:
        """Return the ids of the incidents that have alerts, by the alerts' ids.

        Of several it is one that is not over, where the alert is active or was last told of, as in `Book`.
        """
        found: dict[str, str] = {}
        for chosen in _batches(alert_ids):
            query = (
                select(incident_alerts.c.alert_id, incidents.c.id)
                .join(incidents, incidents.c.id == incident_alerts.c.incident_id)
                .where(
                    incident_alerts.c.project_id == self._project_id, incident_alerts.c.alert_id.in_(chosen)
                )
                .order_by(
                    incidents.c.state != IncidentState.RESOLVED.value,
                    incident_alerts.c.is_active,
                    incident_alerts.c.changed_at,
                    incidents.c.number,
                )
            )
            found |= {row[0]: row[1] for row in self._connection.execute(query)}
        return found

    def find(self, reference: str, *, will_change: bool = False) -> Incident | None:
        """Return one incident by its id or number; `will_change` keeps others from changing it meanwhile."""
        is_number = reference.isascii() and reference.isdigit() and len(reference) < 10
        is_it = incidents.c.number == int(reference) if is_number else incidents.c.id == reference
        query = self._mine().where(is_it)
        found = self._incidents(query.with_for_update() if will_change else query)
        return found[0] if found else None

    def get_many(self, ids: Collection[str]) -> list[Incident]:
        """Return those of several incidents that exist."""
        return [
            one
            for chosen in _batches(ids)
            for one in self._incidents(self._mine().where(incidents.c.id.in_(chosen)))
        ]

    def unresolved(self) -> list[Incident]:
        """Return incidents that are not over, oldest first."""
        return self._incidents(self._mine().where(incidents.c.state.in_(_UNRESOLVED)))

    def page(
        self, *, states: Collection[IncidentState] = (), limit: int, before: int | None = None
    ) -> list[Incident]:
        """Return incidents without their alerts, newest first, from a number on (not part of it)."""
        query = select(incidents).where(incidents.c.project_id == self._project_id)
        if states:
            query = query.where(incidents.c.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(incidents.c.number < before)
        query = query.order_by(incidents.c.number.desc()).limit(limit)
        return [_incident(row, {}) for row in self._connection.execute(query).mappings()]

    def alert_counts(self, ids: Collection[str]) -> dict[str, tuple[int, int]]:
        """Return how many alerts incidents have and how many of them are active, by the incidents' ids."""
        active = func.sum(cast(incident_alerts.c.is_active, Integer))
        query = select(incident_alerts.c.incident_id, func.count(), active).group_by(
            incident_alerts.c.incident_id
        )
        found: dict[str, tuple[int, int]] = {}
        for chosen in _batches(ids):
            rows = self._connection.execute(query.where(incident_alerts.c.incident_id.in_(chosen)))
            found |= {incident_id: (count, active) for incident_id, count, active in rows}
        return found

    def counts(self) -> dict[IncidentState, int]:
        """Return how many incidents are in each state."""
        query = (
            select(incidents.c.state, func.count())
            .where(incidents.c.project_id == self._project_id)
            .group_by(incidents.c.state)
        )
        return {IncidentState(state): count for state, count in self._connection.execute(query)}

    def next_number(self) -> int:
        """Return the number of the next incident."""
        query = select(func.max(incidents.c.number)).where(incidents.c.project_id == self._project_id)
        return (self._connection.execute(query).scalar() or 0) + 1

    def add(self, incident: Incident) -> None:
        """Store a new incident with its alerts."""
        row = {"id": incident.id, "project_id": self._project_id, **_row(incident)}
        self._connection.execute(insert(incidents).values(**row))
        self.write_members(incident, incident.members.values())

    def write(self, incident: Incident) -> None:
        """Store an incident as it stands now, without its alerts."""
        is_it = (incidents.c.project_id == self._project_id) & (incidents.c.id == incident.id)
        self._connection.execute(update(incidents).where(is_it).values(**_row(incident)))

    def write_members(self, incident: Incident, members: Iterable[Member]) -> None:
        """Store alerts of an incident as they stand now, new ones and those that are there."""
        rows = {one.alert_id: self._member_row(incident, one) for one in members}
        query = select(incident_alerts.c.alert_id).where(incident_alerts.c.incident_id == incident.id)
        known = set(self._connection.execute(query).scalars())
        new = [row for alert_id, row in rows.items() if alert_id not in known]
        if new:
            self._connection.execute(insert(incident_alerts), new)
        old = [
            {**row, "incident": row["incident_id"], "alert": alert_id}
            for alert_id, row in rows.items()
            if alert_id in known
        ]
        if old:
            is_it = (incident_alerts.c.incident_id == bindparam("incident")) & (
                incident_alerts.c.alert_id == bindparam("alert")
            )
            names = ("is_active", "severity", "first_fired_at", "changed_at", "event")
            changed = update(incident_alerts).where(is_it).values({name: bindparam(name) for name in names})
            self._connection.execute(changed, old)

    def has_entries(self, ids: Collection[str]) -> set[str]:
        """Return which of some entries the project has."""
        found: set[str] = set()
        for chosen in _batches(ids):
            query = select(incident_entries.c.id).where(
                incident_entries.c.project_id == self._project_id, incident_entries.c.id.in_(chosen)
            )
            found |= set(self._connection.execute(query).scalars())
        return found

    def append(self, incident_id: str, entries: Sequence[Entry]) -> None:
        """Add entries to a timeline."""
        query = select(func.max(incident_entries.c.position)).where(
            incident_entries.c.incident_id == incident_id
        )
        last = self._connection.execute(query).scalar() or 0
        rows = [
            {
                "project_id": self._project_id,
                "id": entry.id,
                "incident_id": incident_id,
                "position": last + number,
                "at": entry.at,
                "kind": entry.kind.value,
                "by": entry.by,
                "content": dict(entry.content),
            }
            for number, entry in enumerate(entries, 1)
        ]
        if rows:
            self._connection.execute(insert(incident_entries), rows)

    def entries(self, incident_id: str, *, limit: int) -> list[Entry]:
        """Return the last entries of a timeline, oldest first."""
        query = (
            select(incident_entries)
            .where(incident_entries.c.incident_id == incident_id)
            .order_by(incident_entries.c.position.desc())
            .limit(limit)
        )
        rows = list(self._connection.execute(query).mappings())
        return [_entry(row) for row in reversed(rows)]

    def explanation(self, incident_id: str) -> Mapping[str, Any] | None:
        """Return what explains an incident, as it was written."""
        query = select(incidents.c.explanation).where(incidents.c.id == incident_id)
        found: Mapping[str, Any] | None = self._connection.execute(query).scalar()
        return found

    def explain(self, incident_id: str, explanation: Mapping[str, Any], at: datetime) -> None:
        """Store what explains an incident."""
        values = {"explanation": dict(explanation), "explained_at": at}
        self._connection.execute(update(incidents).where(incidents.c.id == incident_id).values(**values))

    def _mine(self) -> Select[Any]:
        mine = select(incidents).where(incidents.c.project_id == self._project_id)
        return mine.order_by(incidents.c.number)

    def _incidents(self, query: Select[Any]) -> list[Incident]:
        rows = list(self._connection.execute(query).mappings())
        members = self._members([row["id"] for row in rows])
        return [_incident(row, members.get(row["id"], {})) for row in rows]

    def _members(self, ids: Collection[str]) -> dict[str, dict[str, Member]]:
        found: dict[str, dict[str, Member]] = {}
        for chosen in _batches(ids):
            query = (
                select(incident_alerts)
                .where(incident_alerts.c.incident_id.in_(chosen))
                .order_by(incident_alerts.c.first_fired_at, incident_alerts.c.alert_id)
            )
            for row in self._connection.execute(query).mappings():
                found.setdefault(row["incident_id"], {})[row["alert_id"]] = _member(row)
        return found

    def _member_row(self, incident: Incident, member: Member) -> dict[str, Any]:
        return {
            "incident_id": incident.id,
            "alert_id": member.alert_id,
            "project_id": self._project_id,
            "is_active": member.is_active,
            "severity": member.severity.value,
            "first_fired_at": member.first_fired_at,
            "changed_at": member.changed_at,
            "event": member.event.to_json(),
        }


def _batches(ids: Collection[str]) -> Iterable[list[str]]:
    wanted = list(dict.fromkeys(ids))
    return [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "title": {"en": incident.title.en, "ko": incident.title.ko},
        "severity": incident.severity.value,
        "state": incident.state.value,
        "labels": dict(incident.labels),
        "group_labels": dict(incident.group_labels),
        "opened_at": incident.opened_at,
        "last_fired_at": incident.last_fired_at,
        "quiet_since": incident.quiet_since,
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": incident.acknowledged_by,
        "assignee": incident.assignee,
        "resolved_at": incident.resolved_at,
        "resolved_by": incident.resolved_by,
        "updated_at": incident.updated_at,
    }


def _incident(row: RowMapping, members: Mapping[str, Member]) -> Incident:
    return Incident(
        id=row["id"],
        number=row["number"],
        title=Text(row["title"]["en"], row["title"]["ko"]),
        severity=Severity(row["severity"]),
        state=IncidentState(row["state"]),
        labels=row["labels"],
        group_labels=row["group_labels"],
        opened_at=row["opened_at"],
        last_fired_at=row["last_fired_at"],
        updated_at=row["updated_at"],
        quiet_since=row["quiet_since"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        assignee=row["assignee"],
        resolved_at=row["resolved_at"],
        resolved_by=row["resolved_by"],
        members=members,
    )


def _member(row: RowMapping) -> Member:
    return Member(
        alert_id=row["alert_id"],
        is_active=row["is_active"],
        severity=Severity(row["severity"]),
        first_fired_at=row["first_fired_at"],
        changed_at=row["changed_at"],
        event=AlertEvent.from_json(row["event"]),
    )


def _entry(row: RowMapping) -> Entry:
    return Entry(
        id=row["id"], at=row["at"], kind=EntryKind(row["kind"]), by=row["by"], content=row["content"]
    )


def projects_to_settle(connection: Connection, now: datetime, resolve_after: timedelta) -> list[str]:
    """Return the projects with an incident that has been quiet for so long, or since a time yet to come."""
    quiet = (incidents.c.quiet_since <= now - resolve_after) | (incidents.c.quiet_since > now + resolve_after)
    query = select(incidents.c.project_id).where(incidents.c.state.in_(_UNRESOLVED), quiet).distinct()
    return list(connection.execute(query).scalars())


def due_for_explanation(connection: Connection, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return projects and ids of incidents to explain, those that have no explanation first.

    An explanation is computed anew while the incident is young, the more seldom the older it is, once more
    when it ends, and when an alert fires in it again.
    """
    young = incidents.c.state.in_(_UNRESOLVED) & (incidents.c.opened_at > now - _EXPLAINED_FOR)
    stale = (incidents.c.explained_at < incidents.c.last_fired_at) | (
        incidents.c.explained_at < incidents.c.resolved_at
    )
    is_stale = case((stale, 1), else_=0)
    query = (
        select(
            incidents.c.project_id,
            incidents.c.id,
            incidents.c.opened_at,
            incidents.c.explained_at,
            is_stale,
        )
        .where(incidents.c.explained_at.is_(None) | young | stale)
        .order_by(incidents.c.explained_at.is_not(None), incidents.c.explained_at, incidents.c.number.desc())
        .limit(4 * limit)
    )
    rows = connection.execute(query)
    found = [(project, id_) for project, id_, *facts in rows if _is_due(now, *facts)]
    return found[:limit]


def _is_due(now: datetime, opened_at: datetime, explained_at: datetime | None, is_stale: int) -> bool:
    if explained_at is None or explained_at > now:
        return True
    pause = _EXPLAINED_AGAIN if is_stale else max(_EXPLAINED_EVERY, abs(now - opened_at) / 5)
    return now - explained_at >= pause
