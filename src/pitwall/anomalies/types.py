"""What goes into a detector and what comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Protocol

from pitwall.stats.seasonal import Pattern

State = Mapping[str, Any]
"""Everything a detector has learnt, as JSON can hold it."""


class Observation(NamedTuple):
    """One window of a series.

    Attributes:
        time_s: Start of the window, seconds since the epoch.
        value: In the signal's unit; None or not finite if there is no data.
        observed_count: How many observations the value rests on; None if that says nothing about how far to
            trust it, as where the value is itself a count.
    """

    time_s: float
    value: float | None
    observed_count: float | None = None

    @property
    def is_present(self) -> bool:
        """Whether there is a value to judge."""
        return (
            self.value is not None
            and math.isfinite(self.value)
            and (self.observed_count is None or self.observed_count > 0)
        )


class Status(StrEnum):
    """Whether a window could be judged."""

    JUDGED = "judged"
    NOT_ENOUGH_HISTORY = "not_enough_history"
    NO_DATA = "no_data"


class Form(StrEnum):
    """What about the series is unusual."""

    POINT = "point"
    SUSTAINED = "sustained"
    SHIFT = "shift"


class Usual(NamedTuple):
    """What would have been usual at that time, in the signal's unit.

    A tuple, like what follows, because one is made for each window of each series.

    Attributes:
        value: The expectation.
        low: Lower end of the range in which about 99 of 100 values lie; None if the detector has no range.
        high: Its upper end.
        pattern: What the expectation follows: recent values, the hour of the day or the hour of the week.
    """

    value: float
    low: float | None = None
    high: float | None = None
    pattern: Pattern = Pattern.RECENT


class Judgement(NamedTuple):
    """What a detector says of one window.

    Attributes:
        score: ln of the weeks that pass on average between windows as unusual as this one if nothing is
            wrong: 0 is once a week, 4 about once a year. None unless `status` is `judged`.
        seen: Values learnt before this one.
        needed: How many have to be learnt before anything is judged.
        usual: None unless judged.
        observed: What is compared with `usual.value`: the value of the window or, where something lasts, a
            mean.
        form: What is unusual, if anything is.
        windows: Over how many windows `observed` reaches back.
    """

    status: Status
    score: float | None
    seen: int
    needed: int
    usual: Usual | None = None
    observed: float | None = None
    form: Form = Form.POINT
    windows: int = 1

    @property
    def weeks_between(self) -> float | None:
        """Weeks that pass by chance between windows as unusual; None unless judged."""
        return None if self.score is None else math.exp(min(self.score, 500.0))


class Detector(Protocol):
    """Learns a series window by window, in one pass, and says how unusual each window is.

    A detector is made with the length of the windows in seconds. It sees nothing but what has happened, its
    state is small, and a value that is missing is neither learnt nor judged. Times may jump, back too: it
    goes on.
    """

    name: ClassVar[str]

    def judge(self, observation: Observation) -> Judgement:
        """Judge a window by what came before, then learn it."""

    def dump(self) -> dict[str, Any]:
        """Return all that was learnt, as JSON can hold it."""

    def load(self, state: State) -> None:
        """Go on where `dump` was called."""
