"""Smallest detectable differences and needed cases: reference numbers and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pitwall.stats.power import cases_needed, detectable_difference


@pytest.mark.parametrize(
    ("difference", "deviation", "n"), [(0.05, 0.2, 126), (0.02, 0.2, 785), (0.05, 0.35, 385)]
)
def test_reference_numbers(difference: float, deviation: float, n: int) -> None:
    """80 % power at 5 %; the direction of the difference does not matter."""
    assert cases_needed(difference, deviation) == n
    assert cases_needed(-difference, deviation) == n


def test_both_ask_the_same_question() -> None:
    """With as many cases as a difference needs, it is the smallest that can be found."""
    assert detectable_difference(0.2 / np.sqrt(126)) == pytest.approx(0.05, abs=1e-4)


def test_no_difference_needs_no_number_of_cases() -> None:
    """Nothing is ever enough to show what is not there; without spread two pairs do."""
    assert cases_needed(0.0, 0.2) is None
    assert cases_needed(0.1, 0.0) == 2


def test_difference_is_found_as_often_as_promised() -> None:
    """Four of five simulated comparisons of 126 cases find 0.05."""
    rng = np.random.default_rng(1)
    found = stats.ttest_1samp(rng.normal(0.05, 0.2, size=(2000, 126)), 0.0, axis=1).pvalue <= 0.05
    assert float(np.mean(found)) == pytest.approx(0.8, abs=0.03)
