"""Events of alerts become incidents once, on either database, whatever interrupts it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.incidents import jobs
from pitwall.incidents.jobs import IncidentKeeper
from pitwall.incidents.repository import Incidents
from pitwall.incidents.types import Entry, EntryKind, Grouping, Incident, IncidentState
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import event_cursors
from pitwall.work.events import EventLog
from tests.integration.incidents.telling import tell
from tests.unit.incidents.events import NOON, make_event

GROUPING = Grouping()
EPISODE = [
    make_event(rule="one"),
    make_event(rule="two", minutes=1, severity="critical"),
    make_event("resolved", 2, rule="one", minutes=2),
    make_event("resolved", 2, rule="two", minutes=3),
]


def _keeper(state: StateStore, clock: ManualClock) -> IncidentKeeper:
    return IncidentKeeper(state, GROUPING, clock)


def _stored(state: StateStore, project: str = "default") -> list[tuple[Incident, list[Entry]]]:
    with state.session(read_only=True) as session:
        incidents = Incidents(session, project)
        numbers = [one.number for one in reversed(incidents.page(limit=100))]
        found = [incidents.find(str(number)) for number in numbers]
        return [(one, incidents.entries(one.id, limit=100)) for one in found if one is not None]


def _told(state: StateStore) -> list[Any]:
    with state.session(read_only=True) as session:
        return [event.payload for event in EventLog(session, "incidents").unread("test")]


def test_alerts_become_an_incident_and_end_with_it(any_store: StateStore) -> None:
    """The rows, the timeline and the events; resolved once all has been quiet."""
    clock = ManualClock(NOON + timedelta(minutes=4))
    tell(any_store, *EPISODE)
    keeper = _keeper(any_store, clock)
    keeper.run()
    [(incident, _)] = _stored(any_store)
    assert (incident.state, incident.severity, incident.number) == (IncidentState.OPEN, "critical", 1)
    clock.advance(240)
    keeper.run()
    [(incident, entries)] = _stored(any_store)
    assert (incident.state, incident.resolved_at) == (IncidentState.RESOLVED, NOON + timedelta(minutes=8))
    assert [entry.kind for entry in entries] == [
        EntryKind.OPENED,
        EntryKind.ALERT_FIRED,
        EntryKind.ALERT_FIRED,
        EntryKind.ALERT_RESOLVED,
        EntryKind.ALERT_RESOLVED,
        EntryKind.RESOLVED,
    ]
    assert [payload["kind"] for payload in _told(any_store)] == ["opened", "alert_added", "resolved"]
    assert _told(any_store)[0]["incident_id"] == incident.id


def test_numbers_count_in_each_project(any_store: StateStore, state_clock: ManualClock) -> None:
    """Projects know nothing of each other."""
    others = [make_event(project="_pitwall", labels={"service": name}) for name in "ab"]
    tell(any_store, *(make_event(labels={"service": name}) for name in "ab"))
    tell(any_store, *others, project="_pitwall")
    _keeper(any_store, state_clock).run()
    for project in ("default", "_pitwall"):
        assert [one.number for one, _ in _stored(any_store, project)] == [1, 2]


def test_reader_that_forgot_its_place_adds_nothing(store: StateStore, clock: ManualClock) -> None:
    """Everything that was entered is known by the id of its event."""
    tell(store, *EPISODE)
    _keeper(store, clock).run()
    before, told = _stored(store), _told(store)
    with store.session() as session:
        session.execute(delete(event_cursors))
    _keeper(store, clock).run()
    assert (_stored(store), _told(store)) == (before, told)


def test_failure_in_the_middle_leaves_nothing_behind(
    store: StateStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written and how far it was read are one transaction."""
    tell(store, *EPISODE)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(EventLog, "handled", fail)
        with pytest.raises(RuntimeError):
            _keeper(store, clock).run()
    assert _stored(store) == []
    assert _told(store) == []
    _keeper(store, clock).run()
    assert len(_stored(store)) == 1


def test_event_that_cannot_be_read_stops_nothing(store: StateStore, clock: ManualClock) -> None:
    """It is logged and left behind."""
    with store.session() as session:
        EventLog(session, "alerts").append("default", clock.now(), {"id": "x", "kind": "exploded"})
    tell(store, make_event())
    _keeper(store, clock).run()
    assert len(_stored(store)) == 1


def test_many_events_are_read_in_portions(
    store: StateStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there are, and no more rounds than that."""
    monkeypatch.setattr(jobs, "_BATCH", 7)
    labels = [{"service": "a", "user": str(number)} for number in range(40)]
    tell(store, *(make_event(labels=one) for one in labels))
    _keeper(store, clock).run()
    [(incident, entries)] = _stored(store)
    assert (len(incident.members), len(entries)) == (40, 41)
    assert dict(incident.labels) == {"service": "a"}


def test_of_alert_names_the_incident_that_is_not_over(store: StateStore, clock: ManualClock) -> None:
    """The last one if there are several."""
    events: list[AlertEvent] = [
        make_event(),
        make_event(EventKind.RESOLVED, 2, minutes=1),
        make_event(number=3, minutes=100),
    ]
    tell(store, *events)
    _keeper(store, clock).run()
    (first, _), (second, _) = _stored(store)
    assert first.state is IncidentState.RESOLVED
    with store.session(read_only=True) as session:
        incidents = Incidents(session, "default")
        assert incidents.of_alert(events[0].alert_id) == second.id
        assert incidents.of_alert("nothing") is None
