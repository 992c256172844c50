"""From the outbox to the channels: whose turn it is, trying, trying again, and who takes over.

A delivery is marked before it is tried. If Pitwall is killed in between, nobody knows whether it arrived: it
is tried again with the same idempotency key, and says that it may be a repeat. A message twice can be seen
and dropped by its key; a message lost cannot be seen at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection

from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.outbox import OpenDelivery, Outbox
from pitwall.notifications.rates import next_token_at, refilled, wait_after
from pitwall.notifications.repository import Pipeline
from pitwall.notifications.transports import Outcome, OutcomeKind
from pitwall.notifications.types import (
    INTERRUPTED,
    Attempt,
    Channel,
    ChannelCondition,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

MAX_AGE: Final = timedelta(hours=24)
"""How long a delivery is tried."""
FAILURES_UNTIL_DOWN: Final = 3
"""After so many failures in a row a channel counts as down, and its second channel takes over."""
HELD_BACK: Final = "held back by the rate limit"
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
            claimed = _Claims(connection, self._parts, self._me, self._busy_channels()).claim(now)
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

    def _busy_channels(self) -> set[tuple[str, str]]:
        with self._lock:
            return set(self._busy)

    def _send(self, delivery: Delivery, channel: Channel) -> None:
        started = self._parts.clock.now()
        begun = self._parts.clock.monotonic()
        try:
            message, outcome = self._attempt(delivery, channel)
            took_ms = (self._parts.clock.monotonic() - begun) * 1000
            with self._parts.state.session() as connection:
                sent = _Sent(delivery, channel, message, outcome, started, took_ms)
                _Settlement(connection, self._parts).settle(sent)
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


class _Claims:
    """Decides in one transaction which deliveries are tried now."""

    def __init__(
        self, connection: Connection, parts: SenderParts, me: str, busy: set[tuple[str, str]]
    ) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._parts = parts
        self._me = me
        self._taken = busy
        self._channels: dict[str, dict[str, Channel]] = {}

    def claim(self, now: datetime) -> list[tuple[Delivery, Channel]]:
        waiting = self._outbox.open()
        for one in waiting:
            if one.state is DeliveryState.SENDING and self._is_orphan(one, now):
                self._take_over(one, now)
        queues: dict[tuple[str, str], list[OpenDelivery]] = {}
        for one in _first_of_groups(self._outbox.open()):
            if one.state is DeliveryState.PENDING and one.due_at <= now:
                queues.setdefault((one.project_id, one.channel), []).append(one)
        claimed = [self._next(queue, now) for key, queue in queues.items() if key not in self._taken]
        return [one for one in claimed if one is not None]

    def _is_orphan(self, one: OpenDelivery, now: datetime) -> bool:
        """Whether the process that tried it is gone; a claim of this one without a thread is one as well."""
        if one.claimed_by == self._me:
            return (one.project_id, one.channel) not in self._taken
        return one.claimed_at is None or one.claimed_at <= now - self._parts.takes_over_after

    def _take_over(self, one: OpenDelivery, now: datetime) -> None:
        delivery = self._outbox.get(one.id)
        attempt = Attempt(
            at=one.claimed_at or now,
            outcome=INTERRUPTED,
            error="Pitwall ended while this was being sent; it may have arrived.",
        )
        self._outbox.write(
            replace(
                delivery,
                state=DeliveryState.PENDING,
                attempts=(*delivery.attempts, attempt),
                due_at=now,
                claimed_by=None,
                claimed_at=None,
            )
        )

    def _next(self, queue: list[OpenDelivery], now: datetime) -> tuple[Delivery, Channel] | None:
        """The delivery of a channel that is tried now; None if the channel has to wait."""
        first = queue[0]
        channel = self._channel(first)
        if channel is None:
            self._give_up(queue, now)
            return None
        condition = self._outbox.condition(first.project_id, first.channel, burst=channel.rate.burst, now=now)
        condition = refilled(condition, channel.rate, now)
        if condition.paused_until is not None and condition.paused_until > now:
            self._wait_or_divert(queue, channel, condition, now)
            return None
        if condition.tokens < 1:
            self._hold_back(queue, next_token_at(condition, channel.rate))
            return None
        self._outbox.write_condition(first.project_id, replace(condition, tokens=condition.tokens - 1))
        return self._mark(self._summarised(queue, now), now), channel

    def _channel(self, one: OpenDelivery) -> Channel | None:
        if one.project_id not in self._channels:
            self._channels[one.project_id] = self._parts.book.of(self._connection, one.project_id)
        return self._channels[one.project_id].get(one.channel)

    def _give_up(self, queue: list[OpenDelivery], now: datetime) -> None:
        for one in queue:
            self._outbox.write(
                replace(
                    self._outbox.get(one.id),
                    state=DeliveryState.FAILED,
                    finished_at=now,
                    error=f"There is no channel {one.channel!r} any more.",
                )
            )

    def _wait_or_divert(
        self, queue: list[OpenDelivery], channel: Channel, condition: ChannelCondition, now: datetime
    ) -> None:
        assert condition.paused_until is not None
        is_down = condition.failures >= FAILURES_UNTIL_DOWN
        for one in queue:
            delivery = self._outbox.get(one.id)
            if is_down and _may_divert(delivery, channel):
                divert(self._connection, delivery, channel, condition.error or "it is down", now)
            else:
                self._outbox.write(replace(delivery, due_at=condition.paused_until))

    def _hold_back(self, queue: list[OpenDelivery], until: datetime) -> None:
        for one in queue:
            self._outbox.write(replace(self._outbox.get(one.id), due_at=until, error=HELD_BACK))

    def _summarised(self, queue: list[OpenDelivery], now: datetime) -> Delivery:
        """The first of a queue; one summary instead of all that were held back, if they are several."""
        held = [one for one in queue if one.error == HELD_BACK]
        if len(held) < 2:
            return self._outbox.get(queue[0].id)
        deliveries = [self._outbox.get(one.id) for one in held]
        summary = Delivery(
            id=new_id(),
            project_id=held[0].project_id,
            channel=held[0].channel,
            kind=DeliveryKind.SUMMARY,
            reason="held_back",
            group_id=None,
            payload=_summary_payload(deliveries),
            state=DeliveryState.PENDING,
            created_at=now,
            due_at=now,
        )
        self._outbox.add(summary)
        for delivery in deliveries:
            self._outbox.write(
                replace(delivery, state=DeliveryState.HELD, finished_at=now, led_to=summary.id)
            )
        return summary

    def _mark(self, delivery: Delivery, now: datetime) -> Delivery:
        marked = replace(
            delivery, state=DeliveryState.SENDING, claimed_by=self._me, claimed_at=now, error=None
        )
        self._outbox.write(marked)
        return marked


@dataclass(frozen=True, slots=True)
class _Sent:
    """An attempt that is over."""

    delivery: Delivery
    channel: Channel
    message: Mapping[str, Any] | None
    outcome: Outcome
    started_at: datetime
    took_ms: float

    @property
    def attempt(self) -> Attempt:
        outcome = self.outcome
        return Attempt(
            self.started_at, outcome.kind.value, round(self.took_ms, 1), outcome.status, outcome.error
        )


class _Settlement:
    """Writes down what became of an attempt, and what follows from it."""

    def __init__(self, connection: Connection, parts: SenderParts) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._parts = parts

    def settle(self, sent: _Sent) -> None:
        now = self._parts.clock.now()
        delivery = self._outbox.get(sent.delivery.id)
        delivery = replace(
            delivery,
            message=delivery.message if sent.message is None else dict(sent.message),
            attempts=(*delivery.attempts, sent.attempt),
            claimed_by=None,
            claimed_at=None,
            error=sent.outcome.error,
        )
        condition = self._condition(sent, now)
        self._outbox.write_condition(delivery.project_id, condition)
        if sent.outcome.kind is OutcomeKind.DELIVERED:
            self._delivered(delivery, now)
        elif (
            sent.outcome.kind is OutcomeKind.REFUSED or condition.failures >= FAILURES_UNTIL_DOWN
        ) and _may_divert(delivery, sent.channel):
            divert(self._connection, delivery, sent.channel, sent.outcome.error or "it failed", now)
        else:
            self._failed(delivery, sent, now)

    def _condition(self, sent: _Sent, now: datetime) -> ChannelCondition:
        before = self._outbox.condition(
            sent.delivery.project_id, sent.channel.name, burst=sent.channel.rate.burst, now=now
        )
        if sent.outcome.kind is OutcomeKind.DELIVERED:
            return replace(
                before, failures=0, error=None, failing_since=None, paused_until=None, delivered_at=now
            )
        failures = before.failures + 1
        wait = wait_after(failures, sent.outcome.retry_after, self._parts.random)
        return replace(
            before,
            failures=failures,
            error=sent.outcome.error,
            failing_since=before.failing_since or now,
            paused_until=now + wait if sent.outcome.kind is OutcomeKind.FAILED else None,
        )

    def _delivered(self, delivery: Delivery, now: datetime) -> None:
        self._outbox.write(replace(delivery, state=DeliveryState.DELIVERED, finished_at=now, error=None))
        if delivery.group_id is not None and "instead_of" not in delivery.payload:
            set_via(self._connection, delivery, None)
        log.info("delivery.delivered", delivery=delivery.id, channel=delivery.channel, reason=delivery.reason)

    def _failed(self, delivery: Delivery, sent: _Sent, now: datetime) -> None:
        tries = sum(1 for attempt in delivery.attempts if attempt.outcome != INTERRUPTED)
        wait = wait_after(tries, sent.outcome.retry_after, self._parts.random)
        is_over = sent.outcome.kind is OutcomeKind.REFUSED or now + wait > delivery.created_at + MAX_AGE
        if is_over:
            self._outbox.write(replace(delivery, state=DeliveryState.FAILED, finished_at=now))
        else:
            self._outbox.write(replace(delivery, state=DeliveryState.PENDING, due_at=now + wait))
        log.warning(
            "delivery.gave_up" if is_over else "delivery.will_retry",
            delivery=delivery.id,
            channel=delivery.channel,
            error=sent.outcome.error,
        )


def divert(connection: Connection, delivery: Delivery, channel: Channel, because: str, now: datetime) -> None:
    """Let the second channel of a channel take a delivery over."""
    assert channel.fallback is not None
    other = Delivery(
        id=new_id(),
        project_id=delivery.project_id,
        channel=channel.fallback,
        kind=delivery.kind,
        reason=delivery.reason,
        group_id=delivery.group_id,
        payload={**delivery.payload, "instead_of": channel.name, "because": because},
        state=DeliveryState.PENDING,
        created_at=now,
        due_at=now,
    )
    outbox = Outbox(connection)
    outbox.add(other)
    outbox.write(
        replace(
            delivery,
            state=DeliveryState.DIVERTED,
            finished_at=now,
            error=because,
            led_to=other.id,
            claimed_by=None,
            claimed_at=None,
        )
    )
    set_via(connection, delivery, channel.fallback)
    log.warning("delivery.diverted", delivery=delivery.id, channel=channel.name, to=channel.fallback)


def set_via(connection: Connection, delivery: Delivery, channel: str | None) -> None:
    """Note which channel told of a group, so that it is told as well when it is over."""
    if delivery.group_id is None:
        return
    pipeline = Pipeline(connection, delivery.project_id)
    group = pipeline.find_group(delivery.group_id)
    if group is not None and group.via != channel:
        pipeline.write_groups([replace(group, via=channel)])


def _may_divert(delivery: Delivery, channel: Channel) -> bool:
    is_test = delivery.kind is DeliveryKind.TEST
    return channel.fallback is not None and not is_test and "instead_of" not in delivery.payload


def _first_of_groups(waiting: Iterable[OpenDelivery]) -> list[OpenDelivery]:
    """Those before which nothing of the same group and channel is still to be delivered."""
    seen: set[tuple[str, str]] = set()
    first = []
    for one in waiting:
        if one.group_id is not None:
            key = (one.group_id, one.channel)
            if key in seen:
                continue
            seen.add(key)
        first.append(one)
    return first


def _summary_payload(deliveries: list[Delivery]) -> dict[str, Any]:
    return {
        "held": len(deliveries),
        "language": deliveries[0].payload.get("language"),
        "alerts": [one for delivery in deliveries for one in delivery.payload.get("alerts", ())],
        "resolved": [one for delivery in deliveries for one in delivery.payload.get("resolved", ())],
    }
