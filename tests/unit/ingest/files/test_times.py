"""Times as files have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.ingest.files.times import TimeRule
from pitwall.kit.clock import to_unix_nano

NOON = to_unix_nano(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T12:00:00.000000001Z", NOON + 1),
        ("2026-11-20 12:00:00.1234567", NOON + 123_456_700),
        ("2026-11-20T21:00:00+09:00", NOON),
        ("2026-11-20 12:00:00 UTC", NOON),
        ("2026-11-20T12:00:00", NOON),
        (1795176000, NOON),
        (1795176000.25, NOON + 250_000_000),
        (1795176000250, NOON + 250_000_000),
        (1795176000250001, NOON + 250_001_000),
        (1795176000250001002, NOON + 250_001_002),
        ("1795176000.25", NOON + 250_000_000),
    ],
)
def test_times_are_told_by_their_look(value: Any, expected: int) -> None:
    """ISO 8601 to the nanosecond, UTC if it names no zone, or Unix numbers of any unit."""
    assert TimeRule().read("ts", value) == expected


def test_zone_counts_only_for_times_without_one() -> None:
    """A time with a zone of its own keeps it."""
    seoul = TimeRule(zone=ZoneInfo("Asia/Seoul"))
    assert seoul.read("ts", "2026-11-20T21:00:00") == NOON
    assert seoul.read("ts", "2026-11-20T12:00:00Z") == NOON


def test_number_counts_from_origin() -> None:
    """A relative time is its origin plus so many units."""
    rule = TimeRule("ms", origin_unix_nano=NOON)
    assert rule.read("timestamp", 1500) == rule.read("timestamp", "1500") == NOON + 1_500_000_000
    assert rule.read("timestamp", 0) == NOON


def test_format_reads_what_iso_does_not() -> None:
    """A format of `strptime` may have a comma in it."""
    assert TimeRule(format="%m/%d/%Y, %H:%M:%S").read("t", "11/20/2026, 12:00:00") == NOON


@pytest.mark.parametrize("value", ["yesterday", "", None, True, [], "nan", "inf", "1e400", "2026-13-01"])
def test_what_is_no_time_is_named(value: Any) -> None:
    """The field and its value are in the message."""
    with pytest.raises(BadLine, match="ts is") as caught:
        TimeRule().read("ts", value)
    assert caught.value.reason is LineReason.WRONG_TYPE


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
    st.integers(0, 999),
)
def test_iso_times_are_exact(moment: datetime, offset_minutes: int, nanos: int) -> None:
    """Any moment in any zone reads back exactly, with three digits more than `datetime` has."""
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    text = zoned.isoformat(timespec="microseconds")
    text = text[:26] + f"{nanos:03d}" + text[26:]
    assert TimeRule().read("ts", text) == to_unix_nano(zoned) + nanos
