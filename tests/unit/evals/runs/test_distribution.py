"""How scores are counted into bins."""

from __future__ import annotations

import pytest

from pitwall.evals.runs.distribution import BINS, Distribution, distribute
from pitwall.evals.runs.types import PlannedMetric


def _metric(unit: str = "ratio") -> PlannedMetric:
    return PlannedMetric("m", 1, "m@1", 0.7, None, unit=unit)


def test_shares_are_counted_from_nothing_to_all() -> None:
    """Shares share one scale, whatever values there are; 1 belongs to the last bin."""
    found = distribute(_metric(), [0.0, 0.04, 0.5, 1.0, 1.0])

    assert (found.low, found.high, len(found.counts)) == (0.0, 1.0, BINS)
    assert found.counts[0] == 2
    assert found.counts[10] == 1
    assert found.counts[-1] == 2


@pytest.mark.parametrize("place", range(BINS))
def test_a_value_on_a_border_belongs_to_the_bin_that_begins_there(place: int) -> None:
    """So what just passes a threshold of 0.7 is not drawn with what misses it."""
    assert distribute(_metric(), [place / BINS]).counts[place] == 1


def test_other_units_are_counted_between_their_own_ends() -> None:
    """Latencies have no common scale."""
    found = distribute(_metric("ms"), [120.0, 180.0, 520.0])

    assert (found.low, found.high) == (120.0, 520.0)
    assert sum(found.counts) == 3
    assert found.counts[0] == found.counts[-1] == 1


def test_equal_values_are_one_bin_and_none_is_no_bin() -> None:
    """Neither divides by nothing."""
    assert distribute(_metric("ms"), [80.0, 80.0]) == Distribution(80.0, 80.0, (2,))
    assert distribute(_metric(), []).counts == ()
