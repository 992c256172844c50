"""Status, past and trend of error groups, without a store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.traces.error_groups.types import (
    SILENCE_NANO,
    Counted,
    GroupKey,
    GroupStatus,
    Seen,
    Trend,
    status_of,
    with_past,
)
from pitwall.traces.failures import group_id

INSTANTS = st.integers(0, 2 * 10**18)
COUNTED = Counted(
    key=GroupKey("timeout", "ReadTimeout", "timed out", "voc-chat"),
    count=3,
    previous_count=0,
    first_nano=100 * SILENCE_NANO,
    last_nano=101 * SILENCE_NANO,
    before_nano=None,
    models={},
    names={"chat": 3},
    versions={},
    trend=[3],
    user_count=0,
    session_count=0,
    trace_count=3,
    example=("00", "00"),
)


def test_id_is_the_same_everywhere_and_for_ever() -> None:
    """Links to groups are kept, so this very text must not change; parts cannot run into each other."""
    assert group_id("timeout", "ReadTimeout", "timed out after <n> ms", "voc-chat") == (
        "513d5023da747b976eb2e48120d6543e"
    )
    assert group_id("a", "b", "", "") != group_id("ab", "", "", "")


@pytest.mark.parametrize(
    ("silence", "status"),
    [
        (None, GroupStatus.NEW),
        (1, GroupStatus.ONGOING),
        (SILENCE_NANO - 1, GroupStatus.ONGOING),
        (SILENCE_NANO, GroupStatus.REGRESSED),
        (90 * SILENCE_NANO, GroupStatus.REGRESSED),
    ],
)
def test_status_goes_by_the_silence_before(silence: int | None, status: GroupStatus) -> None:
    """A day of it makes a return of what went on."""
    assert COUNTED.first_nano is not None
    last = None if silence is None else COUNTED.first_nano - silence
    assert status_of(COUNTED, Seen(last, last)) is status


@given(INSTANTS, INSTANTS)
def test_group_that_is_not_in_the_range_is_quiet_and_keeps_its_past(one: int, other: int) -> None:
    """Its first and last failure are those of the past alone."""
    absent = replace(COUNTED, count=0, first_nano=None, last_nano=None)
    group = with_past(absent, Seen(min(one, other), max(one, other)))
    assert group.status is GroupStatus.QUIET
    assert (group.first_nano, group.last_nano) == (min(one, other), max(one, other))


@given(INSTANTS, st.integers(1, 10**17), st.integers(1, 200), st.data())
def test_every_failure_of_a_range_has_one_bucket(
    since: int, length: int, count: int, data: st.DataObject
) -> None:
    """None falls out at either end, buckets are equally long and no longer than it takes."""
    trend = Trend(since, since + length, count)
    at = data.draw(st.integers(since, since + length - 1))
    assert 0 <= (at - since) // trend.width_nano < count
    assert trend.width_nano * count >= length > (trend.width_nano - 1) * count


@given(st.dictionaries(st.integers(0, 23), st.integers(1, 1000)))
def test_trend_adds_up(counts: dict[int, int]) -> None:
    """Buckets without failures are there, with nothing in them."""
    spread = Trend(0, 24, 24).spread(counts)
    assert (len(spread), sum(spread)) == (24, sum(counts.values()))
