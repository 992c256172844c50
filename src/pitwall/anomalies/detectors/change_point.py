"""Detecting that a series has moved to another level and stays there."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from pitwall.anomalies.detectors.history import (
    NEEDED,
    Trust,
    log_windows_per_week,
    no_data,
    not_enough_history,
    season_memory,
    told_pattern,
)
from pitwall.anomalies.detectors.scale import Scale
from pitwall.anomalies.types import Form, Judgement, Observation, State, Status, Usual
from pitwall.stats.seasonal import Expectation, SeasonalBaseline
from pitwall.stats.shifts import Sums, log_run_length

_NOISE_STEP: Final = 0.005
_MEAN_TO_DEVIATION: Final = math.sqrt(math.pi / 2.0)
_CLIP: Final = 3.0
"""One wild value is no change of level: no deviation counts for more than so many standard deviations."""
_FLOOR: Final = 0.002
_SMOOTHING: Final = 0.05
_INDEPENDENT: Final = (2.0 - _SMOOTHING) / _SMOOTHING
"""How many times smaller the variance of the smoothed deviations would be if neighbours were independent."""
_CONFIRMING: Final = 12
"""Windows for which a found change is told before the new level is taken for the usual one."""
_USUAL: Final = 2.576


class ChangePointDetector:
    """A two-sided cumulative sum of what the daily and weekly pattern leaves over.

    Neighbouring windows resemble each other, which makes sums wander; deviations are therefore taken to be as
    noisy as the wandering of their mean suggests. After a change the new level becomes the usual one.

    Args:
        step_s: Length of the windows in seconds.
    """

    name: ClassVar[str] = "change_point"

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._week = log_windows_per_week(step_s)
        self._memory = season_memory(step_s)
        self._trust = Trust()
        self._first: list[tuple[float, float, float]] = []
        self._scale = Scale()
        self._baseline = SeasonalBaseline(self._memory)
        self._noise = 0.0
        self._mean = 0.0
        self._wander = 0.0
        self._sums = Sums()
        self._since_start = 0.0
        self._confirmed = 0

    def judge(self, observation: Observation) -> Judgement:
        """Judge a window by what came before, then learn it."""
        seen = self._baseline.seen or len(self._first)
        if not observation.is_present or observation.value is None:
            return no_data(seen)
        weight = self._trust.weigh(observation)
        if self._baseline.seen:
            return self._judge(observation.time_s, self._scale.apply(observation.value), weight)
        self._first.append((observation.time_s, observation.value, weight))
        if len(self._first) == NEEDED:
            self._begin()
        return not_enough_history(seen)

    def _begin(self) -> None:
        self._scale.begin([value for _, value, _ in self._first])
        for time_s, value, weight in self._first:
            scaled = self._scale.apply(value)
            expected = self._baseline.expect(time_s)
            if self._baseline.seen:
                self._learn_noise(scaled - expected.value, weight)
            self._baseline.learn(time_s, scaled, expected, weight)
        self._first = []

    def _judge(self, time_s: float, value: float, weight: float) -> Judgement:
        seen = self._baseline.seen
        expected = self._baseline.expect(time_s)
        deviation = value - expected.value
        noise = max(_FLOOR, self._noise * _MEAN_TO_DEVIATION)
        standard = max(-_CLIP, min(_CLIP, math.sqrt(weight) * deviation / noise))
        self._sums = self._sums.add(standard / self._inflation)
        length = self._sums.length
        self._since_start = deviation + (self._since_start if length > 1 else 0.0)
        score = log_run_length(self._sums.highest) - self._week
        judgement = self._describe(expected, score, noise, seen)
        self._learn_noise(deviation, weight)
        self._baseline.learn(time_s, value, expected, weight)
        self._settle(score)
        return judgement

    @property
    def _inflation(self) -> float:
        """How many times more a sum of these deviations wanders than one of independent ones."""
        variance = (self._noise * _MEAN_TO_DEVIATION) ** 2
        return math.sqrt(max(1.0, _INDEPENDENT * self._wander / variance)) if variance else 1.0

    def _describe(self, expected: Expectation, score: float, noise: float, seen: int) -> Judgement:
        windows = max(1, self._sums.length)
        undo, spread = self._scale.undo, _USUAL * noise
        usual = Usual(
            undo(expected.value),
            undo(expected.value - spread),
            undo(expected.value + spread),
            told_pattern(expected, seen, self._step_s),
        )
        observed = undo(expected.value + self._since_start / windows)
        return Judgement(Status.JUDGED, score, seen, NEEDED, usual, observed, Form.SHIFT, windows)

    def _learn_noise(self, deviation: float, weight: float) -> None:
        step = weight * max(_NOISE_STEP, 1.0 / max(1, self._baseline.seen))
        self._noise += step * (math.sqrt(weight) * abs(deviation) - self._noise)
        self._mean += _SMOOTHING * weight * (deviation - self._mean)
        self._wander += step * (self._mean * self._mean - self._wander)

    def _settle(self, score: float) -> None:
        """Take the new level for the usual one once a change has been told for a while."""
        if score < 0.0 and not self._confirmed:
            return
        self._confirmed += 1
        if self._confirmed <= _CONFIRMING:
            return
        if self._sums.length:
            self._baseline.level += self._since_start / self._sums.length
        self._sums, self._since_start, self._confirmed = Sums(), 0.0, 0

    def dump(self) -> dict[str, Any]:
        """Return all that was learnt, as JSON can hold it."""
        return {
            "first": [list(one) for one in self._first],
            "usual_count": self._trust.usual_count,
            "size": self._scale.size,
            "is_signed": self._scale.is_signed,
            "baseline": self._baseline.dump(),
            "noise": [self._noise, self._mean, self._wander],
            "sums": list(self._sums),
            "since_start": self._since_start,
            "confirmed": self._confirmed,
        }

    def load(self, state: State) -> None:
        """Go on where `dump` was called."""
        self._first = [(time_s, value, weight) for time_s, value, weight in state["first"]]
        self._trust = Trust(state["usual_count"])
        self._scale = Scale(state["size"], is_signed=state["is_signed"])
        self._baseline = SeasonalBaseline.restore(self._memory, state["baseline"])
        self._noise, self._mean, self._wander = state["noise"]
        self._sums = Sums(*state["sums"])
        self._since_start, self._confirmed = state["since_start"], state["confirmed"]
