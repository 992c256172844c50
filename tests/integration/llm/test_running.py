"""A run as a whole: limits of the endpoint, budgets, and stopping in the middle."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest

from pitwall.llm.budget import BudgetLimits, BudgetUnkeepable
from pitwall.llm.models import EndpointModels, ModelsPlan, open_models
from pitwall.llm.types import Answered, CallFailed, CallFailure
from pitwall.stores.state import StateStore
from tests.integration.llm.asking import Verdicts, endpoint, models_of, question
from tests.support.judge_server import Act, Asked, JudgeServer, after, verdicts


async def ask_many(models: EndpointModels, count: int) -> list[Answered[Verdicts] | BaseException]:
    """Ask so many different questions at once."""
    asked = (models.ask(question(f"claim {number}"), Verdicts) for number in range(count))
    return await asyncio.gather(*asked, return_exceptions=True)


def failures(results: list[Answered[Verdicts] | BaseException]) -> list[CallFailure]:
    """What failed, by kind."""
    return [result.failure for result in results if isinstance(result, CallFailed)]


async def test_a_busy_endpoint_gets_as_many_as_it_takes(judge: JudgeServer) -> None:
    """One that refuses more than four at once is asked by fewer and fewer until it refuses no more."""
    refused = 0

    def rule(asked: Asked) -> Act:
        nonlocal refused
        if judge._at_once > 4:
            refused += 1
            return Act(status=429, headers={"retry-after": "0.01"})
        return after(0.02)(asked)

    judge.rule = rule
    async with models_of(judge, concurrency=16) as models:
        results = await ask_many(models, 120)
        assert models.concurrency < 16
    assert failures(results) == []
    assert refused < 120


async def test_retry_after_holds_everybody_up(judge: JudgeServer) -> None:
    """While an endpoint wants to be left alone, nobody asks it."""
    begun: list[float] = []

    def rule(asked: Asked) -> Act:
        begun.append(time.monotonic())
        return verdicts(asked)

    judge.script = [Act(status=429, headers={"retry-after": "0.5"})]
    judge.rule = rule
    async with models_of(judge, concurrency=1) as models:
        start = time.monotonic()
        assert failures(await ask_many(models, 5)) == []
    assert min(begun) - start >= 0.5


async def test_a_wait_that_is_too_long_is_a_failure(judge: JudgeServer) -> None:
    """Nobody waits for an hour without knowing."""
    judge.rule = lambda asked: Act(status=429, headers={"retry-after": "3600"})
    async with models_of(judge) as models:
        assert failures(await ask_many(models, 1)) == [CallFailure.RATE_LIMITED]
    assert len(judge.asked) == 1


async def test_requests_a_minute_are_kept(judge: JudgeServer) -> None:
    """Six hundred a minute are ten at once and ten a second."""
    async with models_of(judge, requests_per_minute=600) as models:
        start = time.monotonic()
        assert failures(await ask_many(models, 20)) == []
    assert time.monotonic() - start >= 0.9


async def test_a_run_stops_at_its_last_call(judge: JudgeServer, any_store: StateStore) -> None:
    """Seven calls are made of twenty; with a new budget the other thirteen are, and no more."""
    async with models_of(judge, any_store, budget=BudgetLimits(max_calls=7)) as models:
        results = await ask_many(models, 20)
    assert failures(results) == [CallFailure.BUDGET] * 13
    assert len(judge.chats) == 7
    async with models_of(judge, any_store, budget=BudgetLimits(max_calls=13)) as models:
        assert failures(await ask_many(models, 20)) == []
    assert len(judge.chats) == 20


async def test_a_run_stops_before_its_money_is_gone(judge: JudgeServer) -> None:
    """What is spent stays within the limit; a model without a price cannot be limited."""
    prices: dict[str, Any] = {
        "input_usd_per_million": Decimal(1000),
        "output_usd_per_million": Decimal(1000),
        "max_tokens": 10,
    }
    budget = BudgetLimits(max_cost_usd=Decimal("0.2"))
    async with models_of(judge, budget=budget, **prices) as models:
        results = await ask_many(models, 50)
        spent = models.counts.cost_usd
    assert Decimal(0) < spent <= Decimal("0.2")
    assert CallFailure.BUDGET in failures(results)
    with pytest.raises(BudgetUnkeepable):
        async with models_of(judge, budget=budget):
            pass


async def test_a_judge_that_hangs_does_not_hold_up_the_end(judge: JudgeServer) -> None:
    """Whoever stops a run does not wait for answers."""
    judge.rule = after(60)
    start = time.monotonic()
    async with models_of(judge, timeout_seconds=60) as models:
        asking = asyncio.create_task(models.ask(question("a"), Verdicts))
        await asyncio.sleep(0.2)
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert time.monotonic() - start < 5


async def test_whoever_stops_waiting_leaves_the_call_to_the_others(judge: JudgeServer) -> None:
    """Of two who ask the same, one may go away."""
    judge.rule = after(0.2)
    async with models_of(judge) as models:
        first = asyncio.create_task(models.ask(question("a"), Verdicts))
        second = asyncio.create_task(models.ask(question("a"), Verdicts))
        await asyncio.sleep(0.05)
        first.cancel()
        assert (await second).value.verdicts
    assert len(judge.chats) == 1


async def test_progress_is_told(judge: JudgeServer) -> None:
    """Whoever shows progress hears of every call, with everything counted."""

    told = 0

    def changed() -> None:
        nonlocal told
        told += 1

    judge.script = [Act(finish="length")]
    async with open_models(ModelsPlan(endpoint(judge)), changed=changed) as models:
        await ask_many(models, 5)
        counts = models.counts
    assert told == 5
    assert (counts.made, counts.failed_calls, counts.attempts) == (5, 1, 5)
    assert counts.unpriced == 4
