"""Who is told what and when: Alertmanager's reasons, and where Pitwall differs from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from pitwall.alerts.types import alert_id
from tests.unit.notifications.situations import (
    START,
    World,
    make_channel,
    make_inhibition,
    make_routing,
    make_silence,
)

OPS = {"receivers": ["ops"]}


def test_first_notice_comes_after_half_a_second() -> None:
    """`group_wait` lets alerts that fire together go together."""
    world = World()
    world.tell(labels={"model": "a"})
    world.tell(labels={"model": "b"})
    world.pass_time(1)
    assert (world.times, world.reasons) == ([0.5], ["first"])
    assert len(world.notices[0][1].alerts) == 2


def test_each_reason_in_its_turn() -> None:
    """first, new_alerts, new_resolved, all_resolved, repeat_elapsed; and nothing where nothing is new."""
    world = World(make_routing({**OPS, "repeat_interval": "10m"}))
    world.tell(labels={"model": "a"})
    world.pass_time(40)
    world.tell(labels={"model": "b"})
    world.pass_time(40)
    world.tell("resolved", labels={"model": "a"}, number=2)
    world.pass_time(700)
    world.tell("resolved", labels={"model": "b"}, number=2)
    world.pass_time(3600)
    assert world.reasons == ["first", "new_alerts", "new_resolved", "repeat_elapsed", "all_resolved"]
    assert world.groups == {}
    assert world.alerts == {}


@pytest.mark.parametrize(("interval", "repeat"), [("5m", "5m"), ("20m", "15m")])
def test_repeat_has_its_own_timer(interval: str, repeat: str) -> None:
    """Alertmanager repeats only on ticks of the group: 5m/5m every ten minutes, 20m/15m every thirty."""
    world = World(make_routing({**OPS, "group_interval": interval, "repeat_interval": repeat}))
    world.tell()
    world.pass_time(3600)
    seconds = 300 if repeat == "5m" else 900
    assert world.reasons[1:] == ["repeat_elapsed"] * (3600 // seconds - (1 if 3600 % seconds == 0 else 0))
    gaps = {round(later - earlier, 3) for earlier, later in pairwise(world.times)}
    assert gaps == {float(seconds)}


def test_change_waits_for_the_interval_of_its_own_route() -> None:
    """Also when nothing of the group is left that leads there."""
    world = World(make_routing({**OPS, "routes": [{"matchers": ["rule=errors"], "group_interval": "10m"}]}))
    world.tell()
    world.pass_time(1)
    world.tell("resolved", number=2)
    world.pass_time(3600)
    assert world.times == [0.5, 600.5]


def test_getting_worse_does_not_wait() -> None:
    """An escalation notifies at once, whatever the interval; easing is not told, getting worse again is."""
    world = World(make_routing({**OPS, "group_interval": "1h"}))
    world.tell()
    world.pass_time(10)
    world.tell("escalated", severity="critical", number=2)
    assert (world.times[-1], world.reasons[-1]) == (10.0, "new_alerts")
    world.pass_time(10)
    world.tell("eased", severity="warning", number=3)
    world.pass_time(10)
    assert len(world.notices) == 2
    world.tell("escalated", severity="critical", number=4)
    assert world.times[-1] == 30.0


def test_escalation_that_leads_elsewhere_is_not_the_end_here() -> None:
    """A route by severity: the pager is told at once; who heard of the warning hears when it is over."""
    routes = [{"matchers": ["severity=critical"], "receivers": ["pager"]}]
    world = World(
        make_routing({**OPS, "routes": routes}), {"ops": make_channel(), "pager": make_channel("pager")}
    )
    world.tell()
    world.pass_time(60)
    world.tell("escalated", severity="critical", number=2)
    world.pass_time(60)
    assert [(notice.channel, notice.reason.value) for _, notice in world.notices] == [
        ("ops", "first"),
        ("pager", "first"),
    ]
    world.tell("resolved", severity="critical", number=3)
    world.pass_time(60)
    ends = [notice for _, notice in world.notices[2:]]
    assert {(notice.channel, notice.reason.value) for notice in ends} == {
        ("ops", "all_resolved"),
        ("pager", "all_resolved"),
    }


def test_channel_that_hears_of_no_ends_hears_of_new_beginnings() -> None:
    """`send_resolved: false` does not change what fires: an alert that comes again is new."""
    world = World(channels={"ops": make_channel(send_resolved=False)})
    world.tell(labels={"model": "a"})
    world.tell(labels={"model": "b"})
    world.pass_time(60)
    world.tell("resolved", labels={"model": "a"}, number=2)
    world.pass_time(60)
    world.tell(labels={"model": "a"}, number=3)
    world.pass_time(60)
    assert world.reasons == ["first", "new_alerts"]


def test_silence_keeps_quiet_and_its_end_tells() -> None:
    """What fires under a silence is told of when it ends, if it still fires."""
    world = World()
    world.silence(make_silence("model=gpt-4o", minutes=10))
    world.tell()
    world.pass_time(599)
    assert world.notices == []
    assert world.last is not None
    assert [one.silenced_by for one in world.last.suppressed.values()] == [("s1",)]
    world.pass_time(20)
    assert world.reasons == ["first"]


def test_end_is_told_under_a_silence_as_well() -> None:
    """Who heard that it fires hears that it is over; who did not hears nothing."""
    world = World()
    world.tell(labels={"model": "a"})
    world.pass_time(60)
    world.silence(make_silence("rule=errors"))
    world.tell(labels={"model": "b"})
    world.pass_time(60)
    world.tell("resolved", labels={"model": "a"}, number=2)
    world.tell("resolved", labels={"model": "b"}, number=2)
    world.pass_time(60)
    assert world.reasons == ["first", "all_resolved"]
    assert [alert.event.labels["model"] for alert in world.notices[1][1].resolved] == ["a"]


def test_inhibited_alert_is_told_of_when_its_source_is_over() -> None:
    """While the database is down nobody is told that the shop is slow."""
    world = World()
    world.quiet = replace(
        world.quiet, inhibitions=(make_inhibition("rule=database", "rule=slow", "service"),)
    )
    world.tell(rule="database", labels={"service": "shop"})
    world.tell(rule="slow", labels={"service": "shop"})
    world.pass_time(60)
    assert [notice.alerts[0].event.rule for _, notice in world.notices] == ["database"]
    world.tell("resolved", rule="database", labels={"service": "shop"}, number=2)
    world.pass_time(60)
    assert sorted(world.reasons[1:]) == ["all_resolved", "first"]
    assert world.notices[-1][1].alerts[0].event.rule == "slow"


def test_missing_data_is_told_as_that_and_not_as_the_end() -> None:
    """An alert that has no data any more is news, and so is data that comes back and is still bad."""
    world = World()
    world.tell()
    world.pass_time(60)
    world.tell("no_data", number=2, value=None)
    world.pass_time(60)
    world.tell("fired", number=3)
    world.pass_time(60)
    conditions = [notice.alerts[0].condition.value for _, notice in world.notices]
    assert conditions == ["warning", "no_data", "warning"]
    assert world.reasons == ["first", "new_alerts", "new_alerts"]


def test_flapping_is_told_once() -> None:
    """One notice, and the alert stays what it is."""
    world = World()
    world.tell()
    world.pass_time(60)
    world.tell("flapping", number=2)
    world.pass_time(600)
    assert world.reasons == ["first", "new_alerts"]
    assert world.notices[-1][1].alerts[0].is_flapping


def test_without_a_tree_every_channel_but_stand_ins_is_told() -> None:
    """A channel that only stands in for another one gets nothing by itself; one that is off gets nothing."""
    world = World(
        channels={
            "ops": make_channel(fallback="spare"),
            "spare": make_channel("spare"),
            "team": make_channel("team"),
            "off": make_channel("off", is_enabled=False),
        }
    )
    world.tell()
    world.pass_time(1)
    assert sorted(notice.channel for _, notice in world.notices) == ["ops", "team"]


def test_new_tree_does_not_forget_who_was_told() -> None:
    """The new channel is told of what fires; the old one hears the end."""
    world = World(make_routing(OPS), {"ops": make_channel(), "new": make_channel("new")})
    world.tell()
    world.pass_time(60)
    world.routing = make_routing({"receivers": ["new"]})
    world.pass_time(60)
    world.tell("resolved", number=2)
    world.pass_time(60)
    assert [(notice.channel, notice.reason.value) for _, notice in world.notices][:2] == [
        ("ops", "first"),
        ("new", "first"),
    ]
    assert {(notice.channel, notice.reason.value) for _, notice in world.notices[2:]} == {
        ("ops", "all_resolved"),
        ("new", "all_resolved"),
    }


def test_clock_that_goes_back_delays_nothing() -> None:
    """What was told at a time that now lies ahead counts as told now."""
    world = World()
    world.tell()
    world.pass_time(1)
    world.now = START - timedelta(days=1)
    world.tell("resolved", number=2)
    world.pass_time(31)
    assert world.reasons == ["first", "all_resolved"]


def test_group_by_nothing_and_by_each_alert() -> None:
    """An empty `group_by` makes one message of everything, `...` one of each alert."""
    for group_by, count in (([], 1), (["..."], 4), (["rule"], 2), (["model"], 2)):
        world = World(make_routing({**OPS, "group_by": group_by}))
        for rule in ("a", "b"):
            for model in ("x", "y"):
                world.tell(rule=rule, labels={"model": model})
        world.pass_time(1)
        assert len(world.notices) == count, group_by


def test_worst_alert_comes_first() -> None:
    """The first alert of a message is the one that its title is about."""
    world = World()
    world.tell(labels={"model": "a"})
    world.tell(labels={"model": "b"}, severity="critical")
    world.pass_time(1)
    assert world.notices[0][1].alerts[0].id == alert_id("default", "errors", {"model": "b"})
