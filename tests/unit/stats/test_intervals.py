"""Intervals of rates and means: published numbers, scipy, statsmodels, and how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pitwall.stats.clusters import cluster_codes, count_units
from pitwall.stats.intervals import (
    Method,
    bootstrap_interval,
    mean_interval,
    standard_error,
    t_interval,
    wilson,
)

BOUNDS = {
    (17, 20): (0.6396, 0.9476),
    (5, 5): (0.5655, 1),
    (850, 1000): (0.8265, 0.8708),
    (0, 10): (0, 0.2775),
}


@pytest.mark.parametrize(("counts", "expected"), BOUNDS.items())
def test_wilson_gives_the_reference_numbers(counts: tuple[int, int], expected: tuple[float, float]) -> None:
    """Also where all or none of the cases pass."""
    interval = wilson(*counts)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(expected, abs=5e-5)


@given(n=st.integers(1, 5000), share=st.floats(0, 1))
def test_wilson_holds_the_rate_and_is_that_of_statsmodels(n: int, share: float) -> None:
    """It never leaves [0, 1] and always has a width."""
    successes = round(share * n)
    interval = wilson(successes, n)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        proportion_confint(successes, n, method="wilson"), abs=1e-12
    )
    assert 0 <= interval.low <= successes / n <= interval.high <= 1
    assert interval.low < interval.high


def test_no_case_has_no_interval() -> None:
    """Nothing is known, which is not 0."""
    assert wilson(0, 0) is None
    for values in ([], [0.5]):
        assert mean_interval(np.array(values), rng=np.random.default_rng(1)) is None


def test_t_interval_is_that_of_scipy() -> None:
    """By the central limit theorem."""
    values = np.random.default_rng(1).normal(2.0, 3.0, size=40)
    interval = t_interval(values)
    assert interval is not None
    expected = stats.t.interval(0.95, 39, loc=values.mean(), scale=stats.sem(values))
    assert (interval.low, interval.high) == pytest.approx(expected)


def test_clustered_error_is_that_of_statsmodels() -> None:
    """A regression on a constant with clustered errors is the same thing."""
    rng = np.random.default_rng(2)
    groups = rng.integers(0, 30, size=300)
    values = rng.normal(size=300) + rng.normal(size=30)[groups]
    model = sm.OLS(values, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert standard_error(values, groups) == pytest.approx(float(model.bse[0]))
    assert standard_error(values, groups) > 1.5 * standard_error(values)


def test_every_case_its_own_cluster_is_no_cluster() -> None:
    """Groups that nobody shares change nothing."""
    values = np.random.default_rng(3).normal(size=50)
    assert standard_error(values, np.arange(50)) == pytest.approx(standard_error(values))
    assert cluster_codes(["a", None, "b", None]) is None
    assert count_units(3, cluster_codes(["a", None, "a"])) == 2


def test_bootstrap_is_that_of_scipy() -> None:
    """Percentile and BCa, of a skewed sample."""
    values = np.random.default_rng(4).exponential(size=30)
    for corrects, method in ((True, "BCa"), (False, "percentile")):
        ours = bootstrap_interval(values, rng=np.random.default_rng(5), draws=40_000, corrects_bias=corrects)
        theirs = stats.bootstrap(
            (values,), np.mean, n_resamples=40_000, method=method, rng=np.random.default_rng(6)
        ).confidence_interval
        assert ours is not None
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_same_seed_gives_the_same_interval() -> None:
    """A report that is made again says the same."""
    values = np.random.default_rng(7).random(50)
    first, second = (bootstrap_interval(values, rng=np.random.default_rng(8)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("values", "groups", "method"),
    [
        (np.tile([0.0, 1.0], 50), None, Method.WILSON),
        (np.linspace(0, 1, 100), None, Method.BOOTSTRAP),
        (np.linspace(0, 1, 100), np.arange(100) // 2, Method.CLUSTER_BOOTSTRAP),
        (np.linspace(0, 1, 200), None, Method.STUDENT),
        (np.linspace(0, 1, 600), np.arange(600) // 2, Method.CLUSTER_STUDENT),
        (np.tile([0.0, 1.0], 300), np.arange(600) // 2, Method.CLUSTER_STUDENT),
    ],
)
def test_method_fits_the_values(values: np.ndarray, groups: np.ndarray | None, method: Method) -> None:
    """Rates, few cases, many cases, and clusters of either."""
    interval = mean_interval(values, groups, rng=np.random.default_rng(9))
    assert interval is not None
    assert interval.method is method
    assert values.mean() in interval


def test_perfect_scores_of_few_cases_are_not_certain() -> None:
    """Ten times 1.0 may well be 0.8 in truth; ten cases of one document tell no more than one."""
    interval = mean_interval(np.ones(10), rng=np.random.default_rng(10))
    assert interval is not None
    assert interval.low == pytest.approx(0.7225, abs=1e-4)
    assert mean_interval(np.ones(10), np.zeros(10, dtype=np.int64), rng=np.random.default_rng(10)) is None


def test_equal_values_in_between_have_no_interval() -> None:
    """Ten times 0.6 says nothing of the spread; a width of zero would be a claim."""
    assert mean_interval(np.full(10, 0.6), rng=np.random.default_rng(11)) is None


def _coverage(groups: np.ndarray | None, *, ignores_clusters: bool = False) -> float:
    rng, held, rounds = np.random.default_rng(12), 0, 400
    for _ in range(rounds):
        values = rng.beta(5, 2, size=60)
        if groups is not None:
            values = rng.beta(5, 2, size=20)[groups]
        interval = bootstrap_interval(values, None if ignores_clusters else groups, rng=rng, draws=1000)
        held += interval is not None and 5 / 7 in interval
    return held / rounds


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Skewed scores of 60 cases: 95 % means between 92 and 97 of a hundred."""
    assert 0.92 <= _coverage(None) <= 0.975


def test_clusters_that_are_ignored_make_an_interval_that_lies() -> None:
    """60 cases of 20 documents whose scores agree: with clusters it holds, without it is far too narrow."""
    groups = np.arange(60) // 3
    assert _coverage(groups) >= 0.89
    assert _coverage(groups, ignores_clusters=True) < 0.82


def test_standard_error_of_one_unit_is_unknown() -> None:
    """NaN, not 0."""
    assert math.isnan(standard_error(np.array([0.4])))
    assert math.isnan(standard_error(np.array([0.4, 0.6]), np.zeros(2, dtype=np.int64)))
