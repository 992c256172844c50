"""How the scores of a metric are spread over the cases of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.evals.runs.types import PlannedMetric

BINS: Final = 20
_SMALLEST: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Distribution:
    """Scores counted in bins of equal width.

    Attributes:
        low: Where the first bin begins.
        high: Where the last one ends; a value on it belongs to the last bin.
        counts: Of scored cases, by bin; empty without any.
    """

    low: float
    high: float
    counts: tuple[int, ...]


def distribute(metric: PlannedMetric, values: Sequence[float]) -> Distribution:
    """Count values: shares from 0 to 1, others between the smallest and the largest of them.

    A value outside of 0 to 1 of a metric that calls itself a share counts in the nearest bin.
    """
    if not values:
        return Distribution(0.0, 1.0, ())
    low, high = (0.0, 1.0) if metric.unit == "ratio" else (min(values), max(values))
    if high - low < _SMALLEST:
        return Distribution(low, high, (len(values),))
    counts = [0] * BINS
    for value in values:
        # What lies on the border of two bins is not to fall below it because of rounding.
        place = int((value - low) / (high - low) * BINS + _SMALLEST)
        counts[max(0, min(BINS - 1, place))] += 1
    return Distribution(low, high, tuple(counts))
