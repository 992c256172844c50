"""Intervals that a formula gives, without numpy: of rates, and of the means of many cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import mul
from typing import Final

from pitwall.stats.distributions import normal_quantile, student_quantile

FEW: Final = 200
"""Below so many units an interval is bootstrapped; above, the central limit theorem is good enough."""


class Method(StrEnum):
    """How an interval was found."""

    WILSON = "wilson"
    BOOTSTRAP = "bootstrap"
    CLUSTER_BOOTSTRAP = "cluster_bootstrap"
    STUDENT = "t"
    CLUSTER_STUDENT = "cluster_t"
    SCORE = "score"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a quantity lies with the confidence that was asked for."""

    low: float
    high: float
    method: Method

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval | None:
    """Return the interval of a rate; None without a case.

    Source: Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference.
    """
    return wilson_of(successes / n, n, level) if n else None


def wilson_of(rate: float, n: float, level: float) -> Interval:
    """Return Wilson's interval of a rate over so many units."""
    z = normal_quantile(0.5 + level / 2.0)
    shrink = 1.0 + z * z / n
    centre = (rate + z * z / (2.0 * n)) / shrink
    half = z * math.sqrt(rate * (1.0 - rate) / n + z * z / (4.0 * n * n)) / shrink
    low, high = min(rate, centre - half), max(rate, centre + half)  # rounding puts neither inside of the rate
    return Interval(max(0.0, low), min(1.0, high), Method.WILSON)


def is_plain(values: Sequence[float]) -> bool:
    """Tell whether the interval of a mean of cases that stand alone needs no resampling."""
    return len(values) < 2 or len(values) >= FEW or _is_rate(values) or not _differ(values)


def plain_interval(values: Sequence[float], *, level: float = 0.95) -> Interval | None:
    """Return the interval of a mean whose values are plain; None where they tell nothing of their spread."""
    n = len(values)
    if n < 2:
        return None
    mean = math.fsum(values) / n
    if _is_rate(values):
        return wilson_of(mean, n, level)
    deviations = [value - mean for value in values]
    spread = math.fsum(map(mul, deviations, deviations))
    if spread == 0.0 or not _differ(values):
        return None
    half = student_quantile(0.5 + level / 2.0, n - 1) * math.sqrt(spread / (n - 1) / n)
    return Interval(mean - half, mean + half, Method.STUDENT)


def _differ(values: Sequence[float]) -> bool:
    return any(value != values[0] for value in values)


def _is_rate(values: Sequence[float]) -> bool:
    return all(value in (0.0, 1.0) for value in values)
