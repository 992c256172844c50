"""Whose turn it is: which deliveries are tried now, which wait, and which are told of in one summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from pitwall.kit.ids import new_id
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.delivery_types import (
    INTERRUPTED,
    Attempt,
    ChannelCondition,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from pitwall.notifications.notices import summary_payload
from pitwall.notifications.outbox import OpenDelivery, Outbox
from pitwall.notifications.rates import is_due, next_token_at, refilled
from pitwall.notifications.settlement import FAILURES_UNTIL_DOWN, divert, may_divert
from pitwall.notifications.types import Channel

HELD_BACK: Final = "held back by the rate limit"


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims.

    Attributes:
        id: Of the process.
        busy: Channels, as (project, name), that it is speaking to.
        takes_over_after: How old a claim of another process has to be before it counts as dead.
    """

    id: str
    busy: frozenset[tuple[str, str]]
    takes_over_after: timedelta


class Claims:
    """Decides in one transaction which deliveries are tried now."""

    def __init__(self, connection: Connection, book: ChannelBook, claimant: Claimant) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._book = book
        self._claimant = claimant
        self._channels: dict[str, dict[str, Channel]] = {}

    def claim(self, now: datetime) -> list[tuple[Delivery, Channel]]:
        """Mark and return what is tried now, one delivery of a channel at most."""
        waiting = self._outbox.open()
        for one in waiting:
            if one.state is DeliveryState.SENDING and self._is_orphan(one, now):
                self._take_over(one, now)
        queues = _queues(self._outbox.open(), now)
        claimed = [self._next(queue, now) for key, queue in queues.items() if key not in self._claimant.busy]
        return [one for one in claimed if one is not None]

    def _is_orphan(self, one: OpenDelivery, now: datetime) -> bool:
        """Whether the process that tried it is gone; a claim of this one without a thread is one as well."""
        if one.claimed_by == self._claimant.id:
            return (one.project_id, one.channel) not in self._claimant.busy
        return one.claimed_at is None or one.claimed_at <= now - self._claimant.takes_over_after

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

    def _next(self, queue: _Queue, now: datetime) -> tuple[Delivery, Channel] | None:
        """The delivery of a channel that is tried now; None if the channel has to wait."""
        first = queue.heads[0]
        channel = self._channel(first)
        if channel is None or not channel.is_enabled:
            why = "is switched off" if channel is not None else "is not there any more"
            self._give_up(queue.everything, f"Channel {first.channel!r} {why}.", now)
            return None
        condition = self._outbox.condition(first.project_id, first.channel, burst=channel.rate.burst, now=now)
        condition = refilled(condition, channel.rate, now)
        if condition.paused_until is not None and not is_due(condition.paused_until, now):
            self._wait_or_divert(queue.heads, channel, condition, now)
            return None
        if condition.tokens < 1:
            self._hold_back(queue.everything, next_token_at(condition, channel.rate))
            return None
        self._outbox.write_condition(first.project_id, replace(condition, tokens=condition.tokens - 1))
        return self._mark(self._summarised(queue, now), now), channel

    def _channel(self, one: OpenDelivery) -> Channel | None:
        if one.project_id not in self._channels:
            self._channels[one.project_id] = self._book.of(self._connection, one.project_id)
        return self._channels[one.project_id].get(one.channel)

    def _give_up(self, queue: list[OpenDelivery], why: str, now: datetime) -> None:
        for one in queue:
            self._outbox.write(
                replace(
                    self._outbox.get(one.id),
                    state=DeliveryState.FAILED,
                    finished_at=now,
                    error=why,
                )
            )

    def _wait_or_divert(
        self, queue: list[OpenDelivery], channel: Channel, condition: ChannelCondition, now: datetime
    ) -> None:
        assert condition.paused_until is not None
        is_down = condition.failures >= FAILURES_UNTIL_DOWN
        for one in queue:
            delivery = self._outbox.get(one.id)
            if is_down and may_divert(delivery, channel):
                divert(self._connection, delivery, channel, condition.error or "it is down", now)
            else:
                self._outbox.write(replace(delivery, due_at=condition.paused_until))

    def _hold_back(self, queue: list[OpenDelivery], until: datetime) -> None:
        for one in queue:
            self._outbox.write(replace(self._outbox.get(one.id), due_at=until, error=HELD_BACK))

    def _summarised(self, queue: _Queue, now: datetime) -> Delivery:
        """The first of a queue; one summary of all of it if something of it was held back."""
        held = queue.everything
        if len(held) < 2 or all(one.error != HELD_BACK for one in held):
            return self._outbox.get(queue.heads[0].id)
        deliveries = [self._outbox.get(one.id) for one in held]
        summary = Delivery(
            id=new_id(),
            project_id=held[0].project_id,
            channel=held[0].channel,
            kind=DeliveryKind.SUMMARY,
            reason="held_back",
            group_id=None,
            payload=summary_payload(deliveries),
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
            delivery, state=DeliveryState.SENDING, claimed_by=self._claimant.id, claimed_at=now, error=None
        )
        self._outbox.write(marked)
        return marked


@dataclass(slots=True)
class _Queue:
    """What waits for a channel.

    Attributes:
        heads: What may be tried now, oldest first.
        followers: What comes after one of them in its group.
    """

    heads: list[OpenDelivery] = field(default_factory=list)
    followers: list[OpenDelivery] = field(default_factory=list)

    @property
    def everything(self) -> list[OpenDelivery]:
        """Both, oldest first."""
        return sorted([*self.heads, *self.followers], key=lambda one: one.id)


def _queues(waiting: Iterable[OpenDelivery], now: datetime) -> dict[tuple[str, str], _Queue]:
    """What waits for each channel; nothing of a group comes before its older ones."""
    queues: dict[tuple[str, str], _Queue] = {}
    is_head_due: dict[tuple[str, str], bool] = {}
    for one in waiting:
        group = None if one.group_id is None else (one.group_id, one.channel)
        is_ready = one.state is DeliveryState.PENDING and is_due(one.due_at, now)
        queue = queues.setdefault((one.project_id, one.channel), _Queue())
        if group is not None and group in is_head_due:
            if is_head_due[group]:
                queue.followers.append(one)
            continue
        if group is not None:
            is_head_due[group] = is_ready
        if is_ready:
            queue.heads.append(one)
    return {key: queue for key, queue in queues.items() if queue.heads}
