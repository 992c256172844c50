"""Quantiles of measured times."""

from __future__ import annotations

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], level: float) -> float:
    """Return the nearest-rank quantile: the smallest value that at least `level` of all values do not exceed.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values were measured")
    return sorted(values)[max(0, math.ceil(level * len(values)) - 1)]


def milliseconds(values: Sequence[float], level: float) -> float:
    """Return a quantile of seconds, in milliseconds."""
    return quantile(values, level) * 1000
