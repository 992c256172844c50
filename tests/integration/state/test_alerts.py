"""What is kept of alerts and their rules, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.alerts.errors import RuleChanged
from pitwall.alerts.pack_files import load_rules
from pitwall.alerts.repository import Alerts, StoredAlert
from pitwall.alerts.rulebook import RuleBook
from pitwall.alerts.rules_repository import Evaluated, Evaluations
from pitwall.alerts.service import AlertQuery, AlertService
from pitwall.alerts.types import TOPIC, Alert, AlertEvent, AlertState, EventKind, Facts, Reason, alert_id
from pitwall.alerts.wire import read_rule
from pitwall.core.errors import Conflict, NotFound
from pitwall.core.vocabulary import Severity
from pitwall.kit.clock import ManualClock
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.stores.state import Projects, StateStore
from pitwall.work.events import EventLog

CATALOGUE = load_catalogue([core_pack()])
PACKS = load_rules([core_pack()], CATALOGUE)
SHOP = LOCAL_OPERATOR.on_project("shop")
FACTS = Facts(title=Text("Errors", "오류"), signal="requests.error_rate", value=0.3, count=50, limit="> 0.1")


def make_alert(service: str, at: datetime, **changes: object) -> Alert:
    labels = {"service": service}
    alert = Alert(
        id=alert_id("shop", "errors", labels),
        rule="errors",
        state=AlertState.FIRING,
        severity=Severity.CRITICAL,
        is_flapping=False,
        labels=labels,
        facts=FACTS,
        active_since=at,
        fired_at=at,
        resolved_at=None,
        resolved_reason=None,
        evaluated_at=at,
        error=None,
        sequence=1,
        changed_at=at,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]


def make_event(alert: Alert, at: datetime, number: int = 1) -> AlertEvent:
    return AlertEvent(
        id=f"{alert.id}-{number}",
        kind=EventKind.FIRED,
        alert_id=alert.id,
        rule=alert.rule,
        severity=alert.severity,
        labels=alert.labels,
        facts=replace(FACTS, explanation=Text("2x the usual", "평소의 2배")),
        active_since=at,
        fired_at=at,
        at=at,
    )


@pytest.fixture
def shop(any_store: StateStore, state_clock: ManualClock) -> AlertService:
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    return AlertService(any_store, RuleBook(PACKS, CATALOGUE), state_clock)


def test_alert_comes_back_as_it_was_written(
    shop: AlertService, any_store: StateStore, state_clock: ManualClock
) -> None:
    """New ones and changed ones in one call; another project sees nothing of them."""
    now = state_clock.now()
    first, second = make_alert("a", now), make_alert("b", now)
    with any_store.session() as session:
        Alerts(session, "shop").write([StoredAlert(first, {"essence": "x"})])
        over = replace(
            first, state=AlertState.RESOLVED, resolved_at=now, resolved_reason=Reason.RECOVERED, sequence=2
        )
        Alerts(session, "shop").write([StoredAlert(over, {"essence": "y"}), StoredAlert(second, {})])
    with any_store.session(read_only=True) as session:
        alerts = Alerts(session, "shop")
        assert alerts.find(first.id) == over
        assert alerts.find_many([first.id, second.id, "nothing"]) == {first.id: over, second.id: second}
        assert alerts.counts() == {"errors": {AlertState.RESOLVED: 1, AlertState.FIRING: 1}}
        assert {one.alert.id: one.machine for one in alerts.stored()} == {
            first.id: {"essence": "y"},
            second.id: {},
        }
        assert Alerts(session, "default").list() == []


def test_event_is_told_once(shop: AlertService, any_store: StateStore, state_clock: ManualClock) -> None:
    """An event that comes again, as after a crash, adds nothing to the history or the topic."""
    now = state_clock.now()
    event = make_event(make_alert("a", now), now)
    with any_store.session() as session:
        assert Alerts(session, "shop").tell([event]) == 1
    with any_store.session() as session:
        assert Alerts(session, "shop").tell([event, make_event(make_alert("a", now), now, 2)]) == 1
    with any_store.session() as session:
        unread = EventLog(session, TOPIC).unread("test")
        assert AlertEvent.from_json(unread[0].payload) == event
        assert [one.payload["id"] for one in unread] == [event.id, f"{event.alert_id}-2"]
        assert len(Alerts(session, "shop").history(event.alert_id)) == 2


def test_pages_go_by_the_last_change(
    shop: AlertService, any_store: StateStore, state_clock: ManualClock
) -> None:
    """Alerts that changed at the same moment come once each."""
    now = state_clock.now()
    with any_store.session() as session:
        for number in range(7):
            alert = make_alert(f"service-{number}", now - timedelta(minutes=number // 3))
            Alerts(session, "shop").write([StoredAlert(alert, {})])
    seen: list[Alert] = []
    cursor = None
    while True:
        page, _ = shop.list("shop", AlertQuery(limit=2, cursor=cursor))
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len({alert.id for alert in seen}) == len(seen) == 7
    moments = [alert.changed_at for alert in seen]
    assert moments == sorted(moments, reverse=True)  # type: ignore[type-var]


def test_what_is_long_over_is_forgotten(
    shop: AlertService, any_store: StateStore, state_clock: ManualClock
) -> None:
    """With its history; what fires stays however old it is."""
    now = state_clock.now()
    old = now - timedelta(days=40)
    over = make_alert("a", old, state=AlertState.RESOLVED)
    with any_store.session() as session:
        alerts = Alerts(session, "shop")
        alerts.write([StoredAlert(over, {}), StoredAlert(make_alert("b", old), {})])
        alerts.tell([make_event(over, old)])
        assert alerts.forget(now - timedelta(days=30)) == 1
        assert alerts.history(over.id) == []
        assert [one.labels["service"] for one in alerts.list()] == ["b"]


def test_rules_of_packs_can_be_changed_and_come_back(shop: AlertService) -> None:
    """The team's version stands in the place of the pack's until it is deleted."""
    name = PACKS[0].rule.name
    with pytest.raises(Conflict, match="nobody changed it"):
        shop.delete(name, by=SHOP)
    off = shop.enable(name, is_enabled=False, by=SHOP)
    assert (off.origin.value, off.is_enabled) == ("changed", False)
    changed = read_rule({**PACKS[0].rule.content, "for": "1h"})
    saved = shop.save(changed, by=SHOP, revision=off.revision)
    assert saved.rule == changed
    with pytest.raises(RuleChanged):
        shop.save(changed, by=SHOP, revision="other")
    back = shop.delete(name, by=SHOP)
    assert back is not None
    assert back.rule == PACKS[0].rule
    with pytest.raises(NotFound):
        shop.delete("nothing", by=SHOP)


def test_evaluations_are_replaced(any_store: StateStore, state_clock: ManualClock) -> None:
    """Each rule has its last evaluation."""
    first = Evaluated("errors", state_clock.now(), 1.5, 10)
    with any_store.session() as session:
        Evaluations(session, "shop").write([first, Evaluated("slow", state_clock.now(), 1.0, 1)])
        Evaluations(session, "shop").write([replace(first, series=11, error="broken")])
        found = Evaluations(session, "shop").by_rule()
    assert (found["errors"].series, found["errors"].error, found["slow"].series) == (11, "broken", 1)
