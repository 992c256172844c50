"""Detecting that a mean has moved: the two-sided cumulative sum."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

REFERENCE: Final = 0.5
"""Half the smallest shift that is looked for, in standard deviations."""
_OVERSHOOT: Final = 1.166


class Sums(NamedTuple):
    """The cumulative sums upward and downward and for how many values each has been above zero."""

    up: float = 0.0
    down: float = 0.0
    up_length: int = 0
    down_length: int = 0

    def add(self, deviation: float) -> Sums:
        """Return the sums after one more value, in standard deviations from the mean.

        Source: Page 1954, Continuous Inspection Schemes.
        """
        up = max(0.0, self.up + deviation - REFERENCE)
        down = max(0.0, self.down - deviation - REFERENCE)
        return Sums(up, down, self.up_length + 1 if up else 0, self.down_length + 1 if down else 0)

    @property
    def highest(self) -> float:
        """The larger of the two."""
        return max(self.up, self.down)

    @property
    def length(self) -> int:
        """For how many values the larger one has been above zero: how long ago the shift began."""
        return self.up_length if self.up >= self.down else self.down_length


def log_run_length(height: float) -> float:
    """Return ln of how many standard Gaussian values pass on average until a sum gets so high by chance.

    Source: Siegmund 1985, Sequential Analysis, equation 2.56; for two sides, half of one side's.
    """
    exponent = 2.0 * REFERENCE * (height + _OVERSHOOT)
    if exponent > 30.0:
        return exponent - math.log(4.0 * REFERENCE**2)
    return math.log((math.exp(exponent) - exponent - 1.0) / (4.0 * REFERENCE**2))
