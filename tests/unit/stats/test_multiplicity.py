"""Adjusted p-values: reference numbers and statsmodels."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pitwall.stats.multiplicity import benjamini_hochberg, holm

P = np.array([0.01, 0.04, 0.03, 0.2])


def test_reference_numbers() -> None:
    """Holm and Benjamini-Hochberg of four tests."""
    assert holm(P) == pytest.approx([0.04, 0.09, 0.09, 0.2])
    assert benjamini_hochberg(P) == pytest.approx([0.04, 0.053333, 0.053333, 0.2], abs=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_both_are_those_of_statsmodels(p_values: list[float]) -> None:
    """For any p-values, in any order."""
    values = np.array(p_values)
    with patch("gc.collect"):  # statsmodels calls it each time, which takes a second in a large process
        expected = [multipletests(values, method=name)[1] for name in ("holm", "fdr_bh")]
    assert holm(values) == pytest.approx(expected[0])
    assert benjamini_hochberg(values) == pytest.approx(expected[1])


def test_a_test_that_was_not_made_does_not_count() -> None:
    """NaN stays NaN and the others are adjusted as if it were not there."""
    with_gap = np.insert(P, 2, np.nan)
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(with_gap)
        assert np.isnan(adjusted[2])
        assert np.delete(adjusted, 2) == pytest.approx(adjust(P))
    assert holm(np.array([])).size == 0
