"""Answer against reference: precision, recall and F1 in the right units, correctness, likeness."""

from __future__ import annotations

from typing import Any

import pytest

from pitwall.evals.judging.shapes import Claims, ClaimVerdicts
from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Case, Score, ScoreStatus
from tests.support.scripted_judge import ScriptedJudge, claims_by_text, matrix_judge, verdict
from tests.unit.evals.metrics.golden import GOLDEN, make_case, names


def judge_of(right: list[int], made: list[int], cosine: float = 1.0) -> ScriptedJudge:
    answer, reference = names("a", len(right)), names("r", len(made))
    matches = {claim: "r1" if cell else None for claim, cell in zip(answer, right, strict=True)}
    matches |= {claim: "a1" if cell else None for claim, cell in zip(reference, made, strict=True)}
    judge = matrix_judge({"answer": answer, "reference": reference}, None, matches)
    judge.vectors = {"answer": [1.0, 0.0], "reference": [cosine, (1 - cosine**2) ** 0.5]}
    return judge


async def score(name: str, judge: ScriptedJudge, case: Case | None = None) -> Score:
    return await score_case(find(name), case or make_case(), judge)


@pytest.mark.parametrize("golden", GOLDEN["factual"])
@pytest.mark.parametrize(
    ("name", "key"), [("precision", "precision"), ("recall", "recall"), ("correctness", "f1")]
)
async def test_factual_numbers_of_the_golden_case(golden: dict[str, Any], name: str, key: str) -> None:
    """Recall is of the reference's claims: .75 and F1 .7059, where Ragas says .67 and .67."""
    name = "factual_correctness" if key == "f1" else f"factual_{key}"
    result = await score(name, judge_of(golden["resp"], golden["ref"]))
    assert result.value == pytest.approx(golden[key], abs=1e-6)


@pytest.mark.parametrize("golden", GOLDEN["answer_correctness"])
async def test_answer_correctness_of_the_golden_case(golden: dict[str, Any]) -> None:
    """0.75 of the facts and 0.25 of the likeness."""
    right = [1] * golden["tp"] + [0] * golden["fp"]
    made = [1] * golden["tp"] + [0] * golden["fn"]
    judge = judge_of(right, made, golden["cos"])
    result = await score(f"answer_correctness:weight={golden['w']}", judge)
    assert result.value == pytest.approx(golden["score"])
    assert result.metric == "answer_correctness"


async def test_answer_without_claims_is_not_nearly_right() -> None:
    """Ragas gives 0.95 for likeness .8: an answer that says nothing gets nothing for its facts."""
    result = await score("answer_correctness", judge_of([], [1, 1], 0.8))
    assert result.value == pytest.approx(0.25 * 0.8)
    assert result.evidence["facts_f1"] == 0


async def test_opposite_vectors_do_not_go_below_zero() -> None:
    """A negative cosine counts as no likeness."""
    assert (await score("answer_correctness", judge_of([0], [0], -1.0))).value == 0


@pytest.mark.parametrize("name", ["factual_correctness", "factual_recall"])
async def test_answer_that_abstains_where_there_is_an_answer_recalls_nothing(name: str) -> None:
    """Its precision has no value, its recall is 0."""
    assert (await score(name, judge_of([], [1]))).value == 0
    precision = await score("factual_precision", judge_of([], [1]))
    assert (precision.status, precision.reason) == (ScoreStatus.NOT_APPLICABLE, "no_claims")


@pytest.mark.parametrize(
    "name", ["factual_correctness", "factual_precision", "factual_recall", "answer_correctness"]
)
async def test_reference_without_claims_is_not_applicable(name: str) -> None:
    """Nothing could be right or left out."""
    result = await score(name, judge_of([1], []))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_reference_claims")


async def test_support_that_names_no_claim_of_the_other_side_is_asked_again() -> None:
    """Both lists stand in one prompt; a claim must not be found right because it stands there itself."""
    replies = [
        [verdict(1, "supported", [1]), verdict(2, "supported", [])],
        [verdict(1, "supported", [2]), verdict(2, "supported", [2])],
    ]
    judge = ScriptedJudge(
        {
            Claims: claims_by_text({"answer": ["a1"], "reference": ["r1"]}),
            ClaimVerdicts: lambda _: {"verdicts": replies.pop(0)},
        }
    )
    result = await score("factual_correctness", judge)
    assert (result.status, result.reason) == (ScoreStatus.UNDETERMINED, "low_coverage")
    assert result.evidence["reference_claims"][0]["by_claims"]["verdict"] == "unknown"
    assert result.evidence["claims"][0]["by_reference_claims"]["reference_claims"] == [0]


@pytest.mark.parametrize("weight", ["2", "-0.1", "much", "nan"])
def test_weight_outside_of_its_range_is_refused(weight: str) -> None:
    """By name, before a run starts."""
    with pytest.raises(InvalidMetricOption, match="weight"):
        find(f"answer_correctness:weight={weight}")


async def test_similarity_is_the_cosine() -> None:
    """[1, 0] and [.8, .6] are .8 alike."""
    result = await score("semantic_similarity", judge_of([], [], 0.8))
    assert result.value == pytest.approx(0.8)
    assert find("semantic_similarity").spec.needs_embeddings


async def test_vector_of_zeros_gives_no_number() -> None:
    """It points nowhere, which is not the same as being unlike."""
    judge = judge_of([], [])
    judge.vectors["answer"] = [0.0, 0.0]
    result = await score("semantic_similarity", judge)
    assert (result.status, result.reason) == (ScoreStatus.UNDETERMINED, "zero_vector")


async def test_empty_answer_is_not_similar_to_anything() -> None:
    """Nobody is asked."""
    judge = judge_of([], [])
    result = await score("semantic_similarity", judge, make_case(answer=" "))
    assert (result.status, result.reason, judge.embedded) == (ScoreStatus.ERROR, "empty_answer", [])
