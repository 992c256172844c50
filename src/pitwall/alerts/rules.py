"""Alert rules as values: a condition over signals, and how long it must hold before people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from pitwall.alerts.types import Level
from pitwall.core.vocabulary import Severity
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Text
from pitwall.signals.bands import Limit


class NoData(StrEnum):
    """What becomes of an alert without data."""

    KEEP = "keep"
    ALERT = "alert"
    OK = "ok"


class OnError(StrEnum):
    """What becomes of an alert whose rule cannot be evaluated."""

    KEEP = "keep"
    ALERT = "alert"


class Against(StrEnum):
    """What a change is measured against."""

    PREVIOUS = "previous"
    YESTERDAY = "yesterday"
    LAST_WEEK = "last_week"


class Measure(StrEnum):
    """How a change is measured: 0.5 is half as much again, or the plain difference."""

    RATIO = "ratio"
    DIFFERENCE = "difference"


class Direction(StrEnum):
    """Which anomalies count."""

    BOTH = "both"
    UP = "up"
    DOWN = "down"


class Step(NamedTuple):
    """The limits of one level.

    Attributes:
        enter: Where it begins.
        exit: What has to be met before it is over; None for whatever is not `enter`.
    """

    level: Level
    enter: Limit
    exit: Limit | None

    def keeps(self, value: float) -> bool:
        """Whether a value that once entered has not left yet."""
        return self.enter.holds(value) if self.exit is None else not self.exit.holds(value)


@dataclass(frozen=True, slots=True)
class Look:
    """Which records a condition looks at; None for what the rule says."""

    by: tuple[str, ...] | None = None
    where: str | None = None
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class BandsCondition:
    """A signal is in one of its bands."""

    signal: str
    look: Look = Look()
    kind = "bands"


@dataclass(frozen=True, slots=True)
class ThresholdCondition:
    """A signal is beyond limits of the rule's own; the worst level first."""

    signal: str
    steps: tuple[Step, ...]
    look: Look = Look()
    kind = "threshold"


@dataclass(frozen=True, slots=True)
class AbsentCondition:
    """A signal has no data."""

    signal: str
    look: Look = Look()
    kind = "absent"


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    """A signal differs from what it was; limits are on the change, the worst level first."""

    signal: str
    against: Against
    measure: Measure
    steps: tuple[Step, ...]
    look: Look = Look()
    kind = "change"


@dataclass(frozen=True, slots=True)
class AnomalyCondition:
    """A signal is unusual for itself, window by window."""

    signal: str
    detector: str
    false_alarms_per_week: float
    direction: Direction
    look: Look = Look()
    kind = "anomaly"


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """An error budget is spent `factor` times too fast over both windows."""

    long: timedelta
    short: timedelta
    factor: float
    level: Level


@dataclass(frozen=True, slots=True)
class BurnRateCondition:
    """An objective's error budget is spent too fast.

    Source: Google, The Site Reliability Workbook, chapter 5, multiwindow, multi-burn-rate alerts.
    """

    signal: str
    objective: float
    windows: tuple[BurnWindow, ...]
    look: Look = Look()
    kind = "burn_rate"


@dataclass(frozen=True, slots=True)
class CompoundCondition:
    """Several conditions with matching labels: all of them or any, unless another one holds."""

    parts: tuple[Condition, ...]
    needs_all: bool
    unless: Condition | None = None
    kind = "compound"


SimpleCondition = (
    BandsCondition
    | ThresholdCondition
    | AbsentCondition
    | ChangeCondition
    | AnomalyCondition
    | BurnRateCondition
)
Condition = SimpleCondition | CompoundCondition


def simple_conditions(condition: Condition) -> Iterator[SimpleCondition]:
    """All conditions on one signal within a condition, in their order."""
    if not isinstance(condition, CompoundCondition):
        yield condition
        return
    for part in (*condition.parts, *([condition.unless] if condition.unless else [])):
        yield from simple_conditions(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things must last; what the state machine needs of a rule.

    Attributes:
        hold: How long the condition must hold before the alert fires.
        hold_critical: How long a worse level must hold before the alert escalates.
        recover: How long the condition must be gone before the alert is over.
        nodata_after: How long data must be missing before `nodata` and `on_error` come into force.
        level: Of `no_data` and `error`.
        levels: Those that the condition can have.
    """

    hold: timedelta = timedelta()
    hold_critical: timedelta = timedelta()
    recover: timedelta = timedelta()
    nodata: NoData = NoData.KEEP
    nodata_after: timedelta = timedelta(minutes=10)
    on_error: OnError = OnError.KEEP
    level: Level = Level.WARNING
    levels: tuple[Level, ...] = (Level.WARNING, Level.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An alert rule.

    Attributes:
        severity: Of conditions that have no level of their own; None for warning, or for what the parts say.
        by: Labels that make an alert of each value.
        min_samples: Observations that a value must rest on; None for what the signal's bands need.
        settle: How old the end of the window is; None for the present where that tells the truth, else for
            the latest complete window.
        confidence: Level at which a ratio's bound, rather than the ratio, must be beyond the limit.
        max_series: More label sets than this are not evaluated, but counted.
        content: The rule as it was written, as JSON.
    """

    name: str
    title: Text
    description: Text
    when: Condition
    severity: Severity | None = None
    by: tuple[str, ...] = ()
    where: str = ""
    window: timedelta = timedelta(minutes=5)
    timing: Timing = field(default_factory=Timing)
    min_samples: int | None = None
    settle: timedelta | None = None
    confidence: float | None = None
    max_series: int = 500
    labels: Mapping[str, str] = field(default_factory=dict)
    runbook: str | None = None
    is_enabled: bool = True
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def essence(self) -> str:
        """Changes when the rule means something else: its alerts then begin anew."""
        told = ("title", "description", "labels", "runbook", "max_series", "enabled")
        return json_hash({key: value for key, value in self.content.items() if key not in told})

    @property
    def revision(self) -> str:
        """Changes when anything about the rule does."""
        return json_hash(dict(self.content))

    @property
    def kind(self) -> str:
        """What kind of condition it has."""
        return self.when.kind

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals it looks at, each once."""
        return tuple(dict.fromkeys(one.signal for one in simple_conditions(self.when)))

    def records_of(self, signal: str) -> str:
        """The condition on the records of one of the signals."""
        looks = [one.look.where for one in simple_conditions(self.when) if one.signal == signal]
        return next((where for where in looks if where is not None), self.where)

    @property
    def remembers(self) -> bool:
        """Whether label sets that were seen once are waited for."""
        is_absence = any(isinstance(one, AbsentCondition) for one in simple_conditions(self.when))
        return is_absence or self.timing.nodata is NoData.ALERT


@dataclass(frozen=True, slots=True)
class PackRule:
    """A rule that a pack brings."""

    pack: str
    rule: Rule
