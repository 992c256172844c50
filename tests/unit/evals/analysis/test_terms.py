"""Terms are what a question is about, in one form, and not how it asks."""

from __future__ import annotations

import pytest

from pitwall.evals.analysis.terms import TermNames, terms


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("유사암도 보장되나요?", ["유사암", "보장"]),
        ("보험료 감액이 가능한가요?", ["보험료", "감액", "가능"]),
        ("해지 환급금은 언제 받나요?", ["해지", "환급금"]),
        ("보험금 한도는 얼마인가요?", ["보험금", "한도"]),
        ("What are the waiting periods?", ["wait", "period"]),
        ("", []),
    ],
)
def test_terms_are_what_a_question_is_about(question: str, about: list[str]) -> None:
    """Particles, endings of questions and function words are left out."""
    assert terms(question) == about


def test_term_is_shown_in_its_most_frequent_spelling() -> None:
    """Forms are counted together; people read words."""
    names = TermNames()
    for text in ("claims", "claims", "claim"):
        assert names.count(text) == {"claim": 1}
    assert names.name("claim") == "claims"
