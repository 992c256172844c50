"""Confidence intervals of rates and means, also of cases that come in clusters."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pitwall.stats.clusters import FloatArray, IntArray, cluster_totals, count_units
from pitwall.stats.distributions import normal_quantile, student_quantile
from pitwall.stats.plain_intervals import (
    FEW,
    Interval,
    Method,
    is_plain,
    plain_interval,
    wilson,
    wilson_of,
)

__all__ = [
    "FEW",
    "Interval",
    "Method",
    "bootstrap_interval",
    "mean_interval",
    "standard_error",
    "t_interval",
    "wilson",
]

DRAWS: Final = 5000
_CELLS_AT_ONCE: Final = 4_000_000


def standard_error(values: FloatArray, groups: IntArray | None = None) -> float:
    """Return the standard error of a mean, NaN for fewer than two units.

    Args:
        groups: Numbers of clusters; with them it is the cluster-robust one.

    Source: Miller 2024, Adding Error Bars to Evals (arXiv 2411.00640), section 2.2.
    """
    units = count_units(values.size, groups)
    if units < 2:
        return math.nan
    if groups is None:
        return float(values.std(ddof=1)) / math.sqrt(values.size)
    sums, counts = cluster_totals(values, groups)
    residuals = sums - counts * values.mean()
    return float(math.sqrt(residuals @ residuals * units / (units - 1)) / values.size)


def t_interval(values: FloatArray, groups: IntArray | None = None, *, level: float = 0.95) -> Interval | None:
    """Return the interval of a mean by the central limit theorem; None for fewer than two units."""
    units = count_units(values.size, groups)
    if units < 2:
        return None
    half = student_quantile(0.5 + level / 2.0, units - 1) * standard_error(values, groups)
    mean = float(values.mean())
    return Interval(mean - half, mean + half, Method.STUDENT if groups is None else Method.CLUSTER_STUDENT)


def bootstrap_interval(
    values: FloatArray,
    groups: IntArray | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = DRAWS,
    corrects_bias: bool = True,
) -> Interval | None:
    """Return the bootstrap interval of a mean; None for fewer than two units or values that do not differ.

    Args:
        groups: Numbers of clusters; with them whole clusters are drawn.
        rng: The same state gives the same interval.
        corrects_bias: Bias-corrected and accelerated (BCa), else plain percentiles.

    Source: Efron 1987, Better Bootstrap Confidence Intervals.
    """
    sums, counts = (values, np.ones_like(values)) if groups is None else cluster_totals(values, groups)
    if sums.size < 2 or np.ptp(values) == 0.0:
        return None
    means = np.sort(_resampled_means(sums, counts, rng, draws))
    tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if corrects_bias:
        tails = _corrected_tails(tails, means, sums, counts)
    low, high = np.quantile(means, tails)
    method = Method.BOOTSTRAP if groups is None else Method.CLUSTER_BOOTSTRAP
    return Interval(float(low), float(high), method)


def mean_interval(
    values: FloatArray, groups: IntArray | None = None, *, rng: np.random.Generator, level: float = 0.95
) -> Interval | None:
    """Return the interval of a mean by the method that fits its values; the interval says which.

    Rates (values that are all 0 or 1) get Wilson's interval, fewer than 200 units the bootstrap, more the
    central limit theorem; clusters count as units. Fewer than two units, or values between 0 and 1 that do
    not differ, tell nothing of their spread and have no interval.

    Args:
        values: (n,) float64 without NaN: only what was scored.
        groups: Numbers of clusters (`cluster_codes`), None if every case stands alone.
        rng: For the bootstrap; the same state gives the same interval.

    Source: Bowyer et al. 2025 (arXiv 2503.01747): no central limit theorem below a few hundred cases.
    """
    if groups is None and is_plain(plain := values.tolist()):
        return plain_interval(plain, level=level)
    units = count_units(values.size, groups)
    if units < 2:
        return None
    differs = bool(np.ptp(values) > 0.0)
    if _is_rate(values) and (groups is None or not differs):
        return wilson_of(float(values.mean()), units, level)
    if not differs:
        return None
    if units < FEW:
        return bootstrap_interval(values, groups, rng=rng, level=level)
    return t_interval(values, groups, level=level)


def _is_rate(values: FloatArray) -> bool:
    return bool(np.all((values == 0.0) | (values == 1.0)))


def _resampled_means(
    sums: FloatArray, counts: FloatArray, rng: np.random.Generator, draws: int
) -> FloatArray:
    """Means of samples of the units with replacement, a slice of the draws at a time."""
    step = max(1, _CELLS_AT_ONCE // sums.size)
    means = np.empty(draws)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        drawn = rng.integers(0, sums.size, size=(rows, sums.size), dtype=np.int32)
        means[start : start + rows] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means


def _corrected_tails(
    tails: FloatArray, means: FloatArray, sums: FloatArray, counts: FloatArray
) -> FloatArray:
    """Which quantiles of the sorted means to take: shifted by bias, stretched by skewness."""
    observed = sums.sum() / counts.sum()
    below = np.searchsorted(means, observed, side="left")
    up_to = np.searchsorted(means, observed, side="right")
    share = (below + up_to) / (2.0 * means.size)
    bias = normal_quantile(min(max(share, 1.0 / means.size), 1.0 - 1.0 / means.size))
    without = (sums.sum() - sums) / (counts.sum() - counts)
    departures = without.mean() - without
    spread = float(departures @ departures)
    skew = float((departures**3).sum()) / (6.0 * spread**1.5) if spread > 0.0 else 0.0
    moved = [bias + normal_quantile(tail) for tail in tails.tolist()]
    shifted = [bias + one / max(1.0 - skew * one, 1e-6) for one in moved]
    return np.array([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in shifted])
