"""Windows partition time and are the same whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.clock import ManualClock
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.watermark import Watermark
from pitwall.signals.windows import EPOCH, aligned_grid, floor_to, single_window

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENTS = st.integers(631_152_000_000_000, 3_786_912_000_000_000).map(
    lambda micros: EPOCH + timedelta(microseconds=micros)
)
STEPS = st.integers(1, 10 * 86400).map(lambda seconds: timedelta(seconds=seconds))


@given(MOMENTS, STEPS, st.integers(1, 500), st.timedeltas(timedelta(), timedelta(days=1)))
def test_windows_partition_the_range(since: datetime, step: timedelta, windows: int, rest: timedelta) -> None:
    """Windows follow each other without gap or overlap, begin at multiples of the step, cover the range."""
    until = since + step * windows + rest % step
    grid = aligned_grid(since, until, step) if until > since else aligned_grid(since, since + step, step)
    bounds = list(grid.bounds())
    assert len(bounds) == grid.count
    assert all(end == start for (_, end), (start, _) in pairwise(bounds))
    assert all((start - EPOCH) % step == timedelta() for start, _ in bounds)
    assert bounds[0][0] <= since < bounds[0][1]
    assert bounds[-1][0] < until <= bounds[-1][1]


@given(MOMENTS, STEPS, st.timedeltas(timedelta(), timedelta(days=3)))
def test_window_is_the_same_whoever_asks(moment: datetime, step: timedelta, earlier: timedelta) -> None:
    """The window that holds a moment does not depend on the range that was asked for."""
    short = aligned_grid(moment, moment + timedelta(microseconds=1), step)
    if earlier // step > 40_000:
        return
    long = aligned_grid(moment - earlier, moment + timedelta(microseconds=1), step)
    assert next(iter(short.bounds())) == list(long.bounds())[-1]


def test_window_of_the_whole_range_is_not_aligned() -> None:
    """Without a step the range is one window as it is."""
    grid = single_window(NOON + timedelta(seconds=7), NOON + timedelta(seconds=8))
    assert list(grid.bounds()) == [(NOON + timedelta(seconds=7), NOON + timedelta(seconds=8))]


@pytest.mark.parametrize(
    ("since", "until", "step", "complaint"),
    [
        (NOON, NOON, timedelta(minutes=1), "is empty"),
        (NOON, NOON - timedelta(hours=1), timedelta(minutes=1), "is empty"),
        (NOON, NOON + timedelta(hours=1), timedelta(milliseconds=1), "shorter than one second"),
        (NOON, NOON + timedelta(days=365), timedelta(seconds=1), "more than 50000"),
        (datetime(1901, 1, 1, tzinfo=UTC), NOON, timedelta(days=365), "1970 to 2099"),
    ],
)
def test_range_that_makes_no_sense_is_refused(
    since: datetime, until: datetime, step: timedelta, complaint: str
) -> None:
    """The message names the range or step and why it cannot be."""
    with pytest.raises(QuestionInvalid, match=complaint):
        aligned_grid(since, until, step)


def test_floor_goes_to_the_multiple_before() -> None:
    """A moment on a multiple stays; any other goes back."""
    assert floor_to(NOON, timedelta(minutes=5)) == NOON
    assert floor_to(NOON + timedelta(seconds=299), timedelta(minutes=5)) == NOON


def test_watermark_stays_behind_what_is_on_its_way() -> None:
    """Acknowledged telemetry that is not queryable yet holds the watermark back; otherwise the grace does."""
    clock, lag = ManualClock(NOON), [0.0]
    watermark = Watermark(clock, lambda: lag[0], grace=timedelta(seconds=10))
    assert watermark() == NOON - timedelta(seconds=10)
    lag[0] = 90.0
    assert watermark() == NOON - timedelta(seconds=90)


def test_watermark_follows_a_clock_that_is_set_back() -> None:
    """After a clock that ran ahead is set back, the future is not complete any more."""
    clock = ManualClock(NOON)
    watermark = Watermark(clock, lambda: 0.0)
    clock.jump(3600)
    ahead = watermark()
    clock.jump(-3600)
    assert watermark() == ahead - timedelta(hours=1)
