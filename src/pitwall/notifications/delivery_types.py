"""Deliveries as values: a message on its way, every try, and how its channel does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DIVERTED = "diverted"
    """The channel could not take it, and its second one got it."""
    HELD = "held"
    """The channel's rate limit held it back; a summary tells of it."""


class DeliveryKind(StrEnum):
    """What a delivery carries."""

    ALERTS = "alerts"
    SUMMARY = "summary"
    REPORT = "report"
    TEST = "test"


OPEN_STATES = frozenset({DeliveryState.PENDING, DeliveryState.SENDING})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver.

    Attributes:
        outcome: `delivered`, `refused` (for good), `failed` (to be tried again) or `interrupted` (Pitwall
            ended while it was under way, so nobody knows whether it arrived).
        status: Of HTTP, where there was an answer.
    """

    at: datetime
    outcome: str
    duration_ms: float | None = None
    status: int | None = None
    error: str | None = None


INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message on its way to a channel; its id is the idempotency key of every attempt.

    Attributes:
        reason: Why it is sent; one of the dedup reasons, or `test` or `held_back`.
        payload: What it tells of.
        message: What was or will be sent; None before the first attempt.
        due_at: When it is tried next.
        led_to: The delivery that tells of it instead: on the second channel, or a summary.
    """

    id: str
    project_id: str
    channel: str
    kind: DeliveryKind
    reason: str
    group_id: str | None
    payload: Mapping[str, Any]
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    message: Mapping[str, Any] | None = None
    attempts: tuple[Attempt, ...] = ()
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None
    led_to: str | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether the channel may have got it already."""
        return any(attempt.outcome == INTERRUPTED for attempt in self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCondition:
    """How a channel does.

    Attributes:
        tokens: How many messages it may take at once, as of `refilled_at`.
        paused_until: Nothing is tried before; the channel asked for it, or it fails.
        failures: Attempts that failed since one last succeeded.
    """

    channel: str
    tokens: float
    refilled_at: datetime
    paused_until: datetime | None = None
    failures: int = 0
    error: str | None = None
    failing_since: datetime | None = None
    delivered_at: datetime | None = None
