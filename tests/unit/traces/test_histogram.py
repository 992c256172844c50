"""Histograms: steps that people count in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.traces.histogram import choose_step


@pytest.mark.parametrize(
    ("length", "step"),
    [(0.5, 1), (300, 5), (900, 15), (3600, 60), (86_400, 1800), (7 * 86_400, 10_800), (86_400 * 90, 172_800)],
)
def test_common_ranges_have_round_steps(length: float, step: int) -> None:
    """Five minutes in five seconds, a day in half hours, a quarter in two days."""
    assert choose_step(length, 60) == step


@given(st.floats(0.001, 1e11), st.integers(1, 500))
def test_steps_cover_the_range(length: float, buckets: int) -> None:
    """In at most as many buckets as asked for."""
    assert choose_step(length, buckets) * buckets >= length
