"""The plain rolling z-score, for comparison: no season, and noise is taken to be Gaussian."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from pitwall.anomalies.detectors.history import (
    NEEDED,
    Trust,
    log_windows_per_week,
    no_data,
    not_enough_history,
)
from pitwall.anomalies.types import Judgement, Observation, State, Status, Usual
from pitwall.stats.moments import Moments, gaussian_rarity

_WINDOWS: Final = 6400
_FLOOR: Final = 0.01
"""The standard deviation is taken to be at least this share of the mean."""
_USUAL: Final = 2.576
"""Standard deviations within which 99 of 100 Gaussian values lie."""


class RollingZDetector:
    """Distance from a slow mean in standard deviations.

    Args:
        step_s: Length of the windows in seconds.
    """

    name: ClassVar[str] = "rolling_z"

    def __init__(self, step_s: float) -> None:
        self._week = log_windows_per_week(step_s)
        self._trust = Trust()
        self._moments = Moments()

    def judge(self, observation: Observation) -> Judgement:
        """Judge a window by what came before, then learn it."""
        moments, value = self._moments, observation.value
        if not observation.is_present or value is None:
            return no_data(moments.seen)
        weight = self._trust.weigh(observation)
        learnt = moments.add(value, _WINDOWS, weight)
        if math.isfinite(learnt.variance):
            self._moments = learnt
        if moments.seen < NEEDED:
            return not_enough_history(moments.seen)
        deviation = max(math.sqrt(moments.variance), _FLOOR * abs(moments.mean))
        off = math.sqrt(weight) * (value - moments.mean)
        rarity = gaussian_rarity(min(abs(off / deviation), 1e6)) if deviation else (0.0 if not off else 1e12)
        spread = _USUAL * deviation
        usual = Usual(moments.mean, moments.mean - spread, moments.mean + spread)
        return Judgement(Status.JUDGED, rarity - self._week, moments.seen, NEEDED, usual, value)

    def dump(self) -> dict[str, Any]:
        """Return all that was learnt, as JSON can hold it."""
        return {"usual_count": self._trust.usual_count, "moments": list(self._moments)}

    def load(self, state: State) -> None:
        """Go on where `dump` was called."""
        self._trust, self._moments = Trust(state["usual_count"]), Moments(*state["moments"])
