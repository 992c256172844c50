"""A dead man's switch is fed while alerts are watched, and only then."""

from __future__ import annotations

from datetime import timedelta

from pitwall.notifications.jobs import Heartbeat, is_recent
from tests.integration.notifications.conftest import House
from tests.support.webhooks import Receiver


def test_heart_beats_while_notices_are_made(house: House, receiver: Receiver) -> None:
    """Not before the first round, nor when the last one is too long ago; a switch that is down is no harm."""
    within = timedelta(seconds=60)
    heart = Heartbeat(receiver.url, 60, lambda: is_recent(house.notifier, house.clock, within))
    assert not heart.beat()
    house.notifier.run()
    assert heart.beat()
    house.clock.advance(61)
    assert not heart.beat()
    assert len(receiver.received) == 1
    house.notifier.run()
    receiver.answers.append((500, {}))
    assert not heart.beat()


def test_heart_beats_by_itself(receiver: Receiver) -> None:
    """As a component of the server: at once, and it ends when told."""
    heart = Heartbeat(receiver.url, 5, lambda: True)
    heart.start()
    receiver.wait(1)
    heart.stop(5)
    assert len(receiver.received) == 1
