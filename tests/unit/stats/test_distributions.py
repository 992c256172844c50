"""Distributions, held against scipy."""

from __future__ import annotations

import math

import pytest
from scipy import special, stats

from pitwall.stats.distributions import beta_cdf, coin_two_sided, student_quantile, student_two_sided


@pytest.mark.parametrize("degrees", [1, 2, 5, 30, 199, 200, 5000, 1e6])
def test_student_is_that_of_scipy(degrees: float) -> None:
    """Tails and quantiles, for one degree of freedom and for a million."""
    for t in (0.0, 0.5, -2.0, 9.682, 40.0):
        assert student_two_sided(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), rel=1e-8)
    for probability in (0.6, 0.9, 0.975, 0.9995):
        expected = stats.t.ppf(probability, degrees)
        assert student_quantile(probability, degrees) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("heads", "tosses"), [(0, 0), (2, 12), (10, 12), (5, 10), (0, 30), (49_500, 100_000)]
)
def test_coin_is_the_binomial_test(heads: int, tosses: int) -> None:
    """From no toss to a hundred thousand."""
    expected = stats.binomtest(heads, tosses).pvalue if tosses else 1.0
    assert coin_two_sided(heads, tosses) == pytest.approx(expected, rel=1e-7)


def test_beta_is_that_of_scipy() -> None:
    """At its ends and between them."""
    for x in (0.0, 1e-9, 0.3, 0.999, 1.0):
        assert beta_cdf(x, 2.5, 40.0) == pytest.approx(special.betainc(2.5, 40.0, x), rel=1e-10)
    assert student_two_sided(math.inf, 5) == 0.0
