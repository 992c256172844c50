"""A pipeline on a real state store, with a receiver of webhooks and a clock that is moved by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pitwall.alerts.types import AlertEvent
from pitwall.kit.clock import ManualClock
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.composer import Composer
from pitwall.notifications.delivery_types import Delivery
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.repository import Channels, Routes
from pitwall.notifications.sender import Sender, SenderParts
from pitwall.notifications.service import make_notifications
from pitwall.notifications.transports import Transports
from pitwall.notifications.types import Channel, ChannelKind, Routing
from pitwall.notifications.wire import read_routing
from pitwall.stores.state import StateStore
from tests.support.alert_events import make_event, tell
from tests.support.webhooks import Receiver, running_receiver

TRACES = ["0" * 31 + str(number) for number in range(1, 6)]


@dataclass
class House:
    """Everything between an event and a channel."""

    state: StateStore
    clock: ManualClock
    book: ChannelBook
    public_url: str = "http://127.0.0.1:8400"
    examples_fail_with: Exception | None = None

    def __post_init__(self) -> None:
        self.use(self.book)

    def use(self, book: ChannelBook) -> None:
        """Put the parts together with these channels."""
        self.book = book
        self.notifier = Notifier(self.state, self.book, self.clock)
        self.composer = Composer(
            book=self.book,
            transports=Transports(self.clock),
            public_url=self.public_url,
            examples_of=self._examples,
            incident_of=lambda _project, _alert: "42",
        )
        self.sender = self.new_sender()
        self.service = make_notifications(
            self.state,
            self.clock,
            book=book,
            notifier=self.notifier,
            composer=self.composer,
            wake=lambda: None,
        )

    def new_sender(self, takes_over_after: float = 0) -> Sender:
        """A sender as another process would have it."""
        return Sender(
            SenderParts(
                self.state,
                self.book,
                self.composer.deliver,
                self.clock,
                Random(1),
                timedelta(seconds=takes_over_after),
            )
        )

    def _examples(self, _project: str, _event: AlertEvent) -> Sequence[str]:
        if self.examples_fail_with is not None:
            raise self.examples_fail_with
        return TRACES[:3]

    def add(self, name: str, url: str, **options: Any) -> Channel:
        """Make a channel."""
        values: dict[str, Any] = {"kind": ChannelKind.WEBHOOK, **options}
        channel = Channel(name=name, url=url, updated_at=self.clock.now(), updated_by="test", **values)
        with self.state.session() as connection:
            Channels(connection, "default").write(channel)
        return channel

    def route(self, written: dict[str, Any]) -> None:
        """Save a routing tree."""
        routing: Routing = read_routing({"inhibit": [], **written})
        with self.state.session() as connection:
            Routes(connection, "default").write(routing, at=self.clock.now(), by="test")

    def fire(self, kind: str = "fired", **options: Any) -> AlertEvent:
        """Let the evaluator tell something."""
        event = make_event(kind, at=self.clock.now(), **options)
        tell(self.state, event)
        return event

    def pass_time(self, seconds: float) -> None:
        """Let time pass and do what is due."""
        self.clock.advance(seconds)
        self.notifier.run()

    def deliveries(self) -> list[Delivery]:
        """Everything in the outbox, oldest first."""
        with self.state.session(read_only=True) as connection:
            return Outbox(connection).list("default")[::-1]

    def send(self) -> None:
        """Send what is due, and wait until that is over."""
        self.sender.run()
        deadline = time.monotonic() + 30
        while self.sender._busy:
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def state(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()


@pytest.fixture
def house(state: StateStore, clock: ManualClock) -> Iterator[House]:
    house = House(state, clock, ChannelBook())
    yield house
    house.sender.close(5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver
