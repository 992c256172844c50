"""From the outbox to the channels: whose turn it is, trying, trying again, and who takes over.

A delivery is marked before it is tried. If Pitwall is killed in between, nobody knows whether it arrived: it
is tried again with the same idempotency key, and says that it may be a repeat. A message twice can be seen
and dropped by its key; a message lost cannot be seen at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection

from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.claims import Claimant, Claims
from pitwall.notifications.delivery_types import Delivery
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.settlement import Sent, Settlement
from pitwall.notifications.transports import Outcome, OutcomeKind
from pitwall.notifications.types import Channel
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

_KEPT: Final = timedelta(days=30)
_MAX_AT_ONCE: Final = 8


class Deliver(Protocol):
    """Writes the message of a delivery and sends it."""

    def __call__(self, delivery: Delivery, channel: Channel) -> tuple[Mapping[str, Any], Outcome]:
        """Return the message as it was sent, and what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class SenderParts:
    """What a sender works with.

    Attributes:
        takes_over_after: How old a claim of another process has to be before it counts as dead.
    """

    state: StateStore
    book: ChannelBook
    deliver: Deliver
    clock: Clock
    random: Random
    takes_over_after: timedelta = timedelta()


class Sender:
    """Sends what is due; at most one delivery of a channel at a time, those of a group in their order."""

    def __init__(self, parts: SenderParts) -> None:
        self._parts = parts
        self._me = new_id()
        self._pool = ThreadPoolExecutor(_MAX_AT_ONCE, thread_name_prefix="pitwall-deliveries")
        self._busy: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._forgot_at: datetime | None = None
        self.on_finished: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Claim what is due and hand it to threads; returns at once."""
        now = self._parts.clock.now()
        if not self._has_work(now):
            return
        with self._parts.state.session() as connection:
            claimant = Claimant(self._me, self._busy_channels(), self._parts.takes_over_after)
            claimed = Claims(connection, self._parts.book, claimant).claim(now)
            self._forget_old(connection, now)
        for delivery, channel in claimed:
            with self._lock:
                self._busy.add((delivery.project_id, delivery.channel))
            self._pool.submit(self._send, delivery, channel)

    def close(self, timeout_seconds: float) -> None:
        """Wait for what is under way; what takes longer is tried again at the next start."""
        done = threading.Event()

        def wait() -> None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            done.set()

        threading.Thread(target=wait, name="pitwall-deliveries-end", daemon=True).start()
        done.wait(timeout_seconds)

    def _has_work(self, now: datetime) -> bool:
        with self._parts.state.session(read_only=True) as connection:
            return Outbox(connection).has_open(now)

    def _busy_channels(self) -> frozenset[tuple[str, str]]:
        with self._lock:
            return frozenset(self._busy)

    def _send(self, delivery: Delivery, channel: Channel) -> None:
        started = self._parts.clock.now()
        begun = self._parts.clock.monotonic()
        try:
            message, outcome = self._attempt(delivery, channel)
            took_ms = (self._parts.clock.monotonic() - begun) * 1000
            with self._parts.state.session() as connection:
                sent = Sent(delivery, channel, message, outcome, started, took_ms)
                Settlement(connection, self._parts.clock.now(), self._parts.random).settle(sent)
        except Exception:
            log.exception("delivery.not_settled", delivery=delivery.id, channel=delivery.channel)
        finally:
            with self._lock:
                self._busy.discard((delivery.project_id, delivery.channel))
            self.on_finished()

    def _attempt(self, delivery: Delivery, channel: Channel) -> tuple[Mapping[str, Any] | None, Outcome]:
        try:
            return self._parts.deliver(delivery, channel)
        except Exception as error:  # whatever a channel does, the others go on and this one is tried again
            log.exception("delivery.failed", delivery=delivery.id, channel=delivery.channel)
            return None, Outcome(OutcomeKind.FAILED, error=f"internal error: {type(error).__name__}")

    def _forget_old(self, connection: Connection, now: datetime) -> None:
        if self._forgot_at is None or now - self._forgot_at > timedelta(hours=1):
            Outbox(connection).forget(now - _KEPT)
            self._forgot_at = now
