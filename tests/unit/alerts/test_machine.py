"""The state machine of one alert: its table of transitions, and what holds whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.alerts.machine import FORGET_AFTER, OUTAGE, Phase, State, Transition, end, step
from pitwall.alerts.rules import NoData, OnError, Timing
from pitwall.alerts.samples import Sample, Seen
from pitwall.alerts.types import AlertState, EventKind, Level, Reason

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GOOD = Sample(Seen.VALUE, value=0.0)
BETWEEN = Sample(Seen.VALUE, Level.NONE, Level.WARNING, 3.0)
WARNING = Sample(Seen.VALUE, Level.WARNING, Level.WARNING, 5.0)
CRITICAL = Sample(Seen.VALUE, Level.CRITICAL, Level.CRITICAL, 9.0)
THIN = Sample(Seen.THIN, value=9.0)
NOTHING = Sample(Seen.NOTHING)
ERROR = Sample(Seen.ERROR)
FIRST_TELLING = {EventKind.FIRED, EventKind.NO_DATA, EventKind.ERROR}


@dataclass
class Machine:
    """A machine and all that it told."""

    timing: Timing
    at: datetime = START
    state: State | None = None
    told: list[Transition] = field(default_factory=list)

    def run(self, samples: Sequence[Sample], every: timedelta = MINUTE) -> Machine:
        for sample in samples:
            self.state, told = step(self.state, sample, self.timing, self.at)
            self.told += told
            self.at += every
        return self

    @property
    def kinds(self) -> list[str]:
        return [one.kind.value for one in self.told]

    @property
    def shown(self) -> AlertState:
        assert self.state is not None
        return self.state.shown


def machine(hold: int = 2, recover: int = 2, **options: object) -> Machine:
    """A machine with `for` and `recover_for` in minutes."""
    options.setdefault("hold_critical", hold * MINUTE)
    return Machine(Timing(hold=hold * MINUTE, recover=recover * MINUTE, **options))  # type: ignore[arg-type]


def test_fires_when_the_condition_has_lasted() -> None:
    """Pending from the first bad value on, firing once `for` is over, told once."""
    under_test = machine()
    assert under_test.run([WARNING]).shown is AlertState.PENDING
    assert under_test.run([WARNING]).kinds == []
    assert under_test.run([WARNING] * 5).kinds == ["fired"]
    (fired,) = under_test.told
    assert (fired.at, fired.active_since, fired.level) == (START + 2 * MINUTE, START, Level.WARNING)


def test_pending_that_passes_is_not_told() -> None:
    """A condition that did not last leaves nothing behind."""
    under_test = machine().run([WARNING, WARNING, GOOD])
    assert (under_test.kinds, under_test.shown) == ([], AlertState.INACTIVE)


def test_without_for_fires_at_once() -> None:
    """`for: 0s` needs one bad value."""
    assert machine(hold=0).run([CRITICAL]).kinds == ["fired"]


def test_worse_escalates_and_milder_eases() -> None:
    """A worse level counts after `for_critical`, a milder one after `recover_for`; neither is a new alert."""
    under_test = machine(hold=0, hold_critical=MINUTE).run([WARNING, CRITICAL, CRITICAL])
    assert [(one.kind.value, one.level) for one in under_test.told] == [
        ("fired", Level.WARNING),
        ("escalated", Level.CRITICAL),
    ]
    under_test.run([WARNING] * 3)
    assert under_test.kinds == ["fired", "escalated", "eased"]


def test_critical_that_must_last_longer_fires_as_warning_first() -> None:
    """With `for: 0s` and `for_critical: 5m` people hear of the warning at once."""
    under_test = machine(hold=0, hold_critical=5 * MINUTE).run([CRITICAL] * 6)
    assert [one.level for one in under_test.told] == [Level.WARNING, Level.CRITICAL]
    assert under_test.kinds == ["fired", "escalated"]


def test_rule_without_warning_waits_for_critical() -> None:
    """Where only critical is defined there is nothing milder to fire."""
    under_test = machine(hold=0, hold_critical=2 * MINUTE, levels=(Level.CRITICAL,))
    assert under_test.run([CRITICAL] * 2).kinds == []
    assert under_test.run([CRITICAL]).told[0].level is Level.CRITICAL


def test_recovers_only_inside_the_good_zone() -> None:
    """Between exit and enter an alert neither recovers nor fires anew: hysteresis."""
    under_test = machine(hold=0).run([WARNING, BETWEEN, BETWEEN])
    assert under_test.shown == "firing"
    under_test.run([GOOD])
    assert under_test.shown == "recovering"
    under_test.run([BETWEEN, GOOD, GOOD])
    assert under_test.kinds == ["fired"]
    under_test.run([GOOD])
    assert under_test.kinds == ["fired", "resolved"]
    assert under_test.told[-1].reason is Reason.RECOVERED


def test_bad_again_while_recovering_is_the_same_alert() -> None:
    """A dip is no recovery: nothing is told, and the peak goes on."""
    under_test = machine(hold=0, recover=5).run([WARNING, GOOD, CRITICAL, GOOD] + [GOOD] * 5)
    assert [kind for kind in under_test.kinds if kind in ("fired", "resolved")] == ["fired", "resolved"]
    assert under_test.told[-1].peak == 9.0


@pytest.mark.parametrize("sample", [NOTHING, THIN, ERROR])
def test_without_data_an_alert_stays_as_it_is(sample: Sample) -> None:
    """No data is no recovery, however long."""
    under_test = machine(hold=0).run([WARNING] + [sample] * 120)
    assert (under_test.kinds, under_test.shown) == (["fired"], AlertState.FIRING)


def test_missing_data_is_told_once_if_the_rule_says_so() -> None:
    """After `nodata_for` an alert of its own, over as `data_returned`."""
    timing = {"nodata": NoData.ALERT, "nodata_after": 3 * MINUTE}
    under_test = machine(**timing).run([GOOD] + [NOTHING] * 10)  # type: ignore[arg-type]
    assert (under_test.kinds, under_test.shown) == (["no_data"], AlertState.NO_DATA)
    assert under_test.told[0].at == START + 4 * MINUTE
    under_test.run([GOOD])
    assert under_test.kinds == ["no_data", "resolved"]
    assert under_test.told[-1].reason is Reason.DATA_RETURNED


def test_missing_data_does_not_hide_a_firing_alert() -> None:
    """It is told that data is missing, and the alert still fires when it comes back: no second `fired`."""
    timing = {"nodata": NoData.ALERT, "nodata_after": MINUTE}
    under_test = machine(hold=0, **timing).run([WARNING] + [NOTHING] * 5)  # type: ignore[arg-type]
    assert (under_test.kinds, under_test.shown) == (["fired", "no_data"], AlertState.FIRING)
    under_test.run([WARNING] * 3)
    assert under_test.kinds == ["fired", "no_data"]


def test_no_data_ends_an_alert_where_the_rule_says_that_is_fine() -> None:
    """`nodata: ok` resolves, and says that it was for want of data."""
    timing = {"nodata": NoData.OK, "nodata_after": 3 * MINUTE}
    under_test = machine(hold=0, **timing).run([WARNING] + [NOTHING] * 5)  # type: ignore[arg-type]
    assert under_test.kinds == ["fired", "resolved"]
    assert under_test.told[-1].reason is Reason.NO_DATA


def test_error_is_a_state_of_its_own() -> None:
    """`error: alert` tells that the rule cannot be evaluated."""
    timing = {"on_error": OnError.ALERT, "nodata_after": MINUTE, "level": Level.CRITICAL}
    under_test = machine(**timing).run([ERROR] * 3)  # type: ignore[arg-type]
    assert (under_test.kinds, under_test.shown) == (["error"], AlertState.ERROR)
    assert under_test.told[0].level is Level.CRITICAL


def test_series_that_is_gone_for_a_week_is_given_up() -> None:
    """Nobody waits for ever; it is told as missing data, not as a recovery."""
    under_test = machine(hold=0).run([WARNING, NOTHING])
    under_test.run([NOTHING] * 171, every=timedelta(hours=1))
    assert under_test.kinds == ["fired", "resolved"]
    assert under_test.told[-1].reason is Reason.NO_DATA
    assert under_test.told[-1].at - START >= FORGET_AFTER


def test_what_flaps_is_told_once_and_held() -> None:
    """Four changes in an hour: one notice, and no end before it was quiet for twice its pace."""
    under_test = machine(hold=0, recover=0).run([WARNING, GOOD] * 6)
    assert under_test.kinds == ["fired", "resolved", "fired", "flapping"]
    assert under_test.state is not None
    assert under_test.state.is_flapping
    under_test.run([GOOD] * 4)
    assert under_test.kinds[-1] == "resolved"
    assert not under_test.state.is_flapping


def test_rule_that_is_gone_ends_what_was_told_only() -> None:
    """A pending alert vanishes, a firing one is resolved as `rule_changed`."""
    pending, firing = machine().run([WARNING]).state, machine(hold=0).run([WARNING]).state
    assert pending is not None
    assert firing is not None
    assert end(pending, START + MINUTE, Reason.RULE_CHANGED)[1] == ()
    state, (told,) = end(firing, START + MINUTE, Reason.RULE_CHANGED)
    assert (told.kind, told.reason, state.shown) == (
        EventKind.RESOLVED,
        Reason.RULE_CHANGED,
        AlertState.RESOLVED,
    )


def test_clock_set_back_does_not_begin_for_anew() -> None:
    """What has lasted two minutes has, whatever the clock says; nothing waits for an hour to pass again."""
    under_test = machine(hold=3).run([WARNING] * 3)
    under_test.at -= timedelta(hours=1)
    under_test.run([WARNING] * 2)
    assert under_test.kinds == ["fired"]


def test_clock_that_leaps_fires_nothing() -> None:
    """A day that nobody saw does not count as a day of errors."""
    under_test = machine(hold=10).run([WARNING])
    under_test.at += timedelta(days=1)
    assert under_test.run([WARNING] * 5).kinds == []
    assert under_test.run([WARNING] * 8).kinds == ["fired"]


def test_outage_counts_as_lasting() -> None:
    """A restart of a few minutes does not put off an alert that was pending."""
    under_test = machine(hold=10).run([WARNING])
    under_test.at += timedelta(minutes=30)
    assert under_test.run([WARNING]).kinds == ["fired"]


def test_state_survives_as_json() -> None:
    """What is written is what is read."""
    under_test = machine(hold=0, recover=0).run([WARNING, GOOD, CRITICAL, GOOD, NOTHING])
    assert under_test.state is not None
    assert State.from_json(under_test.state.to_json()) == under_test.state


samples = st.sampled_from([GOOD, BETWEEN, WARNING, CRITICAL, THIN, NOTHING, ERROR])
seconds = st.one_of(st.integers(1, 300), st.integers(-7200, 100_000))
histories = st.lists(st.tuples(samples, seconds), max_size=80)
timings = st.builds(
    Timing,
    hold=st.sampled_from([timedelta(), MINUTE, 5 * MINUTE]),
    hold_critical=st.sampled_from([timedelta(), MINUTE, 5 * MINUTE]),
    recover=st.sampled_from([timedelta(), 2 * MINUTE]),
    nodata=st.sampled_from(NoData),
    nodata_after=st.sampled_from([timedelta(), 5 * MINUTE]),
    on_error=st.sampled_from(OnError),
)


def play(
    timing: Timing, history: Sequence[tuple[Sample, int]]
) -> list[tuple[State, Sample, list[Transition]]]:
    """Step through a history; what was known, said and told after each sample."""
    state, at, played = None, START, []
    for sample, gap in history:
        state, told = step(state, sample, timing, at)
        played.append((state, sample, list(told)))
        at += timedelta(seconds=gap)
    return played


@given(timings, histories)
def test_episodes_have_one_beginning_and_one_end(timing: Timing, history: list[tuple[Sample, int]]) -> None:
    """Whatever happens: one `fired` per episode, nothing between episodes, events numbered without a gap."""
    told = [one for _, _, events in play(timing, history) for one in events]
    assert [one.sequence for one in told] == list(range(1, len(told) + 1))
    is_open = has_fired = False
    for one in told:
        if one.kind is EventKind.FIRED:
            assert not has_fired
            is_open = has_fired = True
        elif one.kind in FIRST_TELLING:
            is_open = True
        else:
            assert is_open
        if one.kind is EventKind.RESOLVED:
            is_open = has_fired = False


@given(timings, histories)
def test_nothing_fires_before_its_time(timing: Timing, history: list[tuple[Sample, int]]) -> None:
    """Between the first bad value and `fired` the time without leaps is at least the shorter `for`."""
    begun: float | None = None
    for (state, _, told), now in zip(play(timing, history), _credited(history), strict=True):
        if state.phase is Phase.INACTIVE:
            begun = None
        elif begun is None:
            begun = now
        for one in told:
            if one.kind is EventKind.FIRED:
                assert begun is not None
                assert now - begun >= min(timing.hold, timing.hold_critical).total_seconds()


def _credited(history: Sequence[tuple[Sample, int]]) -> list[float]:
    """The time at each sample by a clock that does not leap."""
    clocks, now = [], 0.0
    for _, gap in history:
        clocks.append(now)
        now += gap if 0 <= gap <= OUTAGE.total_seconds() else 0
    return clocks


@given(timings, histories)
def test_nothing_recovers_without_data(timing: Timing, history: list[tuple[Sample, int]]) -> None:
    """`recovered` needs a value; without one it ends only as the rule says, and says so."""
    for _, sample, told in play(timing, history):
        for one in told:
            if one.reason is Reason.RECOVERED:
                assert sample.seen is Seen.VALUE
                assert not sample.keeps
            if one.reason is Reason.NO_DATA:
                assert sample.seen in (Seen.THIN, Seen.NOTHING)
            if one.kind in (EventKind.FIRED, EventKind.ESCALATED):
                assert sample.enters


@given(timings, histories)
def test_flapping_is_told_once_between_ends(timing: Timing, history: list[tuple[Sample, int]]) -> None:
    """There is one notice until it was quiet."""
    kinds = [one.kind for _, _, events in play(timing, history) for one in events]
    for one, other in pairwise(kind for kind in kinds if kind in (EventKind.FLAPPING, EventKind.RESOLVED)):
        assert (one, other) != (EventKind.FLAPPING, EventKind.FLAPPING)


@given(timings, histories)
def test_a_step_changes_nothing_but_its_result(timing: Timing, history: list[tuple[Sample, int]]) -> None:
    """The same history gives the same events, also when every state went through JSON."""
    direct = [one for _, _, told in play(timing, history) for one in told]
    state: State | None = None
    at, kept = START, list[Transition]()
    for sample, gap in history:
        state, told = step(state, sample, timing, at)
        state = State.from_json(state.to_json())
        kept += told
        at += timedelta(seconds=gap)
    assert kept == direct
