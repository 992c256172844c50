"""The simulated judge answers any shape, the same every time, and by what the words say."""

from __future__ import annotations

import math
from typing import Literal, TypeVar

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from pitwall.llm import simulated
from pitwall.llm.shapes import shape_of
from pitwall.llm.types import Message

PASSAGES = (
    '<source id="1" key="ab12">\nThe pump was replaced on 12 March.\n</source key="ab12">\n\n'
    '<source id="2" key="ab12">\n보험금은 청구일로부터 3영업일 안에 지급합니다.\n</source key="ab12">'
)


class AskedVerdict(BaseModel):
    id: int
    reason: str
    verdict: Literal["supported", "contradicted", "not_stated"]
    sources: list[int] = Field(default_factory=list)


class AskedVerdicts(BaseModel):
    verdicts: list[AskedVerdict]


class AskedClaims(BaseModel):
    claims: list[str]


class Level(BaseModel):
    reason: str
    verdict: Literal["1", "2", "3", "4", "5"]
    score: float = Field(ge=0, le=10)
    is_evasive: bool


Shape = TypeVar("Shape", bound=BaseModel)


def ask(text: str, model: type[Shape]) -> Shape:
    return model.model_validate_json(simulated.reply([Message("user", text)], shape_of(model)))


def judged(claims: str, closing: str = "") -> list[AskedVerdict]:
    text = f'{PASSAGES}\n\n<claims key="ab12">\n{claims}\n</claims key="ab12">\n\n{closing}'
    return ask(text, AskedVerdicts).verdicts


def test_claims_are_judged_by_the_words_of_the_sources() -> None:
    """What the sources say is supported, another number contradicts it, other words are not stated."""
    verdicts = judged(
        "1: The pump was replaced on 12 March.\n2: The pump was replaced on 15 March.\n"
        "3: Two technicians did it.\n4: 보험금을 3영업일 안에 지급합니다."
    )
    assert [one.verdict for one in verdicts] == ["supported", "contradicted", "not_stated", "supported"]
    assert [one.sources for one in verdicts] == [[1], [1], [], [2]]
    assert all(simulated.SIMULATED in one.reason for one in verdicts)


def test_only_the_items_that_are_asked_for_get_a_verdict() -> None:
    """The numbers after the data say which."""
    claims = "1: The pump.\n2: The bearing.\n3: The valve."
    assert [one.id for one in judged(claims, "Judge the claims with these numbers: 1, 3.")] == [1, 3]
    assert [one.id for one in judged(claims)] == [1, 2, 3]


def test_a_text_is_taken_apart_into_sentences() -> None:
    """Claims are its sentences; a text that says nothing has none."""
    text = '<text key="k1">\nThe pump broke. It was replaced.\n</text key="k1">'
    assert ask(text, AskedClaims).claims == ["The pump broke.", "It was replaced."]
    assert ask("", AskedClaims).claims == []


def test_levels_and_scores_rise_with_the_words_in_common() -> None:
    """The more of an answer its contexts have, the higher."""
    context = '<context key="k">\nThe pump was replaced on 12 March.\n</context key="k">'
    good = ask(f'<answer key="k">\nThe pump was replaced.\n</answer key="k">\n{context}', Level)
    bad = ask(f'<answer key="k">\nNobody knows anything here.\n</answer key="k">\n{context}', Level)
    assert (good.verdict, good.score) == ("5", 10.0)
    assert (bad.verdict, bad.score) == ("1", 0.0)


def test_a_rule_of_its_own_answers_a_shape() -> None:
    """Whoever has a shape that words do not fit says how it is answered."""

    class Weather(BaseModel):
        is_raining: bool

    simulated.register("Weather", lambda messages: {"is_raining": "rain" in messages[-1].content})
    assert ask("rain", Weather).is_raining


@given(st.text())
def test_every_question_is_answered_in_its_shape(text: str) -> None:
    """Whatever is asked, the reply fits, and is the same again."""
    for model in (AskedVerdicts, AskedClaims, Level):
        assert ask(text, model) == ask(text, model)


@given(st.text(), st.text())
def test_vectors_have_length_one_and_are_near_for_equal_texts(text: str, other: str) -> None:
    """Of the same text they are equal."""
    vector = simulated.vector(text)
    assert math.isclose(math.hypot(*vector), 1.0) or not any(vector)
    assert vector == simulated.vector(text)
    assert len(vector) == len(simulated.vector(other))


def test_texts_that_share_much_are_nearer() -> None:
    """Enough for a demo of similarity."""
    near = _dot("보험금은 3영업일 안에 지급합니다", "보험금은 5영업일 안에 지급합니다")
    assert near > 0.7 > _dot("보험금은 3영업일 안에 지급합니다", "The pump was replaced")


def _dot(a: str, b: str) -> float:
    return sum(x * y for x, y in zip(simulated.vector(a), simulated.vector(b), strict=True))
