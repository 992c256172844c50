"""Numbers with their units have one form, whatever way they are written in Korean or English."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.text.numbers import find_quantities


def labels(text: str) -> list[str]:
    """The one form of each number of a text."""
    return [one.label for one in find_quantities(text)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1억원", "100000000KRW"),
        ("100,000,000원", "100000000KRW"),
        ("1억 원", "100000000KRW"),
        ("₩100,000,000", "100000000KRW"),
        ("100 million won", "100000000KRW"),
        ("삼백만 원", "3000000KRW"),
        ("1억 2천만원", "120000000KRW"),
        ("3만5천 명", "35000people"),
        ("$1.5 million", "1500000USD"),
        ("1,500,000 dollars", "1500000USD"),
        ("3.5%", "3.5%"),
        ("3.5 퍼센트", "3.5%"),
        ("3.5 percent", "3.5%"),
        ("2%p", "2%p"),
        ("24시간", "86400s"),
        ("1일", "86400s"),
        ("1 day", "86400s"),
        ("90분", "5400s"),
        ("2년 동안", "24month"),
        ("24개월", "24month"),
        ("8 km", "8000m"),
        ("80kg", "80000g"),
        ("3분의 1", "1/3"),
        ("-3.5도", "-3.5degree"),
        ("두 명", "2people"),
        ("twenty-one people", "21people"),
        ("two hundred people", "200people"),
        ("1,234.5", "1234.5"),
        ("5분만에", "300s"),
        ("보장금액은 1억원입니다", "100000000KRW"),
    ],
)
def test_one_form(text: str, label: str) -> None:
    """Scales, separators, words and units of one dimension lead to one label."""
    assert labels(text) == [label]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2024년 3월 5일에", "2024-03-05"),
        ("2024-03-05", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("3월 5일", "--03-05"),
        ("May 2020", "2020-05"),
        ("2024년", "2024"),
        ("in 2024.", "2024"),
        ("the 1990s", "1990"),
    ],
)
def test_dates(text: str, label: str) -> None:
    """A date is not three numbers, and 3월 5일 is not five days."""
    assert labels(text) == [label]


@pytest.mark.parametrize("text", ["GPT-4", "제3조", "3D", "v1.2.3", "B2B", "one of them", "May I?"])
def test_names_are_no_numbers(text: str) -> None:
    """A digit in a name counts nothing."""
    assert labels(text) == []


@pytest.mark.parametrize(
    "text", ["1개월", "30일", "1년", "365일", "10명", "10개", "100원", "100달러", "1m", "1g"]
)
def test_other_dimensions_are_kept_apart(text: str) -> None:
    """A month is not 30 days, and won are not dollars: no two of these agree."""
    others = ["1개월", "30일", "1년", "365일", "10명", "10개", "100원", "100달러", "1m", "1g"]
    one = find_quantities(text)[0]
    agreeing = [other for other in others if one.agrees(find_quantities(other)[0])]
    assert agreeing == [text]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024년", "2024-03-05"),
        ("2024년 3월", "March 5, 2024"),
        ("3월 5일", "2024년 3월 5일"),
        ("3", "3명"),
        ("24시간", "1일"),
    ],
)
def test_less_said_agrees(one: str, other: str) -> None:
    """A year agrees with a day in it, a number with the same number of something; both ways round."""
    first, second = find_quantities(one)[0], find_quantities(other)[0]
    assert first.agrees(second)
    assert second.agrees(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2023년", "2024-03-05"), ("3월 6일", "2024-03-05"), ("3", "4명"), ("3%", "3%p"), ("5", "2024-03-05")],
)
def test_other_numbers_do_not_agree(one: str, other: str) -> None:
    """Another year, another day, another unit."""
    assert not find_quantities(one)[0].agrees(find_quantities(other)[0])


@pytest.mark.parametrize(
    ("text", "expected"), [("10~20%", ["10%", "20%"]), ("3-5일", ["259200s", "432000s"])]
)
def test_range_shares_its_unit(text: str, expected: list[str]) -> None:
    """The unit after the second number is that of the first, too."""
    assert labels(text) == expected


@pytest.mark.parametrize(
    "text", ["1" * 10_000, "1," * 5_000, "1조" * 5_000, "1" + "조" * 5_000, "만" * 5_000 + "원"]
)
def test_absurd_numbers_can_be_read(text: str) -> None:
    """No row of digits or scales makes it fail."""
    assert all(len(one.label) < 20_000 for one in find_quantities(text))


def test_places_are_those_in_the_text() -> None:
    """The text can be marked where the numbers stand."""
    text = "보장금액은 1억원이고 기간은 24시간이다"
    assert [text[one.start : one.end] for one in find_quantities(text)] == ["1억원", "24시간"]


@settings(deadline=None)
@given(st.integers(0, 10**15))
def test_separators_and_won_do_not_change_a_number(number: int) -> None:
    """Any whole number reads the same with and without separators."""
    assert labels(f"{number:,}원") == labels(f"{number}원") == [f"{number}KRW"]


@settings(deadline=None)
@given(st.text(alphabet="0123456789,.-~만억천원%일년월 가a", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    """No text makes it fail, and every place lies in the text, in order."""
    found = find_quantities(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
