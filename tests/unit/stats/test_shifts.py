"""Cumulative sums and moments, held against simulation and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pitwall.stats.moments import Moments, gaussian_rarity
from pitwall.stats.shifts import Sums, log_run_length


def _run_length(height: float, random: np.random.Generator) -> int:
    sums, length = Sums(), 0
    while sums.highest < height:
        sums = sums.add(float(random.normal()))
        length += 1
    return length


@pytest.mark.parametrize("height", [2.0, 3.0])
def test_run_length_is_that_of_simulated_noise(height: float) -> None:
    """Siegmund's formula is within a tenth of what four hundred simulated series do."""
    random = np.random.default_rng(10)
    lengths = [_run_length(height, random) for _ in range(400)]
    assert math.exp(log_run_length(height)) == pytest.approx(float(np.mean(lengths)), rel=0.15)


def test_run_length_has_no_step_where_the_formula_changes() -> None:
    """Far out the exact form would overflow; both forms meet."""
    assert log_run_length(28.83) == pytest.approx(log_run_length(28.84), abs=0.02)
    assert math.isfinite(log_run_length(1e6))


def test_sums_tell_how_long_ago_a_shift_began() -> None:
    """Ten values two standard deviations up after noise that went nowhere."""
    sums = Sums()
    for deviation in [0.3, -0.4, 0.1, -0.2] + [2.0] * 10:
        sums = sums.add(deviation)
    assert (sums.length, sums.up > 0, sums.down) == (10, True, 0.0)


def test_moments_are_mean_and_variance_of_the_first_values() -> None:
    """As long as nothing is forgotten they are what numpy says."""
    values = np.random.default_rng(11).normal(3.0, 2.0, size=300)
    moments = Moments()
    for value in values.tolist():
        moments = moments.add(value, memory=1000)
    assert moments.mean == pytest.approx(values.mean())
    assert moments.variance == pytest.approx(values.var())


def test_gaussian_rarity_is_that_of_tables() -> None:
    """1.96 standard deviations are 1 in 20; far out the two forms meet."""
    assert math.exp(-gaussian_rarity(1.959964)) == pytest.approx(0.05, rel=1e-5)
    assert gaussian_rarity(-1.96) == gaussian_rarity(1.96)
    assert gaussian_rarity(29.999) == pytest.approx(gaussian_rarity(30.001), rel=1e-3)
