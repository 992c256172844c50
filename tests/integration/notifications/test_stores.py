"""The pipeline on SQLite and PostgreSQL; a delivery belongs to the transaction of its event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.delivery_types import DeliveryState
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.repository import Pipeline
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog
from tests.integration.notifications.conftest import House
from tests.integration.state.conftest import any_store, postgres_url, state_clock
from tests.support.alert_events import make_event, tell
from tests.support.webhooks import Receiver

__all__ = ["any_store", "postgres_url", "state_clock"]


@pytest.fixture
def anywhere(any_store: StateStore, state_clock: ManualClock) -> Iterator[House]:
    house = House(any_store, state_clock, ChannelBook())
    yield house
    house.sender.close(5)


def test_from_event_to_end_on_either_store(anywhere: House, receiver: Receiver) -> None:
    """An alert fires, gets worse, and is over; the log has it page by page, and forgets it after a month."""
    house = anywhere
    house.add("ops", receiver.url)
    for kind, severity in (("fired", "warning"), ("escalated", "critical"), ("resolved", "critical")):
        house.fire(kind, severity=severity)
        house.pass_time(31)
        house.send()
    assert [one.document["reason"] for one in receiver.received] == ["first", "new_alerts", "all_resolved"]
    with house.state.session(read_only=True) as connection:
        newest = Outbox(connection).list("default", limit=1)[0]
        position = (newest.created_at, newest.id)
        older = Outbox(connection).list("default", before=position, states=[DeliveryState.DELIVERED])
        assert len(older) == 2
        assert Outbox(connection).conditions("default")["ops"].delivered_at is not None
    house.pass_time(31)
    with house.state.session() as connection:
        assert (Pipeline(connection, "default").alerts(), Pipeline(connection, "default").groups()) == (
            {},
            {},
        )
        assert Outbox(connection).forget(house.clock.now() + timedelta(days=1)) == 3


def test_failed_transaction_leaves_the_event_for_the_next_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a delivery nor the reader's place survives half of a round."""
    house.add("ops", "http://127.0.0.1:1/")
    house.fire()
    house.clock.advance(1)

    def fail(*_: Any) -> None:
        raise RuntimeError("in the middle")

    with monkeypatch.context() as broken:
        broken.setattr(EventLog, "handled", fail)
        with pytest.raises(RuntimeError):
            house.notifier.run()
    assert house.deliveries() == []
    house.notifier.run()
    assert [one.reason for one in house.deliveries()] == ["first"]


def test_beginning_is_told_before_its_end_after_a_pause(house: House) -> None:
    """Events that piled up while nobody read them are told one after the other, not as if nothing was."""
    house.add("ops", "http://127.0.0.1:1/")
    house.fire()
    house.clock.advance(120)
    house.fire("resolved", number=2)
    house.notifier.run()
    house.pass_time(31)
    assert [one.reason for one in house.deliveries()] == ["first", "all_resolved"]


def test_label_explosion_is_one_message(house: House) -> None:
    """Five hundred alerts of a rule are one delivery that counts them, made in a moment."""
    house.add("ops", "http://127.0.0.1:1/")
    at = house.clock.now()
    tell(house.state, *(make_event(at=at, labels={"user": f"u{number}"}) for number in range(500)))
    house.pass_time(1)
    (delivery,) = house.deliveries()
    assert (delivery.payload["active"], len(delivery.payload["alerts"])) == (500, 20)


def test_clock_that_is_set_back_does_not_stop_repeats(house: House) -> None:
    """What was planned for a time that now lies days ahead is looked at again at once."""
    house.add("ops", "http://127.0.0.1:1/")
    house.fire()
    house.pass_time(1)
    house.clock.jump(-2 * 86_400)
    house.pass_time(1)
    house.pass_time(4 * 3600)
    assert sorted(one.reason for one in house.deliveries()) == ["first", "repeat_elapsed"]
