"""Isolation forest over a sliding window of the last hundred values."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, ClassVar, Final

import numpy as np

from pitwall.anomalies.detectors.history import (
    NEEDED,
    Trust,
    log_windows_per_week,
    no_data,
    not_enough_history,
)
from pitwall.anomalies.types import Judgement, Observation, State, Status, Usual
from pitwall.stats.isolation import isolation_score
from pitwall.stats.tails import TailEstimate

WINDOW: Final = 100
_NEEDED: Final = 2 * NEEDED
_HUGE: Final = 1e300
_ORDINARY: Final = 0.5
_FLOOR: Final = 1e-3
_USUAL_SHARES: Final = (0.005, 0.5, 0.995)


class IsolationForestDetector:
    """How easily a value is isolated from the last hundred.

    The forest's own scale says little about how often a score comes by chance, and its usual threshold (the
    top 5 % of the window) fires all day. So the scores of the series are learnt too, and their tail makes the
    score.

    Args:
        step_s: Length of the windows in seconds.
    """

    name: ClassVar[str] = "isolation_forest"

    def __init__(self, step_s: float) -> None:
        self._week = log_windows_per_week(step_s)
        self._trust = Trust()
        self._seen = 0
        self._window: deque[float] = deque(maxlen=WINDOW)
        self._first: list[float] = []
        self._tail: TailEstimate | None = None

    def judge(self, observation: Observation) -> Judgement:
        """Judge a window by what came before, then learn it."""
        value, seen = observation.value, self._seen
        if not observation.is_present or value is None:
            return no_data(seen, _NEEDED)
        weight = self._trust.weigh(observation)
        others = np.sort(self._window)
        self._window.append(max(-_HUGE, min(_HUGE, value)))
        self._seen += 1
        if seen < NEEDED:
            return not_enough_history(seen, _NEEDED)
        excess = math.sqrt(weight) * max(0.0, isolation_score(others, self._window[-1]) - _ORDINARY)
        if self._tail is None:
            self._learn_first(excess)
            return not_enough_history(seen, _NEEDED)
        score = self._tail.rarity(excess) - self._week
        self._tail.learn(excess)
        low, middle, high = (float(others[round(share * (others.size - 1))]) for share in _USUAL_SHARES)
        return Judgement(Status.JUDGED, score, seen, _NEEDED, Usual(middle, low, high), value)

    def _learn_first(self, excess: float) -> None:
        self._first.append(excess)
        if len(self._first) == NEEDED:
            self._tail = TailEstimate(self._first, floor=_FLOOR)
            self._first = []

    def dump(self) -> dict[str, Any]:
        """Return all that was learnt, as JSON can hold it."""
        tail = self._tail and self._tail.dump()
        return {
            "usual_count": self._trust.usual_count,
            "seen": self._seen,
            "window": list(self._window),
            "first": list(self._first),
            "tail": tail,
        }

    def load(self, state: State) -> None:
        """Go on where `dump` was called."""
        self._trust = Trust(state["usual_count"])
        self._seen, self._first = state["seen"], list(state["first"])
        self._window = deque(state["window"], maxlen=WINDOW)
        tail = state["tail"]
        self._tail = TailEstimate.restore(tail, floor=_FLOOR) if tail else None
