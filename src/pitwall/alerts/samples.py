"""What an evaluation says of a label set, and where it looks for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pitwall.alerts.rules import Step
from pitwall.alerts.types import Level
from pitwall.anomalies.monitor import Verdict
from pitwall.core.vocabulary import Band
from pitwall.kit.i18n import Text

LabelValues = tuple[str, ...]
"""Values of labels, in the order in which their names stand in `by`."""


class Seen(StrEnum):
    """What an evaluation had to go by."""

    VALUE = "value"
    THIN = "thin"
    NOTHING = "nothing"
    ERROR = "error"


class WindowEnd(StrEnum):
    """Where a window ends: with the present minute, or with the latest complete one."""

    PRESENT = "present"
    COMPLETE = "complete"


class Wanted(NamedTuple):
    """A window of a signal that a condition looks at, relative to the time of the evaluation.

    Attributes:
        back: How much earlier than the end it ends.
        settle: Age of the end; None for what `end` says.
    """

    signal: str
    by: tuple[str, ...]
    where: str
    length: timedelta
    end: WindowEnd
    back: timedelta = timedelta()
    settle: timedelta | None = None


class Watch(NamedTuple):
    """Series that a detector learns, window by window."""

    signal: str
    by: tuple[str, ...]
    where: str
    step: timedelta
    detector: str
    false_alarms_per_week: float


class Point(NamedTuple):
    """The value of one label set in one window."""

    value: float | None
    observed_count: int
    band: Band


class Watched(NamedTuple):
    """What a detector said of the latest window of one label set."""

    verdict: Verdict
    value: float | None
    observed_count: int
    band: Band
    start: datetime
    end: datetime


Points = Mapping[LabelValues, Point]


class Reader(Protocol):
    """Where conditions find values."""

    def points(self, wanted: Wanted) -> Points:
        """The values of a window by label set.

        Raises:
            PitwallError: The question cannot be answered.
        """

    def watched(self, watch: Watch) -> Mapping[LabelValues, Watched]:
        """The latest verdicts of detectors by label set; the same errors."""

    def bounds(self, wanted: Wanted) -> tuple[datetime, datetime]:
        """Start and end of a window."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from; shared by all label sets of a condition.

    Attributes:
        steps: The limits it is judged by, worst first.
    """

    signal: str
    unit: str
    steps: tuple[Step, ...] = ()
    window: tuple[datetime, datetime] | None = None
    limits: Mapping[Level, str] | None = None

    def limit(self, level: Level) -> str:
        """The limit of a level, as people write it; empty if there is none."""
        if self.limits is not None:
            return self.limits.get(level, "")
        return next((str(step.enter) for step in self.steps if step.level is level), "")


class Sample(NamedTuple):
    """What an evaluation says of one label set.

    Attributes:
        seen: Whether there is a value that rests on enough observations.
        enters: The worst level whose limit the value is beyond.
        keeps: The worst level that the value has not left; at least `enters`.
        value: None where there is none.
        is_worse_high: Whether large values are the bad ones.
    """

    seen: Seen
    enters: Level = Level.NONE
    keeps: Level = Level.NONE
    value: float | None = None
    is_worse_high: bool = True
    observed_count: int = 0
    band: Band = Band.NO_DATA
    origin: Origin | None = None
    explanation: Text | None = None


Samples = dict[LabelValues, Sample]
