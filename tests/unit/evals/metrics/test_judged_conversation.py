"""Conversations and agents by a judge."""

from __future__ import annotations

import pytest

from pitwall.evals.judging.shapes import YesNoVerdict
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus, ToolCall, Turn
from pitwall.llm.types import CallFailed, CallFailure
from tests.support.scripted_judge import ScriptedJudge, matrix_judge

CHUNK = (Context("chunk"),)


def conversation(*turns: Turn) -> Case:
    return Case(Example("1", "q1"), Answer(turns=turns))


async def test_turns_are_judged_each_by_its_own_contexts() -> None:
    """The mean of the turns that claim something; the weakest is named."""
    judge = matrix_judge({"x": ["c1", "c2"], "y": ["c3"], "z": []}, {"c1": [1], "c2": [0], "c3": [1]})
    case = conversation(
        Turn("q1", "x", CHUNK), Turn("q2", "y", CHUNK), Turn("q3", "z", CHUNK), Turn("q4", "w"), Turn("q5")
    )
    result = await score_case(find("turn_faithfulness"), case, judge)
    assert result.value == 0.75
    assert result.explanation == "Mean of 2 of 5 turns; the weakest is turn 1."
    assert [turn["value"] for turn in result.evidence["turns"]] == [0.5, 1.0, None]


async def test_conversation_without_contexts_is_not_applicable() -> None:
    """An empty list of a turn may be a lack as well as a finding."""
    result = await score_case(find("turn_faithfulness"), conversation(Turn("q", "x")), matrix_judge({}))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_contexts")


async def test_conversation_that_claims_nothing_is_not_applicable() -> None:
    """Small talk is neither faithful nor not."""
    judge = matrix_judge({"x": []})
    result = await score_case(find("turn_faithfulness"), conversation(Turn("q", "x", CHUNK)), judge)
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_claims")


async def test_turn_that_could_not_be_judged_fails_the_conversation() -> None:
    """A mean over the turns that happened to work would be another number."""
    judge = matrix_judge({"x": ["c1"], "y": ["c2"]}, {"c1": [1], "c2": [1]})
    claims = {shape.__name__: shape for shape in judge.rules}["Claims"]
    rule = judge.rules[claims]
    judge.rules[claims] = lambda asked: (
        CallFailed("slow", failure=CallFailure.TIMEOUT) if asked.text("text") == "y" else rule(asked)
    )
    case = conversation(Turn("q", "x", CHUNK), Turn("q", "y", CHUNK))
    result = await score_case(find("turn_faithfulness"), case, judge)
    assert (result.status, result.reason) == (ScoreStatus.ERROR, "judge_timeout")


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_goal_success_shows_the_calls_of_the_tools(language: str) -> None:
    """With their arguments as JSON, and the wording of the case's language."""
    judge = ScriptedJudge({YesNoVerdict: lambda _: {"reason": "r", "verdict": "yes"}})
    case = Case(
        Example("1", "book it", language, reference="booked"),
        Answer("done", tool_calls=(ToolCall("book", {"날짜": "3월"}),)),
    )
    result = await score_case(find("goal_success"), case, judge)
    assert result.value == 1.0
    asked = judge.asked[0][1]
    assert asked.text("tool_calls") == '{"arguments": {"날짜": "3월"}, "name": "book"}'
    assert ("사용자가 요청한 일" if language == "ko" else "the user asked for") in asked.user


async def test_goal_without_tool_calls_field_is_not_applicable() -> None:
    """That no calls were recorded is no failure of the agent."""
    result = await score_case(find("goal_success"), Case(Example("1", "q"), Answer("a")), matrix_judge({}))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_tool_calls")
