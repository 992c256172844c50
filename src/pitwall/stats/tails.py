"""How rare a magnitude is, learnt from the magnitudes before it, in constant memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

PROBABILITIES: Final = (0.5, 0.9, 0.99)
MAX_RARITY: Final = 500.0
"""Rarer than e^-500 is said of nothing."""

_LOGS: Final = tuple(-math.log(1.0 - probability) for probability in PROBABILITIES)
_BODY: Final = math.log(_LOGS[1] / _LOGS[0])
_TAIL: Final = math.log(_LOGS[2] / _LOGS[1])
_MAX_SHAPE: Final = 2.0
_MIN_SPREAD: Final = (2.0, 1.05)
"""Neighbouring quantiles are taken to be at least so far apart: a tail thinner than that is not believed."""
_STEP: Final = 0.006
_FIRST_STEPS: Final = 3.0
_UNKNOWN: Final = 25.0
"""A tail learnt from n values is believed as n / (n + 25): of what is rare, few values tell little."""
_SURPRISINGLY_LONG: Final = 1000
"""A 99th percentile that so many magnitudes on end did not reach is too high and falls faster."""
_MATURE: Final = 300
"""From so many magnitudes on, the 99th percentile is known well enough to extrapolate from."""


class TailEstimate:
    """Three running quantiles of a magnitude and the tail that they suggest.

    The quantiles follow the data by small multiplicative steps, so that a unit of measure makes no
    difference. Beyond the outermost one a Weibull tail through the last two is assumed: it is light for
    Gaussian noise and heavy for spiky series, as the series itself shows.

    Args:
        first: At least a few dozen magnitudes to begin with.
        floor: Positive. Magnitudes below it are never rare, whatever came before.
        independent: Share of the magnitudes that tell something new: 1 / n where each is a mean over the last
            n.
    """

    __slots__ = ("_floor", "_independent", "quantiles", "seen", "unreached")

    def __init__(self, first: Sequence[float], *, floor: float, independent: float = 1.0) -> None:
        ordered = sorted(first)
        last = len(ordered) - 1
        self._floor, self._independent = floor, independent
        self.seen = len(ordered)
        self.unreached = 0
        median, high, extreme = (max(ordered[int(p * last)], floor) for p in PROBABILITIES)
        high = max(high, median * _MIN_SPREAD[1])
        self.quantiles = [median, high, max(extreme, high * _MIN_SPREAD[1])]

    @classmethod
    def restore(cls, state: Sequence[float], *, floor: float, independent: float = 1.0) -> TailEstimate:
        """Make one that goes on where another stopped, from what `dump` returned."""
        estimate = cls([0.0], floor=floor, independent=independent)
        *estimate.quantiles, seen, unreached = state
        estimate.seen, estimate.unreached = int(seen), int(unreached)
        return estimate

    def dump(self) -> list[float]:
        """Return the state as JSON can hold it."""
        return [*self.quantiles, self.seen, self.unreached]

    def rarity(self, magnitude: float) -> float:
        """Return -ln of the probability of a magnitude at least this large; 0 for nothing special."""
        if magnitude <= 0.0:
            return 0.0
        median, high, extreme = self.quantiles
        rarity: float
        high = max(high, median * _MIN_SPREAD[0])
        if magnitude > high and self.seen > _MATURE:
            extreme = max(extreme, high * _MIN_SPREAD[1])
            shape = min(_MAX_SHAPE, _TAIL / math.log(extreme / high))
            rarity = _LOGS[2] * (magnitude / extreme) ** shape
        else:
            shape = min(_MAX_SHAPE, _BODY / math.log(high / median))
            rarity = _LOGS[1] * (magnitude / high) ** shape
        known = self.seen * self._independent
        return min(rarity * known / (known + _UNKNOWN), MAX_RARITY)

    def learn(self, magnitude: float) -> None:
        """Take one more magnitude into account."""
        step = _FIRST_STEPS / self.seen
        rises, falls = _factors(step) if step > _STEP else _STEADY
        self.seen += 1
        quantiles = self.quantiles
        for index in (0, 1):
            if magnitude > quantiles[index]:
                quantiles[index] *= rises[index]
            else:
                quantiles[index] = max(self._floor, quantiles[index] * falls[index])
        if magnitude > quantiles[2]:
            quantiles[2] *= rises[2]
            self.unreached = 0
            return
        self.unreached += 1
        haste = max(1.0, self.unreached / _SURPRISINGLY_LONG)
        quantiles[2] = max(self._floor, quantiles[2] * (falls[2] if haste == 1.0 else falls[2] ** haste))


def _factors(step: float) -> tuple[list[float], list[float]]:
    """By how much each quantile rises and falls; in balance if a share of `probability` lies below it."""
    return [math.exp(step * p) for p in PROBABILITIES], [math.exp(step * (p - 1.0)) for p in PROBABILITIES]


_STEADY: Final = _factors(_STEP)
