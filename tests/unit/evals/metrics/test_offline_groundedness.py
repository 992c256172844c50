"""Groundedness without a model: what stands in the contexts is high, what does not is low, with evidence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.types import Score, ScoreStatus
from tests.unit.evals.metrics.cases import make_case, score, value_of

METRIC = "offline_groundedness"
KOREAN = "암 진단 시 1억원을 지급합니다. 면책 기간은 가입일부터 90일입니다."
ENGLISH = "The waiting period is 90 days from enrolment. A cancer diagnosis pays 100 million won."


async def _value(answer: str, *contexts: str) -> float:
    return await value_of(METRIC, make_case(answer, contexts=list(contexts)))


@pytest.mark.parametrize("text", [KOREAN, ENGLISH])
async def test_copied_answer_is_1(text: str) -> None:
    """In both languages."""
    assert await _value(text, "Something else.", text) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("면책 기간은 90일입니다.", "면책 기간은 60일입니다."),
        ("면책 기간은 90일입니다.", "주차는 무료로 제공됩니다."),
        ("암 진단 시 100,000,000원을 지급합니다.", "암 진단 시 5천만원을 지급합니다."),
        ("암 진단 시 1억원을 지급합니다.", "암 진단 시 1억원을 지급하지 않습니다."),
        ("The waiting period is 90 days.", "The waiting period is 60 days."),
        ("The waiting period is 90 days.", "I love that the waiting period is 90 days."),
        ("A cancer diagnosis pays 100 million won.", "A cancer diagnosis never pays 100 million won."),
        ("The waiting period is 90 days.", "The waiting period is 90 days. Parking is free for guests."),
    ],
)
async def test_unsupported_answer_is_lower(better: str, worse: str) -> None:
    """Another number, another topic, another negation, words of the speaker, one more sentence."""
    assert await _value(better, KOREAN, ENGLISH) > await _value(worse, KOREAN, ENGLISH)


async def test_evidence_names_the_chunk_and_what_is_missing() -> None:
    """For each sentence; the weakest is named in the language of the case."""
    case = make_case(
        "면책 기간은 60일입니다. 암 진단 시 1억원을 지급합니다.", contexts=["x", KOREAN], language="ko"
    )
    found = await score(METRIC, case)
    first, second = found.evidence["sentences"]
    assert (first["chunk"], second["chunk"]) == (1, 1)
    assert first["wrong_numbers"] == ["60일"]
    assert second["wrong_numbers"] == []
    assert second["quote"] == "암 진단 시 1억원을 지급합니다"
    assert case.answer.text is not None
    assert case.answer.text[second["start"] : second["end"]] == second["text"]


async def test_weakest_sentence_is_named() -> None:
    """So that people know where to look."""
    case = make_case(f"{KOREAN} 고양이는 낮잠을 좋아합니다.", contexts=[KOREAN], language="ko")
    assert "고양이는 낮잠을 좋아합니다." in ((await score(METRIC, case)).explanation or "")


@pytest.mark.parametrize(
    "answer", ["제공된 문서에는 해당 정보가 없습니다.", "I don't know.", "Yes.", "네.", "!!!"]
)
async def test_answer_without_a_claim_is_not_judged(answer: str) -> None:
    """A refusal is neither grounded nor not, and a bare yes says nothing by itself."""
    found = await score(METRIC, make_case(answer, contexts=[KOREAN]))
    assert (found.status, found.reason) == (ScoreStatus.NOT_APPLICABLE, "no_claims")


@pytest.mark.parametrize("contexts", [[], [" "]])
async def test_claims_without_contexts_are_0(contexts: list[str]) -> None:
    """There is nothing that could support them."""
    found = await score(METRIC, make_case("면책 기간은 90일입니다.", contexts=contexts))
    assert (found.value, found.reason) == (0.0, "no_contexts")


async def test_citations_are_no_claims() -> None:
    """Marks and addresses of sources do not lower what they cite."""
    plain = await _value("The waiting period is 90 days.", ENGLISH)
    assert await _value("The waiting period is 90 days [1][2]. https://example.org/a", ENGLISH) == plain


async def test_one_number_in_two_languages_supports() -> None:
    """What is written 1억원 in the context is 100 million won in the answer."""
    found = await score(METRIC, make_case("It pays 100 million won.", contexts=[KOREAN]))
    assert found.evidence["sentences"][0]["wrong_numbers"] == []


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="가나다라 은는.이가abcd 0123억원%?", max_size=60),
    st.lists(st.text(alphabet="가나다라 은는.이가abcd 0123억원%?", max_size=60), max_size=3),
)
async def test_any_text_gives_a_value_or_a_reason(answer: str, contexts: list[str]) -> None:
    """In range, and never a failure."""
    found: Score = await score(METRIC, make_case(answer or "a", contexts=contexts))
    assert found.reason != "metric_failed", found.explanation
    assert found.value is None or 0 <= found.value <= 1 + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.permutations([KOREAN, ENGLISH, "Cats sleep all day.", "주차는 무료입니다."]))
async def test_order_of_chunks_does_not_matter(contexts: list[str]) -> None:
    """Evidence is evidence wherever it was ranked."""
    answer = "면책 기간은 90일입니다. Cats sleep at night."
    fixed = await _value(answer, KOREAN, ENGLISH, "Cats sleep all day.", "주차는 무료입니다.")
    assert await _value(answer, *contexts) == pytest.approx(fixed)


async def test_long_repetitive_texts_are_judged() -> None:
    """A megabyte of the same words takes no more than a moment."""
    answer = "면책 기간은 90일입니다. The waiting period is 90 days. " * 20_000
    assert await _value(answer, KOREAN * 2_000, ENGLISH * 2_000) > 0.5
