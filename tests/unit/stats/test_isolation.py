"""The isolation forest in one dimension, held against trees that are really grown."""

from __future__ import annotations

import numpy as np
import pytest

from pitwall.stats.isolation import average_depth, isolation_depth, isolation_score


def _grow(values: list[float], value: float, random: np.random.Generator) -> float:
    """Cut at random until the value is alone; returns the number of cuts."""
    depth = 0
    while min(values) < max(values):
        cut = random.uniform(min(values), max(values))
        values = [one for one in values if (one < cut) == (value < cut)]
        depth += 1
    return depth + average_depth(len(values))


@pytest.mark.parametrize("value", [0.5, 0.8, 3.0])
def test_depth_is_the_mean_of_random_trees(value: float) -> None:
    """Four thousand grown trees agree with the closed form within four standard errors."""
    random = np.random.default_rng(8)
    values = np.sort(random.exponential(size=30))
    depths = [_grow([*values.tolist(), value], value, random) for _ in range(4000)]
    error = float(np.std(depths)) / len(depths) ** 0.5
    assert isolation_depth(values, value) == pytest.approx(float(np.mean(depths)), abs=4 * error)


def test_value_among_equal_ones_cannot_be_isolated() -> None:
    """It stays in a leaf with them, as deep as a tree over all of them is on average."""
    assert isolation_depth(np.full(99, 5.0), 5.0) == pytest.approx(average_depth(100))
    assert isolation_score(np.full(99, 5.0), 5.0) == pytest.approx(0.5)


def test_outlier_scores_higher_than_the_middle() -> None:
    """Far away is close to 1, in the middle below 0.5."""
    values = np.sort(np.random.default_rng(9).normal(size=100))
    assert isolation_score(values, 50.0) > 0.75
    assert isolation_score(values, 0.0) < 0.5


def test_nothing_to_compare_with_is_nothing_special() -> None:
    """No others, no anomaly."""
    assert isolation_score(np.array([]), 1.0) == 0.5
