"""A level with a daily and a weekly pattern."""

from __future__ import annotations

import math

import pytest

from pitwall.stats.seasonal import Memory, Pattern, SeasonalBaseline

HOUR = 3600.0
MEMORY = Memory(level_step=1 / 300, slot_count=30.0, shrinkage=1.0, settled=48.0)


def _learnt(hours: int, value_at: object) -> SeasonalBaseline:
    assert callable(value_at)
    baseline = SeasonalBaseline(MEMORY)
    for hour in range(hours):
        time_s = hour * HOUR
        baseline.learn(time_s, value_at(hour), baseline.expect(time_s))
    return baseline


def test_daily_pattern_is_learnt() -> None:
    """After two weeks a sine of 24 hours is expected to within a tenth of its height."""
    baseline = _learnt(14 * 24, lambda hour: 10 + 3 * math.sin(hour / 24 * 2 * math.pi))
    for hour in range(14 * 24, 15 * 24):
        expected = baseline.expect(hour * HOUR)
        assert expected.value == pytest.approx(10 + 3 * math.sin(hour / 24 * 2 * math.pi), abs=0.3)
        assert expected.pattern in (Pattern.HOUR_OF_DAY, Pattern.HOUR_OF_WEEK)


def test_weekly_pattern_is_learnt() -> None:
    """A quiet seventh day is expected on the seventh day only."""
    baseline = _learnt(8 * 168, lambda hour: 2.0 if hour % 168 >= 144 else 10.0)
    busy, quiet = baseline.expect((8 * 168 + 12) * HOUR), baseline.expect((8 * 168 + 156) * HOUR)
    assert quiet.pattern is Pattern.HOUR_OF_WEEK
    assert quiet.value < 4.0 < 8.0 < busy.value


def test_level_is_enough_where_there_is_no_pattern() -> None:
    """Constant values are expected by the simplest means."""
    assert _learnt(500, lambda _: 7.0).expect(0.0) == (7.0, Pattern.RECENT, 7.0, 7.0, 7.0)


def test_wild_value_hardly_moves_the_baseline() -> None:
    """One value a thousand times too large counts as one that is ten usual errors off."""
    baseline = _learnt(500, lambda hour: 10.0 + hour % 2)
    before = baseline.expect(500 * HOUR).value
    baseline.learn(500 * HOUR, 10_000.0, baseline.expect(500 * HOUR))
    assert baseline.expect(501 * HOUR).value == pytest.approx(before, abs=1.0)


def test_weight_nothing_teaches_nothing() -> None:
    """A value that is worth nothing leaves level and patterns as they were."""
    baseline = _learnt(500, lambda hour: 10.0 + hour % 24)
    before = baseline.dump()
    baseline.learn(500 * HOUR, 99.0, baseline.expect(500 * HOUR), weight=0.0)
    assert baseline.dump() == before | {"seen": 501}
