"""Clocks: conversions are exact, and a clock set by hand obeys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.clock import ManualClock, SystemClock, from_unix_nano, to_unix_nano

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_datetime_survives_nanoseconds_and_back(moment: datetime) -> None:
    """Microseconds are kept exactly over the whole range, also before 1970."""
    assert from_unix_nano(to_unix_nano(moment)) == moment


def test_zone_is_converted_and_naive_time_is_refused() -> None:
    """The same instant has one number whatever its zone; a time without a zone has none."""
    seoul = datetime(2026, 11, 20, 18, tzinfo=timezone(timedelta(hours=9)))
    assert to_unix_nano(seoul) == to_unix_nano(datetime(2026, 11, 20, 9, tzinfo=UTC))
    with pytest.raises(ValueError, match="no time zone"):
        to_unix_nano(datetime(2026, 11, 20))  # noqa: DTZ001  # the point of the test


def test_manual_clock_advances_both_clocks_but_jumps_only_the_wall() -> None:
    """A jump, also backwards, leaves the monotonic clock alone."""
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    clock.advance(90)
    clock.jump(-3600)
    assert clock.now() == datetime(2026, 11, 19, 23, 1, 30, tzinfo=UTC)
    assert clock.monotonic() == 90
    assert clock.unix_nano() == to_unix_nano(clock.now())
    with pytest.raises(ValueError, match="jump"):
        clock.advance(-1)


def test_system_clock_agrees_with_itself() -> None:
    """The three readings of the machine's clock fit together."""
    clock = SystemClock()
    before, now, after = clock.unix_nano(), clock.now(), clock.unix_nano()
    assert before // 1000 <= to_unix_nano(now) // 1000 <= after // 1000
    assert now.tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()
