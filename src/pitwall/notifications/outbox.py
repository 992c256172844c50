"""All SQL about deliveries and about how channels do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, tuple_, update

from pitwall.kit.durations import format_instant
from pitwall.notifications.delivery_types import (
    OPEN_STATES,
    Attempt,
    ChannelCondition,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from pitwall.notifications.rates import LONGEST_RETRY_AFTER
from pitwall.stores.state.tables import channel_conditions, deliveries

_LOOKED_AT = 2_000
_OPEN_COLUMNS = (
    deliveries.c.id,
    deliveries.c.project_id,
    deliveries.c.channel,
    deliveries.c.group_id,
    deliveries.c.state,
    deliveries.c.due_at,
    deliveries.c.claimed_by,
    deliveries.c.claimed_at,
    deliveries.c.error,
)


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A delivery that is not finished, as far as it matters for whose turn it is."""

    id: str
    project_id: str
    channel: str
    group_id: str | None
    state: DeliveryState
    due_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    error: str | None


class Outbox:
    """Deliveries of all projects, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, delivery: Delivery) -> None:
        """Put a delivery into the outbox."""
        self._connection.execute(insert(deliveries).values(**_values(delivery)))

    def write(self, delivery: Delivery) -> None:
        """Keep what became of a delivery."""
        values = _values(delivery)
        self._connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**values))

    def has_open(self, now: datetime) -> bool:
        """Whether anything is to be tried now, or is marked as being tried."""
        due_at, too_far = deliveries.c.due_at, now + 2 * LONGEST_RETRY_AFTER  # see `rates.is_due`
        is_due = (deliveries.c.state == DeliveryState.PENDING.value) & ((due_at <= now) | (due_at > too_far))
        query = select(deliveries.c.id).where(is_due | (deliveries.c.state == DeliveryState.SENDING.value))
        return self._connection.execute(query.limit(1)).first() is not None

    def open(self) -> list[OpenDelivery]:
        """Return what is not finished, oldest first, without what it says."""
        states = [state.value for state in OPEN_STATES]
        query = select(*_OPEN_COLUMNS).where(deliveries.c.state.in_(states)).order_by(deliveries.c.id)
        rows = self._connection.execute(query.limit(_LOOKED_AT)).mappings()
        return [OpenDelivery(**{**row, "state": DeliveryState(row["state"])}) for row in rows]

    def get(self, delivery_id: str) -> Delivery:
        """Return a delivery that is known to be there, and keep others from changing it."""
        query = select(deliveries).where(deliveries.c.id == delivery_id).with_for_update()
        return _delivery(self._connection.execute(query).mappings().one())

    def find(self, project_id: str, delivery_id: str) -> Delivery | None:
        """Return one, or None."""
        mine = (deliveries.c.project_id == project_id) & (deliveries.c.id == delivery_id)
        row = self._connection.execute(select(deliveries).where(mine)).mappings().first()
        return None if row is None else _delivery(row)

    def list(
        self,
        project_id: str,
        *,
        channel: str | None = None,
        states: Collection[DeliveryState] = (),
        limit: int = 100,
        before: tuple[datetime, str] | None = None,
    ) -> list[Delivery]:
        """Return deliveries, newest first.

        Args:
            channel: Only those to this channel.
            states: Only those in one of these states; empty for all.
            limit: How many at most.
            before: `(created_at, id)` of the last one seen; the list goes on behind it.
        """
        query = select(deliveries).where(deliveries.c.project_id == project_id)
        if channel is not None:
            query = query.where(deliveries.c.channel == channel)
        if states:
            query = query.where(deliveries.c.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(tuple_(deliveries.c.created_at, deliveries.c.id) < before)
        query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit)
        return [_delivery(row) for row in self._connection.execute(query).mappings()]

    def forget(self, before: datetime) -> int:
        """Forget what was finished before a time; returns how many."""
        finished = deliveries.c.finished_at.is_not(None) & (deliveries.c.finished_at < before)
        return self._connection.execute(delete(deliveries).where(finished)).rowcount

    def condition(self, project_id: str, channel: str, *, burst: int, now: datetime) -> ChannelCondition:
        """Return how a channel does; one that was never used is well and has all its tokens."""
        table = channel_conditions
        query = select(table).where(table.c.project_id == project_id, table.c.channel == channel)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return ChannelCondition(channel=channel, tokens=float(burst), refilled_at=now)
        return ChannelCondition(**{key: value for key, value in row.items() if key != "project_id"})

    def conditions(self, project_id: str) -> dict[str, ChannelCondition]:
        """Return how the channels of a project do that were ever used, by name."""
        table = channel_conditions
        rows = self._connection.execute(select(table).where(table.c.project_id == project_id)).mappings()
        found = (ChannelCondition(**{k: v for k, v in row.items() if k != "project_id"}) for row in rows)
        return {condition.channel: condition for condition in found}

    def write_condition(self, project_id: str, condition: ChannelCondition) -> None:
        """Keep how a channel does."""
        table = channel_conditions
        values = {
            "tokens": condition.tokens,
            "refilled_at": condition.refilled_at,
            "paused_until": condition.paused_until,
            "failures": condition.failures,
            "error": condition.error,
            "failing_since": condition.failing_since,
            "delivered_at": condition.delivered_at,
        }
        mine = (table.c.project_id == project_id) & (table.c.channel == condition.channel)
        if not self._connection.execute(update(table).where(mine).values(**values)).rowcount:
            key = {"project_id": project_id, "channel": condition.channel}
            self._connection.execute(insert(table).values(**key, **values))


def attempt_view(attempt: Attempt) -> dict[str, Any]:
    """An attempt as JSON."""
    return {
        "at": format_instant(attempt.at),
        "outcome": attempt.outcome,
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error,
    }


def _attempt(written: dict[str, Any]) -> Attempt:
    return Attempt(**{**written, "at": datetime.fromisoformat(written["at"])})


def _values(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "project_id": delivery.project_id,
        "channel": delivery.channel,
        "kind": delivery.kind.value,
        "reason": delivery.reason,
        "group_id": delivery.group_id,
        "payload": dict(delivery.payload),
        "message": None if delivery.message is None else dict(delivery.message),
        "state": delivery.state.value,
        "attempts": [attempt_view(attempt) for attempt in delivery.attempts],
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "claimed_by": delivery.claimed_by,
        "claimed_at": delivery.claimed_at,
        "finished_at": delivery.finished_at,
        "error": delivery.error,
        "led_to": delivery.led_to,
    }


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        **{
            **row,
            "kind": DeliveryKind(row["kind"]),
            "state": DeliveryState(row["state"]),
            "attempts": tuple(map(_attempt, row["attempts"])),
        }
    )
