"""Paired comparison: reference numbers, scipy as oracle, and what has to hold for any data."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pitwall.stats.clusters import FloatArray
from pitwall.stats.intervals import Method
from pitwall.stats.paired import (
    Outcomes,
    TestMethod,
    count_outcomes,
    differences_of,
    mcnemar_test,
    paired_difference,
    paired_t_test,
    sign_flip_test,
    wilcoxon_test,
)

BEFORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.85, 0.75, 0.65])
GOLDEN = np.array([0.04, 0.06, 0.05, 0.03, 0.07, 0.05, 0.02, 0.06, 0.05, 0.07])


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_reference_example() -> None:
    """+0.05 on every one of ten cases: what an unpaired test calls p = .53."""
    steps = differences_of(BEFORE, BEFORE + GOLDEN)
    assert stats.ttest_ind(BEFORE, BEFORE + GOLDEN).pvalue == pytest.approx(0.5269, abs=1e-4)
    t, student = paired_t_test(steps)
    found = paired_difference(steps, rng=_rng())
    assert found.mean == pytest.approx(0.05)
    assert t == pytest.approx(9.682, abs=1e-3)
    assert student.p == pytest.approx(4.6777e-06, rel=1e-4)
    assert wilcoxon_test(steps).p == pytest.approx(0.001953, abs=1e-6)
    assert found.test.p == pytest.approx(2 / 1024)
    assert found.effect_size == pytest.approx(3.062, abs=1e-3)
    assert found.outcomes == Outcomes(10, 0, 0)
    assert found.interval is not None
    assert 0.03 < found.interval.low < 0.05 < found.interval.high < 0.07


@pytest.mark.parametrize(("lost", "gained", "p"), [(10, 2, 0.03857), (3, 1, 0.625), (5, 5, 1), (0, 0, 1)])
def test_mcnemar_gives_the_reference_numbers(lost: int, gained: int, p: float) -> None:
    """Exact, and the same in the other direction."""
    assert mcnemar_test(lost, gained).p == pytest.approx(p, abs=5e-6)
    assert mcnemar_test(gained, lost).p == mcnemar_test(lost, gained).p


def _all_flips(differences: FloatArray) -> float:
    seen = abs(differences.sum())
    sums = [abs(np.dot(signs, differences)) for signs in itertools.product((1, -1), repeat=differences.size)]
    return float(np.mean(np.array(sums) >= seen - 1e-9))


_scores = st.lists(st.integers(-20, 20).map(lambda one: one / 20), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(_scores)
def test_exact_flips_are_all_flips(differences: list[float]) -> None:
    """Also with ties and zeros, where sums are equal but for rounding."""
    values = np.array(differences)
    found = sign_flip_test(values, rng=_rng())
    assert found.method is TestMethod.EXACT
    assert found.p == pytest.approx(_all_flips(values))


@settings(max_examples=60, deadline=None)
@given(_scores, st.floats(0.1, 50))
def test_test_does_not_know_the_unit_or_the_direction(differences: list[float], unit: float) -> None:
    """Milliseconds or seconds, A against B or B against A."""
    values = np.array(differences)
    p = sign_flip_test(values, rng=_rng()).p
    assert sign_flip_test(values * unit, rng=_rng()).p == pytest.approx(p)
    assert sign_flip_test(-values, rng=_rng()).p == pytest.approx(p)


def test_random_flips_and_the_gaussian_agree_with_scipy() -> None:
    """Each within what 9,999 draws can tell."""
    values = np.random.default_rng(2).normal(0.2, 1.0, size=300)
    expected = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(3)
    ).pvalue
    drawn = sign_flip_test(values, rng=_rng())
    assert drawn.method is TestMethod.MONTE_CARLO
    assert drawn.p == pytest.approx(expected, abs=0.01)
    many = np.random.default_rng(4).normal(0.02, 1.0, size=6000)
    gaussian = sign_flip_test(many, rng=_rng())
    assert gaussian.method is TestMethod.NORMAL
    assert gaussian.p == pytest.approx(stats.ttest_1samp(many, 0.0).pvalue, rel=0.02)


def test_differences_of_one_size_are_tested_exactly_however_many() -> None:
    """Right and wrong answers: the test of 1,000 is McNemar's."""
    values = np.array([-1.0] * 477 + [1.0] * 139 + [0.0] * 384)
    found = sign_flip_test(values, rng=_rng())
    assert found == mcnemar_test(477, 139)
    assert found.p < 1e-40


def test_clusters_count_as_one() -> None:
    """Twelve cases of three documents cannot show what twelve documents could."""
    values = np.tile(GOLDEN[:3], 4)
    groups = np.tile(np.arange(3), 4)
    clustered = paired_difference(values, groups, rng=_rng())
    assert clustered.units == 3
    assert clustered.test.p == pytest.approx(2 / 8)
    assert paired_difference(values, rng=_rng()).test.p == pytest.approx(2 / 4096)
    assert clustered.interval is not None
    assert clustered.interval.method is Method.CLUSTER_BOOTSTRAP


def test_false_alarms_are_as_rare_as_promised() -> None:
    """Two runs that differ by nothing but noise are told apart in 5 of 100 comparisons, not more."""
    rng = np.random.default_rng(5)
    p_values = [sign_flip_test(rng.standard_t(3, size=25), rng=rng).p for _ in range(300)]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.08


@pytest.mark.parametrize("size", [8, 30, 200])
def test_wilcoxon_is_that_of_scipy(size: int) -> None:
    """Exact for few, Gaussian for many."""
    values = np.random.default_rng(size).normal(0.2, 1.0, size=size)
    method = "exact" if size <= 60 else "approx"
    assert wilcoxon_test(values).p == pytest.approx(stats.wilcoxon(values, method=method).pvalue, rel=1e-9)


def test_wilcoxon_with_ties_is_the_permutation_of_its_ranks() -> None:
    """scipy's exact table is not valid with ties; ours counts the shared ranks."""
    values = np.array([0.1, 0.1, -0.1, 0.2, 0.2, -0.3, 0.4, 0.4])
    ranks = stats.rankdata(np.abs(values)) * np.sign(values)
    assert wilcoxon_test(values).p == pytest.approx(_all_flips(ranks))
    assert wilcoxon_test(np.append(values, [0.0, 0.0])) == wilcoxon_test(values)


def test_what_does_not_vary_has_no_interval_and_no_effect_size() -> None:
    """Equal answers, one pair, and the same step everywhere."""
    for differences in (np.zeros(10), np.array([0.3]), np.full(8, 0.1)):
        found = paired_difference(differences, rng=_rng())
        assert (found.interval, found.effect_size) == (None, None)
    assert paired_difference(np.zeros(10), rng=_rng()).test.p == 1.0
    assert math.isnan(paired_difference(np.array([0.3]), rng=_rng()).standard_error)


def test_t_of_one_pair_is_unknown_and_of_equal_steps_infinite() -> None:
    """Not 0 where nothing can be said."""
    assert math.isnan(paired_t_test(np.array([0.3]))[1].p)
    assert paired_t_test(np.full(4, 0.5))[0] == math.inf
    assert paired_t_test(np.zeros(4)) == (0.0, paired_t_test(np.zeros(4))[1])


def test_ties_have_a_width_if_wanted() -> None:
    """Up to it, two scores are the same."""
    values = np.array([0.01, -0.01, 0.2, -0.3])
    assert count_outcomes(values) == Outcomes(2, 0, 2)
    assert count_outcomes(values, tie=0.05) == Outcomes(1, 2, 1)


def test_what_differs_by_rounding_only_is_equal() -> None:
    """0.1 + 0.2 against 0.3 is a tie, and ten equal steps of 0.05 have no spread to speak of."""
    before = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.85, 0.75, 0.65, 0.1 + 0.2])
    assert count_outcomes(differences_of(before, np.append(before[:-1], 0.3))) == Outcomes(0, 10, 0)
    steps = differences_of(before, before + 0.05)
    found = paired_difference(steps, rng=_rng())
    assert (found.interval, found.effect_size, found.standard_error) == (None, None, 0.0)
    assert found.test.p == pytest.approx(2 / 1024)
    assert paired_t_test(steps)[0] == math.inf
