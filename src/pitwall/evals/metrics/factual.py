"""Is the answer right? Claims of answer and reference against each other, and likeness by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.judging.judge import Judge
from pitwall.evals.metrics import claim_matrix
from pitwall.evals.metrics.claim_matrix import ClaimMatrix, Share
from pitwall.evals.metrics.claim_questions import (
    ClaimMeasure,
    Part,
    ask_matrix,
    claim_metric,
    evidence_of,
    prompts_of,
)
from pitwall.evals.metrics.judged import (
    Find,
    Finding,
    JudgedMetric,
    configurable,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_options import ratio
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.types import Case
from pitwall.kit.i18n import Text
from pitwall.llm.vectors import cosine

_NEEDS: Final = frozenset({Needs.ANSWER, Needs.REFERENCE})

FACTUAL_PRECISION: Final = claim_metric(
    MetricSpec(
        "factual_precision",
        1,
        Family.ANSWER,
        Text("Factual precision", "사실 정밀도"),
        Text(
            "Share of the answer's claims that the reference supports. What is right but not in the "
            "reference counts against it.",
            "답변의 주장 가운데 정답이 뒷받침하는 비율. 맞더라도 정답에 없는 내용은 불리하게 셉니다.",
        ),
        needs=_NEEDS,
        calls=3,
    ),
    ClaimMeasure(
        Part.MATCH,
        claim_matrix.factual_precision,
        Text(
            "The reference supports {holds} of {total} claims of the answer.",
            "답변의 주장 {total}개 중 {holds}개를 정답이 뒷받침합니다.",
        ),
        needs_answer_claims=True,
        needs_reference_claims=True,
    ),
)

FACTUAL_RECALL: Final = claim_metric(
    MetricSpec(
        "factual_recall",
        1,
        Family.ANSWER,
        Text("Factual recall", "사실 재현율"),
        Text(
            "Share of the reference's claims that the answer makes; an answer that claims nothing makes "
            "none.",
            "정답의 주장 가운데 답변이 말한 비율. 아무것도 주장하지 않는 답변은 하나도 말하지 않은 것입니다.",
        ),
        needs=_NEEDS,
        calls=3,
    ),
    ClaimMeasure(
        Part.MATCH,
        claim_matrix.factual_recall,
        Text(
            "The answer makes {holds} of {total} claims of the reference.",
            "정답의 주장 {total}개 중 {holds}개를 답변이 말합니다.",
        ),
        needs_reference_claims=True,
    ),
)

FACTUAL_CORRECTNESS: Final = claim_metric(
    MetricSpec(
        "factual_correctness",
        1,
        Family.ANSWER,
        Text("Factual correctness", "사실 정확성"),
        Text(
            "F1 of factual_precision and factual_recall. Recall counts claims of the reference (Ragas "
            "counts the answer's, and gets another number).",
            "factual_precision과 factual_recall의 F1. 재현율은 정답의 주장으로 셉니다(Ragas는 답변의 "
            "주장으로 세어 값이 다릅니다).",
        ),
        needs=_NEEDS,
        calls=3,
    ),
    ClaimMeasure(
        Part.MATCH,
        claim_matrix.factual_correctness,
        Text(
            "F1 of precision and recall is {value:.2f}; {holds} of {total} claims of both sides agree.",
            "정밀도와 재현율의 F1은 {value:.2f}이며, 양쪽 주장 {total}개 중 {holds}개가 일치합니다.",
        ),
        needs_reference_claims=True,
    ),
)


def overlap(matrix: ClaimMatrix) -> Share:
    """F1 in counts: TP claims of the answer that are right, FP that are not, FN of the reference left out."""
    precision, recall = claim_matrix.factual_precision(matrix), claim_matrix.factual_recall(matrix)
    right, wrong = precision.holds, precision.total - precision.holds
    left_out = recall.total - recall.holds
    total = right + (wrong + left_out) / 2
    coverage = min(precision.coverage, recall.coverage)
    return Share(right / total if total else None, coverage, right, precision.total)


async def correctness(case: Case, judge: Judge, weight: float) -> Finding:
    """Judge answer correctness: `weight * F1 + (1 - weight) * cosine`."""
    matrix = await ask_matrix(case, judge, Part.MATCH)
    evidence = evidence_of(matrix)
    if not matrix.reference:
        return not_applicable(Reason.NO_REFERENCE_CLAIMS, judge.language, evidence)
    facts = overlap(matrix)
    if not facts.is_determined or facts.value is None:
        evidence |= {"coverage": facts.coverage}
        return undetermined(Reason.LOW_COVERAGE, judge.language, evidence, coverage=facts.coverage)
    likeness = await _likeness(case, judge) if weight < 1 else 0.0
    if likeness is None:
        return undetermined(Reason.ZERO_VECTOR, judge.language, evidence)
    evidence |= {
        "coverage": facts.coverage,
        "facts_f1": facts.value,
        "similarity": likeness,
        "weight": weight,
    }
    value = weight * facts.value + (1 - weight) * max(0.0, likeness)
    return scored(value, say(judge.language, _PARTS, facts=facts.value, likeness=likeness), evidence)


_PARTS: Final = Text(
    "Facts agree with F1 {facts:.2f}; likeness in meaning is {likeness:.2f}.",
    "사실의 F1은 {facts:.2f}, 의미 유사도는 {likeness:.2f}입니다.",
)


async def _likeness(case: Case, judge: Judge) -> float | None:
    answer, reference = await judge.embed([case.answer.text or "", case.example.reference or ""])
    return cosine(answer, reference)


def _choose_correctness(options: Mapping[str, str]) -> Find:
    weight = ratio("weight", options["weight"])

    async def find(case: Case, judge: Judge) -> Finding:
        return await correctness(case, judge, weight)

    return find


ANSWER_CORRECTNESS: Final = configurable(
    MetricSpec(
        "answer_correctness",
        1,
        Family.ANSWER,
        Text("Answer correctness", "답변 정확성"),
        Text(
            "weight x F1 of the claims + (1 - weight) x cosine of answer and reference; a negative cosine "
            "counts as 0. An answer that claims nothing has F1 0.",
            "weight x 주장의 F1 + (1 - weight) x 답변과 정답의 코사인. 음의 코사인은 0으로 셉니다. "
            "아무것도 주장하지 않는 답변의 F1은 0입니다.",
        ),
        needs=_NEEDS,
        calls=3,
        needs_embeddings=True,
    ),
    prompts_of(Part.MATCH),
    (MetricOption("weight", Text("Weight of the facts, 0 to 1.", "사실의 가중치, 0에서 1."), "0.75"),),
    _choose_correctness,
)


async def find_similarity(case: Case, judge: Judge) -> Finding:
    """Compare answer and reference by meaning."""
    value = await _likeness(case, judge)
    if value is None:
        return undetermined(Reason.ZERO_VECTOR, judge.language)
    evidence: dict[str, Any] = {"cosine": value}
    return scored(value, None, evidence)


SEMANTIC_SIMILARITY: Final = JudgedMetric(
    MetricSpec(
        "semantic_similarity",
        1,
        Family.ANSWER,
        Text("Semantic similarity", "의미 유사도"),
        Text(
            "Cosine of the embeddings of answer and reference. Only numbers of the same embedding model "
            "compare, and similar is not right: two answers that differ in one number are close.",
            "답변과 정답의 임베딩 코사인. 같은 임베딩 모델의 값끼리만 비교할 수 있고, 비슷하다고 맞는 것은 "
            "아닙니다: 숫자 하나만 다른 두 답변은 가깝습니다.",
        ),
        lowest=-1.0,
        needs=_NEEDS,
        needs_embeddings=True,
    ),
    (),
    find_similarity,
)

METRICS: Final[tuple[Metric, ...]] = (
    FACTUAL_CORRECTNESS,
    FACTUAL_PRECISION,
    FACTUAL_RECALL,
    ANSWER_CORRECTNESS,
    SEMANTIC_SIMILARITY,
)
