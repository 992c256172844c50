"""A real server that is killed while it tells people: nothing is lost, and what comes again says so."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pitwall.stores.state import StateStore
from tests.support.alert_events import make_event, tell
from tests.support.pitwall_process import PitwallServer
from tests.support.webhooks import running_receiver

ALERTS = 6


def _fire(data_dir: Path, count: int) -> list[str]:
    """Let alerts of rules of their own fire, as an evaluator in the process would; returns the rules."""
    state = StateStore.in_directory(data_dir).open()
    try:
        now = datetime.now(UTC)
        events = [make_event(rule=f"rule{number}", at=now) for number in range(count)]
        tell(state, *events)
        return [event.rule for event in events]
    finally:
        state.close()


def _told(receiver_keys: list[tuple[str, list[str]]]) -> Counter[str]:
    """How many keys told of each rule."""
    by_key = dict(receiver_keys)
    return Counter(rule for rules in by_key.values() for rule in rules)


@pytest.mark.timeout(180)
def test_kill_9_while_deliveries_are_pending(tmp_path: Path) -> None:
    """Every alert is told of by exactly one key; only what was under way comes twice, and says so."""
    with (
        running_receiver() as receiver,
        PitwallServer(tmp_path / "data", {"PITWALL_ALERT_WEBHOOK_URL": receiver.url}) as server,
    ):
        receiver.delay_seconds = 0.4
        server.start()
        rules = _fire(server.data_dir, ALERTS)
        receiver.wait(2)
        server.kill()
        time.sleep(0.5)
        before = len(receiver.received)
        assert before < ALERTS
        server.start()
        receiver.wait(ALERTS)
        server.wait_for(lambda: len({one.key for one in receiver.received}) == ALERTS, 20)
        time.sleep(1.0)
        received = list(receiver.received)
    keys = Counter(request.key for request in received)
    told = _told([(one.key, [alert["rule"] for alert in one.document["alerts"]]) for one in received])
    assert told == Counter(rules)
    repeated = [key for key, times in keys.items() if times > 1]
    assert len(repeated) <= 1
    for key in repeated:
        *_, last = [request for request in received if request.key == key]
        assert last.headers["x-pitwall-may-repeat"] == "true"


@pytest.mark.timeout(120)
def test_span_to_webhook_path_is_short(tmp_path: Path) -> None:
    """With default settings an event is at the webhook within five seconds, also on a busy machine."""
    with (
        running_receiver() as receiver,
        PitwallServer(tmp_path / "data", {"PITWALL_ALERT_WEBHOOK_URL": receiver.url}) as server,
    ):
        server.start()
        started = time.monotonic()
        _fire(server.data_dir, 1)
        receiver.wait(1)
        assert receiver.received[0].at - started < 5.0
