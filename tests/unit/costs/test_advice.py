"""The computing behind advice, on values made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.costs.advice.cheaper_model import Scored, is_as_good
from pitwall.costs.advice.combined import combine
from pitwall.costs.advice.long_prompts import length_limits
from pitwall.costs.advice.shared_prefixes import longest_prefix
from pitwall.costs.advice.types import (
    Basis,
    Cell,
    Confidence,
    Kind,
    Suggestion,
    Work,
    WorkTotals,
    confidence_of,
)
from pitwall.costs.advice.unused_context import Answered, measure
from pitwall.costs.amounts import written_usd
from pitwall.kit.i18n import Text

CELLS = [Cell("chat", "openai", "gpt-4o"), Cell("search", "openai", "gpt-4o-mini")]
NOTHING = Text("", "")


def _suggestion(cell: Cell, low: float, middle: float, high: float) -> Suggestion:
    return Suggestion(
        Kind.LONG_PROMPTS, cell, NOTHING, NOTHING, middle, low, high, Confidence.LOW, {}, NOTHING
    )


def _sorted_suggestion(cell: Cell, amounts: tuple[float, float, float]) -> Suggestion:
    return _suggestion(cell, *sorted(amounts))


suggestions = st.lists(
    st.builds(_sorted_suggestion, st.sampled_from(CELLS), st.tuples(*[st.floats(0, 100)] * 3)), max_size=6
)


@given(suggestions, st.tuples(st.floats(0, 150), st.floats(0, 150)))
def test_together_is_at_least_the_largest_and_at_most_sum_and_cost(
    found: list[Suggestion], costs: tuple[float, float]
) -> None:
    """Whatever overlaps, and however much of what is spent each says to save."""
    spent = dict(zip(CELLS, costs, strict=True))
    combined = combine(found, spent)
    assert combined.low_usd <= combined.usd <= combined.high_usd * (1 + 1e-12)
    assert combined.usd <= sum(costs) * (1 + 1e-12)
    assert combined.usd <= sum(one.usd for one in found) + sum(one.low_usd for one in found) + 1e-9
    largest = max((min(one.low_usd, spent[one.cell]) for one in found), default=0.0)
    assert combined.low_usd >= largest


def test_two_that_save_half_each_save_three_quarters() -> None:
    """The second saves half of what the first leaves; other calls are another matter."""
    half = _suggestion(CELLS[0], 40, 50, 60)
    other = _suggestion(CELLS[1], 10, 10, 10)
    combined = combine([half, half, other], {CELLS[0]: 100, CELLS[1]: 20})
    assert combined.usd == pytest.approx(75 + 10)
    assert combined.low_usd == 50
    assert combined.high_usd == 110


@given(st.text(max_size=20), st.lists(st.text(max_size=8), min_size=5, max_size=20))
def test_most_texts_begin_with_what_is_found(prefix: str, ends: list[str]) -> None:
    """It is as long as what all share, and eight of ten begin so."""
    texts = [prefix + end for end in ends]
    found = longest_prefix([(text, len(text)) for text in texts])
    assert found is not None
    assert len(found.text) >= len(prefix)
    assert sum(text.startswith(found.text) for text in texts) == found.alike >= round(0.8 * len(texts))


def test_a_few_other_texts_do_not_spoil_a_prefix() -> None:
    """Two of ten begin otherwise, one of them before and one behind the others in order."""
    texts = [f"You are helpful. {number}" for number in range(8)]
    found = longest_prefix([(text, 100) for text in [*texts, "Zzz", "A"]])
    assert found is not None
    assert (found.text, found.alike) == ("You are helpful. ", 8)
    assert found.share == pytest.approx(0.17)


def _scored(mean: float, count: int = 400, variance: float = 0.04) -> Scored:
    return Scored("chat", "answer", "openai", "m", "correct", count, mean, variance, 500, 0.0, 1.0, [])


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        (_scored(0.8), _scored(0.8), True),
        (_scored(0.8), _scored(0.78), True),
        (_scored(0.8), _scored(0.74), False),
        (_scored(0.8), _scored(0.86), False),  # who knows whether higher is better
        (_scored(0.8, count=29), _scored(0.8), False),
        (_scored(0.8, count=40), _scored(0.8, count=40), False),  # too few to tell
        (_scored(0.8, variance=0.0), _scored(0.8, variance=0.0), True),
    ],
)
def test_models_are_as_good_only_if_the_interval_says_so(one: Scored, other: Scored, is_equal: bool) -> None:
    """Both bounds of the interval of the difference lie within a twentieth of the range."""
    assert is_as_good(one, other) is is_equal


def test_scores_that_are_all_the_same_tell_no_range() -> None:
    """A judge that always says 1 has compared nothing."""
    one = Scored("chat", "answer", "openai", "m", "correct", 100, 1.0, 0.0, 500, 1.0, 1.0, [])
    assert not is_as_good(one, one)


def _totals(calls: int, quartiles: tuple[float, float, float]) -> WorkTotals:
    work = Work(CELLS[0], "answer")
    return WorkTotals(work, calls, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, quartiles, 0, 0)


@pytest.mark.parametrize(
    ("calls", "quartiles", "limits"),
    [
        (100, (100.0, 200.0, 400.0), [25_600.0]),
        (100, (500.0, 500.0, 500.0), [1000.0]),
        (49, (100.0, 200.0, 400.0), []),
        (100, (0.0, 0.0, 10.0), []),
    ],
)
def test_what_is_far_longer_depends_on_how_much_lengths_differ(
    calls: int, quartiles: tuple[float, float, float], limits: list[float]
) -> None:
    """Never less than twice the median; of few calls nothing is said."""
    assert list(length_limits([_totals(calls, quartiles)]).values()) == limits


DOCUMENTS = [
    "환불은 구매 후 열흘 안에 신청하면 영업일 기준 사흘이 걸립니다.",
    "배송비는 오만 원 이상 주문하면 무료이고 제주도는 별도로 청구합니다.",
    "회원 등급은 매월 첫째 날에 바뀌며 쿠폰은 등급마다 다르게 줍니다.",
]


def test_korean_answer_uses_the_document_it_paraphrases() -> None:
    """Endings differ, stems agree; documents that only stand there are not used."""
    prompt = "질문에 답하세요. " + " ".join(DOCUMENTS)
    answer = "구매하신 뒤 열흘 이내에 신청하시면 영업일로 사흘 걸려요."
    found = measure(Answered(Work(CELLS[0], "a"), DOCUMENTS, "언제 환불되나요?", prompt, answer, "t"))
    assert found is not None
    assert found.used == [True, False, False]
    assert found.last == 1
    assert found.beyond(1) == pytest.approx(sum(len(text) for text in DOCUMENTS[1:]) / len(prompt))


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [("nothing of them", DOCUMENTS[0]), (" ".join(DOCUMENTS), "네."), ("", ""), (DOCUMENTS[0], DOCUMENTS[0])],
)
def test_what_cannot_be_told_is_not_measured(prompt: str, answer: str) -> None:
    """Documents that are not in the prompt, answers without telling words, one document alone."""
    assert measure(Answered(Work(CELLS[0], "a"), DOCUMENTS, "", prompt, answer, "t")) is None


@pytest.mark.parametrize(("days", "per_month"), [(30.0, 1.0), (10.0, 3.0), (1.0, 30.0), (0.1, 30.0)])
def test_less_than_a_day_is_not_made_more_of(days: float, per_month: float) -> None:
    """An hour says little of a night."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert Basis(now - timedelta(days=30), now, days, 1.0).per_month == pytest.approx(per_month)


def test_confidence_needs_days_and_observations() -> None:
    """Either alone is not enough."""
    assert confidence_of(1, 10_000) is Confidence.LOW
    assert confidence_of(30, 10) is Confidence.LOW
    assert confidence_of(7, 100) is Confidence.MEDIUM
    assert confidence_of(30, 1000) is Confidence.HIGH


@pytest.mark.parametrize(
    ("amount", "written"),
    [(None, None), (0.0, "0"), (100.0, "100"), (0.1 + 0.2, "0.3"), (1e-12, "0.000000000001"), (-5.5, "-5.5")],
)
def test_amounts_are_written_as_decimals(amount: float | None, written: str | None) -> None:
    """To the picodollar that the store counts in, without the noise of floats."""
    assert written_usd(amount) == written
