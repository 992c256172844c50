"""What a run will take at most, said before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pitwall.evals.metrics.types import Metric, MetricSpec
from pitwall.evals.runs.dataset_facts import DatasetFacts
from pitwall.evals.runs.types import Plan

_CHARACTERS_PER_TOKEN = 3.0
"""Between English (about 4) and Korean (about 2)."""
_PROMPT_TOKENS = 500
_REPLY_TOKENS = 300
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input_usd: Decimal
    output_usd: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run takes at most; calls that several metrics share are counted for each.

    Attributes:
        calls: Model calls, without those that are answered from the store.
        cost_usd: None if the price is not known.
    """

    cases: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


def estimate(
    plan: Plan, metrics: Sequence[Metric], dataset: DatasetFacts, price: Price | None = None
) -> Estimate:
    """Estimate a run from its plan and the size of its cases."""
    cases = cases_of(plan)
    share = cases / dataset.cases if dataset.cases else 0.0
    calls = sum(_calls(metric.spec, dataset, share) for metric in metrics) * plan.repeats
    per_call = dataset.characters / max(dataset.cases, 1) / _CHARACTERS_PER_TOKEN + _PROMPT_TOKENS
    input_tokens, output_tokens = round(calls * per_call), calls * _REPLY_TOKENS
    cost = None if price is None else _cost(price, input_tokens, output_tokens)
    return Estimate(cases, calls, input_tokens, output_tokens, cost)


def cases_of(plan: Plan) -> int:
    """How many cases a run judges."""
    return plan.available if plan.limit is None else min(plan.limit, plan.available)


def _calls(spec: MetricSpec, dataset: DatasetFacts, share: float) -> int:
    """Calls of a metric over the cases that it can judge."""
    able = min((dataset.fields.get(need, 0) for need in spec.needs), default=dataset.cases)
    return round(able * share) * spec.calls


def _cost(price: Price, input_tokens: int, output_tokens: int) -> float:
    return float((price.input_usd * input_tokens + price.output_usd * output_tokens) / _MILLION)
