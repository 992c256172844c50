"""Whatever happens to alerts, in whatever portions it is read: what holds of incidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.incidents.book import Book
from pitwall.incidents.grouping import STARTS
from pitwall.incidents.types import Grouping, Incident, IncidentState
from tests.unit.incidents.events import NOON, make_event

GROUPING = Grouping()
_LABELS = [{}, {"service": "a"}, {"service": "b"}, {"service": "a", "model": "m"}, {"model": "m"}]
_NEXT = {  # what the state machine of alerts may tell next, by whether the alert is active
    False: [EventKind.FIRED, EventKind.NO_DATA, EventKind.ERROR],
    True: [EventKind.ESCALATED, EventKind.EASED, EventKind.RESOLVED, EventKind.NO_DATA, EventKind.FLAPPING],
}


@st.composite
def _histories(draw: st.DrawFn) -> list[AlertEvent]:
    """What happened to some alerts, in order."""
    active: dict[int, bool] = {}
    counts: dict[int, int] = {}
    minutes, events = 0.0, []
    for _ in range(draw(st.integers(1, 25))):
        minutes += draw(st.sampled_from([0, 0.5, 3, 6, 12, 40]))
        alert = draw(st.integers(0, 7))
        kind = draw(st.sampled_from(_NEXT[active.get(alert, False)]))
        counts[alert] = counts.get(alert, 0) + 1
        active[alert] = kind is not EventKind.RESOLVED and (active.get(alert, False) or kind in STARTS)
        labels = _LABELS[alert % len(_LABELS)]
        severity = draw(st.sampled_from(["warning", "critical"]))
        events.append(
            make_event(
                kind, counts[alert], minutes=minutes, rule=f"r{alert}", labels=labels, severity=severity
            )
        )
    return events


def _enter(portions: list[list[AlertEvent]]) -> list[Incident]:
    """Enter events portion by portion, each time with a new book of what was there."""
    incidents: list[Incident] = []
    for portion in portions:
        book = Book("default", GROUPING, incidents, len(incidents) + 1)
        for event in portion:
            book.enter(event)
        incidents = book.incidents
    return incidents


@given(_histories())
@settings(max_examples=300, deadline=None)
def test_every_alert_that_fires_is_active_in_one_incident_that_is_not_over(events: list[AlertEvent]) -> None:
    """And in no second one, though a reopened incident may list it; one that ended is active nowhere."""
    incidents = _enter([events])
    active = {event.alert_id: event.kind in STARTS for event in events if event.kind in STARTS}
    for event in events:
        if event.kind is EventKind.RESOLVED:
            active[event.alert_id] = False
        elif event.kind in STARTS:
            active[event.alert_id] = True
    for alert_id, is_active in active.items():
        members = [(one, one.members[alert_id]) for one in incidents if alert_id in one.members]
        having = [one for one, member in members if member.is_active]
        assert len(having) == (1 if is_active else 0)
        assert not any(one.is_resolved for one in having)


@given(_histories(), st.sampled_from([0, 4.9, 5, 60]))
@settings(max_examples=300, deadline=None)
def test_incident_is_over_exactly_when_its_alerts_have_been_for_long_enough(
    events: list[AlertEvent], minutes_later: float
) -> None:
    """Nobody touches it here, so nothing else ends it."""
    book = Book("default", GROUPING, [], 1)
    for event in events:
        book.enter(event)
    now = events[-1].at + timedelta(minutes=minutes_later)
    book.settle(now)
    for incident in book.incidents:
        has_been_quiet = incident.is_quiet and _quiet_from(incident, events) + GROUPING.resolve_after <= now
        assert (incident.state is IncidentState.RESOLVED) is has_been_quiet, incident


def _quiet_from(incident: Incident, events: list[AlertEvent]) -> datetime:
    """When the last alert of an incident ended; the incident is quiet."""
    ends = [
        event.at
        for event in events
        if event.alert_id in incident.members and event.kind is EventKind.RESOLVED
    ]
    return max(end for end in ends if end <= (incident.resolved_at or events[-1].at))


@given(_histories(), st.data())
@settings(max_examples=200, deadline=None)
def test_portions_change_nothing(events: list[AlertEvent], data: st.DataObject) -> None:
    """Read one by one, in portions or at once, as after an interruption, the incidents are the same."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=5)))
    bounds = [0, *cuts, len(events)]
    portions = [events[start:end] for start, end in pairwise(bounds)]
    assert _enter(portions) == _enter([events])


@given(_histories())
@settings(max_examples=100, deadline=None)
def test_labels_and_severity_are_those_of_the_alerts(events: list[AlertEvent]) -> None:
    """The labels are shared by all, the severity is the worst of any; numbers count from one."""
    incidents = _enter([events])
    assert [one.number for one in incidents] == list(range(1, len(incidents) + 1))
    for incident in incidents:
        assert incident.members
        for member in incident.members.values():
            assert dict(incident.labels).items() <= dict(member.event.labels).items()
        worst = {member.severity.value for member in incident.members.values()}
        assert incident.severity.value == ("critical" if "critical" in worst else "warning")
        assert incident.opened_at >= NOON
