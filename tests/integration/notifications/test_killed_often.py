"""The part that tells people, killed again and again while alerts come and go."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from pitwall.notifications.repository import Channels, Routes
from pitwall.notifications.types import Channel, ChannelKind, RateLimit
from pitwall.notifications.wire import read_routing
from pitwall.stores.state import StateStore
from tests.support.alert_events import make_event, tell
from tests.support.webhooks import Receiver, running_receiver

KILLS = 12
RULES = [f"rule{number}" for number in range(36)]


@contextmanager
def _running_child(data_dir: Path) -> Iterator[None]:
    """A process that tells people, killed at the end of the block."""
    command = [sys.executable, "-m", "tests.integration.notifications.notifying_child", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while child.stdout.readline() != "ready\n":
            assert child.poll() is None
        yield
        child.kill()


def _prepare(state: StateStore, url: str) -> None:
    """One channel that takes everything, told at once."""
    now = datetime.now(UTC)
    channel = Channel(
        name="ops",
        kind=ChannelKind.WEBHOOK,
        url=url,
        rate=RateLimit(6000, 1000),
        updated_at=now,
        updated_by="test",
    )
    tree = {"route": {"receivers": ["ops"], "group_wait": "0s", "group_interval": "1s"}, "inhibit": []}
    with state.session() as connection:
        Channels(connection, "default").write(channel)
        Routes(connection, "default").write(read_routing(tree), at=now, by="test")


def _tell(state: StateStore, kind: str, rules: list[str]) -> None:
    number = 1 if kind == "fired" else 2
    tell(state, *(make_event(kind, rule=rule, at=datetime.now(UTC), number=number) for rule in rules))


def _statuses(receiver: Receiver) -> dict[str, list[str]]:
    """What was told of each rule in the order it came; repeats of a key are left out."""
    told: dict[str, list[str]] = defaultdict(list)
    for document in {one.key: one.document for one in list(receiver.received)}.values():
        for alert in document["alerts"]:
            told[alert["rule"]].append(document["status"])
    return told


def _is_complete(receiver: Receiver) -> bool:
    told = _statuses(receiver)
    return all("resolved" in told.get(rule, ()) for rule in RULES)


@pytest.mark.timeout(240)
def test_nothing_is_lost_and_nothing_comes_twice_unannounced(tmp_path: Path) -> None:
    """Every alert is told of once and its end once, in this order; a repeated key says that it may be one."""
    random = Random(7)
    state = StateStore.in_directory(tmp_path).open()
    waiting, firing = list(RULES), list[str]()
    with running_receiver() as receiver:
        receiver.delay_seconds = 0.05
        _prepare(state, receiver.url)
        for _ in range(KILLS):
            with _running_child(tmp_path):
                ended, firing, waiting = firing, waiting[:3], waiting[3:]
                _tell(state, "fired", firing)
                _tell(state, "resolved", ended)
                time.sleep(random.uniform(0.05, 1.2))
        _tell(state, "resolved", firing)
        with _running_child(tmp_path):
            deadline = time.monotonic() + 120
            while not _is_complete(receiver) and time.monotonic() < deadline:
                time.sleep(0.1)
    state.close()
    told = _statuses(receiver)
    assert [told[rule] for rule in RULES] == [["firing", "resolved"]] * len(RULES)
    seen: set[str] = set()
    for request in receiver.received:
        assert request.key not in seen or request.headers.get("x-pitwall-may-repeat") == "true"
        seen.add(request.key)
