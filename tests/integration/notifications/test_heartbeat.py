"""A dead man's switch is fed while alerts are watched, and only then."""

from __future__ import annotations

from pitwall.notifications.jobs import Heartbeat, Watch
from tests.integration.notifications.conftest import House
from tests.support.webhooks import Receiver


def test_heart_beats_while_alerts_are_watched(house: House, receiver: Receiver) -> None:
    """Not before rules are evaluated and notices made, nor when either is too long ago."""
    rounds = [0]
    watch = Watch(house.notifier, lambda: rounds[0], house.clock)
    heart = Heartbeat(receiver.url, 60, watch.is_kept)
    assert not heart.beat()
    house.notifier.run()
    assert not heart.beat()
    rounds[0] = 1
    assert heart.beat()
    house.clock.advance(61)
    house.notifier.run()
    assert not heart.beat()
    rounds[0] = 2
    assert heart.beat()
    house.clock.advance(61)
    rounds[0] = 3
    assert not heart.beat()
    assert len(receiver.received) == 2


def test_switch_that_is_down_does_no_harm(receiver: Receiver) -> None:
    """It is said, and tried again at the next beat."""
    heart = Heartbeat(receiver.url, 60, lambda: True)
    receiver.answers.append((500, {}))
    assert not heart.beat()
    assert heart.beat()
    assert not Heartbeat("http://127.0.0.1:1/", 60, lambda: True).beat()


def test_heart_beats_by_itself(receiver: Receiver) -> None:
    """As a component of the server: at once, and it ends when told."""
    heart = Heartbeat(receiver.url, 5, lambda: True)
    heart.start()
    receiver.wait(1)
    heart.stop(5)
    assert len(receiver.received) == 1
