"""Detectors on the NAB series, in one pass each, and what NAB says of their alarms."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.anomaly.corpus import LabelledSeries
from benchmarks.anomaly.nab_scoring import (
    PROFILES,
    STANDARD,
    Profile,
    Rewards,
    corpus_score,
    sweep_thresholds,
)
from pitwall.anomalies.backtest import backtest
from pitwall.anomalies.monitor import AlarmGate
from pitwall.stats.isolation import isolation_score
from pitwall.stats.moments import Moments

FloatArray = NDArray[np.float64]

_STEP_POINTS: Final = 51
_THRESHOLDS: Final = np.arange(-2.0, 8.5, 0.5)
_WINDOW: Final = 100
_LEAST: Final = 50


@dataclass(frozen=True, slots=True)
class Detected:
    """What a detector said of one series.

    Attributes:
        scores: One for each point; NaN where nothing was judged.
        alarms: Where it raised an alarm, at its default threshold.
    """

    series: LabelledSeries
    rewards: Rewards
    scores: FloatArray
    alarms: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """A detector on a corpus.

    Attributes:
        cpu_us: Of the whole online path, for each point.
    """

    detector: str
    detected: Sequence[Detected]
    cpu_us: float

    def score(self, names: Sequence[str] | None = None, profile: Profile = STANDARD) -> float:
        """Scaled NAB score of the alarms at the detector's own threshold, over all or some series."""
        chosen = [one for one in self.detected if names is None or one.series.name in names]
        return corpus_score([one.rewards for one in chosen], [one.alarms for one in chosen], profile)

    @property
    def profiles(self) -> str:
        """The scores of all profiles, for a note."""
        return ", ".join(f"{profile.name} {self.score(profile=profile):.1f}" for profile in PROFILES)

    @property
    def best(self) -> tuple[float, float]:
        """The threshold that suits the labels best, as NAB chooses one, and its standard score."""
        rewards = [one.rewards for one in self.detected]
        tried = [
            (
                threshold,
                corpus_score(rewards, [_gate(one.scores, threshold) for one in self.detected], STANDARD),
            )
            for threshold in _THRESHOLDS.tolist()
        ]
        return max(tried, key=lambda pair: pair[1])

    @property
    def quiet_alarms_per_week(self) -> float:
        """Alarms in a week of the series that have no labelled anomaly, their first part included."""
        quiet = [one for one in self.detected if not one.series.windows]
        return sum(int(one.alarms.sum()) for one in quiet) / sum(one.series.weeks for one in quiet)

    @property
    def loudest_quiet_series(self) -> str:
        """Which of them has the most alarms in a week, for a note."""
        rates = [
            (int(one.alarms.sum()) / one.series.weeks, one.series.name)
            for one in self.detected
            if not one.series.windows
        ]
        rate, name = max(rates)
        return f"all of them together; most on {name}: {rate:.1f}"


def run_detector(detector: str, corpus: Sequence[LabelledSeries]) -> Run:
    """Let a detector see every series from its start."""
    began = time.process_time()
    told = [
        backtest(series.times_s, series.values, step_s=first_step(series), detector=detector)
        for series in corpus
    ]
    seconds = time.process_time() - began
    detected = []
    for series, one in zip(corpus, told, strict=True):
        alarms = np.zeros(len(series.values), dtype=np.bool_)
        alarms[[alarm.index for alarm in one.alarms]] = True
        detected.append(Detected(series, series.rewards, one.scores, alarms))
    return Run(detector, detected, seconds / sum(len(series.values) for series in corpus) * 1e6)


def first_step(series: LabelledSeries) -> float:
    """Length of the windows as the first points show it, so that nothing is known of what comes later."""
    return float(np.median(np.diff(series.times_s[:_STEP_POINTS])))


def _gate(scores: FloatArray, threshold: float) -> NDArray[np.bool_]:
    gate = AlarmGate(threshold)
    return np.array([score == score and gate.admit(score) for score in scores.tolist()])  # NaN is not judged


def best_raw_isolation(corpus: Sequence[LabelledSeries]) -> float:
    """Standard score of an isolation forest's plain score over 100 points, at its best threshold."""
    return _best_raw(corpus, [_raw_isolation(series.values) for series in corpus])


def best_raw_z(corpus: Sequence[LabelledSeries]) -> float:
    """Standard score of the plain distance from a rolling mean, at the threshold that suits it best."""
    return _best_raw(corpus, [_raw_z(series.values) for series in corpus])


def _best_raw(corpus: Sequence[LabelledSeries], scores: Sequence[FloatArray]) -> float:
    return sweep_thresholds([series.rewards for series in corpus], scores, STANDARD).best[1]


def _raw_isolation(values: FloatArray) -> FloatArray:
    window: deque[float] = deque(maxlen=_WINDOW)
    scores = np.zeros(values.size)
    for index, value in enumerate(values.tolist()):
        if index >= _LEAST:
            scores[index] = isolation_score(np.sort(window), value)
        window.append(value)
    return scores


def _raw_z(values: FloatArray) -> FloatArray:
    moments, scores = Moments(), np.zeros(values.size)
    for index, value in enumerate(values.tolist()):
        deviation = max(moments.variance**0.5, 0.01 * abs(moments.mean))
        if index >= _LEAST and deviation:
            scores[index] = abs(value - moments.mean) / deviation
        moments = moments.add(value, 6400)
    return scores
