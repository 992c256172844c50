"""Sentences end where they end: not in numbers, abbreviations, initials or numbered items."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.text.entities import EntityKind, find_entities
from pitwall.evals.text.refusal import find_refusal
from pitwall.evals.text.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed!", ["He left.", "She stayed!"]),
        ("It costs 3.5 dollars. Fine.", ["It costs 3.5 dollars.", "Fine."]),
        ("Dr. Smith went to the U.S. in May.", ["Dr. Smith went to the U.S. in May."]),
        ("J. K. Rowling wrote it.", ["J. K. Rowling wrote it."]),
        ('Was it "good?" Yes.', ['Was it "good?"', "Yes."]),
        ("Wait... then go.", ["Wait...", "then go."]),
        ("안녕하세요.반갑습니다. 3.5%입니다", ["안녕하세요.", "반갑습니다.", "3.5%입니다"]),
        ("네? 정말요! 좋아요.", ["네?", "정말요!", "좋아요."]),
        ("1. 첫째입니다.\n2) 둘째입니다. 끝.", ["첫째입니다.", "둘째입니다.", "끝."]),
        ("- one\n* two (e.g. three) four", ["one", "two (e.g. three) four"]),
        ("## Title\nText.", ["Title", "Text."]),
        ("", []),
        ("...\n---", []),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    """Korean endings, decimals, abbreviations, lists, headings."""
    assert [one.text for one in split_sentences(text)] == expected


@settings(deadline=None)
@given(st.text(max_size=200))
def test_sentences_are_parts_of_the_text(text: str) -> None:
    """Each stands where it says, none overlaps, and no word is lost outside of list markers."""
    found = split_sentences(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


def test_entities_of_a_korean_text() -> None:
    """Numbers, dates, quotations and Latin names; nothing is made up of Korean nouns."""
    found = find_entities('2024년 3월 5일에 Samsung Fire의 "무배당 암보험"이 1억원을 지급했다. API는 GPT-4.')
    assert {(one.kind, one.text) for one in found} == {
        (EntityKind.DATE, "2024년 3월 5일"),
        (EntityKind.NUMBER, "1억원"),
        (EntityKind.QUOTED, "무배당 암보험"),
        (EntityKind.NAME, "Samsung"),
        (EntityKind.NAME, "Fire"),
        (EntityKind.NAME, "API"),
        (EntityKind.NAME, "GPT-4"),
    }


def test_entities_of_an_english_text() -> None:
    """Capitalised names, but not the first word of a sentence because it is the first."""
    found = find_entities("Yesterday the Bank of Korea cut rates. They told Kim Min-su so.")
    assert [one.text for one in found if one.kind is EntityKind.NAME] == ["Bank of Korea", "Kim Min-su"]


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.",
        "Sorry, I cannot answer that question.",
        "The context does not mention the price.",
        "Based on the context, there is not enough information to answer.",
        "제공된 문서에는 해당 정보가 없습니다.",
        "죄송합니다. 해당 내용은 문서에서 확인할 수 없습니다.",
        "문서에 면책 기간은 언급되어 있지 않습니다.",
        "알 수 없습니다.",
    ],
)
def test_refusal(answer: str) -> None:
    """Answers that say that they do not answer."""
    assert find_refusal(answer) is not None


@pytest.mark.parametrize(
    "answer",
    [
        "I'm not sure, but I think it was invented in the 1950s by accident.",
        "Panzer beetles cannot be found in Andorra.",
        "The price is 3 dollars.",
        "보장되지 않는 항목은 치과입니다.",
        "보장 기간은 1년입니다. 면책 기간은 문서에서 확인할 수 없습니다.",
        "The context does not mention it. It is 3 dollars. It is paid monthly. It can be paid at once.",
        "",
    ],
)
def test_answer_is_no_refusal(answer: str) -> None:
    """A negation is none, a gap that is named before or beside an answer is none."""
    assert find_refusal(answer) is None
