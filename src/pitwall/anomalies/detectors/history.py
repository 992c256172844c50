"""What the built-in detectors share: when to judge, how far to trust a value, how long a week is."""

from __future__ import annotations

import math
from typing import Final

from pitwall.anomalies.types import Judgement, Observation, Status
from pitwall.core.errors import InvalidInput
from pitwall.stats.seasonal import Expectation, Memory, Pattern

DAY_S: Final = 86_400.0
WEEK_S: Final = 7 * DAY_S
NEEDED: Final = 50
"""Values without which nothing is judged."""

_DAILY_DAYS: Final = 2.0
_WEEKLY_DAYS: Final = 14.0
_COUNT_STEP: Final = 0.01
_LEVEL_HOURS: Final = 48.0
_LEVEL_WINDOWS: Final = 150.0
_SLOT_VISITS: Final = 8.0
_SLOT_VALUES: Final = 30.0
_SHRINKAGE_VALUES: Final = 12.0
_SETTLED_HOURS: Final = 48.0


class WindowInvalid(InvalidInput):
    """The length of the windows is no positive number."""

    default_code = "anomaly.window"


def log_windows_per_week(step_s: float) -> float:
    """Return ln of how many windows a week has.

    Raises:
        WindowInvalid: The length is no positive number.
    """
    if not (math.isfinite(step_s) and step_s > 0):
        raise WindowInvalid(f"Windows cannot be {step_s} s long.", hint="Give their length in seconds.")
    return math.log(WEEK_S / step_s)


def season_memory(step_s: float) -> Memory:
    """Return how fast the detectors forget: the level in two days, an hour's pattern in eight visits."""
    per_hour = 3600.0 / step_s
    return Memory(
        level_step=1.0 / max(_LEVEL_WINDOWS, _LEVEL_HOURS * per_hour),
        slot_count=max(_SLOT_VALUES, _SLOT_VISITS * per_hour),
        shrinkage=max(_SHRINKAGE_VALUES, per_hour),
        settled=_SETTLED_HOURS * per_hour,
    )


def no_data(seen: int, needed: int = NEEDED) -> Judgement:
    """Say that there is nothing to judge."""
    return Judgement(Status.NO_DATA, None, seen, needed)


def not_enough_history(seen: int, needed: int = NEEDED) -> Judgement:
    """Say that too little is known."""
    return Judgement(Status.NOT_ENOUGH_HISTORY, None, seen, needed)


def told_pattern(expected: Expectation, seen: int, step_s: float) -> Pattern:
    """Return the pattern that may be named: nothing is usual for a Friday that two Fridays have not shown."""
    days = seen * step_s / DAY_S
    if expected.pattern is Pattern.HOUR_OF_WEEK and days >= _WEEKLY_DAYS:
        return Pattern.HOUR_OF_WEEK
    return Pattern.RECENT if expected.pattern is Pattern.RECENT or days < _DAILY_DAYS else Pattern.HOUR_OF_DAY


class Trust:
    """How much a value is worth by the number of observations behind it, beside what is usual for the series.

    Sampling noise grows as 1 / sqrt(count). A value on as many observations as usual or more is worth 1; on
    fewer, it is learnt with weight count / usual, and its deviation counts as sqrt of that.
    """

    __slots__ = ("usual_count",)

    def __init__(self, usual_count: float = 0.0) -> None:
        self.usual_count = usual_count

    def weigh(self, observation: Observation) -> float:
        """Return the weight of a value, from 0 to 1, and learn its count."""
        count = observation.observed_count
        if count is None:
            return 1.0
        if not self.usual_count:
            self.usual_count = count
        weight = min(1.0, count / self.usual_count)
        self.usual_count += _COUNT_STEP * (count - self.usual_count)
        return weight
