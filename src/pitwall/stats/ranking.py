"""Whether one order resembles another: ranks with ties, area under the ROC curve, Spearman's correlation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pitwall.stats.clusters import FloatArray
from pitwall.stats.distributions import normal_quantile, student_two_sided
from pitwall.stats.intervals import Interval, Method


def midranks(values: FloatArray) -> FloatArray:
    """Return the ranks from 1; equal values share the mean of theirs."""
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: FloatArray = (ends - (counts - 1) / 2.0)[position]
    return shared


@dataclass(frozen=True, slots=True)
class RocArea:
    """How well scores tell positives from negatives.

    Attributes:
        value: Probability that a random positive scores above a random negative, ties counting half.
    """

    value: float
    positives: int
    negatives: int
    interval: Interval


def roc_auc(scores: FloatArray, labels: NDArray[np.bool_], *, level: float = 0.95) -> RocArea | None:
    """Return the area under the ROC curve; None without a positive or without a negative.

    The interval solves for the areas that would not make the one seen surprising, so that it has a width
    also where the positives are all on top.

    Source: Newcombe 2006, Confidence Intervals for an Effect Size Measure based on the Mann-Whitney
    Statistic, Part 2 (method 5).
    """
    positives = int(np.count_nonzero(labels))
    negatives = labels.size - positives
    if not positives or not negatives:
        return None
    ranked = float(midranks(scores)[labels].sum())
    area = (ranked - positives * (positives + 1) / 2.0) / (positives * negatives)
    return RocArea(area, positives, negatives, _area_interval(area, positives, negatives, level))


def _area_interval(area: float, positives: int, negatives: int, level: float) -> Interval:
    z = normal_quantile(0.5 + level / 2.0)

    def is_plausible(other: float) -> bool:
        return abs(area - other) <= z * math.sqrt(_area_variance(other, positives, negatives))

    return Interval(_edge(area, 0.0, is_plausible), _edge(area, 1.0, is_plausible), Method.SCORE)


def _area_variance(area: float, positives: int, negatives: int) -> float:
    """Source: Hanley and McNeil 1982, with both sample sizes replaced by their mean."""
    extra = (positives + negatives) / 2.0 - 1.0
    spread = 1.0 + extra * (1.0 - area) / (2.0 - area) + extra * area / (1.0 + area)
    return area * (1.0 - area) * spread / (positives * negatives)


def _edge(inside: float, outside: float, is_plausible: Callable[[float], bool]) -> float:
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if is_plausible(middle) else (inside, middle)
    return inside


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rank correlation, how probable one so strong is by chance, and where it lies."""

    value: float
    n: int
    p: float
    interval: Interval | None


def spearman(a: FloatArray, b: FloatArray, *, level: float = 0.95) -> Correlation | None:
    """Return Spearman's correlation; None for fewer than three pairs or a side that does not vary.

    Source: Bonett and Wright 2000, Sample Size Requirements for Estimating Pearson, Kendall and Spearman
    Correlations, for the interval.
    """
    if a.size < 3 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return None
    rho = float(np.corrcoef(midranks(a), midranks(b))[0, 1])
    rho = min(1.0, max(-1.0, rho))
    degrees = a.size - 2
    t = math.inf if abs(rho) == 1.0 else rho * math.sqrt(degrees / (1.0 - rho * rho))
    return Correlation(rho, a.size, student_two_sided(t, degrees), _rho_interval(rho, a.size, level))


def _rho_interval(rho: float, n: int, level: float) -> Interval | None:
    if n < 4 or abs(rho) == 1.0:
        return None
    half = normal_quantile(0.5 + level / 2.0) * math.sqrt((1.0 + rho * rho / 2.0) / (n - 3))
    centre = math.atanh(rho)
    return Interval(math.tanh(centre - half), math.tanh(centre + half), Method.DELTA)
