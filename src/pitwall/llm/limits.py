"""How fast an endpoint may be asked: concurrency that finds its level, pauses, requests and tokens a minute.

`Aimd`, `TokenBucket` and `Gate` only compute, from times that they are given; `EndpointLimiter` waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from pitwall.llm.types import ModelEndpoint

_DECREASE = 0.5
_MINUTE = 60.0


class SlotOutcome(StrEnum):
    """What an attempt says about the load of its endpoint."""

    FINE = "fine"
    OVERLOADED = "overloaded"
    UNKNOWN = "unknown"


class Aimd:
    """A concurrency limit: one more after as many successes as it allows, half after an overload.

    Attempts that began before the last cut say nothing new: a burst of refusals is one sign, not sixteen.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = max(1, ceiling)
        self._limit = float(self._ceiling)
        self._cut_at = float("-inf")

    @property
    def limit(self) -> int:
        """Attempts that may be under way; at least one, at most the ceiling."""
        return int(self._limit)

    def succeeded(self) -> None:
        """An attempt went well."""
        self._limit = min(float(self._ceiling), self._limit + 1.0 / self._limit)

    def overloaded(self, started_at: float, now: float) -> None:
        """An attempt that began at `started_at` was refused for load, or never answered."""
        if started_at >= self._cut_at:
            self._limit = max(1.0, self._limit * _DECREASE)
            self._cut_at = now


class TokenBucket:
    """Lets an amount a minute through, with a second's worth at once.

    In any stretch of t seconds it grants at most `per_minute * t / 60`, one second's worth and the last
    amount granted; what turns out larger than was asked for is a debt that the next ones wait for.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._rate = per_minute / _MINUTE
        self._capacity = max(1.0, self._rate)
        self._level = self._capacity
        self._at = now

    def wait_seconds(self, now: float) -> float:
        """How long until the next amount may pass; 0 for at once."""
        self._refill(now)
        needed = min(1.0, self._capacity) - self._level
        return max(0.0, needed / self._rate)

    def take(self, amount: float, now: float) -> None:
        """Take an amount; may be negative, to give back what was not used."""
        self._refill(now)
        self._level = min(self._capacity, self._level - amount)

    def _refill(self, now: float) -> None:
        if now > self._at:
            self._level = min(self._capacity, self._level + (now - self._at) * self._rate)
            self._at = now


class Gate:
    """When the next attempt may begin: after pauses that the endpoint asked for, within the rates."""

    def __init__(self, endpoint: ModelEndpoint, now: float) -> None:
        self._paused_until = now
        requests, tokens = endpoint.requests_per_minute, endpoint.tokens_per_minute
        self._requests = None if requests is None else TokenBucket(requests, now)
        self._tokens = None if tokens is None else TokenBucket(tokens, now)

    def pause(self, seconds: float, now: float) -> None:
        """Let nobody pass for so long; a longer pause stays."""
        self._paused_until = max(self._paused_until, now + seconds)

    def wait_seconds(self, now: float) -> float:
        """How long until the next one may pass; 0 for at once."""
        buckets = (bucket for bucket in (self._requests, self._tokens) if bucket is not None)
        return max(0.0, self._paused_until - now, *(bucket.wait_seconds(now) for bucket in buckets))

    def enter(self, tokens: int, now: float) -> None:
        """One passes, which is expected to use so many tokens."""
        if self._requests is not None:
            self._requests.take(1.0, now)
        if self._tokens is not None:
            self._tokens.take(tokens, now)

    def correct(self, expected: int, used: int, now: float) -> None:
        """One used more or fewer tokens than was expected."""
        if self._tokens is not None:
            self._tokens.take(used - expected, now)


@dataclass(slots=True)
class Slot:
    """The right to make one attempt; whoever has it says how it went."""

    started_at: float
    expected_tokens: int
    outcome: SlotOutcome = SlotOutcome.UNKNOWN
    used_tokens: int | None = None
    pause_seconds: float | None = None


@dataclass(slots=True)
class EndpointLimiter:
    """Everybody who asks one model at one address passes here.

    Args:
        endpoint: Whose limits.
        now: Monotonic seconds.
        sleep: Waits; an argument for tests.
    """

    endpoint: ModelEndpoint
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    under_way: int = 0
    aimd: Aimd = field(init=False)
    _gate: Gate = field(init=False)
    _waiting: deque[asyncio.Future[None]] = field(init=False, default_factory=deque)

    def __post_init__(self) -> None:
        self.aimd = Aimd(self.endpoint.concurrency)
        self._gate = Gate(self.endpoint, self.now())

    @property
    def pause_left_seconds(self) -> float:
        """How long nobody may pass, for pauses or rates."""
        return self._gate.wait_seconds(self.now())

    @asynccontextmanager
    async def slot(self, expected_tokens: int) -> AsyncIterator[Slot]:
        """Wait for a place and for the gate; who came first goes first."""
        await self._take_place()
        try:
            while (wait := self._gate.wait_seconds(self.now())) > 0:
                await self.sleep(wait)
            started = self.now()
            self._gate.enter(expected_tokens, started)
            slot = Slot(started, expected_tokens)
            try:
                yield slot
            finally:
                self._learn(slot)
        finally:
            self.under_way -= 1
            self._wake()

    async def _take_place(self) -> None:
        if self.under_way < self.aimd.limit and not self._waiting:
            self.under_way += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was given a place in the same moment
                self.under_way -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.under_way < self.aimd.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.under_way += 1
                place.set_result(None)

    def _learn(self, slot: Slot) -> None:
        now = self.now()
        if slot.outcome is SlotOutcome.FINE:
            self.aimd.succeeded()
        elif slot.outcome is SlotOutcome.OVERLOADED:
            self.aimd.overloaded(slot.started_at, now)
        if slot.pause_seconds is not None:
            self._gate.pause(slot.pause_seconds, now)
        if slot.used_tokens is not None:
            self._gate.correct(slot.expected_tokens, slot.used_tokens, now)
