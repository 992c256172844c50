"""How often a channel may be spoken to, and how long to wait after it failed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from pitwall.notifications.delivery_types import ChannelCondition
from pitwall.notifications.types import RateLimit

FIRST_WAIT: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(minutes=10)
LONGEST_RETRY_AFTER: Final = timedelta(hours=1)


def is_due(at: datetime, now: datetime) -> bool:
    """Whether a time has come; one further away than anything ever waits is a clock that was set back."""
    return at <= now or at > now + 2 * LONGEST_RETRY_AFTER


def refilled(condition: ChannelCondition, rate: RateLimit, now: datetime) -> ChannelCondition:
    """The condition with the tokens that came in since it was last looked at."""
    elapsed = max(timedelta(), now - condition.refilled_at)
    tokens = min(float(rate.burst), condition.tokens + elapsed.total_seconds() * rate.per_minute / 60)
    return replace(condition, tokens=tokens, refilled_at=now)


def next_token_at(condition: ChannelCondition, rate: RateLimit) -> datetime:
    """When there is a token for one more message."""
    missing = max(0.0, 1.0 - condition.tokens)
    return condition.refilled_at + timedelta(seconds=missing * 60 / rate.per_minute)


def wait_after(failures: int, retry_after: timedelta | None, random: Random) -> timedelta:
    """How long to wait after a number of failures in a row.

    Twice as long after each, with jitter so that what failed together does not come back together; at
    least as long as the channel asked for.
    """
    backoff = min(FIRST_WAIT * (1 << min(failures - 1, 20)), LONGEST_WAIT)
    wait = backoff * random.uniform(0.5, 1.0)
    return wait if retry_after is None else max(wait, min(retry_after, LONGEST_RETRY_AFTER))
