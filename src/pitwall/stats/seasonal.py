"""A level with a daily and a weekly pattern on it, learnt one value at a time."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

HOURS: Final = 24
WEEK_HOURS: Final = 168
_HOUR_S: Final = 3600.0
_CLIP: Final = 10.0
"""A value further away than so many usual errors moves the baseline no more than one that far away."""
_FREE: Final = 50
"""The first values are not clipped: what is usual is not known yet."""
_ERROR_STEP: Final = 0.002


class Pattern(IntEnum):
    """Which of the three expectations has been the best of late."""

    RECENT = 0
    HOUR_OF_DAY = 1
    HOUR_OF_WEEK = 2


@dataclass(frozen=True, slots=True)
class Memory:
    """How fast a baseline forgets.

    Attributes:
        level_step: Share of its error by which the level moves.
        slot_count: Values after which an hour of the day or week follows new ones at a constant rate.
        shrinkage: Values that an hour needs before half of its own pattern is believed.
        settled: Values after which the daily pattern is taken out of the level.
    """

    level_step: float
    slot_count: float
    shrinkage: float
    settled: float


class Slots:
    """A mean for each hour of a day or week, and on how much it rests."""

    __slots__ = ("counts", "means")

    def __init__(self, means: Sequence[float], counts: Sequence[float]) -> None:
        self.means, self.counts = array("d", means), array("d", counts)

    @classmethod
    def empty(cls, size: int) -> Slots:
        """Make slots that nothing is known of."""
        return cls([0.0] * size, [0.0] * size)

    def believed(self, slot: int, shrinkage: float) -> float:
        """Return the mean of a slot, drawn to zero if it rests on little."""
        count = self.counts[slot]
        return self.means[slot] * count / (count + shrinkage)

    def follow(self, slot: int, value: float, limit: float, weight: float, most: float) -> None:
        """Take a value into account; no value moves the mean as if it were more than `limit` off."""
        count = self.counts[slot] + weight
        self.counts[slot] = count = count if count < most else most
        if count:
            off = value - self.means[slot]
            self.means[slot] += weight / count * (-limit if off < -limit else min(limit, off))


class Expectation(NamedTuple):
    """What is expected for a time, from the level alone and with each pattern."""

    value: float
    pattern: Pattern
    recent: float
    hourly: float
    weekly: float


class SeasonalBaseline:
    """Level, hour of day and hour of week; the expectation is the one that has erred least.

    Hours are those of UTC; for a place with a constant offset that is the same pattern under other names.
    """

    __slots__ = ("_hours", "_memory", "_weeks", "errors", "level", "seen")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.level = 0.0
        self.seen = 0
        self.errors = array("d", (1e-9, 1e-9, 1e-9))
        self._hours, self._weeks = Slots.empty(HOURS), Slots.empty(WEEK_HOURS)

    def expect(self, time_s: float) -> Expectation:
        """Return what is expected at a time (seconds since the epoch)."""
        hour = int(time_s // _HOUR_S)
        shrinkage = self._memory.shrinkage
        hourly = self.level + self._hours.believed(hour % HOURS, shrinkage)
        weekly = hourly + self._weeks.believed(hour % WEEK_HOURS, shrinkage)
        recent_error, hourly_error, weekly_error = self.errors
        if recent_error <= hourly_error and recent_error <= weekly_error:
            return Expectation(self.level, Pattern.RECENT, self.level, hourly, weekly)
        if hourly_error <= weekly_error:
            return Expectation(hourly, Pattern.HOUR_OF_DAY, self.level, hourly, weekly)
        return Expectation(weekly, Pattern.HOUR_OF_WEEK, self.level, hourly, weekly)

    def learn(self, time_s: float, value: float, expected: Expectation, weight: float = 1.0) -> None:
        """Take a value into account.

        Args:
            time_s: When it was, seconds since the epoch.
            value: Finite.
            expected: What `expect` said for that time just before; the first value is its own expectation.
            weight: From 0 to 1; how much the value is worth.
        """
        memory, errors = self._memory, self.errors
        if not self.seen:
            self.level = value
            expected = Expectation(value, Pattern.RECENT, value, value, value)
        self.seen += 1
        off, off_hourly = value - expected.recent, value - expected.hourly
        limit = _CLIP * min(errors) if self.seen > _FREE else math.inf
        step = weight * max(_ERROR_STEP, 1.0 / self.seen)
        errors[0] += step * (abs(off) - errors[0])
        errors[1] += step * (abs(off_hourly) - errors[1])
        errors[2] += step * (abs(value - expected.weekly) - errors[2])
        moved = off_hourly if self.seen > memory.settled else off
        self.level += weight * max(memory.level_step, 1.0 / self.seen) * max(-limit, min(limit, moved))
        hour = int(time_s // _HOUR_S)
        day_slot = hour % HOURS
        self._hours.follow(day_slot, off, limit, weight, memory.slot_count)
        left = off - self._hours.means[day_slot]
        self._weeks.follow(hour % WEEK_HOURS, left, limit, weight, memory.slot_count)

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return {
            "level": self.level,
            "seen": self.seen,
            "errors": self.errors.tolist(),
            "hours": [self._hours.means.tolist(), self._hours.counts.tolist()],
            "weeks": [self._weeks.means.tolist(), self._weeks.counts.tolist()],
        }

    @classmethod
    def restore(cls, memory: Memory, state: Mapping[str, Any]) -> SeasonalBaseline:
        """Make one that goes on where `dump` was called."""
        baseline = cls(memory)
        baseline.level, baseline.seen = state["level"], state["seen"]
        baseline.errors = array("d", state["errors"])
        baseline._hours, baseline._weeks = Slots(*state["hours"]), Slots(*state["weeks"])
        return baseline
