"""A budget is never overdrawn, and what is expected is told before the start."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.clock import ManualClock
from pitwall.llm.budget import Budget, BudgetLimits, BudgetUnkeepable, Estimate, estimate
from pitwall.llm.tokens import cost_usd, estimate_tokens
from pitwall.llm.types import Api, CallFailed, CallFailure, ModelEndpoint, Usage

AMOUNTS = st.decimals(min_value=0, max_value=1, places=6)


def priced(**fields: object) -> ModelEndpoint:
    prices = {"input_usd_per_million": Decimal(2), "output_usd_per_million": Decimal(10)}
    return ModelEndpoint(Api.OPENAI, "m", "http://127.0.0.1:9/v1", **{**prices, **fields})  # type: ignore[arg-type]


@given(st.integers(0, 20), st.integers(0, 40))
def test_no_call_beyond_the_last(most: int, asked: int) -> None:
    """However many ask, so many begin."""
    budget = Budget(BudgetLimits(max_calls=most), lambda: 0.0)
    refusals = []
    for _ in range(asked):
        try:
            budget.reserve(None)
        except CallFailed as error:
            refusals.append(error.failure)
    assert budget.calls == min(most, asked)
    assert refusals == [CallFailure.BUDGET] * max(0, asked - most)


@given(st.decimals(0, 3, places=6), st.lists(st.tuples(AMOUNTS, st.booleans()), max_size=60))
def test_money_is_not_exceeded_where_calls_cost_what_was_expected(
    most: Decimal, steps: list[tuple[Decimal, bool]]
) -> None:
    """Calls under way count, so those that begin together are not more than what is left."""
    budget = Budget(BudgetLimits(max_cost_usd=most), lambda: 0.0)
    under_way: list[Decimal] = []
    for expected, ends in steps:
        if ends and under_way:
            amount = under_way.pop()
            budget.settle(amount, amount)
        try:
            under_way.append(budget.reserve(expected))
        except CallFailed:
            assert budget.spent_usd + sum(under_way, Decimal(0)) + expected > most
    for amount in under_way:
        budget.settle(amount, amount)
    assert budget.spent_usd <= most


def test_a_call_that_came_cheaper_leaves_room() -> None:
    """What was reserved and not spent can be spent by others."""
    budget = Budget(BudgetLimits(max_cost_usd=Decimal(1)), lambda: 0.0)
    budget.settle(budget.reserve(Decimal(1)), Decimal("0.1"))
    assert budget.reserve(Decimal("0.9")) == Decimal("0.9")
    with pytest.raises(CallFailed, match=r"\$0\.1\d* of \$1\.00"):
        budget.reserve(Decimal("0.1"))


def test_no_call_begins_after_the_last_minute() -> None:
    """Time is the run's, not a call's."""
    clock = ManualClock()
    budget = Budget(BudgetLimits(max_minutes=2), clock.monotonic)
    clock.advance(119)
    budget.reserve(None)
    clock.advance(1)
    with pytest.raises(CallFailed, match="2 minutes"):
        budget.reserve(None)


def test_money_is_not_limited_where_there_is_no_price() -> None:
    """A limit that nobody could keep is refused before the first call, and named."""
    budget = Budget(BudgetLimits(max_cost_usd=Decimal(1)), lambda: 0.0)
    budget.check_priced(priced(), Usage(1, 1))
    budget.check_priced(priced(output_usd_per_million=None), Usage(1, 0))
    with pytest.raises(BudgetUnkeepable, match="'m' has no price"):
        budget.check_priced(priced(output_usd_per_million=None), Usage(1, 1))


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(1_000_000, 0), Decimal(2)),
        (Usage(1, 1), Decimal("0.000012")),
        (Usage(None, 1), None),
        (Usage(1, None), None),
        (Usage(0, 0), Decimal(0)),
    ],
)
def test_costs_are_exact_and_unknown_stays_unknown(usage: Usage, cost: Decimal | None) -> None:
    """Tokens that nobody counted cost an unknown amount, not nothing."""
    assert cost_usd(priced(), usage) == cost


def test_an_estimate_counts_calls_tokens_and_cost() -> None:
    """Prompts as they are, replies as long as expected, at most as long as they may be."""
    assert estimate(priced(), [100, 300], 50) == Estimate(2, 400, 100, Decimal("0.0018"))
    assert estimate(priced(max_tokens=10), [1], 50).output_tokens == 10
    assert estimate(priced(output_usd_per_million=None), [1], 50).cost_usd is None


@given(st.text())
def test_every_text_has_tokens(text: str) -> None:
    """The estimate is positive, and at most about a token a character."""
    assert 1 <= estimate_tokens(text) <= len(text) * 1.5 + 1


def test_korean_counts_by_the_character() -> None:
    """A Korean sentence has more tokens than its length in English words would say."""
    assert estimate_tokens("보험금은 청구일로부터 3영업일 안에 지급합니다.") == pytest.approx(19, abs=4)
    assert estimate_tokens("a" * 400) == 101
