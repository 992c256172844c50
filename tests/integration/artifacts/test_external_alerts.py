"""What an Alertmanager sends becomes alerts and events, exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.alerts.repository import Alerts
from pitwall.alerts.schemas import RuleBody
from pitwall.alerts.types import TOPIC, Alert, AlertState, EventKind
from pitwall.artifacts import external_alerts
from pitwall.artifacts.external_alerts import Delivery, ExternalAlert, ExternalAlerts, Status, rule_name
from pitwall.core.vocabulary import Severity
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import DEFAULT_PROJECT, StateStore
from pitwall.work.events import EventLog

START = datetime(2026, 1, 1, 11, 59, tzinfo=UTC)


class Door:
    """The door and what is behind it."""

    def __init__(self, store: StateStore) -> None:
        self.clock = ManualClock(START + timedelta(minutes=1))
        self._store = store
        self._external = ExternalAlerts(store, self.clock)

    def receive(self, *alerts: ExternalAlert) -> Delivery:
        self.clock.advance(1)
        return self._external.receive(alerts, by=LOCAL_OPERATOR)

    def alerts(self) -> list[Alert]:
        with self._store.session(read_only=True) as session:
            return Alerts(session, DEFAULT_PROJECT).list()

    def events(self) -> list[dict[str, Any]]:
        with self._store.session(read_only=True) as session:
            return [dict(event.payload) for event in EventLog(session, TOPIC).unread("test")]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    store = StateStore.in_directory(tmp_path).open()
    yield Door(store)
    store.close()


def _alert(status: Status = Status.FIRING, *, fingerprint: str = "f1", **labels: str) -> ExternalAlert:
    return ExternalAlert(
        status=status,
        labels={"alertname": "HostOutOfMemory", "instance": "gpu-1:9100", "severity": "critical", **labels},
        annotations={"summary": "Host out of memory", "runbook_url": "https://runbooks.example/oom"},
        starts_at=START,
        ends_at=None,
        fingerprint=fingerprint,
        generator_url="http://127.0.0.1:9090/graph?g0.expr=mem+%3C+0.1&g0.tab=1",
    )


def test_firing_alert_is_kept_with_what_it_says(door: Door) -> None:
    """Labels, severity, title, runbook and expression are the sender's; the rule says where it is from."""
    assert door.receive(_alert()) == Delivery(fired=1, resolved=0, unchanged=0)
    (alert,) = door.alerts()
    assert (alert.rule, alert.state, alert.severity) == (
        "external.host_out_of_memory",
        AlertState.FIRING,
        Severity.CRITICAL,
    )
    assert alert.labels["instance"] == "gpu-1:9100"
    assert (alert.active_since, alert.facts.title.en) == (START, "Host out of memory")
    assert (alert.facts.runbook, alert.facts.where) == ("https://runbooks.example/oom", "mem < 0.1")
    (event,) = door.events()
    assert (event["kind"], event["alert_id"], event["id"]) == ("fired", alert.id, f"{alert.id}-1")


def test_repeated_delivery_tells_nobody_again(door: Door) -> None:
    """A reminder, and a delivery whose answer was lost, change nothing."""
    door.receive(_alert())
    assert door.receive(_alert(), _alert()) == Delivery(0, 0, 1)
    door.receive(_alert(Status.RESOLVED))
    assert door.receive(_alert(Status.RESOLVED)) == Delivery(0, 0, 1)
    assert [event["kind"] for event in door.events()] == ["fired", "resolved"]


def test_alert_that_comes_back_fires_again(door: Door) -> None:
    """The same label set is the same alert; each episode has its events."""
    for status in (Status.FIRING, Status.RESOLVED, Status.FIRING):
        door.receive(_alert(status))
    (alert,) = door.alerts()
    assert (alert.state, alert.sequence, alert.resolved_at) == (AlertState.FIRING, 3, None)
    kinds = [event["kind"] for event in door.events()]
    assert kinds == [EventKind.FIRED, EventKind.RESOLVED, EventKind.FIRED]


def test_end_of_an_alert_nobody_was_told_of_is_nothing(door: Door) -> None:
    """Resolved without having fired here, as after a fresh start, makes no alert."""
    assert door.receive(_alert(Status.RESOLVED)) == Delivery(0, 0, 1)
    assert door.alerts() == []
    assert door.events() == []


def test_label_sets_are_alerts_of_their_own(door: Door) -> None:
    """Each fingerprint stands for itself; one that resolves leaves the other firing."""
    door.receive(_alert(), _alert(fingerprint="f2", instance="gpu-2:9100"))
    door.receive(_alert(Status.RESOLVED))
    states = {alert.labels["instance"]: alert.state for alert in door.alerts()}
    assert states == {"gpu-1:9100": AlertState.RESOLVED, "gpu-2:9100": AlertState.FIRING}


def test_flood_of_new_label_sets_is_contained(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit new alerts are dropped and counted; those that are there still end."""
    monkeypatch.setattr(external_alerts, "MAX_ACTIVE", 3)
    flood = [_alert(fingerprint=f"f{number}", pod=str(number)) for number in range(5)]
    assert door.receive(*flood) == Delivery(fired=3, resolved=0, unchanged=0, dropped=2)
    assert door.receive(_alert(Status.RESOLVED, fingerprint="f0", pod="0")).resolved == 1
    assert door.receive(*flood) == Delivery(fired=1, resolved=0, unchanged=2, dropped=2)


def test_no_rule_of_ours_has_such_a_name() -> None:
    """What others evaluate is told apart by its name alone."""
    body = {
        "name": "external.mine",
        "title": {"en": "x", "ko": "x"},
        "when": {"bands": "requests.error_rate"},
    }
    with pytest.raises(ValidationError, match="external"):
        RuleBody.model_validate(body)


@pytest.mark.parametrize(
    ("alertname", "rule"),
    [
        ("HostOutOfMemory", "external.host_out_of_memory"),
        ("node-exporter down!", "external.node_exporter_down"),
        ("", "external.unnamed"),
        ("디스크 부족", "external.unnamed_f6bc540a"),
    ],
)
def test_rule_of_a_foreign_alert_is_a_name_of_ours(alertname: str, rule: str) -> None:
    """Any name becomes one that a rule may have, and two different ones stay different."""
    assert rule_name(alertname) == rule


def test_long_names_stay_apart() -> None:
    """What is cut off is told apart by its fingerprint."""
    first, second = (rule_name("Very" * 40 + end) for end in ("A", "B"))
    assert first != second
    assert max(len(first), len(second)) <= 64
