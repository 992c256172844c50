"""Judged metrics with the simulated judge: a run without a model shows what a run with one shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from pydantic import BaseModel

from pitwall.evals.judging import shapes, simulated
from pitwall.evals.metrics.registry import built_in, find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, Score, ScoreStatus, ToolCall, Turn
from pitwall.llm.shapes import shape_of
from pitwall.llm.simulated import reply, vector
from pitwall.llm.types import Answered, Message

Reply = TypeVar("Reply", bound=BaseModel)
NEED_CRITERIA = ["g_eval", "aspect_critic"]
JUDGED = [
    name for metric in built_in() if metric.spec.prompts and (name := metric.spec.name) not in NEED_CRITERIA
]


class Simulated:
    """The simulated judge without store and limits."""

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        return Answered(shape.model_validate_json(reply(messages, shape_of(shape))), ("key",))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [vector(text) for text in texts]


def make_case(answer: str, language: str = "ko") -> Case:
    context = (
        "보장금액은 1억원입니다. 면책기간은 90일입니다."
        if language == "ko"
        else "The sum insured is 100 dollars. The waiting period is 90 days."
    )
    question = "보장금액은 얼마인가요?" if language == "ko" else "What is the sum insured?"
    chunks = (Context(context), Context("날씨가 맑습니다." if language == "ko" else "It is sunny."))
    turns = (Turn(question, answer, chunks),)
    return Case(
        Example(
            "1",
            question,
            language,
            reference=context.split(". ")[0] + ".",
            metadata={"required_points": [context.split(". ")[0]]},
        ),
        Answer(answer, chunks, (ToolCall("search", {"q": "x"}),), turns),
    )


async def score(name: str, case: Case) -> Score:
    return await score_case(find(name), case, Simulated())


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_grounded_answer_beats_one_with_another_number(language: str) -> None:
    """The rules look at words and numbers, of both languages."""
    right, wrong = (
        ("보장금액은 1억원입니다.", "보장금액은 7억원입니다.")
        if language == "ko"
        else ("The sum insured is 100 dollars.", "The sum insured is 700 dollars.")
    )
    assert (await score("faithfulness", make_case(right, language))).value == 1.0
    assert (await score("faithfulness", make_case(wrong, language))).value == 0.0
    assert (await score("contradiction_rate", make_case(wrong, language))).value == 1.0
    assert (await score("factual_correctness", make_case(right, language))).value == 1.0
    assert (await score("context_precision", make_case(right, language))).value == 1.0


@pytest.mark.parametrize("name", [*JUDGED, *(f"{name}:criteria=Is it clear?" for name in NEED_CRITERIA)])
async def test_every_judged_metric_scores_a_full_case(name: str) -> None:
    """No shape is left to chance; and what it says of itself is that it is simulated."""
    result = await score(name, make_case("보장금액은 1억원입니다. 면책기간은 90일입니다."))
    assert result.status is ScoreStatus.SCORED, result
    assert result.calls == ("key",)
    if "reason" in str(result.evidence):
        assert "simulated: " in str(result.evidence)


async def test_contexts_points_and_overstatement_are_judged_by_words() -> None:
    """One of the three sentences speaks of what was asked; one of two points is told; nobody overstates."""
    case = make_case("보장금액은 1억원입니다.")
    assert (await score("contextual_relevancy", case)).value == pytest.approx(1 / 3)
    told = {"required_points": ["보장금액은 1억원", "면책기간은 90일"]}
    case = replace(case, example=replace(case.example, metadata=told))
    assert (await score("required_points", case)).value == 0.5
    assert (await score("overstatement", case)).value == 0.0


async def test_refusal_claims_nothing() -> None:
    """It is found by its words, in both languages."""
    refused = await score("faithfulness", make_case("제공된 문서에서는 알 수 없습니다."))
    assert refused.reason == "no_claims"
    evasive = await score("answer_relevancy", make_case("I don't know.", "en"))
    assert (evasive.value, evasive.reason) == (0.0, "noncommittal")


def test_every_shape_has_a_rule() -> None:
    """A new shape of a reply comes with one."""
    replies = {
        shape
        for shape in vars(shapes).values()
        if isinstance(shape, type) and issubclass(shape, BaseModel) and shape is not BaseModel
    }
    items = {
        shapes.ClaimVerdict,
        shapes.SentenceVerdict,
        shapes.ContextVerdict,
        shapes.QuestionVerdict,
        shapes.PointVerdict,
        shapes.KeyQuestion,
    }
    assert set(simulated._RULES) == replies - items
