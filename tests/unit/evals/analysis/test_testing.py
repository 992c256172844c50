"""Tests of parts agree with exact ones, and stay honest where a Gaussian is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pitwall.evals.analysis.testing import part_p_value, share_p_value


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_share_agrees_with_fisher(part: int, hits: int, rest: int, other_hits: int) -> None:
    """The exact one-sided test of a term in failing cases."""
    hits, other_hits = min(hits, part), min(other_hits, rest)
    table = [[hits, part - hits], [other_hits, rest - other_hits]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert share_p_value(hits, part, hits + other_hits, part + rest) == pytest.approx(expected, abs=1e-9)


def test_part_agrees_with_scipys_permutations() -> None:
    """Thirty of ninety skewed values, against as many permutations."""
    values = np.random.default_rng(3).beta(5.0, 1.0, 90)
    mask = np.arange(90) < 30
    values[mask] -= 0.05

    def difference(a: Any, b: Any, axis: int) -> Any:
        return a.mean(axis=axis) - b.mean(axis=axis)

    expected = stats.permutation_test(
        (values[mask], values[~mask]), difference, vectorized=True, n_resamples=20_000, rng=5
    ).pvalue
    assert part_p_value(values, mask, 0) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("size", "part", "rate"), [(100, 10, 0.05), (3000, 40, 0.01), (4000, 800, 0.002)])
def test_rare_failures_give_uniform_p_values_or_larger(size: int, part: int, rate: float) -> None:
    """Parts of noise have p below 0.05 in no more than about 5 % of runs, also where failures are rare."""
    rng = np.random.default_rng(11)
    mask = np.arange(size) < part
    low = sum(
        part_p_value((rng.random(size) >= rate).astype(np.float64), mask, seed) <= 0.05 for seed in range(200)
    )
    assert low <= 20


def test_values_that_do_not_differ_show_nothing() -> None:
    """Nothing to compare is no finding."""
    assert part_p_value(np.ones(40), np.arange(40) < 10, 0) == 1.0
