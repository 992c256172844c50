"""Limits hold whatever happens: concurrency finds its level, rates are kept, pauses are everybody's."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.llm.limits import Aimd, EndpointLimiter, Gate, Slot, SlotOutcome, TokenBucket
from pitwall.llm.types import Api, ModelEndpoint

STEPS = st.lists(st.tuples(st.sampled_from(["fine", "overloaded"]), st.floats(0, 5)), max_size=200)


def endpoint(**fields: object) -> ModelEndpoint:
    return ModelEndpoint(Api.OPENAI, "m", "http://127.0.0.1:9/v1", **fields)  # type: ignore[arg-type]


@given(st.integers(1, 64), STEPS)
def test_the_limit_stays_between_one_and_the_ceiling(ceiling: int, steps: list[tuple[str, float]]) -> None:
    """No order of successes and overloads takes it out of its bounds."""
    aimd, now = Aimd(ceiling), 0.0
    for what, seconds in steps:
        now += seconds
        if what == "fine":
            aimd.succeeded()
        else:
            aimd.overloaded(now - 1, now)
        assert 1 <= aimd.limit <= ceiling


def test_an_overload_halves_and_successes_add_one_a_round() -> None:
    """Sixteen, eight after one overload; nine after eight successes."""
    aimd = Aimd(16)
    aimd.overloaded(started_at=0.0, now=1.0)
    assert aimd.limit == 8
    for _ in range(9):
        aimd.succeeded()
    assert aimd.limit == 9


def test_a_burst_of_refusals_is_one_sign() -> None:
    """Attempts that began before the cut do not cut again; those that began after it do."""
    aimd = Aimd(16)
    for _ in range(10):
        aimd.overloaded(started_at=0.5, now=1.0)
    assert aimd.limit == 8
    aimd.overloaded(started_at=1.5, now=2.0)
    assert aimd.limit == 4


@given(
    st.integers(1, 6_000),
    st.lists(st.tuples(st.integers(1, 5_000), st.floats(0, 30)), min_size=1, max_size=60),
)
def test_a_bucket_keeps_its_rate_in_every_stretch(per_minute: int, asked: list[tuple[int, float]]) -> None:
    """What passes in t seconds is at most rate * t, a second's worth and the last amount."""
    bucket, now, granted = TokenBucket(per_minute, 0.0), 0.0, []
    for amount, pause in asked:
        now += pause
        now += bucket.wait_seconds(now)
        assert bucket.wait_seconds(now) < 1e-6
        bucket.take(amount, now)
        granted.append((now, amount))
    rate = per_minute / 60
    for first, (start, _) in enumerate(granted):
        for last in range(first, len(granted)):
            passed = sum(amount for _, amount in granted[first:last])
            allowed = rate * (granted[last][0] - start) + max(1.0, rate)
            assert passed <= allowed + 1e-6 * per_minute


@given(st.integers(1, 600), st.integers(0, 20))
def test_unused_tokens_come_back(per_minute: int, used: int) -> None:
    """A call that used less than expected leaves the bucket as if that had been known."""
    exact, corrected = TokenBucket(per_minute, 0.0), TokenBucket(per_minute, 0.0)
    exact.take(used, 0.0)
    corrected.take(30, 0.0)
    corrected.take(used - 30, 0.0)
    assert corrected.wait_seconds(0.0) == pytest.approx(exact.wait_seconds(0.0))


@given(st.lists(st.floats(0, 300), min_size=1))
def test_the_longest_pause_counts(pauses: list[float]) -> None:
    """A shorter Retry-After after a longer one lets nobody pass earlier."""
    gate = Gate(endpoint(), 0.0)
    for pause in pauses:
        gate.pause(pause, 0.0)
    assert gate.wait_seconds(0.0) == max(pauses)


class Time:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def _use(limiter: EndpointLimiter, outcome: SlotOutcome, pause: float | None = None) -> Slot:
    async with limiter.slot(10) as slot:
        slot.outcome, slot.pause_seconds = outcome, pause
        await asyncio.sleep(0)
    return slot


async def test_never_more_are_under_way_than_the_limit() -> None:
    """A hundred who come at once pass four by four."""
    limiter = EndpointLimiter(endpoint(concurrency=4), lambda: 0.0)
    most = 0

    async def one() -> None:
        nonlocal most
        async with limiter.slot(0) as slot:
            most = max(most, limiter.under_way)
            await asyncio.sleep(0)
            slot.outcome = SlotOutcome.FINE

    await asyncio.gather(*(one() for _ in range(100)))
    assert (most, limiter.under_way) == (4, 0)


async def test_a_pause_holds_everybody_up() -> None:
    """After one was told to wait ten seconds, nobody begins before they are over."""
    time = Time()
    limiter = EndpointLimiter(endpoint(concurrency=3), lambda: time.now, time.sleep)
    await _use(limiter, SlotOutcome.OVERLOADED, pause=10.0)
    slots = await asyncio.gather(*(_use(limiter, SlotOutcome.FINE) for _ in range(5)))
    assert min(slot.started_at for slot in slots) == 10.0


async def test_whoever_gives_up_leaves_no_hole() -> None:
    """Cancelling those who wait, or those who are under way, never loses a place."""
    limiter = EndpointLimiter(endpoint(concurrency=2), lambda: 0.0)
    started = asyncio.Event()

    async def hold() -> None:
        async with limiter.slot(0):
            started.set()
            await asyncio.sleep(10)

    tasks = [asyncio.create_task(hold()) for _ in range(6)]
    await started.wait()
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks[1:], return_exceptions=True)
    await asyncio.wait_for(_use(limiter, SlotOutcome.FINE), 1)
    assert limiter.under_way == 1
    tasks[0].cancel()


async def test_requests_a_minute_spread_out() -> None:
    """At 60 a minute the eleventh request begins ten seconds after the first."""
    time = Time()
    limiter = EndpointLimiter(endpoint(requests_per_minute=60), lambda: time.now, time.sleep)
    slots = [await _use(limiter, SlotOutcome.FINE) for _ in range(11)]
    assert slots[-1].started_at == pytest.approx(10.0)
