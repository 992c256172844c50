"""Which incident an alert belongs to, and how incidents go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitwall.alerts.types import AlertEvent
from pitwall.incidents.book import Book
from pitwall.incidents.lifecycle import reopened, resolved
from pitwall.incidents.types import EntryKind, Grouping, Incident, IncidentEventKind, IncidentState
from tests.unit.incidents.events import NOON, make_event

GROUPING = Grouping()


def _book(*events: AlertEvent, grouping: Grouping = GROUPING) -> Book:
    book = Book("default", grouping, [], 1)
    for event in events:
        book.enter(event)
    return book


def _groups(book: Book) -> list[set[str]]:
    return [{member.event.rule for member in one.members.values()} for one in book.incidents]


@pytest.mark.parametrize(
    ("first", "second", "are_together"),
    [
        ({"service": "a"}, {"service": "a"}, True),
        ({"service": "a"}, {"service": "b"}, False),
        ({"service": "a", "model": "m"}, {"service": "a", "model": "n"}, True),
        ({"service": "a", "environment": "prod"}, {"service": "a", "environment": "test"}, False),
        ({"service": "a", "environment": "prod"}, {"service": "a"}, True),
        ({"model": "m"}, {"model": "m"}, True),
        ({"model": "m"}, {"model": "n"}, False),
        ({"service": "a", "model": "m"}, {"model": "m"}, True),
        ({"service": "a"}, {"model": "m"}, False),
        ({}, {}, True),
        ({}, {"service": "a"}, False),
    ],
)
def test_labels_say_which_alerts_belong_together(
    first: dict[str, str], second: dict[str, str], are_together: bool
) -> None:
    """Service and environment decide where both have one, else all other labels that both have."""
    book = _book(make_event(rule="one", labels=first), make_event(rule="two", labels=second, minutes=1))
    assert (len(book.incidents) == 1) is are_together


def test_alert_ends_where_it_is_active() -> None:
    """It went on in an older incident, and the one it had been in before was reopened by another alert."""
    both, model, service = {"service": "a", "model": "m"}, {"model": "m"}, {"service": "a"}
    book = _book(
        make_event("fired", 1, rule="one", labels=service),
        make_event("fired", 1, minutes=20, rule="two", labels=both),
        make_event("fired", 1, minutes=21, rule="three", labels=model),
        make_event("resolved", 2, minutes=22, rule="two", labels=both),
        make_event("resolved", 2, minutes=22, rule="three", labels=model),
        make_event("escalated", 2, minutes=28, rule="one", labels=service),
        make_event("fired", 3, minutes=29, rule="two", labels=both),
        make_event("fired", 3, minutes=30, rule="three", labels=model),
    )
    assert [one.state for one in book.incidents] == [IncidentState.OPEN, IncidentState.OPEN]
    ended = make_event("resolved", 4, minutes=31, rule="two", labels=both)
    book.enter(ended)
    assert not any(one.members[ended.alert_id].is_active for one in book.incidents)


def test_incident_has_the_labels_that_its_alerts_share() -> None:
    """So that each of its alerts can be said to be of it."""
    book = _book(
        make_event(rule="one", labels={"service": "a", "model": "m"}),
        make_event(rule="two", labels={"service": "a", "model": "n"}, minutes=1),
    )
    assert dict(book.incidents[0].labels) == {"service": "a"}


def test_alert_that_fires_much_later_is_an_incident_of_its_own() -> None:
    """The window moves on with each alert that fires."""
    book = _book(
        make_event(rule="one"),
        make_event(rule="two", minutes=9),
        make_event(rule="three", minutes=18),
        make_event(rule="four", minutes=29),
    )
    assert _groups(book) == [{"one", "two", "three"}, {"four"}]


def test_rules_may_group_by_labels_of_their_own() -> None:
    """Labels that a rule adds count where the grouping names them."""
    grouping = Grouping(by=("team",))
    events = [make_event(rule=name, labels={"service": name}) for name in ("one", "two")]
    for event in events:
        event.facts.rule_labels["team"] = "search"  # type: ignore[index]
    assert len(_book(*events, grouping=grouping).incidents) == 1
    assert len(_book(*events).incidents) == 2


def test_alert_that_fires_again_reopens_its_incident() -> None:
    """Within a while; later it is another incident."""
    again = [make_event(), make_event("resolved", 2, minutes=10), make_event("fired", 3, minutes=40)]
    book = _book(*again)
    assert [one.state for one in book.incidents] == [IncidentState.OPEN]
    kinds = [entry.kind for entry in book.changed[0].entries]
    assert kinds == [
        EntryKind.OPENED,
        EntryKind.ALERT_FIRED,
        EntryKind.ALERT_RESOLVED,
        EntryKind.RESOLVED,
        EntryKind.REOPENED,
        EntryKind.ALERT_FIRED,
    ]
    much_later = _book(*again[:2], make_event("fired", 3, minutes=60))
    assert [one.state for one in much_later.incidents] == [IncidentState.RESOLVED, IncidentState.OPEN]


def test_incident_ends_when_all_its_alerts_have_been_over_for_a_while() -> None:
    """Not with the first of them, and not at once."""
    book = _book(
        make_event(rule="one"),
        make_event(rule="two", minutes=1),
        make_event("resolved", 2, rule="one", minutes=2),
        make_event("resolved", 2, rule="two", minutes=3),
    )
    book.settle(NOON + timedelta(minutes=7))
    assert book.incidents[0].state is IncidentState.OPEN
    book.settle(NOON + timedelta(minutes=30))
    incident = book.incidents[0]
    assert (incident.state, incident.resolved_at) == (IncidentState.RESOLVED, NOON + timedelta(minutes=8))
    assert [news.kind for news in book.changed[0].news] == [
        IncidentEventKind.OPENED,
        IncidentEventKind.ALERT_ADDED,
        IncidentEventKind.RESOLVED,
    ]


def test_missing_data_and_errors_end_nothing() -> None:
    """An alert of which nothing is known is not over."""
    book = _book(make_event(), make_event("no_data", 2, minutes=1), make_event("error", 3, minutes=2))
    book.settle(NOON + timedelta(days=1))
    assert book.incidents[0].state is IncidentState.OPEN


def test_missing_data_and_errors_that_a_rule_tells_of_are_incidents() -> None:
    """They are told only where the rule asks for it; what ends without having begun is none."""
    for kind in ("no_data", "error"):
        assert _book(make_event(kind)).incidents[0].state is IncidentState.OPEN
    for kind in ("resolved", "eased", "flapping"):
        assert _book(make_event(kind)).incidents == []


def test_severity_is_the_worst_there_was() -> None:
    """Easing does not make it less of an incident."""
    book = _book(
        make_event(),
        make_event("escalated", 2, severity="critical", minutes=1),
        make_event("eased", 3, minutes=2),
    )
    assert book.incidents[0].severity == "critical"


def test_what_a_person_ended_begins_again_when_it_gets_worse() -> None:
    """An alert that still fires stays in it, and does not end it again."""
    incident = resolved(_book(make_event()).incidents[0], NOON + timedelta(minutes=1), "kim")
    book = Book("default", GROUPING, [incident], 2)
    book.enter(make_event("escalated", 2, severity="critical", minutes=5))
    assert [one.state for one in book.incidents] == [IncidentState.OPEN]


def test_what_a_person_reopened_stays_open_while_nothing_happens() -> None:
    """Its alerts were over before; only the next end of one counts."""
    book = _book(make_event(), make_event("resolved", 2, minutes=1))
    book.settle(NOON + timedelta(minutes=10))
    incident = reopened(book.incidents[0], NOON + timedelta(minutes=20))
    again = Book("default", GROUPING, [incident], 2)
    again.settle(NOON + timedelta(days=3))
    assert again.incidents[0].state is IncidentState.OPEN


def test_clock_that_ran_ahead_does_not_keep_an_incident_open() -> None:
    """Quiet since next year is quiet since now."""
    book = _book(make_event(minutes=500_000), make_event("resolved", 2, minutes=500_001))
    for minutes in (0, 6):
        book.settle(NOON + timedelta(minutes=minutes))
    assert book.incidents[0].state is IncidentState.RESOLVED


def test_title_names_what_and_where() -> None:
    """In both languages."""
    incident: Incident = _book(make_event()).incidents[0]
    assert (incident.title.en, incident.title.ko) == ("LLM failure rate (voc-chat)", "LLM 실패율 (voc-chat)")
