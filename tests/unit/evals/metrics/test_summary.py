"""Summary metrics: coverage, conciseness that has to be earned, faithfulness, and the weaker of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.judging.shapes import KeyQuestions, QuestionVerdicts
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.summary import summary_score
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus
from tests.support.scripted_judge import ScriptedJudge, matrix_judge
from tests.unit.evals.metrics.golden import GOLDEN, make_case, names


def asking(verdicts: Sequence[str]) -> ScriptedJudge:
    judge = matrix_judge({})
    questions = names("q", len(verdicts))
    said = {f"{question} => right": verdict for question, verdict in zip(questions, verdicts, strict=True)}
    judge.rules[KeyQuestions] = lambda _: {
        "questions": [{"question": question, "answer": "right"} for question in questions]
    }
    judge.rules[QuestionVerdicts] = lambda asked: {
        "verdicts": [
            {"id": n, "reason": "r", "verdict": said[text]} for n, text in asked.items("questions").items()
        ]
    }
    return judge


@pytest.mark.parametrize("golden", GOLDEN["summary"])
async def test_summary_score_of_the_golden_cases(golden: dict[str, Any]) -> None:
    """3/4 in 40 of 200 characters is 0.775; a summary that tells nothing is 0 however short it is."""
    case = make_case("x" * golden["summary"], ["y" * golden["source"]])
    judge = asking(golden["questions"])
    result = await score_case(find(f"summary_score:coefficient={golden['coefficient']}"), case, judge)
    assert result.value == pytest.approx(golden["score"], abs=1e-6)
    assert judge.counts == {"KeyQuestions": 1, "QuestionVerdicts": 1}


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_summary_score_grows_with_coverage(low: float, high: float, short: float, weight: float) -> None:
    """Telling more never costs points, and nothing told earns none."""
    low, high = sorted((low, high))
    assert summary_score(low, short, weight) <= summary_score(high, short, weight) + 1e-9
    assert summary_score(0, short, weight) == 0
    assert 0 <= summary_score(high, short, weight) <= 1 + 1e-9


@pytest.mark.parametrize("golden", GOLDEN["summarization"])
async def test_summarization_takes_the_weaker_part(golden: dict[str, Any]) -> None:
    """Alignment 2/4, coverage 2/3: 0.5, as with DeepEval."""
    judge = asking(golden["questions"])
    claims = names("c", len(golden["alignment"]))
    table = {claim: [cell] for claim, cell in zip(claims, golden["alignment"], strict=True)}
    judge.rules |= matrix_judge({"answer": claims}, table).rules
    result = await score_case(find("summarization"), make_case(), judge)
    assert result.value == golden["score"]
    assert len(judge.asked) == find("summarization").spec.calls


async def test_key_point_that_is_told_otherwise_is_not_covered() -> None:
    """The judge is told what the source answers; the evidence says that it is contradicted."""
    judge = asking(["answered", "contradicted"])
    result = await score_case(find("summary_coverage"), make_case(), judge)
    assert result.value == 0.5
    assert result.evidence["questions"][1] == {
        "text": "q2 => right",
        "verdict": "contradicted",
        "reason": "r",
    }


async def test_summarization_has_no_number_where_a_part_has_none() -> None:
    """A summary without claims is not as good as its coverage."""
    judge = asking(["answered"])
    judge.rules |= matrix_judge({"answer": []}).rules
    result = await score_case(find("summarization"), make_case(), judge)
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_claims")


@pytest.mark.parametrize("name", ["summary_score", "summary_coverage"])
async def test_source_without_key_points_is_not_applicable(name: str) -> None:
    """Ragas divides by zero, DeepEval gives 0."""
    result = await score_case(find(name), make_case(), asking([]))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_key_points")


async def test_nothing_to_summarise_is_not_applicable() -> None:
    """Neither is a source of which only the ids are known."""
    result = await score_case(find("summary_score"), make_case(contexts=()), asking(["answered"]))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_contexts")
    case = Case(Example("1", "q"), Answer("a", (Context("", id="d"),)))
    result = await score_case(find("summary_coverage"), case, asking(["answered"]))
    assert result.reason == "no_context_text"


async def test_long_source_is_asked_about_in_windows() -> None:
    """Key points of every part count; the number asked for is shared out."""
    judge = asking(["answered"])
    case = make_case(contexts=["word " * 3000] * 3)
    await score_case(find("summary_coverage"), case, judge)
    windows = [asked for name, asked in judge.asked if name == "KeyQuestions"]
    assert len(windows) == 3
    assert all("up to 4 questions" in asked.user for asked in windows)
