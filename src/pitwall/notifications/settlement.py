"""What becomes of an attempt: delivered, tried again, given up, or taken over by the second channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from pitwall.kit.ids import new_id
from pitwall.notifications.delivery_types import (
    INTERRUPTED,
    Attempt,
    ChannelCondition,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.rates import wait_after
from pitwall.notifications.repository import Pipeline
from pitwall.notifications.transports import Outcome, OutcomeKind
from pitwall.notifications.types import Channel

log = structlog.get_logger(__name__)

MAX_AGE: Final = timedelta(hours=24)
"""How long a delivery is tried."""
FAILURES_UNTIL_DOWN: Final = 3
"""After so many failures in a row a channel counts as down, and its second channel takes over."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that is over."""

    delivery: Delivery
    channel: Channel
    message: Mapping[str, Any] | None
    outcome: Outcome
    started_at: datetime
    took_ms: float

    @property
    def attempt(self) -> Attempt:
        """The attempt as the log keeps it."""
        outcome = self.outcome
        return Attempt(
            self.started_at, outcome.kind.value, round(self.took_ms, 1), outcome.status, outcome.error
        )


class Settlement:
    """Writes down what became of an attempt, and what follows from it."""

    def __init__(self, connection: Connection, now: datetime, random: Random) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._now = now
        self._random = random

    def settle(self, sent: Sent) -> None:
        """Write an attempt down."""
        now = self._now
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
        ) and may_divert(delivery, sent.channel):
            divert(self._connection, delivery, sent.channel, sent.outcome.error or "it failed", now)
        else:
            self._failed(delivery, sent, now)

    def _condition(self, sent: Sent, now: datetime) -> ChannelCondition:
        before = self._outbox.condition(
            sent.delivery.project_id, sent.channel.name, burst=sent.channel.rate.burst, now=now
        )
        if sent.outcome.kind is OutcomeKind.DELIVERED:
            return replace(
                before, failures=0, error=None, failing_since=None, paused_until=None, delivered_at=now
            )
        failures = before.failures + 1
        wait = wait_after(failures, sent.outcome.retry_after, self._random)
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

    def _failed(self, delivery: Delivery, sent: Sent, now: datetime) -> None:
        tries = sum(1 for attempt in delivery.attempts if attempt.outcome != INTERRUPTED)
        wait = wait_after(tries, sent.outcome.retry_after, self._random)
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


def may_divert(delivery: Delivery, channel: Channel) -> bool:
    """Whether the second channel may take a delivery over; nothing is passed on twice."""
    is_test = delivery.kind is DeliveryKind.TEST
    return channel.fallback is not None and not is_test and "instead_of" not in delivery.payload
