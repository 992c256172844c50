"""What holds for every detector, whatever it is given, and what each is for."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.anomalies.backtest import backtest
from pitwall.anomalies.detectors.change_point import ChangePointDetector
from pitwall.anomalies.detectors.seasonal import SeasonalDetector
from pitwall.anomalies.registry import BUILT_IN, find_detector
from pitwall.anomalies.types import Detector, Form, Judgement, Observation, Status
from pitwall.stats.seasonal import Pattern

NAMES = [point.name for point in BUILT_IN]
STEP = 300.0
DAY = 288

every_detector = pytest.mark.parametrize("name", NAMES)
any_float = st.floats(allow_nan=True, allow_infinity=True)
ordinary = st.floats(min_value=-1e6, max_value=1e6, allow_subnormal=False)


def _make(name: str) -> Detector:
    return find_detector(name)(STEP)


def _judge_all(detector: Detector, values: Sequence[float | None], first: int = 0) -> list[Judgement]:
    return [detector.judge(Observation((first + index) * STEP, value)) for index, value in enumerate(values)]


def _scores(judgements: Sequence[Judgement]) -> list[float]:
    return [math.nan if one.score is None else one.score for one in judgements]


def _noise(length: int, seed: int = 0) -> list[float]:
    values: list[float] = np.random.default_rng(seed).lognormal(1.0, 0.3, size=length).tolist()
    return values


@every_detector
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_that_arrives_breaks_a_detector(name: str, data: st.DataObject) -> None:
    """Any numbers, counts and times, also backwards: what comes out is a judgement in numbers."""
    detector = _make(name)
    _judge_all(detector, _noise(data.draw(st.sampled_from([0, 40, 120]))))
    count = st.one_of(st.none(), st.floats(min_value=0, max_value=1e9))
    time = st.floats(min_value=-1e10, max_value=1e11)
    for observation in data.draw(
        st.lists(st.tuples(time, st.one_of(st.none(), any_float), count), max_size=80)
    ):
        judgement = detector.judge(Observation(*observation))
        is_judged = judgement.status is Status.JUDGED
        assert (judgement.score is not None) == is_judged == (judgement.usual is not None)
        if judgement.score is not None and judgement.usual is not None:
            assert math.isfinite(judgement.score)
            assert not any(math.isnan(one) for one in judgement.usual[:3] if one is not None)
    json.dumps(detector.dump(), allow_nan=False)


@every_detector
@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.one_of(st.none(), ordinary, st.just(float("nan"))), max_size=150))
def test_missing_value_is_neither_judged_nor_learnt(name: str, values: list[float | None]) -> None:
    """With and without the windows that have no data, the others are judged alike."""
    present = [index for index, value in enumerate(values) if value is not None and value == value]
    every, some = _make(name), _make(name)
    told = _judge_all(every, values)
    alone = [some.judge(Observation(index * STEP, values[index])) for index in present]
    assert [told[index] for index in present] == alone
    assert all(told[i].status is Status.NO_DATA for i in range(len(values)) if i not in set(present))
    assert every.dump() == some.dump()


@every_detector
@settings(max_examples=25, deadline=None)
@given(value=ordinary, length=st.integers(min_value=100, max_value=400))
def test_constant_series_is_never_anomalous(name: str, value: float, length: int) -> None:
    """Nothing happens, nothing is said."""
    judgements = _judge_all(_make(name), [value] * length)
    assert all(judgement.score is None or judgement.score < 0 for judgement in judgements)


@every_detector
@settings(max_examples=40, deadline=None)
@given(values=st.lists(ordinary, max_size=40), power=st.integers(min_value=-20, max_value=20))
def test_unit_makes_no_difference(name: str, values: list[float], power: int) -> None:
    """Milliseconds or seconds, tokens or thousands of tokens: the scores are the same."""
    values = _noise(110) + [value if abs(value) > 1e-3 else 0.0 for value in values]
    plain = _scores(_judge_all(_make(name), values))
    scaled = _scores(_judge_all(_make(name), [value * 2.0**power for value in values]))
    assert plain == pytest.approx(scaled, rel=1e-6, abs=1e-6, nan_ok=True)


@every_detector
@settings(max_examples=15, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), ordinary), min_size=5, max_size=200),
    cut=st.integers(min_value=0, max_value=200),
)
def test_detector_goes_on_where_it_was_stopped(name: str, values: list[float | None], cut: int) -> None:
    """Kept as JSON at any moment and loaded again, it judges as if nothing had happened."""
    cut = min(cut, len(values))
    whole, first, second = _make(name), _make(name), _make(name)
    expected = _judge_all(whole, values)
    begun = _judge_all(first, values[:cut])
    second.load(json.loads(json.dumps(first.dump())))
    assert begun + _judge_all(second, values[cut:], first=cut) == expected
    assert second.dump() == whole.dump()


@every_detector
def test_what_comes_later_changes_nothing_that_was_said(name: str) -> None:
    """A history and its first half are judged alike: nothing looks ahead."""
    values = _noise(600) + [50.0] * 5
    assert _judge_all(_make(name), values)[:300] == _judge_all(_make(name), values[:300])


@every_detector
def test_short_history_is_not_judged_and_says_how_much_is_missing(name: str) -> None:
    """The first fifty windows at least, however wild they are."""
    judgements = _judge_all(_make(name), [1.0] * 49 + [1000.0])
    assert {judgement.status for judgement in judgements} == {Status.NOT_ENOUGH_HISTORY}
    assert (judgements[-1].seen, judgements[-1].score) == (49, None)
    assert judgements[-1].needed >= 50


@every_detector
def test_value_on_few_observations_weighs_less(name: str) -> None:
    """The same five wild windows on 2 instead of 200 observations are less unusual."""
    thin, thick = _make(name), _make(name)
    scores = []
    for detector, count in ((thin, 2.0), (thick, 200.0)):
        for index, value in enumerate(_noise(600)):
            detector.judge(Observation(index * STEP, value, 200.0))
        last = [detector.judge(Observation((600 + i) * STEP, 12.0, count)).score for i in range(5)]
        scores.append(max(score for score in last if score is not None))
    assert scores[0] < scores[1]


@pytest.mark.parametrize("name", ["seasonal", "isolation_forest", "change_point"])
@pytest.mark.parametrize("draw", ["normal", "lognormal", "exponential", "daily"])
def test_noise_raises_about_one_alarm_a_week(name: str, draw: str) -> None:
    """Six series of three weeks in which nothing happens: about one a week, at most two."""
    random = np.random.default_rng(12)
    times = np.arange(21 * DAY) * STEP
    alarms, weeks = 0, 0.0
    for _ in range(6):
        told = backtest(times, _draw(random, draw, times), step_s=STEP, detector=name)
        alarms, weeks = alarms + len(told.alarms), weeks + told.judged_weeks
    assert alarms / weeks <= 2.0


def _draw(random: np.random.Generator, draw: str, times: Any) -> Any:
    if draw == "daily":
        busy = 10.0 + 6.0 * np.sin(times / 86_400.0 * 2.0 * np.pi)
        return random.poisson(busy * 5.0)
    return (
        100.0 + 10.0 * random.normal(size=times.size)
        if draw == "normal"
        else getattr(random, draw)(size=times.size)
    )


def test_spike_is_found_and_its_size_told() -> None:
    """Five times the usual on an ordinary evening."""
    detector = SeasonalDetector(STEP)
    _judge_all(detector, _noise(2000))
    judgement = detector.judge(Observation(2000 * STEP, 20.0))
    assert judgement.score is not None
    assert judgement.score > 0
    assert (judgement.form, judgement.observed) == (Form.POINT, 20.0)
    assert judgement.usual is not None
    assert judgement.usual.value == pytest.approx(math.e, rel=0.2)
    assert judgement.usual.low is not None
    assert judgement.usual.high is not None
    assert judgement.usual.low < judgement.usual.value < judgement.usual.high < 20.0


def test_value_that_is_usual_at_night_is_unusual_at_noon() -> None:
    """Within the range of the series and yet an anomaly, because of the hour."""
    random = np.random.default_rng(13)
    hours = np.arange(20 * DAY) * STEP / 3600.0
    values = (60.0 - 50.0 * np.cos(hours / 24.0 * 2.0 * np.pi)) * random.lognormal(0.0, 0.05, size=hours.size)
    detector = SeasonalDetector(STEP)
    judgements = _judge_all(detector, values.tolist())
    assert judgements[-1].score is not None
    assert judgements[-1].score < 0  # close to midnight
    noon = detector.judge(Observation((20 * DAY + DAY // 2) * STEP, float(values[-1])))
    assert noon.score is not None
    assert noon.score > 0
    assert noon.usual is not None
    assert noon.usual.value > 80
    assert noon.usual.pattern is not Pattern.RECENT


def test_pattern_is_not_named_before_it_has_been_seen_twice() -> None:
    """On the first day nothing is usual for an hour, in the first two weeks nothing for a Friday."""
    hours = np.arange(16 * DAY) * STEP / 3600.0
    values = (60.0 - 50.0 * np.cos(hours / 24.0 * 2.0 * np.pi)).tolist()
    judgements = _judge_all(SeasonalDetector(STEP), values)
    named = [judgement.usual and judgement.usual.pattern for judgement in judgements]
    assert set(named[: 2 * DAY]) <= {None, Pattern.RECENT}
    assert Pattern.HOUR_OF_WEEK not in named[: 14 * DAY]
    assert Pattern.HOUR_OF_DAY in named


def test_small_deviation_that_lasts_is_found() -> None:
    """Two thirds of the noise in each window, no window unusual by itself, but two hours on end."""
    random = np.random.default_rng(14)
    detector = SeasonalDetector(STEP)
    _judge_all(detector, random.normal(100.0, 3.0, size=3000).tolist())
    judgements = _judge_all(detector, (104.0 + random.normal(0.0, 0.5, size=24)).tolist(), first=3000)
    best = max(judgements, key=lambda judgement: judgement.score or -math.inf)
    assert best.score is not None
    assert best.score > 0
    assert best.form is Form.SUSTAINED
    assert best.observed == pytest.approx(103.0, abs=1.5)


def test_spike_of_every_night_is_no_news_after_some_nights() -> None:
    """A backup at three in the morning is told in the first nights, and not in the third week."""
    values = np.array(_noise(21 * DAY))
    values[36::DAY] = 40.0
    told = backtest(np.arange(values.size) * STEP, values, step_s=STEP)
    spikes = [alarm.index // DAY for alarm in told.alarms if alarm.value == 40.0]
    assert 1 <= len(spikes) <= 4
    assert max(spikes) < 7


def test_change_point_tells_when_a_level_began_and_then_takes_it_for_usual() -> None:
    """From 100 to 104 with noise of 3: found within two hours, dated to within half an hour, then usual."""
    random = np.random.default_rng(15)
    values = np.concatenate([random.normal(100.0, 3.0, 3000), random.normal(104.0, 3.0, 1000)])
    judgements = _judge_all(ChangePointDetector(STEP), values.tolist())
    told = [index for index, score in enumerate(_scores(judgements)) if score >= 0 and index >= 3000]
    assert told[0] <= 3024
    assert told[0] - judgements[told[0]].windows + 1 == pytest.approx(3000, abs=6)
    assert judgements[told[0]].observed == pytest.approx(104.0, abs=1.5)
    assert told[-1] < 3100
    last = judgements[-1].usual
    assert last is not None
    assert last.value == pytest.approx(104.0, abs=1.0)


def test_single_wild_value_is_no_change_of_level() -> None:
    """However wild it is."""
    detector = ChangePointDetector(STEP)
    _judge_all(detector, np.random.default_rng(16).normal(100.0, 3.0, 2000).tolist())
    judgement = detector.judge(Observation(2000 * STEP, 1e6))
    assert judgement.score is not None
    assert judgement.score < 0


@pytest.mark.parametrize("name", NAMES)
def test_state_of_a_series_is_small(name: str) -> None:
    """Ten kilobytes of JSON at most, so that ten thousand series are a hundred megabytes."""
    detector = _make(name)
    _judge_all(detector, _noise(5000))
    assert len(json.dumps(detector.dump())) < 10_000


@pytest.mark.parametrize("step_s", [0.0, -1.0, float("nan"), float("inf")])
@every_detector
def test_windows_without_length_are_refused(name: str, step_s: float) -> None:
    """By name, not by a division later on."""
    with pytest.raises(Exception, match="Windows cannot be"):
        find_detector(name)(step_s)
