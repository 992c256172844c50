"""Days, weeks and months in time zones, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pitwall.costs.periods import Calendar, Period
from pitwall.settings import CostsSettings

ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(20 * 365, 120 * 365 - 60).map(
    lambda days: EPOCH + timedelta(days=days, hours=days % 24)
)


@given(st.sampled_from(ZONES), st.sampled_from(list(Period)), moments)
def test_period_contains_its_moment_and_periods_tile_time(
    zone: str, period: Period, moment: datetime
) -> None:
    """Every moment is in exactly one period; the one before ends where it begins."""
    calendar = Calendar.of(zone)
    stretch = calendar.containing(period, moment)
    assert stretch.start <= moment < stretch.end
    assert calendar.before(period, stretch).end == stretch.start
    assert stretch.first <= calendar.day_of(moment) < stretch.last


@given(st.sampled_from(ZONES), moments)
def test_windows_fit_into_days(zone: str, moment: datetime) -> None:
    """No midnight of the month cuts a window in two, so that a day is a sum of windows."""
    calendar = Calendar.of(zone)
    month = calendar.containing(Period.MONTH, moment)
    step = calendar.window_length(month)
    for day in (*month.days, month.last):
        assert (calendar.start_of(day) - EPOCH) % step == timedelta()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # its midnight does not exist
        ("Asia/Seoul", date(2026, 3, 8), 24),
    ],
)
def test_day_on_which_clocks_change_is_shorter_or_longer(zone: str, day: date, hours: int) -> None:
    """A day lasts from its midnight to the next one."""
    calendar = Calendar.of(zone)
    length = calendar.start_of(day + timedelta(days=1)) - calendar.start_of(day)
    assert length == timedelta(hours=hours)


def test_month_of_seoul_begins_in_the_afternoon_of_utc() -> None:
    """Nine hours earlier."""
    month = Calendar.of("Asia/Seoul").containing(Period.MONTH, datetime(2026, 10, 31, 15, tzinfo=UTC))
    assert (month.first, month.start) == (date(2026, 11, 1), datetime(2026, 10, 31, 15, tzinfo=UTC))
    assert len(month.days) == 30


def test_week_begins_on_monday() -> None:
    """Sunday is the last day of its week."""
    week = Calendar.of("UTC").containing(Period.WEEK, datetime(2026, 11, 22, 23, tzinfo=UTC))
    assert (week.first, week.last) == (date(2026, 11, 16), date(2026, 11, 23))


@pytest.mark.parametrize("name", ["Asia/Soul", "", "+09:00", "../etc/passwd"])
def test_unknown_time_zone_is_refused_when_settings_are_read(name: str) -> None:
    """With how to write one."""
    with pytest.raises(ValidationError, match="write it as Asia/Seoul"):
        CostsSettings(timezone=name)


def test_time_zone_is_taken_as_it_is_named() -> None:
    """The name appears in summaries."""
    assert CostsSettings(timezone="Asia/Seoul").timezone == "Asia/Seoul"
