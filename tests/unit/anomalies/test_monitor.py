"""One series under watch: one alarm for each excursion, a state that can be kept."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import numpy as np
import pytest

from pitwall.anomalies import registry
from pitwall.anomalies.backtest import HistoryInvalid, backtest
from pitwall.anomalies.detectors.seasonal import SeasonalDetector
from pitwall.anomalies.monitor import (
    QUIET_WINDOWS,
    AlarmGate,
    InvalidSensitivity,
    SeriesMonitor,
    StateUnreadable,
    alarm_threshold,
)
from pitwall.anomalies.registry import DetectorBroken, UnknownDetector, detector_names, find_detector
from pitwall.anomalies.types import Judgement, Observation, State, Status

STEP = 300.0


def _told(scores: list[float]) -> list[int]:
    gate = AlarmGate(0.0)
    return [index for index, score in enumerate(scores) if gate.admit(score)]


def test_excursion_raises_one_alarm_however_long_it_lasts_and_grows() -> None:
    """What began is told; that it goes on is not."""
    assert _told([-1.0, 1.0, 5.0, 50.0, *[3.0] * 500, -1.0]) == [1]


def test_excursion_soon_after_an_alarm_is_no_news() -> None:
    """Until some time has passed without an alarm."""
    assert _told([1.0, -1.0, 1.0, -1.0, 2.0]) == [0]
    assert _told([1.0, *[-1.0] * QUIET_WINDOWS, 1.0]) == [0, QUIET_WINDOWS + 1]


def test_excursion_that_is_far_rarer_is_told_at_once() -> None:
    """Compared with the worst of the one before, told or not."""
    assert _told([1.0, 2.0, -1.0, 7.0]) == [0, 3]
    assert _told([1.0, 6.0, -1.0, 7.0]) == [0]


def test_threshold_is_the_accepted_number_of_false_alarms() -> None:
    """One a week is 0; one in ten weeks takes windows that are ten times rarer."""
    assert alarm_threshold(1.0) == 0.0
    assert alarm_threshold(0.1) == pytest.approx(np.log(10.0))


@pytest.mark.parametrize("number", [0.0, -1.0, float("nan"), float("inf")])
def test_senseless_number_of_false_alarms_is_refused(number: float) -> None:
    """The message tells what to give."""
    with pytest.raises(InvalidSensitivity, match="Give a number above 0"):
        SeriesMonitor(STEP, false_alarms_per_week=number)


def _monitor(values: list[float], detector: str = "seasonal") -> SeriesMonitor:
    monitor = SeriesMonitor(STEP, detector=detector)
    for index, value in enumerate(values):
        monitor.observe(Observation(index * STEP, value))
    return monitor


def _noise(length: int) -> list[float]:
    values: list[float] = np.random.default_rng(20).lognormal(1.0, 0.3, size=length).tolist()
    return values


def test_monitor_goes_on_in_the_middle_of_an_excursion() -> None:
    """Restarted between two anomalous windows, it does not raise the alarm again."""
    monitor = _monitor(_noise(1000))
    assert monitor.observe(Observation(1000 * STEP, 30.0)).is_alarm
    after = SeriesMonitor(STEP)
    after.load(json.loads(json.dumps(monitor.dump())))
    verdict = after.observe(Observation(1001 * STEP, 30.0))
    assert (verdict.is_anomalous, verdict.is_alarm) == (True, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 0}, "version 0"),
        ({"detector": "rolling_z"}, "'rolling_z'"),
        ({"state": {}}, "damaged"),
        ({"gate": None}, "damaged"),
    ],
)
def test_state_that_does_not_fit_is_refused_and_the_monitor_still_works(
    change: dict[str, Any], message: str
) -> None:
    """The reason is told; a series that is learnt anew is better than one that stands still."""
    state = _monitor(_noise(100)).dump() | change
    monitor = SeriesMonitor(STEP)
    with pytest.raises(StateUnreadable, match=message):
        monitor.load(state)
    assert monitor.observe(Observation(0.0, 1.0)).judgement.seen == 0


def test_backtest_says_what_a_monitor_would_have_said_live() -> None:
    """Window by window the same, missing and early windows counted."""
    values = [*_noise(1000), 30.0, float("nan"), *_noise(50)]
    monitor, alarms = SeriesMonitor(STEP), []
    for index, value in enumerate(values):
        if monitor.observe(Observation(index * STEP, value)).is_alarm:
            alarms.append(index)
    told = backtest(np.arange(len(values)) * STEP, values, step_s=STEP)
    assert [alarm.index for alarm in told.alarms] == alarms
    assert 1000 in alarms
    assert (told.learning, told.missing, told.judged) == (50, 1, len(values) - 51)
    assert np.isnan(told.scores[[0, 49, 1001]]).all()
    assert told.alarms_per_week == pytest.approx(len(alarms) / ((len(values) - 51) * STEP / 604_800))


def test_backtest_of_a_short_history_has_no_rate() -> None:
    """Nothing judged is not zero alarms a week."""
    told = backtest(np.arange(10) * STEP, np.ones(10), step_s=STEP)
    assert (told.judged, told.alarms_per_week) == (0, None)


def test_strict_backtest_raises_fewer_alarms() -> None:
    """The accepted number of false alarms decides."""
    times, values = np.arange(20_000) * STEP, np.random.default_rng(21).normal(size=20_000)
    loose, strict = (
        len(backtest(times, values, step_s=STEP, false_alarms_per_week=number).alarms)
        for number in (20, 0.05)
    )
    assert loose > strict


@pytest.mark.parametrize("values", [np.ones(3), np.ones((2, 2))])
def test_arrays_that_do_not_fit_are_refused(values: Any) -> None:
    """With their shapes."""
    with pytest.raises(HistoryInvalid, match=r"shapes"):
        backtest(np.ones(2), values, step_s=STEP)


class _Silent:
    """A detector of somebody else's."""

    name = "silent"

    def __init__(self, step_s: float) -> None:
        self.step_s = step_s

    def judge(self, observation: Observation) -> Judgement:
        return Judgement(Status.NO_DATA, None, 0, 0)

    def dump(self) -> dict[str, Any]:
        return {}

    def load(self, state: State) -> None:
        pass


def _install(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints(points).select(group=group))


def test_installed_detector_comes_through_the_same_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed behind the built-in ones and watches a series by its name."""
    _install(monkeypatch, EntryPoint("silent", f"{__name__}:_Silent", registry.GROUP))
    assert detector_names()[-1] == "silent"
    assert SeriesMonitor(STEP, detector="silent").observe(Observation(0.0, 1.0)).is_alarm is False


def test_built_in_name_cannot_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default stays what it is, whatever is installed."""
    _install(monkeypatch, EntryPoint("seasonal", f"{__name__}:_Silent", registry.GROUP))
    assert find_detector("seasonal") == SeasonalDetector
    assert detector_names().count("seasonal") == 1


def test_broken_detector_is_named_and_does_not_touch_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it comes from and what went wrong."""
    _install(monkeypatch, EntryPoint("bad", "no_such_package:Detector", registry.GROUP))
    with pytest.raises(DetectorBroken, match=r"'bad' from no_such_package:Detector.*ModuleNotFoundError"):
        find_detector("bad")
    assert find_detector("seasonal") == SeasonalDetector


def test_unknown_detector_is_refused_with_those_that_exist() -> None:
    """The way out is in the message."""
    with pytest.raises(
        UnknownDetector, match=r"'magic'.*seasonal, isolation_forest, change_point, rolling_z"
    ):
        find_detector("magic")
