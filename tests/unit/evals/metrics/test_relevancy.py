"""Answer relevancy by sentences and by guessed questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pitwall.evals.judging.shapes import GuessedQuestion, SentenceVerdicts
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.relevancy import embedding_relevancy
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Score, ScoreStatus
from tests.support.scripted_judge import ScriptedJudge
from tests.unit.evals.metrics.golden import GOLDEN, make_case

SENTENCES = "Hello. It costs 3 dollars. The weather is fine. I cannot say more."


def judge_of(*verdicts: str) -> ScriptedJudge:
    said = dict(enumerate(verdicts, 1))
    return ScriptedJudge(
        {
            SentenceVerdicts: lambda asked: {
                "verdicts": [{"id": n, "reason": "r", "verdict": said[n]} for n in asked.ids if n in said]
            }
        }
    )


async def relevancy(answer: str, *verdicts: str, language: str = "en") -> tuple[Score, ScriptedJudge]:
    judge = judge_of(*verdicts)
    case = make_case(answer, contexts=None, language=language)
    return await score_case(find("answer_relevancy"), case, judge), judge


async def test_greetings_do_not_count_and_evasions_do() -> None:
    """One relevant sentence of three that say something, in one call."""
    result, judge = await relevancy(SENTENCES, "neutral", "relevant", "off_topic", "noncommittal")
    assert result.value == pytest.approx(1 / 3)
    assert len(judge.asked) == 1
    assert judge.asked[0][1].items("sentences")[2] == "It costs 3 dollars."


async def test_evasive_answer_is_zero_and_says_so() -> None:
    """It is an answer, and it does not speak to the question."""
    result, _ = await relevancy("I do not know.", "noncommittal")
    assert (result.value, result.reason) == (0.0, "noncommittal")


async def test_answer_that_says_nothing_is_not_applicable() -> None:
    """DeepEval gives 1, Ragas 0."""
    result, _ = await relevancy("Hello.", "neutral")
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_statements")
    nothing, judge = await relevancy("...", "neutral")
    assert (nothing.reason, judge.asked) == ("no_statements", [])


async def test_sentences_without_verdict_leave_no_number() -> None:
    """Half of them is too little; they were asked for again."""
    result, judge = await relevancy(SENTENCES, "relevant", "relevant")
    assert (result.status, len(judge.asked)) == (ScoreStatus.UNDETERMINED, 2)
    assert judge.asked[1][1].ids == [3, 4]


async def test_korean_answers_are_split_at_their_sentences() -> None:
    """And explained in Korean."""
    result, _ = await relevancy(
        "보장금액은 1억원이에요. 날씨가 좋네요.", "relevant", "off_topic", language="ko"
    )
    assert (result.value, result.explanation) == (0.5, "답변의 문장 2개 중 1개가 질문과 관련됩니다.")


@pytest.mark.parametrize("golden", GOLDEN["embedding_relevancy"])
async def test_embedding_relevancy_of_the_golden_cases(golden: dict[str, Any]) -> None:
    """Mean cosine, clamped; 0 if most guesses find the answer evasive."""
    judge = guessing(golden["cosines"], golden["noncommittal"])
    result = await score_case(find("answer_relevancy_embedding"), make_case(contexts=None), judge)
    assert result.value == pytest.approx(golden["score"], abs=1e-6)
    assert judge.counts == {"GuessedQuestion": 3}


def guessing(cosines: Sequence[float], noncommittal: Sequence[int]) -> ScriptedJudge:
    vectors = {f"q{n}": [cosine, (1 - cosine**2) ** 0.5] for n, cosine in enumerate(cosines)}
    return ScriptedJudge(
        {
            GuessedQuestion: lambda asked: {
                "question": f"q{asked.sample}",
                "is_noncommittal": bool(noncommittal[asked.sample]),
            }
        },
        {**vectors, "question": [1.0, 0.0]},
    )


async def test_question_is_guessed_in_the_language_of_the_case() -> None:
    """An English question about a Korean answer would be far from the user's."""
    judge = guessing([1, 1, 1], [0, 0, 0])
    case = make_case("answer in English", contexts=None, language="ko")
    await score_case(find("answer_relevancy_embedding"), case, judge)
    assert {asked.sample for _, asked in judge.asked} == {0, 1, 2}
    assert all("질문은 한국어로" in asked.user for _, asked in judge.asked)


def test_half_evasive_is_no_majority() -> None:
    """Of two guesses, one does not decide."""
    assert embedding_relevancy([1.0, 0.5], [True, False]) == 0.75
