"""Values over time as one line of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

TICKS = "▁▂▃▄▅▆▇█"
GAP = "·"


def sparkline(values: Sequence[float | None]) -> str:
    """One character per window from the lowest to the highest value; a dot without data."""
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low, span = min(known), max(known) - min(known)
    return "".join(GAP if value is None else TICKS[_level(value, low, span)] for value in values)


def _level(value: float, low: float, span: float) -> int:
    return min(len(TICKS) - 1, int((value - low) / span * len(TICKS))) if span else 0
