"""Mean and standard deviation that forget slowly, and what is rare if the noise is Gaussian."""

from __future__ import annotations

import math
from typing import NamedTuple


class Moments(NamedTuple):
    """Weighted mean and variance of the values so far."""

    mean: float = 0.0
    variance: float = 0.0
    seen: int = 0

    def add(self, value: float, memory: int, weight: float = 1.0) -> Moments:
        """Return the moments after one more value; about the last `memory` values count."""
        seen = self.seen + 1
        step = weight * max(1.0 / seen, 1.0 / memory)
        moved = value - self.mean
        return Moments(self.mean + step * moved, (1.0 - step) * (self.variance + step * moved * moved), seen)


def gaussian_rarity(deviations: float) -> float:
    """Return -ln of the probability that Gaussian noise is so many standard deviations off, either way."""
    distance = abs(deviations)
    if distance < 30.0:
        return -math.log(math.erfc(distance / math.sqrt(2.0)))
    return 0.5 * distance * distance + math.log(distance * math.sqrt(math.pi / 2.0))
