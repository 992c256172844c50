"""Maintenance windows by the clocks of people, and inhibition that does not guess."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.notifications.maintenance import WEEKDAYS, MaintenanceWindow, Weekly
from pitwall.notifications.matchers import parse_matcher
from pitwall.notifications.suppression import Quiet, find_suppressed
from tests.unit.notifications.situations import START, make_alert, make_inhibition, make_silence

SEOUL = ZoneInfo("Asia/Seoul")
NIGHTS = Weekly(("fri",), time(22, 0), time(6, 0), "Asia/Seoul")


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        (datetime(2026, 11, 27, 21, 59, tzinfo=SEOUL), False),
        (datetime(2026, 11, 27, 22, 0, tzinfo=SEOUL), True),
        (datetime(2026, 11, 28, 5, 59, tzinfo=SEOUL), True),
        (datetime(2026, 11, 28, 6, 0, tzinfo=SEOUL), False),
        (datetime(2026, 11, 27, 5, 0, tzinfo=SEOUL), False),
        (datetime(2026, 11, 28, 22, 0, tzinfo=SEOUL), False),
    ],
)
def test_window_past_midnight_belongs_to_the_day_it_begins_on(local: datetime, is_open: bool) -> None:
    """Friday night is open on Saturday morning, and not on Friday morning."""
    assert NIGHTS.is_open(local.astimezone(UTC)) is is_open


def test_window_follows_the_clocks_of_its_zone() -> None:
    """02:30 to 03:30 in Berlin stays that in summer and winter, and is there on the day clocks change."""
    window = Weekly(WEEKDAYS, time(3, 0), time(4, 0), "Europe/Berlin")
    assert window.is_open(datetime(2026, 7, 1, 1, 30, tzinfo=UTC))
    assert window.is_open(datetime(2026, 12, 1, 2, 30, tzinfo=UTC))
    assert window.is_open(datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert not window.is_open(datetime(2026, 7, 1, 2, 30, tzinfo=UTC))


@given(
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    st.times(),
    st.times(),
    st.integers(0, 365 * 24 * 60),
)
def test_weekly_window_repeats_after_a_week(days: set[str], begins: time, ends: time, minutes: int) -> None:
    """In a zone without summer time, what is open now is open in seven days."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    window = Weekly(tuple(days), begins, ends, "Asia/Seoul")
    assert window.is_open(moment) == window.is_open(moment + timedelta(days=7))


def test_missing_label_does_not_inhibit() -> None:
    """Alertmanager takes two missing labels for equal; here they say nothing about each other."""
    rule = make_inhibition("rule=database", "rule=slow", "service")
    source, target = make_alert(rule="database", labels={}), make_alert(rule="slow", labels={})
    quiet = Quiet(inhibitions=[rule])
    assert find_suppressed([source, target], quiet, START) == {}
    source = make_alert(rule="database", labels={"service": "shop"})
    target = make_alert(rule="slow", labels={"service": "shop"})
    other = make_alert(rule="slow", labels={"service": "bank"})
    found = find_suppressed([source, target, other], quiet, START)
    assert {key: one.inhibited_by for key, one in found.items()} == {target.id: (source.id,)}


def test_alerts_that_are_source_and_target_do_not_silence_one_another() -> None:
    """Or nobody would be told of any of them."""
    rule = make_inhibition("severity=critical", "severity=~critical|warning")
    first = make_alert(rule="a", severity="critical")
    second = make_alert(rule="b", severity="critical")
    third = make_alert(rule="c", severity="warning")
    found = find_suppressed([first, second, third], Quiet(inhibitions=[rule]), START)
    assert list(found) == [third.id]


def test_source_that_is_over_inhibits_nothing() -> None:
    """Only what is active keeps others quiet."""
    rule = make_inhibition("rule=a", "rule=b")
    source, target = make_alert("resolved", rule="a"), make_alert(rule="b")
    assert find_suppressed([source, target], Quiet(inhibitions=[rule]), START) == {}


def test_every_reason_is_told() -> None:
    """A silence and a window at once are both seen."""
    window = MaintenanceWindow(
        name="night",
        matchers=(parse_matcher("rule=errors"),),
        when=Weekly(WEEKDAYS, time(0, 0), time(0, 0)),
        reason="backup",
        updated_at=START,
        updated_by="me",
    )
    alert = make_alert()
    quiet = Quiet(windows=[window], silences=[make_silence("model=gpt-4o")])
    (suppression,) = find_suppressed([alert], quiet, START).values()
    assert (suppression.muted_by, suppression.silenced_by) == (("night",), ("s1",))
