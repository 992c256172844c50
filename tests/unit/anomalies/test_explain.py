"""Anomalies in words, in both languages, with their numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pitwall.anomalies.explain import explain, format_length, format_number
from pitwall.anomalies.types import Form, Judgement, Status, Usual
from pitwall.kit.i18n import Language
from pitwall.stats.seasonal import Pattern

FRIDAY = datetime(2026, 11, 27, 14, 5, tzinfo=UTC).timestamp()
STEP = 300.0
KOREAN = Language.KOREAN


def _judged(
    observed: float,
    usual: float,
    *,
    score: float = 3.0,
    pattern: Pattern = Pattern.HOUR_OF_WEEK,
    form: Form = Form.POINT,
    windows: int = 1,
) -> Judgement:
    range_ = Usual(usual, usual * 0.8, usual * 1.3, pattern)
    return Judgement(Status.JUDGED, score, 500, 50, range_, observed, form, windows)


def test_ratio_to_the_usual_of_a_friday_afternoon() -> None:
    """The whole sentence, in English and Korean."""
    judgement = _judged(12_240.0, 3600.0)
    assert explain(judgement, FRIDAY, STEP, unit="ms") == (
        "3.4x the usual for a Friday 14:00: 12,240 ms, usually 3,600 ms (2,880 to 4,680). "
        "By chance about once in 20 weeks."
    )
    assert explain(judgement, FRIDAY, STEP, unit="ms", language=KOREAN) == (
        "금요일 14시대 평소의 3.4배: 12,240 ms, 평소 3,600 ms (2,880~4,680). "
        "우연이라면 약 20주에 한 번입니다."
    )


def test_hours_are_those_of_the_reader() -> None:
    """Two in the afternoon in UTC is eleven at night in Seoul."""
    text = explain(_judged(2.0, 1.0), FRIDAY, STEP, timezone=ZoneInfo("Asia/Seoul"), language=KOREAN)
    assert text.startswith("금요일 23시대 평소의 2.0배")


@pytest.mark.parametrize(
    ("observed", "usual", "expected"),
    [
        (40.0, 1.0, "40x the usual of late"),
        (104.0, 100.0, "4 % above the usual of late"),
        (38.0, 100.0, "62 % below the usual of late"),
        (0.0, 100.0, "100 % below the usual of late"),
        (3.0, 0.0, "3 above the usual of late"),
        (-3.0, 2.0, "5 below the usual of late"),
        (-3.0, -2.0, "1 below the usual of late"),
        (2.0, 2.0, "As usual of late"),
    ],
)
def test_comparison_fits_the_numbers(observed: float, usual: float, expected: str) -> None:
    """A ratio where it says something, else a percentage; a difference where zero or a sign is in the way."""
    assert explain(_judged(observed, usual, pattern=Pattern.RECENT), FRIDAY, STEP).startswith(f"{expected}: ")


def test_what_lasts_tells_for_how_long() -> None:
    """A mean over the last hour, or since a change of level."""
    lasting = _judged(15.0, 10.0, pattern=Pattern.HOUR_OF_DAY, form=Form.SUSTAINED, windows=12)
    assert explain(lasting, FRIDAY, STEP).startswith(
        "1.5x the usual for 14:00, on average over the last hour: 15, usually 10"
    )
    assert "최근 1시간 평균" in explain(lasting, FRIDAY, STEP, language=KOREAN)
    shift = _judged(15.0, 10.0, form=Form.SHIFT, windows=13)
    assert "since 2026-11-27 13:05, on average" in explain(shift, FRIDAY, STEP)
    assert "2026-11-27 13:05부터 평균" in explain(shift, FRIDAY, STEP, language=KOREAN)


@pytest.mark.parametrize(
    ("score", "english", "korean"),
    [
        (-1.0, "By chance about 2.72 times a week.", "우연이라면 일주일에 약 2.72번입니다."),
        (0.0, "By chance about once a week.", "우연이라면 약 1주에 한 번입니다."),
        (6.0, "By chance about once in 8 years.", "우연이라면 약 8년에 한 번입니다."),
        (400.0, "By chance less than once in a hundred years.", "우연이라면 100년에 한 번도 안 됩니다."),
    ],
)
def test_chance_is_told_in_weeks_or_years(score: float, english: str, korean: str) -> None:
    """From several times a week to never."""
    assert explain(_judged(2.0, 1.0, score=score), FRIDAY, STEP).endswith(english)
    assert explain(_judged(2.0, 1.0, score=score), FRIDAY, STEP, language=KOREAN).endswith(korean)


def test_what_cannot_be_judged_is_said_so() -> None:
    """No data and not enough history are no scores."""
    missing = Judgement(Status.NO_DATA, None, 10, 50)
    early = Judgement(Status.NOT_ENOUGH_HISTORY, None, 31, 50)
    assert explain(missing, FRIDAY, STEP) == "No data in this window."
    assert explain(early, FRIDAY, STEP) == "Not enough history: 31 of the 50 windows that it takes."
    assert explain(early, FRIDAY, STEP, language=KOREAN) == (
        "아직 판단할 이력이 부족합니다: 필요한 구간 50개 중 31개."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.012345, "0.0123"),
        (1.0, "1"),
        (19.96, "20"),
        (100.4, "100"),
        (12_345.6, "12,346"),
        (2.5e10, "2.5e+10"),
        (-0.5, "-0.5"),
        (1e-7, "1e-07"),
    ],
)
def test_number_has_three_digits_or_all_before_the_point(value: float, text: str) -> None:
    """Enough to compare, no more."""
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "minute"), (720, "12 minutes"), (3600, "hour"), (43_200, "12 hours"), (1_036_800, "12 days")],
)
def test_length_is_told_in_a_unit_that_fits(seconds: float, text: str) -> None:
    """As it stands behind `the last`."""
    assert format_length(seconds, Language.ENGLISH) == text
