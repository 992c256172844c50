"""A threshold as people write it."""

from __future__ import annotations

import math

from pitwall.core.errors import InvalidInput


def read_threshold(text: str) -> tuple[str, float]:
    """Metric and number of `metric=value`.

    Raises:
        InvalidInput: It names no metric or no number.
    """
    metric, _, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not metric.strip() or not math.isfinite(value):
        raise InvalidInput(f"{text!r} is no threshold; write it as faithfulness=0.8")
    return metric.strip(), value
