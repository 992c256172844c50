"""Turning events of alerts into incidents, each event once, ending what is quiet, and explaining."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from pitwall.alerts.types import TOPIC as ALERTS
from pitwall.alerts.types import AlertEvent
from pitwall.core.errors import Unavailable
from pitwall.incidents.book import Book
from pitwall.incidents.explainer import Explainer
from pitwall.incidents.explanation_wire import explanation_view
from pitwall.incidents.records import write_changed
from pitwall.incidents.repository import Incidents, due_for_explanation, projects_to_settle
from pitwall.incidents.types import CONSUMER, Grouping
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore
from pitwall.work.events import Event, EventLog

log = structlog.get_logger(__name__)

_BATCH = 500
_EXPLAINED_AT_ONCE = 20
_ROUND_SECONDS = 1.0
_RETRY_AFTER = timedelta(minutes=1)


class IncidentKeeper:
    """Enters what happens to alerts into incidents.

    What it writes and how far it has read are one transaction, so that each event is entered once, also if
    the process ends between any two steps. Calls block.

    Args:
        state: Where events, incidents and the place of the reader are.
        grouping: How alerts become incidents.
        clock: When something has been quiet for long enough.
        on_change: Called after incidents have changed.
    """

    def __init__(
        self,
        state: StateStore,
        grouping: Grouping,
        clock: Clock,
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._grouping = grouping
        self._clock = clock
        self._on_change = on_change

    def run(self) -> None:
        """Enter all events there are, then end what is quiet."""
        has_changed = False
        while self._has_events():
            has_changed |= self._enter_batch()
        has_changed |= self._settle()
        if has_changed:
            self._on_change()

    def _has_events(self) -> bool:
        with self._state.session(read_only=True) as session:
            return bool(EventLog(session, ALERTS).unread(CONSUMER, limit=1))

    def _enter_batch(self) -> bool:
        with self._state.session() as session:
            events_log = EventLog(session, ALERTS)
            events = events_log.unread(CONSUMER, limit=_BATCH)
            if not events:
                return False
            changed = 0
            for project_id in dict.fromkeys(event.project_id for event in events):
                mine = _readable(event for event in events if event.project_id == project_id)
                changed += self._enter(session, project_id, mine)
            events_log.handled(CONSUMER, events[-1].sequence)
        return bool(changed)

    def _enter(self, session: Connection, project_id: str, events: Sequence[AlertEvent]) -> int:
        incidents = Incidents(session, project_id)
        known = incidents.has_entries([event.id for event in events])
        unresolved = incidents.unresolved()
        holders = set(incidents.of_alerts([event.alert_id for event in events]).values())
        others = incidents.get_many(holders - {one.id for one in unresolved})
        book = Book(project_id, self._grouping, [*unresolved, *others], incidents.next_number())
        for event in events:
            if event.id not in known:
                book.enter(event)
        return write_changed(session, project_id, book.changed)

    def _settle(self) -> bool:
        now = self._clock.now()
        settled = [self._settle_project(project_id, now) for project_id in self._quiet_projects(now)]
        return any(settled)

    def _quiet_projects(self, now: datetime) -> list[str]:
        with self._state.session(read_only=True) as session:
            return projects_to_settle(session, now, self._grouping.resolve_after)

    def _settle_project(self, project_id: str, now: datetime) -> bool:
        with self._state.session() as session:
            incidents = Incidents(session, project_id)
            book = Book(project_id, self._grouping, incidents.unresolved(), incidents.next_number())
            book.settle(now)
            return bool(write_changed(session, project_id, book.changed))


def _readable(events: Iterable[Event]) -> list[AlertEvent]:
    """The events that are what they say; another one is told in the log and must not stop the rest."""
    found = []
    for event in events:
        try:
            found.append(AlertEvent.from_json(event.payload))
        except (KeyError, TypeError, ValueError):
            log.exception("incidents.event_unreadable", sequence=event.sequence, project=event.project_id)
    return found


class IncidentExplainer:
    """Computes what explains incidents: when they open, and again while they are young.

    Calls block. A store that does not answer leaves things as they are; the next round tries again.

    Args:
        state: Where incidents are.
        explainer: Compares telemetry.
        clock: The present.
        on_more: Called after a round that left something to do, for the next one to come at once; a round is
            short, because a server that stops waits for it.
    """

    def __init__(
        self,
        state: StateStore,
        explainer: Explainer,
        clock: Clock,
        *,
        on_more: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._explainer = explainer
        self._clock = clock
        self._on_more = on_more
        self._retry_at: dict[str, datetime] = {}

    def run(self) -> None:
        """Explain the incidents that are due, those that have no explanation first.

        Raises:
            StoreUnavailable: The telemetry store does not answer.
        """
        now = self._clock.now()
        with self._state.session(read_only=True) as session:
            due = due_for_explanation(session, now, limit=_EXPLAINED_AT_ONCE)
        ends_at = self._clock.monotonic() + _ROUND_SECONDS
        for project_id, incident_id in due:
            if self._retry_at.get(incident_id, now) > now:
                continue
            if self._clock.monotonic() >= ends_at:
                self._on_more()
                return
            self._explain(project_id, incident_id, now)

    def _explain(self, project_id: str, incident_id: str, now: datetime) -> None:
        with self._state.session(read_only=True) as session:
            incident = Incidents(session, project_id).find(incident_id)
        if incident is None:
            return
        try:
            found = self._explainer.explain(project_id, incident, now)
        except Unavailable:
            self._retry_at[incident_id] = now + _RETRY_AFTER  # others are not to wait for it
            raise
        except Exception:
            log.exception("incidents.explanation_failed", incident=incident_id, project=project_id)
            found = self._explainer.failed(incident, now)
        self._retry_at.pop(incident_id, None)
        with self._state.session() as session:
            Incidents(session, project_id).explain(incident_id, explanation_view(found), now)
