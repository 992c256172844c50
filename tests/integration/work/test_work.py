"""Events are handled once and in order, a lease has one holder, and a job outlives its failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from pitwall.core.errors import Unavailable
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog, forget_events
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


def _append(state: StateStore, clock: ManualClock, *names: str) -> None:
    with state.session() as connection:
        for name in names:
            EventLog(connection, "alerts").append("default", clock.now(), {"name": name})


def _unread(state: StateStore, consumer: str) -> list[str]:
    with state.session(read_only=True) as connection:
        return [event.payload["name"] for event in EventLog(connection, "alerts").unread(consumer)]


def test_consumer_goes_on_where_it_was(state: StateStore) -> None:
    """What was handled does not come again; what was not does."""
    clock = ManualClock()
    _append(state, clock, "a", "b")
    with state.session() as connection:
        events = EventLog(connection, "alerts")
        events.handled("mailer", events.unread("mailer", limit=1)[0].sequence)
    _append(state, clock, "c")
    assert _unread(state, "mailer") == ["b", "c"]
    assert _unread(state, "other") == ["a", "b", "c"]


def test_event_of_a_failed_transaction_never_happened(state: StateStore) -> None:
    """An event belongs to the transaction of what it tells of."""
    with suppress(RuntimeError), state.session() as connection:
        EventLog(connection, "alerts").append("default", ManualClock().now(), {"name": "a"})
        raise RuntimeError
    assert _unread(state, "mailer") == []


def test_events_are_kept_until_the_slowest_consumer_had_them(state: StateStore) -> None:
    """Forgetting by age leaves what somebody still has to read, and sequences are not used again."""
    clock = ManualClock()
    _append(state, clock, "a", "b", "c")
    with state.session() as connection:
        events = EventLog(connection, "alerts")
        first, second, third = (event.sequence for event in events.unread("slow"))
        events.handled("slow", second)
        events.handled("fast", third)
        assert events.forget(clock.now() + timedelta(seconds=1)) == 2
        events.handled("slow", third)
        assert events.forget(clock.now() + timedelta(seconds=1)) == 1
        assert events.append("default", clock.now(), {"name": "d"}) > third > first


def test_old_events_of_all_topics_are_forgotten(state: StateStore) -> None:
    """Those that somebody still has to read stay, and those that nobody reads go by their age."""
    clock = ManualClock()
    _append(state, clock, "a", "b")
    with state.session() as connection:
        EventLog(connection, "unread").append("default", clock.now(), {"name": "c"})
        EventLog(connection, "unread").append("default", clock.now() + timedelta(days=2), {"name": "d"})
        events = EventLog(connection, "alerts")
        events.handled("slow", events.unread("slow", limit=1)[0].sequence)
        assert forget_events(connection, clock.now() + timedelta(days=1)) == 2
        assert [one.payload["name"] for one in events.unread("slow")] == ["b"]
        assert [one.payload["name"] for one in EventLog(connection, "unread").unread("x")] == ["d"]


def test_lease_has_one_holder(state: StateStore) -> None:
    """A second process waits until the first one is gone for as long as the lease, or lets go."""
    clock = ManualClock()
    first, second = (Lease(state, clock, "alerts") for _ in range(2))
    assert first.hold()
    assert not second.hold()
    clock.advance(10)
    assert first.hold()
    clock.advance(10)
    assert not second.hold()
    clock.advance(6)
    assert second.hold()
    assert second.token == first.token + 1
    assert not first.hold()
    second.release()
    assert first.hold()


def test_lease_of_a_clock_gone_back_is_free(state: StateStore) -> None:
    """An end far in the future is no holder's: the clock has jumped."""
    clock = ManualClock()
    ahead = ManualClock(clock.now() + timedelta(days=1))
    assert Lease(state, ahead, "alerts").hold()
    assert Lease(state, clock, "alerts").hold()


def test_job_goes_on_after_a_failure_and_wakes() -> None:
    """A failed round is counted, and the next one comes when it is asked for."""
    ran = threading.Semaphore(0)
    rounds: list[int] = []

    def run() -> None:
        rounds.append(len(rounds))
        ran.release()
        if len(rounds) == 1:
            raise Unavailable("The store is away.")

    job = PeriodicJob("test", 3600, run)
    job.start()
    assert ran.acquire(timeout=10)
    while not job.failures:
        threading.Event().wait(0.001)
    job.wake()
    assert ran.acquire(timeout=10)
    job.stop(10)
    assert job.failures == 1
