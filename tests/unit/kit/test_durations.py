"""Durations and instants: what is written can be read again, nonsense is refused in words."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.durations import (
    InvalidDuration,
    InvalidInstant,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m", timedelta(minutes=5)),
        ("1h", timedelta(hours=1)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("1h30m", timedelta(minutes=90)),
        (" 250MS ", timedelta(milliseconds=250)),
        ("1.5h", timedelta(minutes=90)),
        ("0s", timedelta()),
    ],
)
def test_duration_is_read_as_people_write_it(text: str, expected: timedelta) -> None:
    """Numbers with units, also several in a row, in either case."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "5m!", "1e3s", "5분", "٣m", "9" * 30 + "d"])
def test_wrong_duration_is_refused_with_the_text(text: str) -> None:
    """The message repeats what was written; nothing is guessed."""
    with pytest.raises(InvalidDuration) as caught:
        parse_duration(text)
    assert repr(text) in str(caught.value)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3650)))
def test_duration_survives_writing_and_reading(length: timedelta) -> None:
    """Down to the millisecond, the shortest thing that is written."""
    assert parse_duration(format_duration(length)) == length // timedelta(milliseconds=1) * timedelta(
        milliseconds=1
    )


def test_negative_duration_cannot_be_written() -> None:
    """A negative length would be read as something else, so it is refused."""
    with pytest.raises(InvalidDuration):
        format_duration(timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("now-1h", NOW - timedelta(hours=1)),
        ("-7d", NOW - timedelta(days=7)),
        ("1h", NOW - timedelta(hours=1)),
        ("1H30m", NOW - timedelta(minutes=90)),
        ("NOW+5m", NOW + timedelta(minutes=5)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T09:00:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20T18:00:00+09:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20T09:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ],
)
def test_instant_is_read_relative_and_absolute(text: str, expected: datetime) -> None:
    """Relative to now, or ISO 8601; a time without a zone is UTC."""
    assert parse_instant(text, now=NOW) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "now-", "now-5", "now--5m", "--5m", "5", "2026-13-01", "now-999999999999d"]
)
def test_wrong_instant_is_refused_with_the_text(text: str) -> None:
    """Neither an overflow nor a strange word gets past as something else."""
    with pytest.raises(InvalidInstant) as caught:
        parse_instant(text, now=NOW)
    assert repr(text) in str(caught.value)


@given(st.datetimes(timezones=st.just(UTC)))
def test_instant_survives_writing_and_reading(moment: datetime) -> None:
    """The written form ends in Z and is read as the same instant."""
    text = format_instant(moment)
    assert text.endswith("Z")
    assert parse_instant(text, now=NOW) == moment


@given(st.text(max_size=30))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    """No input makes another error than the one that is promised."""
    with contextlib.suppress(InvalidInstant):
        assert parse_instant(text, now=NOW).tzinfo is UTC
