"""How well a score tells labelled answers apart: area under the ROC curve, beside a rival."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.grounding.corpus import Labelled, token_overlap
from pitwall.evals.metrics.offline_groundedness import METRICS
from pitwall.evals.metrics.types import CodeMetric
from pitwall.evals.types import Answer, Case, Context, Example

FloatArray = NDArray[np.float64]

_RESAMPLES: Final = 2000
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of one corpus.

    Attributes:
        total: Labelled answers.
        scored: Those that the metric judges; both AUCs are of these.
        auc: Of offline groundedness.
        rival: Of plain token overlap.
        margin: How much the first is above the second, by resampling both together.
        cpu_ms: Of a case.
    """

    total: int
    scored: int
    auc: Interval
    rival: Interval
    margin: Interval
    cpu_ms: float


def measure(labelled: Sequence[Labelled]) -> Agreement:
    """Judge answers and compare with the labels and the rival; groups are resampled as a whole."""
    metric = METRICS[0]
    assert isinstance(metric, CodeMetric)
    cases = [_case(one) for one in labelled]
    began = time.process_time()
    values = [metric.function(case).value for case in cases]
    cpu_ms = (time.process_time() - began) / len(cases) * 1000
    kept = [(one, value) for one, value in zip(labelled, values, strict=True) if value is not None]
    scores = np.array([value for _, value in kept])
    rival = np.array([token_overlap(one) for one, _ in kept])
    labels = np.array([one.is_grounded for one, _ in kept])
    _, groups = np.unique([one.group for one, _ in kept], return_inverse=True)
    draws = _resample(groups)
    ours, theirs = (np.array([area(one, labels, weights) for weights in draws]) for one in (scores, rival))
    everything = np.ones(len(kept))
    first, second = area(scores, labels, everything), area(rival, labels, everything)
    return Agreement(
        len(labelled),
        len(kept),
        _interval(first, ours),
        _interval(second, theirs),
        _interval(first - second, ours - theirs),
        cpu_ms,
    )


def _case(one: Labelled) -> Case:
    contexts = tuple(Context(text) for text in one.contexts)
    return Case(Example("1", one.question, language=one.language), Answer(one.answer, contexts=contexts))


def _resample(groups: NDArray[np.intp]) -> list[FloatArray]:
    """How often each answer is drawn when whole groups are drawn with replacement."""
    rng = np.random.default_rng(_SEED)
    count = int(groups.max()) + 1
    drawn = (np.bincount(rng.integers(0, count, count), minlength=count) for _ in range(_RESAMPLES))
    return [times[groups].astype(np.float64) for times in drawn]


def area(scores: FloatArray, labels: NDArray[np.bool_], weights: FloatArray) -> float:
    """Return the chance that a supported answer scores above one that is not, ties counted half."""
    _, places = np.unique(scores, return_inverse=True)
    right = np.bincount(places, np.where(labels, weights, 0.0))
    wrong = np.bincount(places, np.where(labels, 0.0, weights))
    below = np.cumsum(wrong) - wrong
    return float((right * (below + wrong / 2)).sum() / (right.sum() * wrong.sum()))


def _interval(value: float, resampled: FloatArray) -> Interval:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(value, float(low), float(high))
