"""What people see of incidents and do about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pitwall.access.types import Principal, require
from pitwall.alerts.repository import Alerts
from pitwall.alerts.types import Alert
from pitwall.changes.service import ChangeLog
from pitwall.changes.types import ListedChange
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.incidents.book import Changed, News
from pitwall.incidents.errors import IncidentNotFound, IncidentResolved
from pitwall.incidents.lifecycle import acknowledged, reopened, resolved
from pitwall.incidents.records import write_changed
from pitwall.incidents.repository import Incidents
from pitwall.incidents.types import (
    Entry,
    EntryKind,
    Incident,
    IncidentEventKind,
    IncidentState,
)
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

MAX_ENTRIES = 1_000
"""Entries of a timeline that are shown, the last ones."""
MAX_ALERTS = 200
"""Alerts of an incident that are shown, active ones first."""
_CURSOR = "incidents"
_CHANGES_AFTER = timedelta(days=1)
"""How long after an incident began changes still belong to its story."""


@dataclass(frozen=True, slots=True)
class Row:
    """An incident in a list."""

    incident: Incident
    alert_count: int
    active_alert_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An incident with all that is known of it.

    Attributes:
        alerts: Those of its alerts that still exist as they stand now, by their ids.
        changes: What was changed shortly before it or during it, newest first.
        explanation: As it was written; None until it has been computed.
    """

    incident: Incident
    entries: Sequence[Entry]
    alerts: Mapping[str, Alert]
    changes: Sequence[ListedChange]
    explanation: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What a person does: the incident afterwards, and how the timeline tells of it."""

    after: Incident
    entry: EntryKind
    news: IncidentEventKind
    content: Mapping[str, Any]


class IncidentDesk:
    """Shows incidents and lets people handle them; calls block.

    Args:
        state: Where incidents are.
        changes: What was changed.
        clock: When somebody did something.
        changes_before: How long before an incident a change may have to do with it.
        on_change: Called after somebody did something.
    """

    def __init__(
        self,
        state: StateStore,
        changes: ChangeLog,
        clock: Clock,
        *,
        changes_before: timedelta = timedelta(hours=1),
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._changes = changes
        self._clock = clock
        self._changes_before = changes_before
        self._on_change = on_change

    def list(
        self,
        project_id: str,
        *,
        states: Collection[IncidentState] = (),
        limit: int,
        cursor: str | None = None,
    ) -> tuple[Page[Row], Mapping[IncidentState, int]]:
        """Return incidents, newest first, and how many there are in each state.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        before = None if cursor is None else _read_cursor(cursor)
        with self._state.session(read_only=True) as session:
            incidents = Incidents(session, project_id)
            found = incidents.page(states=states, limit=limit + 1, before=before)
            counts = incidents.alert_counts([one.id for one in found])
            totals = incidents.counts()
        rows = [Row(one, *counts.get(one.id, (0, 0))) for one in found[:limit]]
        more = encode_cursor(_CURSOR, rows[-1].incident.number) if len(found) > limit else None
        return Page(rows, more), totals

    def of_alerts(self, project_id: str, alert_ids: Collection[str]) -> Mapping[str, str]:
        """Return the ids of the incidents that have alerts, by the alerts' ids."""
        with self._state.session(read_only=True) as session:
            return Incidents(session, project_id).of_alerts(alert_ids)

    def get(self, project_id: str, reference: str) -> Whole:
        """Return one incident by its id or number.

        Raises:
            IncidentNotFound: The project has none.
        """
        with self._state.session(read_only=True) as session:
            incidents = Incidents(session, project_id)
            incident = _found(incidents, reference)
            entries = incidents.entries(incident.id, limit=MAX_ENTRIES)
            alerts = Alerts(session, project_id).find_many(list(incident.members))
            explanation = incidents.explanation(incident.id)
        opened_at = incident.opened_at
        until = min(incident.resolved_at or self._clock.now(), opened_at + _CHANGES_AFTER)
        since = opened_at - self._changes_before
        return Whole(
            incident=incident,
            entries=entries,
            alerts=alerts,
            changes=self._changes.around(project_id, since, max(until, opened_at)),
            explanation=explanation,
        )

    def acknowledge(self, reference: str, *, by: Principal) -> Whole:
        """Say that somebody has seen it; again changes nothing.

        Raises:
            NotPermitted: The caller may not act. IncidentNotFound: There is none.
            IncidentResolved: It is over.
        """

        def deed(incident: Incident, now: datetime) -> _Deed | None:
            if incident.is_resolved:
                raise IncidentResolved(
                    f"Incident {incident.number} is over.", hint="Reopen it first if it is not."
                )
            if incident.state is IncidentState.ACKNOWLEDGED:
                return None
            after = acknowledged(incident, now, by.actor)
            return _deed(after, EntryKind.ACKNOWLEDGED, IncidentEventKind.ACKNOWLEDGED)

        return self._do(reference, by, deed)

    def assign(self, reference: str, to: str | None, *, by: Principal) -> Whole:
        """Say who takes care of it; None for nobody.

        Raises:
            NotPermitted: The caller may not act. IncidentNotFound: There is none.
        """

        def deed(incident: Incident, now: datetime) -> _Deed | None:
            if incident.assignee == to:
                return None
            after = replace(incident, assignee=to, updated_at=max(now, incident.updated_at))
            return _deed(after, EntryKind.ASSIGNED, IncidentEventKind.ASSIGNED, to=to)

        return self._do(reference, by, deed)

    def comment(self, reference: str, text: str, *, by: Principal) -> Whole:
        """Write something into its timeline.

        Raises:
            NotPermitted: The caller may not act. IncidentNotFound: There is none.
        """

        def deed(incident: Incident, now: datetime) -> _Deed | None:
            after = replace(incident, updated_at=max(now, incident.updated_at))
            return _deed(after, EntryKind.COMMENTED, IncidentEventKind.COMMENTED, text=text)

        return self._do(reference, by, deed)

    def resolve(self, reference: str, note: str | None = None, *, by: Principal) -> Whole:
        """Say that it is over, whatever its alerts do; again changes nothing.

        Raises:
            NotPermitted: The caller may not act. IncidentNotFound: There is none.
        """

        def deed(incident: Incident, now: datetime) -> _Deed | None:
            if incident.is_resolved:
                return None
            active = sum(member.is_active for member in incident.members.values())
            after = resolved(incident, now, by.actor)
            return _deed(
                after, EntryKind.RESOLVED, IncidentEventKind.RESOLVED, note=note, active_alert_count=active
            )

        return self._do(reference, by, deed)

    def reopen(self, reference: str, *, by: Principal) -> Whole:
        """Say that it is not over; again changes nothing.

        Raises:
            NotPermitted: The caller may not act. IncidentNotFound: There is none.
        """

        def deed(incident: Incident, now: datetime) -> _Deed | None:
            if not incident.is_resolved:
                return None
            return _deed(reopened(incident, now), EntryKind.REOPENED, IncidentEventKind.REOPENED)

        return self._do(reference, by, deed)

    def _do(self, reference: str, by: Principal, deed: Callable[[Incident, datetime], _Deed | None]) -> Whole:
        require(by, Scope.ACT)
        now = self._clock.now()
        with self._state.session() as session:
            incident = _found(Incidents(session, by.project_id), reference, will_change=True)
            done = deed(incident, now)
            if done is not None:
                write_changed(session, by.project_id, [_changed(done, now, by)])
                AuditLog(session).record(_audit(done, now, by))
        if done is not None:
            self._on_change()
        return self.get(by.project_id, incident.id)


def _deed(after: Incident, entry: EntryKind, news: IncidentEventKind, **content: Any) -> _Deed:
    return _Deed(after=after, entry=entry, news=news, content=content)


def _changed(deed: _Deed, now: datetime, by: Principal) -> Changed:
    id_ = new_id()
    entry = Entry(id=id_, at=now, kind=deed.entry, by=by.actor, content=deed.content)
    news = News(id_, deed.news, now, by.actor, dict(deed.content))
    return Changed(deed.after, entries=[entry], news=[news])


def _audit(deed: _Deed, now: datetime, by: Principal) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=by.actor,
        action=f"incident.{deed.news.value}",
        object=f"incident:{deed.after.id}",
        project_id=by.project_id,
        details={"number": deed.after.number, **deed.content},
    )


def _found(incidents: Incidents, reference: str, *, will_change: bool = False) -> Incident:
    incident = incidents.find(reference, will_change=will_change)
    if incident is None:
        raise IncidentNotFound(
            f"There is no incident {reference!r}.", hint="`pitwall incidents list` has their numbers."
        )
    return incident


def _read_cursor(cursor: str) -> int:
    try:
        (number,) = decode_cursor(_CURSOR, cursor)
        return int(number or 0)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
