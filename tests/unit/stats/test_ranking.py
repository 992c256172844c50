"""Ranks, ROC area and Spearman's correlation, held against scipy and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pitwall.stats.ranking import midranks, roc_auc, spearman


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=40))
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    """Ties share the mean of their ranks."""
    assert midranks(np.array(values)) == pytest.approx(stats.rankdata(values))


@given(st.lists(st.tuples(st.integers(0, 4).map(float), st.booleans()), min_size=2, max_size=40))
def test_area_is_mann_whitneys_u(pairs: list[tuple[float, bool]]) -> None:
    """Ties count half; one kind only is no area."""
    scores, labels = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    found = roc_auc(scores, labels)
    if labels.all() or not labels.any():
        assert found is None
        return
    assert found is not None
    u = stats.mannwhitneyu(scores[labels], scores[~labels]).statistic
    assert found.value == pytest.approx(u / (found.positives * found.negatives))
    assert found.interval.low - 1e-12 <= found.value <= found.interval.high + 1e-12


def test_perfect_order_of_few_is_not_certain() -> None:
    """Five against five in perfect order: the interval still has a width."""
    found = roc_auc(np.arange(10.0), np.arange(10) >= 5)
    assert found is not None
    assert found.value == 1.0
    assert 0.5 < found.interval.low < 0.9
    assert found.interval.high == 1.0


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Two Gaussians one deviation apart, 30 against 50."""
    rng, held = np.random.default_rng(1), 0
    truth = stats.norm.cdf(1 / np.sqrt(2))
    labels = np.arange(80) < 30
    for _ in range(400):
        found = roc_auc(rng.normal(size=80) + labels, labels)
        held += found is not None and truth in found.interval
    assert 0.92 <= held / 400 <= 0.98


def test_spearman_is_that_of_scipy() -> None:
    """Value and p-value, with ties."""
    rng = np.random.default_rng(2)
    a = rng.integers(0, 5, size=40).astype(np.float64)
    b = a + rng.normal(0.0, 3.0, size=40)
    found, expected = spearman(a, b), stats.spearmanr(a, b)
    assert found is not None
    assert found.interval is not None
    assert (found.value, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.value in found.interval


def test_nothing_to_correlate_has_no_correlation() -> None:
    """Two pairs, or a side that is always the same: not 0."""
    assert spearman(np.arange(2.0), np.arange(2.0)) is None
    assert spearman(np.arange(9.0), np.ones(9)) is None
    exact = spearman(np.arange(9.0), np.arange(9.0) ** 2)
    assert exact is not None
    assert (exact.value, exact.interval) == (1.0, None)
