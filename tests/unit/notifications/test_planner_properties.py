"""What holds whatever happens: nobody is told twice of the same, or of an end without a beginning."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.notifications.types import Notice, Reason
from tests.unit.notifications.situations import START, World, make_channel, make_routing, make_silence

MODELS = ("a", "b", "c")
KINDS = ("fired", "escalated", "eased", "resolved", "no_data")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.sampled_from(KINDS), st.sampled_from(MODELS)),
        st.tuples(st.just("pass"), st.sampled_from([0.1, 1.0, 20.0, 31.0, 400.0]), st.just("")),
        st.tuples(st.just("silence"), st.sampled_from(["", *MODELS]), st.just("")),
    ),
    max_size=40,
)
GROUPS = st.sampled_from([[], ["model"], ["rule"], ["..."]])


def _play(steps: list[tuple[str, object, str]], group_by: list[str], *, sends_resolved: bool = True) -> World:
    """Play steps as a state machine would tell them: what is over does not end again."""
    tree = {"receivers": ["ops"], "group_by": group_by, "group_interval": "30s", "repeat_interval": "5m"}
    world = World(make_routing(tree), {"ops": make_channel(send_resolved=sends_resolved)})
    active: dict[str, str] = {}
    for number, (what, value, model) in enumerate(steps, 1):
        if what == "pass":
            world.pass_time(float(str(value)))
        elif what == "silence":
            world.silence(*([make_silence(f"model={value}", at=world.now, minutes=3)] if value else []))
            world.plan()
        elif str(value) == "resolved" and model not in active:
            continue
        else:
            kind = str(value)
            severity = "critical" if kind == "escalated" else "warning"
            world.tell(kind, labels={"model": model}, severity=severity, number=number)
            active = {**active, model: kind}
            if kind == "resolved":
                del active[model]
    return world


def _by_group(world: World) -> dict[str, list[tuple[float, Notice]]]:
    found: dict[str, list[tuple[float, Notice]]] = {}
    for at, notice in world.notices:
        found.setdefault(notice.group.id, []).append((at, notice))
    return found


@given(STEPS, GROUPS)
@settings(max_examples=150, deadline=None)
def test_end_is_told_only_to_who_heard_the_beginning(
    steps: list[tuple[str, object, str]], group_by: list[str]
) -> None:
    """In every group an alert that is told to be over was told to be active before, and not over since."""
    for notices in _by_group(_play(steps, group_by)).values():
        told: set[str] = set()
        for _, notice in notices:
            over = {alert.id for alert in notice.resolved}
            assert over <= told
            told = (told | {alert.id for alert in notice.alerts}) - over


@given(STEPS, GROUPS)
@settings(max_examples=150, deadline=None)
def test_nobody_is_told_twice_within_the_interval(
    steps: list[tuple[str, object, str]], group_by: list[str]
) -> None:
    """Notices of a group are an interval apart, unless something got worse; repeats have their timer."""
    for notices in _by_group(_play(steps, group_by)).values():
        worst: dict[str, int] = {}
        last_at: float | None = None
        for at, notice in notices:
            ranks = {alert.id: alert.condition.rank or 0 for alert in notice.alerts}
            got_worse = any(one in worst and rank > worst[one] for one, rank in ranks.items())
            if last_at is not None and not got_worse:
                wait = 300 if notice.reason is Reason.REPEAT_ELAPSED else 30
                assert at - last_at >= wait - 1e-6
            worst, last_at = {**worst, **ranks}, at


@given(STEPS, GROUPS)
@settings(max_examples=150, deadline=None)
def test_silenced_alert_is_never_told_as_active(
    steps: list[tuple[str, object, str]], group_by: list[str]
) -> None:
    """Whatever else is in the message."""
    world = _play(steps, group_by)
    for silence in world.quiet.silences:
        for at, notice in world.notices:
            if silence.starts_at < START + timedelta(seconds=at) < silence.ends_at:
                shown = {alert.event.labels["model"] for alert in notice.alerts}
                assert silence.matchers[0].value not in shown


@given(STEPS, GROUPS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_in_the_end_everybody_knows_how_it_stands(
    steps: list[tuple[str, object, str]], group_by: list[str], sends_resolved: bool
) -> None:
    """After a quiet while, the channel knows of exactly the alerts that are active, as bad as they are."""
    world = _play(steps, group_by, sends_resolved=sends_resolved)
    world.silence()
    world.pass_time(100)
    told = {one: standing for group in world.groups.values() for one, standing in group.told.items()}
    assert told == {alert.id: alert.standing for alert in world.alerts.values() if alert.is_active}
