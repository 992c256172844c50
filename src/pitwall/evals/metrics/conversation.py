"""Conversations, without a model: whether turns look at the same texts, drift, and the time they take."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pitwall.evals.metrics.results import not_applicable, scored
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.text.tokens import words
from pitwall.evals.types import Case, Context, Direction, Score, Turn
from pitwall.kit.i18n import Text

_TURNS: Final = frozenset((Needs.TURNS,))
_QUANTILE: Final = 0.95

COHERENCE: Final = MetricSpec(
    "context_coherence",
    1,
    Family.CONVERSATION,
    Text("Context coherence", "컨텍스트 일관성"),
    Text(
        "Mean Jaccard index of the words of neighbouring turns' contexts. Low when the topic changes, "
        "which may be right; pairs in which neither turn has contexts are left out.",
        "이웃한 턴의 컨텍스트 단어 집합의 자카드 지수 평균입니다. 주제가 바뀌면 낮아지며 그것이 옳을 수도 "
        "있습니다. 양쪽 모두 컨텍스트가 없는 쌍은 뺍니다.",
    ),
    needs=_TURNS,
    threshold=None,
)
DRIFT: Final = MetricSpec(
    "drift_rate",
    1,
    Family.CONVERSATION,
    Text("Drift", "이탈률"),
    Text(
        "1 - Jaccard index of the words of the first question and the last answer: how far the conversation "
        "went from where it began, not whether it should have.",
        "1 - (첫 질문과 마지막 답변의 단어 집합의 자카드 지수). 대화가 처음에서 얼마나 멀어졌는지이며, "
        "그래야 했는지는 말하지 않습니다.",
    ),
    Direction.LOWER,
    needs=_TURNS,
    threshold=None,
)
TURN_LATENCY: Final = MetricSpec(
    "turn_latency",
    1,
    Family.CONVERSATION,
    Text("Turn latency p95", "턴 지연 시간 p95"),
    Text(
        "95th percentile of the turns' latency in milliseconds, with linear interpolation.",
        "턴별 지연 시간(밀리초)의 95번째 백분위수입니다(선형 보간).",
    ),
    Direction.LOWER,
    highest=None,
    needs=_TURNS,
    unit="ms",
    threshold=None,
)


def jaccard(one: set[str], other: set[str]) -> float:
    """Return what two sets share by what either has; 1 if both are empty."""
    return len(one & other) / len(one | other) if one or other else 1.0


def quantile(values: Sequence[float], share: float) -> float:
    """Return the quantile of a list with linear interpolation between its neighbours."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _context_words(contexts: Sequence[Context]) -> set[str]:
    """The words of chunks; of one whose text is not known, its id."""
    return {token for one in contexts for token in (words(one.text) or [f"id {one.id}"])}


def _coherence(case: Case) -> Score:
    turns: Sequence[Turn] = case.answer.turns
    if len(turns) < 2:
        return not_applicable(COHERENCE, "single_turn")
    found = [_context_words(turn.contexts) for turn in turns]
    values = [jaccard(one, other) for one, other in pairwise(found) if one or other]
    if not values:
        return not_applicable(COHERENCE, "no_contexts")
    return scored(COHERENCE, sum(values) / len(values), evidence={"pairs": values})


def _drift(case: Case) -> Score:
    turns = case.answer.turns
    last = next((turn.answer for turn in reversed(turns) if (turn.answer or "").strip()), None)
    if last is None:
        return not_applicable(DRIFT, "no_turn_answers")
    first = set(words(turns[0].question))
    if not first:
        return not_applicable(DRIFT, "no_words")
    return scored(DRIFT, 1 - jaccard(first, set(words(last))))


def _turn_latency(case: Case) -> Score:
    known = [turn.latency_ms for turn in case.answer.turns if turn.latency_ms is not None]
    if not known:
        return not_applicable(TURN_LATENCY, "no_turn_latency")
    reason = None if len(known) == len(case.answer.turns) else "latency_partly_known"
    return scored(TURN_LATENCY, quantile(known, _QUANTILE), reason=reason, evidence={"turns": len(known)})


METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(COHERENCE, _coherence),
    CodeMetric(DRIFT, _drift),
    CodeMetric(TURN_LATENCY, _turn_latency),
)
