"""From events of alerts to deliveries in the outbox, in one transaction with the place of the reader."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, select

from pitwall.alerts.types import TOPIC, AlertEvent
from pitwall.kit.clock import Clock
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.notices import delivery_of
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.planner import Plan, Situation, plan
from pitwall.notifications.repository import MaintenanceWindows, Pipeline, Routes, Silences
from pitwall.notifications.suppression import Quiet
from pitwall.notifications.types import KnownAlert, Routing, first_known
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import notification_alerts, notification_groups
from pitwall.work.events import Event, EventLog

log = structlog.get_logger(__name__)

CONSUMER: Final = "notifications"
_OTHERS_CHANGES: Final = timedelta(seconds=15)
"""How soon what another process changed (a route, a silence) is seen."""


class Notifier:
    """Reads what happened to alerts and decides who is told; one round after the other.

    Args:
        state: Keeps everything.
        book: Knows the channels.
        clock: The present.
    """

    def __init__(self, state: StateStore, book: ChannelBook, clock: Clock) -> None:
        self._state = state
        self._book = book
        self._clock = clock
        self._look_again_at: dict[str, datetime] | None = None
        self._lock = threading.Lock()  # over the line above, which requests change as well
        self.last_round_at: datetime | None = None

    def run(self) -> bool:
        """Handle what happened and what is due; returns whether there is anything new in the outbox."""
        has_new = False
        while self._has_work():
            with self._state.session() as connection:
                events = _one_each(EventLog(connection, TOPIC).unread(CONSUMER))
                has_new |= self._round(connection, events)
        self.last_round_at = self._clock.now()
        return has_new

    def look_again(self, project_id: str) -> None:
        """Look at a project in the next round: a route, a channel or a silence changed."""
        with self._lock:
            if self._look_again_at is not None:
                self._look_again_at[project_id] = self._clock.now()

    def situation(self, connection: Connection, project_id: str) -> Situation:
        """Return everything that decides who is told what in a project."""
        return self._situation(connection, project_id, Pipeline(connection, project_id).alerts())

    def _situation(
        self, connection: Connection, project_id: str, alerts: Mapping[str, KnownAlert]
    ) -> Situation:
        now = self._clock.now()
        routing, _, _ = Routes(connection, project_id).get()
        return Situation(
            project_id=project_id,
            alerts=alerts,
            groups=Pipeline(connection, project_id).groups(),
            routing=routing,
            channels=self._book.of(connection, project_id),
            quiet=_quiet(connection, project_id, routing, now),
        )

    def quiet(self, connection: Connection, project_id: str) -> Quiet:
        """Return what can keep people of a project from being told."""
        routing, _, _ = Routes(connection, project_id).get()
        return _quiet(connection, project_id, routing, self._clock.now())

    def _has_work(self) -> bool:
        with self._state.session(read_only=True) as connection:
            if EventLog(connection, TOPIC).unread(CONSUMER, limit=1):
                return True
            with self._lock:
                if self._look_again_at is None:
                    self._look_again_at = dict.fromkeys(_known_projects(connection), self._clock.now())
        return bool(self._due_projects())

    def _due_projects(self) -> set[str]:
        now = self._clock.now()
        # Nothing is put off for longer than that: a time further away is of a clock that was set back.
        too_far = now + 2 * _OTHERS_CHANGES
        with self._lock:
            schedule = self._look_again_at or {}
            return {project for project, at in schedule.items() if at <= now or at > too_far}

    def _round(self, connection: Connection, events: Sequence[Event]) -> bool:
        by_project: dict[str, list[AlertEvent]] = {project: [] for project in self._due_projects()}
        for event in events:
            by_project.setdefault(event.project_id, []).append(AlertEvent.from_json(event.payload))
        count = sum(self._settle(connection, project, new) for project, new in by_project.items())
        if events:
            EventLog(connection, TOPIC).handled(CONSUMER, events[-1].sequence)
        return count > 0

    def _settle(self, connection: Connection, project_id: str, events: Sequence[AlertEvent]) -> int:
        """Take note of events of a project and put what is due into the outbox; returns how much that is."""
        pipeline = Pipeline(connection, project_id)
        known, now = pipeline.alerts(), self._clock.now()
        changed = _after(known, project_id, events)
        pipeline.write_alerts(changed.values(), known)
        situation = self._situation(connection, project_id, {**known, **changed})
        decided = plan(situation, now)
        outbox = Outbox(connection)
        for notice in decided.notices:
            outbox.add(delivery_of(notice, now))
        pipeline.write_groups(decided.groups)
        pipeline.forget_groups(decided.finished)
        pipeline.forget_alerts(_forgettable(situation, decided))
        self._note(project_id, situation, decided, now)
        return len(decided.notices)

    def _note(self, project_id: str, situation: Situation, decided: Plan, now: datetime) -> None:
        """Remember when to look at a project again; never, if there is nothing in it."""
        times = [] if decided.look_again_at is None else [decided.look_again_at]
        if situation.alerts or situation.groups:
            times.append(now + _OTHERS_CHANGES)
        with self._lock:
            schedule = {} if self._look_again_at is None else self._look_again_at
            schedule.pop(project_id, None)
            if times:
                schedule[project_id] = max(min(times), now + timedelta(milliseconds=1))
            self._look_again_at = schedule


def _quiet(connection: Connection, project_id: str, routing: Routing, now: datetime) -> Quiet:
    return Quiet(
        windows=MaintenanceWindows(connection, project_id).list(),
        inhibitions=routing.inhibitions,
        silences=Silences(connection, project_id).list(since=now),
    )


def _one_each(events: Sequence[Event]) -> list[Event]:
    """The first events up to the second one of an alert: each is told of before the next is looked at."""
    seen: set[str] = set()
    for index, event in enumerate(events):
        alert_id = event.payload["alert_id"]
        if alert_id in seen:
            return list(events[:index])
        seen.add(alert_id)
    return list(events)


def _after(
    known: Mapping[str, KnownAlert], project_id: str, events: Sequence[AlertEvent]
) -> dict[str, KnownAlert]:
    changed: dict[str, KnownAlert] = {}
    for event in events:
        before = changed.get(event.alert_id) or known.get(event.alert_id)
        after = first_known(project_id, event) if before is None else before.after(event)
        changed[event.alert_id] = after
    return changed


def _forgettable(situation: Situation, decided: Plan) -> list[str]:
    """Alerts that are over, and that nobody has to be told so any more."""
    groups = {**situation.groups, **{group.id: group for group in decided.groups}}
    owed = {one for key, group in groups.items() if key not in decided.finished for one in group.told}
    return [alert.id for alert in situation.alerts.values() if not alert.is_active and alert.id not in owed]


def _known_projects(connection: Connection) -> set[str]:
    tables = (notification_alerts, notification_groups)
    return {
        project
        for table in tables
        for project in connection.execute(select(table.c.project_id).distinct()).scalars()
    }
