"""A scale on which neither the unit of a series nor a heavy tail matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

_HUGE: Final = 1e300
_LIMIT: Final = 690.0
"""asinh of a number that can still be represented."""


class Scale:
    """asinh(value / size): linear near zero, logarithmic far from it.

    Attributes:
        size: Median size of the first values; 0 as long as nothing but zeros has been seen.
        is_signed: Whether a value below zero has been seen.
    """

    __slots__ = ("is_signed", "size")

    def __init__(self, size: float = 0.0, *, is_signed: bool = False) -> None:
        self.size = size
        self.is_signed = is_signed

    def begin(self, values: Sequence[float]) -> None:
        """Take the size from the first values."""
        sizes = [min(_HUGE, abs(value)) for value in values]
        self.size = median(sizes) or math.fsum(size / len(sizes) for size in sizes)
        self.is_signed = self.is_signed or min(values) < 0

    def apply(self, value: float) -> float:
        """Put a finite value on the scale."""
        if value < 0:
            self.is_signed = True
        if not self.size:
            if not value:
                return 0.0
            self.size = min(_HUGE, abs(value))
        return math.asinh(max(-_HUGE, min(_HUGE, value / self.size)))

    def undo(self, scaled: float) -> float:
        """Return the value in the unit of the series; not below zero if the series never was."""
        value = self.size * math.sinh(max(-_LIMIT, min(_LIMIT, scaled)))
        value = max(-_HUGE, min(_HUGE, value))
        return value if self.is_signed else max(0.0, value)
