"""Answers against references: exact match, F1, containment, chrF, ROUGE-L, BLEU."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.metrics.overlap import chrf, rouge_l
from pitwall.evals.text.tokens import words
from pitwall.evals.types import ScoreStatus
from tests.unit.evals.metrics.cases import make_case, score, value_of

_TEXT = st.text(alphabet="가나다라 은는이가abcde 0123,.억원", max_size=60)
_METRICS = ("exact_match", "f1_score", "chrf", "rouge_l", "contains")


@settings(max_examples=40, deadline=None)
@given(_TEXT, _TEXT)
@pytest.mark.parametrize("metric", _METRICS)
async def test_values_lie_between_0_and_1(metric: str, answer: str, reference: str) -> None:
    """Any two texts give a value in range or a reason, never a failure."""
    found = await score(metric, make_case(answer, reference))
    assert found.reason != "metric_failed", found
    assert found.value is None or 0 <= found.value <= 1


@pytest.mark.parametrize(
    "metric", [*_METRICS, "bleu", "rouge_l:tokenizer=characters", "f1_score:tokenizer=plain"]
)
@pytest.mark.parametrize("text", ["서울은 대한민국의 수도이다", "Paris is the capital", "GPT-4는 1억원"])
async def test_text_against_itself_is_1(metric: str, text: str) -> None:
    """In Korean, English and both."""
    if metric == "bleu":
        pytest.importorskip("sacrebleu")
    assert await value_of(metric, make_case(text, text)) == pytest.approx(1.0)


@settings(deadline=None)
@given(_TEXT, _TEXT)
def test_rouge_l_is_symmetrical(one: str, other: str) -> None:
    """F1 does not care which of both is the answer."""
    left, right = words(one), words(other)
    assert rouge_l(left, right) == pytest.approx(rouge_l(right, left))


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="가나다라마 은는abc,.", max_size=40),
    st.text(alphabet="가나다라마 은는abc,.", max_size=40),
)
def test_chrf_is_that_of_sacrebleu(answer: str, reference: str) -> None:
    """To the last digit, on any texts."""
    sacrebleu = pytest.importorskip("sacrebleu")
    expected = sacrebleu.sentence_chrf(answer, [reference]).score / 100
    assert chrf(answer, reference) == pytest.approx(expected, abs=1e-12)


async def test_f1_does_not_see_the_order() -> None:
    """The words count, not their places."""
    tokens = "보장 기간은 1년이고 면책 기간은 90일이다".split()
    shuffled = random.Random(3).sample(tokens, len(tokens))
    assert shuffled != tokens
    assert await value_of("f1_score", make_case(" ".join(shuffled), " ".join(tokens))) == pytest.approx(1.0)


async def test_f1_by_hand() -> None:
    """Two of three words right, two of four there: P 2/3, R 1/2, F1 4/7."""
    found = await score("f1_score", make_case("red blue green", "red blue black white"))
    assert found.value == pytest.approx(4 / 7)
    assert found.evidence == {"precision": pytest.approx(2 / 3), "recall": pytest.approx(1 / 2)}


@pytest.mark.parametrize(
    ("answer", "value"),
    [("보장금액은 100,000,000원입니다.", 1.0), ("보장금액은 1억 2천만원입니다.", 0.0), ("It is 1억원!", 1.0)],
)
async def test_reference_is_found_in_a_long_answer(answer: str, value: float) -> None:
    """As it is meant, not as it is written."""
    assert await value_of("contains", make_case(answer, "1억원")) == value


async def test_contains_can_look_for_a_text_of_its_own() -> None:
    """Then no reference is needed."""
    case = make_case("The total is 3 dollars.")
    assert await value_of("contains:text=3 dollars", case) == 1.0
    assert (await score("contains", case)).reason == "no_reference"


@pytest.mark.parametrize("metric", ["exact_match", "f1_score", "rouge_l", "contains"])
async def test_reference_without_words_judges_nobody(metric: str) -> None:
    """An ellipsis is no reference."""
    found = await score(metric, make_case("yes", "..."))
    assert (found.status, found.reason) == (ScoreStatus.NOT_APPLICABLE, "no_words")


async def test_bleu_is_that_of_sacrebleu() -> None:
    """With its signature, which says what was measured."""
    sacrebleu = pytest.importorskip("sacrebleu")
    answer, reference = "the cat sat on the mat today", "the cat sat on a mat"
    expected = sacrebleu.sentence_bleu(answer, [reference], use_effective_order=True).score / 100
    found = await score("bleu", make_case(answer, reference))
    assert found.value == pytest.approx(expected)
    assert "tok:13a" in found.evidence["signature"]


async def test_bleu_without_its_extra_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other number takes its place."""
    for name in [name for name in sys.modules if name.startswith("sacrebleu")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    found = await score("bleu", make_case("a b", "a b"))
    assert (found.status, found.reason) == (ScoreStatus.ERROR, "extra_missing")
    assert "pitwall[bleu]" in (found.explanation or "")


async def test_large_texts_are_judged() -> None:
    """A megabyte of words against a short reference."""
    answer = "보장 기간은 1년입니다. " * 20_000
    assert 0 < await value_of("f1_score", make_case(answer, "보장 기간은 1년입니다.")) < 1
    assert 0 < await value_of("rouge_l", make_case(answer, "보장 기간은 1년입니다.")) < 1


async def test_languages_agree_on_facts() -> None:
    """An English and a Korean answer with the same numbers are alike to what looks at numbers."""
    contexts = ["보장금액은 1억원이고 면책 기간은 90일입니다. 2024년 3월 5일 기준."]
    english = make_case("It pays 100 million won after 90 days, as of March 5, 2024.", contexts=contexts)
    korean = make_case("90일 뒤 1억 원을 지급합니다(2024-03-05 기준).", contexts=contexts)
    assert (
        await value_of("number_consistency", english) == await value_of("number_consistency", korean) == 1.0
    )
