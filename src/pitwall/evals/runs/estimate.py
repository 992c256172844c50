"""What a run will take at most, said before it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pitwall.evals.metrics.types import Metric, MetricSpec, Per
from pitwall.evals.runs.dataset_facts import DatasetFacts
from pitwall.evals.runs.types import Plan

Cost = Callable[[int, int], float | None]
"""US dollars of tokens in and out; None if the price is not known."""

_PROMPT_TOKENS = 500
_REPLY_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run takes at most; calls that several metrics share are counted for each.

    Attributes:
        calls: Model calls; those that the store has the answer of are not sent.
        cost_usd: None if the price is not known.
        seconds: At the pace of an earlier run with this judge; None if there is none.
    """

    cases: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    seconds: float | None = None


def estimate(
    plan: Plan, metrics: Sequence[Metric], dataset: DatasetFacts, cost: Cost, pace: float | None = None
) -> Estimate:
    """Estimate a run from its plan and the size of its cases.

    Args:
        pace: Seconds that a call took in an earlier run, calls at once counted apart; None if there was none.
    """
    cases = cases_of(plan)
    share = cases / dataset.cases if dataset.cases else 0.0
    asked = [_asked(metric.spec, dataset, share) for metric in metrics]
    calls = sum(count for count, _ in asked) * plan.repeats
    input_tokens = round(sum(count * tokens for count, tokens in asked) * plan.repeats)
    output_tokens = calls * _REPLY_TOKENS
    seconds = None if pace is None else calls * pace
    return Estimate(cases, calls, input_tokens, output_tokens, cost(input_tokens, output_tokens), seconds)


def cases_of(plan: Plan) -> int:
    """How many cases a run judges."""
    return plan.available if plan.limit is None else min(plan.limit, plan.available)


def _asked(spec: MetricSpec, dataset: DatasetFacts, share: float) -> tuple[int, float]:
    """Calls of a metric over the cases that it can judge, and tokens of each."""
    if spec.calls_per is Per.TURN and dataset.turns:
        size = dataset.tokens / dataset.turns
        return round(dataset.turns * share) * spec.calls, size + _PROMPT_TOKENS
    able = min((dataset.fields.get(need, 0) for need in spec.needs), default=dataset.cases)
    size = dataset.tokens / max(dataset.cases, 1)
    return round(able * share) * spec.calls, size + _PROMPT_TOKENS
