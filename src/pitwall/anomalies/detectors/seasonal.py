"""The default detector: a daily and weekly pattern, and tails as heavy as the series has shown them to be."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from pitwall.anomalies.detectors.history import (
    DAY_S,
    NEEDED,
    WEEK_S,
    Trust,
    log_windows_per_week,
    no_data,
    not_enough_history,
    season_memory,
    told_pattern,
)
from pitwall.anomalies.detectors.scale import Scale
from pitwall.anomalies.types import Form, Judgement, Observation, State, Status, Usual
from pitwall.stats.recurrence import PastEvents
from pitwall.stats.seasonal import Expectation, SeasonalBaseline
from pitwall.stats.tails import TailEstimate

SUSTAINED_WINDOWS: Final = 12
_SMOOTHING: Final = 0.08
"""Weight of the newest window in the mean over about the last twelve."""
_INDEPENDENT: Final = (1.0, 1.0 / SUSTAINED_WINDOWS)
_FLOOR: Final = 0.002
"""Deviations below 0.2 % of the usual size of the values are never rare."""
_EVENT_MEMORY_S: Final = 4 * WEEK_S
_NOTABLE: Final = -1.5
"""Score from which a deviation is remembered as an event."""


class SeasonalDetector:
    """Compares a value with its hour of the week, hour of the day or recent level, whichever has fitted best.

    Two deviations are watched: that of the window itself and the mean over about the last twelve windows,
    which finds what is small but lasts. How rare a deviation is, the series says itself (`TailEstimate`);
    what came several times within the last four weeks is not rare any more (`PastEvents`).

    Values are put on a scale that is linear near zero and logarithmic far from it (asinh, in units of the
    median of the first values), so that neither the unit nor a heavy tail matters. State: about 450 numbers.

    Args:
        step_s: Length of the windows in seconds.
    """

    name: ClassVar[str] = "seasonal"

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._week = log_windows_per_week(step_s)
        self._memory = season_memory(step_s)
        self._first_day = max(NEEDED + 1, round(DAY_S / step_s))
        self._event_memory = _EVENT_MEMORY_S / step_s
        self._trust = Trust()
        self._first: list[tuple[float, float, float]] = []
        self._scale = Scale()
        self._baseline = SeasonalBaseline(self._memory)
        self._mean = 0.0
        self._tails: list[TailEstimate] = []
        self._events = [PastEvents(self._event_memory) for _ in range(2)]

    def judge(self, observation: Observation) -> Judgement:
        """Judge a window by what came before, then learn it."""
        if not observation.is_present or observation.value is None:
            return no_data(self._seen)
        weight = self._trust.weigh(observation)
        if self._tails:
            return self._judge(observation.time_s, observation.value, weight)
        judgement = not_enough_history(self._seen)
        self._first.append((observation.time_s, observation.value, weight))
        if len(self._first) == NEEDED:
            self._begin()
        return judgement

    @property
    def _seen(self) -> int:
        return self._baseline.seen or len(self._first)

    def _begin(self) -> None:
        """Learn the first values, now that their size is known."""
        self._scale.begin([value for _, value, _ in self._first])
        deviations = [
            self._follow(time_s, self._scale.apply(value), weight)[1:]
            for time_s, value, weight in self._first
        ]
        self._first = []
        self._tails = [
            TailEstimate(column, floor=_FLOOR, independent=share)
            for column, share in zip(zip(*deviations, strict=True), _INDEPENDENT, strict=True)
        ]

    def _judge(self, time_s: float, value: float, weight: float) -> Judgement:
        seen = self._baseline.seen
        if seen == self._first_day:  # what was large only because no day had been seen is no precedent
            self._events = [PastEvents(self._event_memory) for _ in range(2)]
        expected, point, lasting = self._follow(time_s, self._scale.apply(value), weight)
        point_rarity, lasting_rarity = self._rarity(0, point, seen), self._rarity(1, lasting, seen)
        usual = self._usual(expected, seen)
        if point_rarity >= lasting_rarity:
            score, observed, form, windows = point_rarity - self._week, value, Form.POINT, 1
        else:
            observed = self._scale.undo(expected.value + self._mean)
            score, form, windows = lasting_rarity - self._week, Form.SUSTAINED, SUSTAINED_WINDOWS
        return Judgement(Status.JUDGED, score, seen, NEEDED, usual, observed, form, windows)

    def _follow(self, time_s: float, value: float, weight: float) -> tuple[Expectation, float, float]:
        """Learn a value; returns what was expected and both deviations from it."""
        expected = self._baseline.expect(time_s)
        deviation = value - expected.value if self._baseline.seen else 0.0
        self._mean += _SMOOTHING * weight * (deviation - self._mean)
        self._baseline.learn(time_s, value, expected, weight)
        return expected, math.sqrt(weight) * abs(deviation), abs(self._mean)

    def _rarity(self, view: int, deviation: float, seen: int) -> float:
        """How rare a deviation is, by the tail and by what has happened before; then learn it."""
        tail, events = self._tails[view], self._events[view]
        rarity = tail.rarity(deviation)
        tail.learn(deviation)
        if rarity - self._week < _NOTABLE:
            return rarity
        limit = events.limit(deviation, seen)
        events.remember(deviation, seen)
        return min(rarity, limit)

    def _usual(self, expected: Expectation, seen: int) -> Usual:
        spread = max(self._tails[0].quantiles[2], _FLOOR)
        return Usual(
            value=self._scale.undo(expected.value),
            low=self._scale.undo(expected.value - spread),
            high=self._scale.undo(expected.value + spread),
            pattern=told_pattern(expected, seen, self._step_s),
        )

    def dump(self) -> dict[str, Any]:
        """Return all that was learnt, as JSON can hold it."""
        return {
            "first": [list(one) for one in self._first],
            "usual_count": self._trust.usual_count,
            "size": self._scale.size,
            "is_signed": self._scale.is_signed,
            "baseline": self._baseline.dump(),
            "mean": self._mean,
            "tails": [tail.dump() for tail in self._tails],
            "events": [[list(event) for event in past.events] for past in self._events],
        }

    def load(self, state: State) -> None:
        """Go on where `dump` was called."""
        self._first = [(time_s, value, weight) for time_s, value, weight in state["first"]]
        self._trust = Trust(state["usual_count"])
        self._scale = Scale(state["size"], is_signed=state["is_signed"])
        self._mean = state["mean"]
        self._baseline = SeasonalBaseline.restore(self._memory, state["baseline"])
        self._tails = [
            TailEstimate.restore(tail, floor=_FLOOR, independent=share)
            for tail, share in zip(state["tails"], _INDEPENDENT, strict=False)
        ]
        self._events = [
            PastEvents(self._event_memory, [(peak, at) for peak, at in events]) for events in state["events"]
        ]
