"""How rare a magnitude is, from the magnitudes before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pitwall.stats.recurrence import PastEvents
from pitwall.stats.tails import MAX_RARITY, TailEstimate


def _learnt(magnitudes: np.ndarray[tuple[int], np.dtype[np.float64]], floor: float = 1e-6) -> TailEstimate:
    values = magnitudes.tolist()
    tail = TailEstimate(values[:50], floor=floor)
    for value in values[50:]:
        tail.learn(value)
    return tail


@pytest.mark.parametrize("draw", ["normal", "exponential", "lognormal"])
def test_rarity_is_about_what_the_distribution_says(draw: str) -> None:
    """1 in 100 and 1 in 1,000 of three kinds of noise, within a factor of three."""
    random = np.random.default_rng(3)
    tail = _learnt(np.abs(getattr(random, draw)(size=20_000)))
    sample = np.sort(np.abs(getattr(random, draw)(size=1_000_000)))
    for probability in (1e-2, 1e-3):
        magnitude = float(sample[int(len(sample) * (1 - probability))])
        assert tail.rarity(magnitude) == pytest.approx(-math.log(probability), abs=math.log(3.0))


def test_heavy_tail_is_learnt_to_be_heavy() -> None:
    """What is absurd for Gaussian noise of the same median is ordinary for a spiky series."""
    random = np.random.default_rng(4)
    light, heavy = np.abs(random.normal(size=5000)), np.abs(random.standard_t(2, size=5000))
    heavy *= np.median(light) / np.median(heavy)
    assert _learnt(heavy).rarity(8.0) < 0.5 * _learnt(light).rarity(8.0)


def test_unit_makes_no_difference() -> None:
    """Magnitudes in milliseconds and in seconds are equally rare."""
    values = np.random.default_rng(5).exponential(size=2000)
    seconds, milliseconds = _learnt(values, 1e-6), _learnt(values * 1024, 1024e-6)
    assert seconds.rarity(9.0) == pytest.approx(milliseconds.rarity(9.0 * 1024))


def test_few_values_are_not_believed_about_what_is_rare() -> None:
    """The same quantiles say less after fifty values, and less still if neighbours resemble each other."""
    values = np.random.default_rng(6).exponential(size=50)
    young = TailEstimate(values.tolist(), floor=1e-6)
    alike = TailEstimate(values.tolist(), floor=1e-6, independent=1 / 12)
    old = TailEstimate.restore([*young.quantiles, 250, 0], floor=1e-6)
    assert alike.rarity(10.0) < young.rarity(10.0) < old.rarity(10.0)


def test_rarity_grows_with_the_magnitude_and_has_an_end() -> None:
    """From 0 for nothing to a limit that can still be calculated with."""
    tail = _learnt(np.random.default_rng(7).exponential(size=1000))
    rarities = [tail.rarity(magnitude) for magnitude in (0.0, 0.5, 1.0, 3.0, 10.0, 1e9)]
    assert rarities == sorted(rarities)
    assert rarities[0] == 0.0
    assert rarities[-1] == MAX_RARITY


def test_event_as_large_as_earlier_ones_is_no_rarer_than_they_were() -> None:
    """Four in 1,000 windows leave 4 in 2,000; something clearly larger is not limited."""
    past = PastEvents(memory=1e6)
    for at in (200, 400, 600, 800):
        past.remember(5.0, at)
    assert past.limit(5.0, 1000) == pytest.approx(math.log(2 * 1000 / 4))
    assert past.limit(6.0, 1000) == math.inf


def test_event_under_way_is_not_its_own_precedent() -> None:
    """Neighbouring windows are one event, remembered by its peak."""
    past = PastEvents(memory=1e6)
    past.remember(5.0, 100)
    past.remember(7.0, 101)
    assert past.limit(7.0, 102) == math.inf
    assert past.limit(7.0, 500) < math.inf
    assert past.events == [(7.0, 101)]


def test_events_are_forgotten() -> None:
    """What is older than the memory does not count, and the number that is kept is limited."""
    past = PastEvents(memory=100)
    past.remember(5.0, 10)
    assert past.limit(5.0, 105) < math.inf
    assert past.limit(5.0, 200) == math.inf
    for at in range(0, 10_000, 20):
        past.remember(1.0, at)
    assert len(past.events) == 32


def test_tail_that_was_too_wide_at_first_is_mended() -> None:
    """Ten times too wide after a day, a third too wide four weeks later: not months later."""
    random = np.random.default_rng(8)
    tail = _learnt(np.abs(random.normal(0.0, 10.0, size=300)))
    for magnitude in np.abs(random.normal(size=8000)).tolist():
        tail.learn(magnitude)
    assert tail.quantiles[2] == pytest.approx(2.576, rel=0.4)
