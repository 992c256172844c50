"""Answers that say they do not answer: how often, and whether they should. No model."""

from __future__ import annotations

from typing import Final

from pitwall.evals.metrics.results import not_applicable, scored
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.text.refusal import find_refusal
from pitwall.evals.types import Case, Direction, Score
from pitwall.kit.i18n import Text

_ANSWERABLE: Final = "answerable"
_IMPOSSIBLE: Final = "is_impossible"

ABSTAINED: Final = MetricSpec(
    "abstained",
    1,
    Family.ANSWER,
    Text("Abstained", "답변 보류"),
    Text(
        "1 if the answer says that it does not answer, else 0, found by phrases in Korean and English; its "
        "mean is the share of refusals. Whether that is right, no_answer_accuracy says.",
        "답변이 답하지 않는다고 말하면 1, 아니면 0입니다(한국어·영어 표현으로 찾음). 평균이 보류 비율이며, "
        "그것이 옳은지는 no_answer_accuracy가 말합니다.",
    ),
    Direction.LOWER,
    needs=frozenset((Needs.ANSWER,)),
    threshold=None,
)
NO_ANSWER: Final = MetricSpec(
    "no_answer_accuracy",
    1,
    Family.ANSWER,
    Text("No-answer accuracy", "무응답 정확도"),
    Text(
        "1 if the answer abstains where it should and answers where it should, else 0. It should abstain "
        "if the example's metadata says `answerable: false` (or `is_impossible: true`), or else if the "
        "reference itself abstains.",
        "답하지 말아야 할 때 보류하고 답해야 할 때 답하면 1, 아니면 0입니다. 예제 메타데이터가 "
        "`answerable: false`(또는 `is_impossible: true`)이거나, 없으면 정답이 보류일 때 보류해야 합니다.",
    ),
    needs=frozenset((Needs.ANSWER,)),
)


def _abstained(case: Case) -> Score:
    refusal = find_refusal(case.answer.text or "")
    return scored(ABSTAINED, float(refusal is not None), evidence={"refusal": refusal})


def should_abstain(case: Case) -> bool | None:
    """Whether a case has no answer, None if nothing says so."""
    metadata = case.example.metadata
    if isinstance(metadata.get(_ANSWERABLE), bool):
        return not metadata[_ANSWERABLE]
    if isinstance(metadata.get(_IMPOSSIBLE), bool):
        return bool(metadata[_IMPOSSIBLE])
    reference = (case.example.reference or "").strip()
    return find_refusal(reference) is not None if reference else None


def _no_answer(case: Case) -> Score:
    expected = should_abstain(case)
    if expected is None:
        return not_applicable(NO_ANSWER, "no_reference")
    refusal = find_refusal(case.answer.text or "")
    evidence = {"should_abstain": expected, "refusal": refusal}
    return scored(NO_ANSWER, float(expected == (refusal is not None)), evidence=evidence)


METRICS: Final[tuple[Metric, ...]] = (CodeMetric(ABSTAINED, _abstained), CodeMetric(NO_ANSWER, _no_answer))
