"""The scoring rules of the Numenta Anomaly Benchmark, written again on arrays.

A detection inside a labelled window earns up to 1, the more the earlier, and only the best one counts. A
window without a detection costs. A detection outside costs up to 1, less if it comes soon after a window. The
first 15 % of a series (750 points at most) do not count. The sum over a corpus is scaled so that a detector
that never fires has 0 and one that fires at the start of every window and nowhere else has 100.

Source: Lavin and Ahmad 2015, Evaluating Real-Time Anomaly Detection Algorithms; the constants and the
treatment of edges are those of github.com/numenta/NAB, `nab/sweeper.py` and `nab/runner.py`, which published
scores use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_PROBATION_RATIO: Final = 0.15
_PROBATION_POINTS: Final = 750
_FAR: Final = 3.0
"""Beyond so many window widths behind a window, a false alarm costs all it can."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a hit, a miss and a false alarm are worth."""

    name: str
    hit: float
    false_alarm: float
    miss: float


STANDARD: Final = Profile("standard", hit=1.0, false_alarm=0.11, miss=1.0)
LOW_FALSE_ALARMS: Final = Profile("reward low FP", hit=1.0, false_alarm=0.22, miss=1.0)
LOW_MISSES: Final = Profile("reward low FN", hit=1.0, false_alarm=0.11, miss=2.0)
PROFILES: Final = (STANDARD, LOW_FALSE_ALARMS, LOW_MISSES)


@dataclass(frozen=True, slots=True)
class Window:
    """A labelled window: indices of its first and last point."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a detection at each point of one series would be worth, before the weights of a profile.

    Attributes:
        values: In a window the share of a full hit, outside it minus the share of a full false alarm.
        window_ids: Which window a point lies in, counted from 0; -1 outside.
        is_scored: Whether the point counts: false in the probationary part.
    """

    values: FloatArray
    window_ids: NDArray[np.int64]
    is_scored: NDArray[np.bool_]

    @property
    def scored_windows(self) -> NDArray[np.int64]:
        """Windows that have at least one point that counts."""
        return np.unique(self.window_ids[self.is_scored & (self.window_ids >= 0)])


def probation_points(length: int) -> int:
    """How many points at the start of a series do not count."""
    return min(int(_PROBATION_RATIO * length), _PROBATION_POINTS)


def reward_points(length: int, windows: Sequence[Window]) -> Rewards:
    """Work out what a detection at each point would be worth.

    Args:
        length: Points of the series.
        windows: Its labelled windows, in order, not overlapping.
    """
    values = np.full(length, -1.0)
    window_ids = np.full(length, -1, dtype=np.int64)
    for number, window in enumerate(windows):
        width = window.last - window.first + 1
        inside = np.arange(window.first, window.last + 1)
        values[inside] = _sigmoid((inside - window.last - 1) / width) / _sigmoid(np.float64(-1.0))
        window_ids[inside] = number
        end = windows[number + 1].first if number + 1 < len(windows) else length
        behind = np.arange(window.last + 1, end)
        if width > 1:
            values[behind] = _sigmoid((behind - window.last) / (width - 1))
    return Rewards(values, window_ids, np.arange(length) >= probation_points(length))


def _sigmoid(position: FloatArray | np.float64) -> FloatArray:
    scaled = 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, _FAR))) - 1.0
    return np.asarray(np.where(position > _FAR, -1.0, scaled))


def score_detections(rewards: Rewards, is_detected: NDArray[np.bool_], profile: Profile) -> float:
    """Score one series by NAB's rules, not scaled.

    Args:
        rewards: From `reward_points`.
        is_detected: Where the detector fired.
    """
    fired = is_detected & rewards.is_scored
    outside = rewards.window_ids < 0
    total = profile.false_alarm * float(rewards.values[fired & outside].sum())
    for window in rewards.scored_windows:
        hits = rewards.values[fired & (rewards.window_ids == window)]
        total += profile.hit * float(hits.max()) if hits.size else -profile.miss
    return total


@dataclass(frozen=True, slots=True)
class Sweep:
    """Scaled corpus score at every threshold that changes anything, highest threshold first."""

    thresholds: FloatArray
    scores: FloatArray

    @property
    def best(self) -> tuple[float, float]:
        """Threshold and score where the score is highest, as NAB chooses them."""
        index = int(self.scores.argmax())
        return float(self.thresholds[index]), float(self.scores[index])


def sweep_thresholds(rewards: Sequence[Rewards], scores: Sequence[FloatArray], profile: Profile) -> Sweep:
    """Score a corpus at every threshold.

    Args:
        rewards: One for each series.
        scores: The detector's score of every point, one array for each series; a point is detected if its
            score is at least the threshold.
    """
    kept = [series[reward.is_scored] for reward, series in zip(rewards, scores, strict=True)]
    steps = [_steps(reward, series, profile) for reward, series in zip(rewards, scores, strict=True)]
    flat, gains = np.concatenate(kept), np.concatenate(steps)
    order = np.argsort(-flat, kind="stable")
    flat, running = flat[order], np.cumsum(gains[order])
    last_of_value = np.append(np.flatnonzero(np.diff(flat) != 0), flat.size - 1)
    base = -profile.miss * sum(reward.scored_windows.size for reward in rewards)
    totals = np.concatenate(([base], base + running[last_of_value]))
    windows = sum(int(reward.window_ids.max()) + 1 for reward in rewards)
    return Sweep(
        np.concatenate(([np.inf], flat[last_of_value])), normalise(totals, base, windows * profile.hit)
    )


def _steps(rewards: Rewards, scores: FloatArray, profile: Profile) -> FloatArray:
    """What each scored point adds when the threshold sinks to its score."""
    gains = profile.false_alarm * rewards.values
    for window in rewards.scored_windows:
        inside = np.flatnonzero((rewards.window_ids == window) & rewards.is_scored)
        ordered = inside[np.argsort(-scores[inside], kind="stable")]
        best = np.maximum.accumulate(profile.hit * rewards.values[ordered])
        gains[ordered] = np.diff(best, prepend=-profile.miss)
    kept: FloatArray = gains[rewards.is_scored]
    return kept


def normalise(total: FloatArray, base: float, perfect: float) -> FloatArray:
    """Scale so that never firing is 0 and a perfect detector 100."""
    return 100.0 * (total - base) / (perfect - base)


def corpus_score(rewards: Sequence[Rewards], fired: Sequence[NDArray[np.bool_]], profile: Profile) -> float:
    """Scaled score of a corpus for detections that were decided already."""
    pairs = zip(rewards, fired, strict=True)
    total = sum(score_detections(reward, detected, profile) for reward, detected in pairs)
    base = -profile.miss * sum(reward.scored_windows.size for reward in rewards)
    windows = sum(int(reward.window_ids.max()) + 1 for reward in rewards)
    return float(normalise(np.array(total), base, windows * profile.hit))
