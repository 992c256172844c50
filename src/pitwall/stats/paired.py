"""Two measurements of the same cases: how far they differ, and whether by more than chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from pitwall.stats.clusters import FloatArray, IntArray, cluster_totals, count_units
from pitwall.stats.distributions import coin_two_sided, normal_two_sided, student_two_sided
from pitwall.stats.intervals import FEW, Interval, bootstrap_interval, standard_error, t_interval
from pitwall.stats.ranking import midranks

MONTE_CARLO_DRAWS: Final = 9_999
_MOST_EXACT_FLIPS: Final = 20
"""All 2^n ways to flip signs are looked at up to so many differences."""
_MOST_DRAWN: Final = 5_000
"""Of more differences than this the sum is Gaussian for every practical purpose."""
_MOST_EXACT_RANKS: Final = 60
_SAME: Final = 1e-9
"""Relative: sums closer than this are equal, whatever the order in which they were added up."""
_CELLS_AT_ONCE: Final = 1_000_000


class TestMethod(StrEnum):
    """How a p-value was found."""

    __test__ = False

    EXACT = "exact"
    MONTE_CARLO = "monte_carlo"
    NORMAL = "normal"
    STUDENT = "t"


@dataclass(frozen=True, slots=True)
class TestResult:
    """A two-sided p-value and how it was found."""

    __test__ = False

    p: float
    method: TestMethod


@dataclass(frozen=True, slots=True)
class Outcomes:
    """In how many pairs the second was above the first, equal, below."""

    above: int
    equal: int
    below: int


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """What the differences of pairs come to.

    Attributes:
        units: Independent ones: clusters, or pairs without clusters.
        deviation: Standard deviation of the differences, NaN for one pair.
        standard_error: Of the mean, cluster-robust with clusters; NaN for fewer than two units.
        effect_size: Mean in standard deviations (Cohen's d of paired samples); None if nothing varies.
    """

    n: int
    units: int
    mean: float
    deviation: float
    standard_error: float
    effect_size: float | None
    interval: Interval | None
    test: TestResult
    outcomes: Outcomes


def differences_of(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return second minus first of each pair; what differs by rounding only differs by 0."""
    differences: FloatArray = b - a
    differences[np.isclose(a, b, rtol=_SAME, atol=0.0)] = 0.0
    return differences


def _does_not_vary(differences: FloatArray) -> bool:
    """All differences are one and the same, but for rounding."""
    return bool(np.ptp(differences) <= _SAME * np.abs(differences).max()) if differences.size else True


def paired_difference(
    differences: FloatArray,
    groups: IntArray | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
) -> PairedDifference:
    """Sum up differences of pairs; the test is the sign-flip permutation test.

    Args:
        differences: (n,) float64, n at least 1, second minus first, without NaN.
        groups: Numbers of clusters (`cluster_codes`), None if every pair stands alone.
        rng: For the bootstrap and for random flips; the same state gives the same answer.
    """
    mean = float(differences.mean())
    if _does_not_vary(differences):
        differences = np.full_like(differences, mean)
    deviation = float(differences.std(ddof=1)) if differences.size > 1 else math.nan
    return PairedDifference(
        n=differences.size,
        units=count_units(differences.size, groups),
        mean=mean,
        deviation=deviation,
        standard_error=standard_error(differences, groups),
        effect_size=mean / deviation if deviation > 0.0 else None,
        interval=difference_interval(differences, groups, rng=rng, level=level),
        test=sign_flip_test(differences, groups, rng=rng),
        outcomes=count_outcomes(differences),
    )


def difference_interval(
    differences: FloatArray,
    groups: IntArray | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
) -> Interval | None:
    """Return the interval of a mean difference: bootstrap below 200 units, else Student's.

    Differences that do not vary have none: nothing is known of their spread.
    """
    if _does_not_vary(differences):
        return None
    if count_units(differences.size, groups) < FEW:
        return bootstrap_interval(differences, groups, rng=rng, level=level)
    return t_interval(differences, groups, level=level)


def count_outcomes(differences: FloatArray, *, tie: float = 0.0) -> Outcomes:
    """Count the pairs in which the second was above, equal or below; up to `tie` apart they are equal."""
    above, below = int(np.count_nonzero(differences > tie)), int(np.count_nonzero(differences < -tie))
    return Outcomes(above, differences.size - above - below, below)


def paired_t_test(differences: FloatArray) -> tuple[float, TestResult]:
    """Return Student's t of the mean difference and its p-value; t is NaN for fewer than two pairs."""
    error = standard_error(differences)
    if math.isnan(error):
        return math.nan, TestResult(math.nan, TestMethod.STUDENT)
    mean = float(differences.mean())
    error = 0.0 if _does_not_vary(differences) else error
    t = mean / error if error > 0.0 else math.copysign(math.inf, mean) if mean else 0.0
    return t, TestResult(student_two_sided(t, differences.size - 1), TestMethod.STUDENT)


def sign_flip_test(
    differences: FloatArray,
    groups: IntArray | None = None,
    *,
    rng: np.random.Generator,
    most_drawn: int = _MOST_DRAWN,
) -> TestResult:
    """Test whether a mean difference is 0: had A and B been mixed up at random, how often so far apart?

    Clusters are flipped as a whole. Exact where the differences are all of one size or few, by random flips
    up to `most_drawn`, else by the Gaussian that the sum of so many is.

    Source: Fisher 1935, The Design of Experiments, section 21.
    """
    units = differences if groups is None else cluster_totals(differences, groups)[0]
    sizes = np.abs(units)
    units = units[sizes > _SAME * sizes.max(initial=0.0)]
    if not units.size:
        return TestResult(1.0, TestMethod.EXACT)
    if np.ptp(np.abs(units)) <= _SAME * float(np.abs(units).max()):
        return TestResult(coin_two_sided(int(np.count_nonzero(units > 0.0)), units.size), TestMethod.EXACT)
    if units.size <= _MOST_EXACT_FLIPS:
        return TestResult(_exact_flips(units), TestMethod.EXACT)
    if units.size <= most_drawn:
        return TestResult(_random_flips(units, rng), TestMethod.MONTE_CARLO)
    return TestResult(normal_two_sided(float(units.sum() / math.sqrt(units @ units))), TestMethod.NORMAL)


def _exact_flips(units: FloatArray) -> float:
    """The share of all ways to flip signs whose sum is at least as large as the one seen."""
    sums = np.array([units[0]])  # the first one stays: every way and its mirror image are equally far out
    for unit in units[1:].tolist():
        sums = np.concatenate([sums + unit, sums - unit])
    return float(np.mean(np.abs(sums) >= _as_far_as(units)))


def _random_flips(units: FloatArray, rng: np.random.Generator) -> float:
    """The share of random flips at least as far out, the one seen counted among them."""
    limit = _as_far_as(units)
    hits = sum(int(np.count_nonzero(np.abs(sums) >= limit)) for sums in _flipped_sums(units, rng))
    return (1 + hits) / (1 + MONTE_CARLO_DRAWS)


def _flipped_sums(units: FloatArray, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Sums of randomly flipped units. A random byte flips eight of them, whose 256 sums are looked up."""
    width = (units.size + 7) // 8
    eights = np.zeros((width, 8))
    eights.flat[: units.size] = units
    patterns = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    flipped: FloatArray = eights @ patterns.T.astype(np.float64)
    total, places = units.sum(), np.arange(width)
    step = max(1, _CELLS_AT_ONCE // width)
    for start in range(0, MONTE_CARLO_DRAWS, step):
        rows = min(step, MONTE_CARLO_DRAWS - start)
        drawn = rng.integers(0, 256, size=(rows, width), dtype=np.uint8)
        yield total - 2.0 * flipped[places, drawn].sum(axis=1)


def _as_far_as(units: FloatArray) -> float:
    return abs(float(units.sum())) - _SAME * float(np.abs(units).sum())


def wilcoxon_test(differences: FloatArray) -> TestResult:
    """Test whether differences are symmetric around 0, by their ranks; pairs without one are left out.

    Exact up to 60 pairs, ties or not; beyond, Gaussian with the correction for ties.

    Source: Wilcoxon 1945, Individual Comparisons by Ranking Methods.
    """
    moved = differences[differences != 0.0]
    if not moved.size:
        return TestResult(1.0, TestMethod.EXACT)
    ranks = midranks(np.abs(moved))
    upward = float(ranks[moved > 0.0].sum())
    if moved.size <= _MOST_EXACT_RANKS:
        return TestResult(_exact_ranks(ranks, upward), TestMethod.EXACT)
    deviation = math.sqrt(float(ranks @ ranks) / 4.0)
    return TestResult(normal_two_sided((upward - ranks.sum() / 2.0) / deviation), TestMethod.NORMAL)


def _exact_ranks(ranks: FloatArray, upward: float) -> float:
    """The share of all sign patterns whose sum of ranks is as far from the middle, by counting sums."""
    doubled = np.rint(2.0 * ranks).astype(np.int64)  # shared ranks are halves
    shares = np.zeros(int(doubled.sum()) + 1)
    shares[0] = 1.0
    for rank in doubled.tolist():
        shifted = np.zeros_like(shares)
        shifted[rank:] = shares[: shares.size - rank]
        shares = (shares + shifted) / 2.0
    sums = np.arange(shares.size)
    middle = (shares.size - 1) / 2.0
    return min(1.0, float(shares[np.abs(sums - middle) >= abs(round(2.0 * upward) - middle)].sum()))


def mcnemar_test(lost: int, gained: int) -> TestResult:
    """Test whether as many cases went from pass to fail as from fail to pass.

    Source: McNemar 1947, exact by the binomial distribution.
    """
    return TestResult(coin_two_sided(lost, lost + gained), TestMethod.EXACT)
