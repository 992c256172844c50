"""What an answer took: time, money, tokens. Nobody passes or fails by them unasked."""

from __future__ import annotations

from typing import Final

from pitwall.evals.metrics.results import scored
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.types import Case, Direction, Score
from pitwall.kit.i18n import Text

LATENCY: Final = MetricSpec(
    "latency",
    1,
    Family.OPERATION,
    Text("Latency", "지연 시간"),
    Text(
        "Milliseconds from the question to the whole answer.", "질문부터 답변이 끝날 때까지의 밀리초입니다."
    ),
    Direction.LOWER,
    highest=None,
    needs=frozenset((Needs.LATENCY,)),
    unit="ms",
    threshold=None,
)
COST: Final = MetricSpec(
    "cost",
    1,
    Family.OPERATION,
    Text("Cost", "비용"),
    Text(
        "US dollars that the answer cost; an unpriced model has none, which is not 0.",
        "답변에 든 비용(미국 달러)입니다. 가격을 모르는 모델은 0이 아니라 값이 없습니다.",
    ),
    Direction.LOWER,
    highest=None,
    needs=frozenset((Needs.COST,)),
    unit="usd",
    threshold=None,
)
TOKENS: Final = MetricSpec(
    "tokens",
    1,
    Family.OPERATION,
    Text("Tokens", "토큰"),
    Text(
        "Input and output tokens of the answer together, as far as they are known; both are in the evidence.",
        "답변의 입력·출력 토큰 합계입니다(아는 것만). 각각은 근거에 있습니다.",
    ),
    Direction.LOWER,
    highest=None,
    needs=frozenset((Needs.TOKENS,)),
    unit="tokens",
    threshold=None,
)


def _latency(case: Case) -> Score:
    return scored(LATENCY, case.answer.latency_ms or 0.0)


def _cost(case: Case) -> Score:
    return scored(COST, case.answer.cost_usd or 0.0)


def _tokens(case: Case) -> Score:
    counts = {"input_tokens": case.answer.input_tokens, "output_tokens": case.answer.output_tokens}
    known = [count for count in counts.values() if count is not None]
    reason = None if len(known) == len(counts) else "tokens_partly_known"
    return scored(TOKENS, sum(known), reason=reason, evidence=counts)


METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(LATENCY, _latency),
    CodeMetric(COST, _cost),
    CodeMetric(TOKENS, _tokens),
)
