"""The written shape of alert rules, and the limits of what may be saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from pitwall.alerts.rules import (
    AbsentCondition,
    Against,
    AnomalyCondition,
    BandsCondition,
    BurnRateCondition,
    BurnWindow,
    ChangeCondition,
    CompoundCondition,
    Condition,
    Direction,
    Look,
    Measure,
    NoData,
    OnError,
    Rule,
    Step,
    ThresholdCondition,
    Timing,
)
from pitwall.alerts.types import EXTERNAL_PREFIX, Level
from pitwall.anomalies.registry import DEFAULT
from pitwall.core.vocabulary import Severity
from pitwall.kit.durations import InvalidDuration, parse_duration
from pitwall.kit.i18n import Text
from pitwall.kit.text import check_line
from pitwall.signals.bands import parse_limit
from pitwall.signals.errors import ExpressionInvalid
from pitwall.signals.schemas import Name

MAX_YAML = 256 * 1024
_MAX_LABELS = 6
_MAX_PARTS = 10
_MAX_DEPTH = 4
_LONGEST = timedelta(days=35)
_MINUTE = timedelta(minutes=1)
_ONE_OF = ("bands", "threshold", "absent", "change", "anomaly", "burn_rate", "all", "any")


def _check_duration(text: str) -> str:
    try:
        length = parse_duration(text)
    except InvalidDuration as error:
        raise ValueError(str(error)) from error
    if length > _LONGEST:
        raise ValueError(f"{text} is longer than 35 days")
    return text


def _check_window(text: str) -> str:
    length = parse_duration(text)
    if length < _MINUTE or length % _MINUTE:
        raise ValueError(f"{text} is no window; windows are whole minutes, from 1m on")
    return text


def _check_limit(text: str) -> str:
    try:
        parse_limit(text)
    except ExpressionInvalid as error:
        raise ValueError(str(error)) from error
    return text


def _check_severity(severity: Severity) -> Severity:
    if severity is Severity.ERROR:
        raise ValueError("a rule's severity is info, warning or critical")
    return severity


RuleSeverity = Annotated[Severity, Field(strict=False), AfterValidator(_check_severity)]
RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Phrase = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(check_line)
]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=600), AfterValidator(check_line)
]
Where = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(check_line)]
Duration = Annotated[str, StringConstraints(max_length=20), AfterValidator(_check_duration)]
WindowLength = Annotated[Duration, AfterValidator(_check_window)]
LimitText = Annotated[str, StringConstraints(max_length=40), AfterValidator(_check_limit)]
Labels = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=_MAX_LABELS)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class BilingualTitle(_Written):
    """A title in both languages."""

    en: Phrase
    ko: Phrase


class BilingualSentence(_Written):
    """A description in both languages; may be empty."""

    en: Sentence = ""
    ko: Sentence = ""


class LookBody(_Written):
    """Which records a condition looks at, where it differs from the rule."""

    signal: Name = Field(description="Which signal.")
    by: Labels | None = Field(default=None, description="Some of the rule's labels; null for all of them.")
    where: Where | None = Field(default=None, description="Instead of the rule's condition on the records.")
    window: WindowLength | None = Field(default=None, description="Instead of the rule's window.")

    def look(self) -> Look:
        """What the condition looks at."""
        return Look(
            None if self.by is None else tuple(self.by),
            self.where,
            None if self.window is None else parse_duration(self.window),
        )


class EnterExit(_Written):
    """A limit with hysteresis."""

    enter: LimitText = Field(description="Where it begins, such as `> 0.05`.")
    exit: LimitText | None = Field(default=None, description="What must be met to be over, such as `< 0.03`.")


def _as_enter(value: Any) -> Any:
    return {"enter": value} if isinstance(value, str) else value


StepBody = Annotated[EnterExit, BeforeValidator(_as_enter)]


class StepsBody(LookBody):
    """Limits by severity."""

    info: StepBody | None = None
    warning: StepBody | None = None
    critical: StepBody | None = None

    @model_validator(mode="after")
    def _has_any(self) -> Self:
        if self.info is None and self.warning is None and self.critical is None:
            raise ValueError("needs a limit: warning, critical or info")
        return self

    def steps(self) -> tuple[Step, ...]:
        """The levels, worst first."""
        written = ((Level.CRITICAL, self.critical), (Level.WARNING, self.warning), (Level.INFO, self.info))
        return tuple(
            Step(level, parse_limit(one.enter), None if one.exit is None else parse_limit(one.exit))
            for level, one in written
            if one is not None
        )


class ThresholdBody(StepsBody):
    """A signal beyond limits of the rule's own."""

    def condition(self) -> Condition:
        """Return the condition."""
        return ThresholdCondition(self.signal, self.steps(), self.look())


class BandsBody(LookBody):
    """A signal in one of its bands."""

    def condition(self) -> Condition:
        """Return the condition."""
        return BandsCondition(self.signal, self.look())


class AbsentBody(LookBody):
    """A signal without data."""

    def condition(self) -> Condition:
        """Return the condition."""
        return AbsentCondition(self.signal, self.look())


class ChangeConditionBody(StepsBody):
    """A signal that differs from what it was."""

    against: Annotated[Against, Field(strict=False)] = Field(
        default=Against.PREVIOUS,
        description="The window before, or the same time yesterday or last week.",
    )
    measure: Annotated[Measure, Field(strict=False)] = Field(
        default=Measure.RATIO, description="`ratio`: 0.5 is half as much again. `difference`: in the unit."
    )

    def condition(self) -> Condition:
        """Return the condition."""
        return ChangeCondition(self.signal, self.against, self.measure, self.steps(), self.look())


class AnomalyBody(LookBody):
    """A signal that is unusual for itself."""

    detector: Annotated[str, StringConstraints(max_length=60)] = DEFAULT
    false_alarms_per_week: Annotated[float, Field(gt=0, le=1000, strict=False)] = Field(
        default=1.0, description="Accepted for each label set when nothing is wrong."
    )
    direction: Annotated[Direction, Field(strict=False)] = Direction.BOTH

    def condition(self) -> Condition:
        """Return the condition."""
        return AnomalyCondition(
            self.signal, self.detector, self.false_alarms_per_week, self.direction, self.look()
        )


class BurnWindowBody(_Written):
    """An error budget spent so many times too fast over a long and a short window."""

    long: WindowLength
    short: WindowLength
    factor: Annotated[float, Field(gt=0, le=10_000, strict=False)]
    severity: RuleSeverity = Severity.CRITICAL

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if parse_duration(self.short) >= parse_duration(self.long):
            raise ValueError(f"the short window {self.short} must be shorter than the long one {self.long}")
        return self

    def window(self) -> BurnWindow:
        """Return the value."""
        return BurnWindow(
            parse_duration(self.long), parse_duration(self.short), self.factor, Level.of(self.severity)
        )


_WORKBOOK = [
    {"long": "1h", "short": "5m", "factor": 14.4, "severity": "critical"},
    {"long": "6h", "short": "30m", "factor": 6.0, "severity": "critical"},
    {"long": "3d", "short": "6h", "factor": 1.0, "severity": "warning"},
]


class BurnRateBody(LookBody):
    """An objective whose error budget is spent too fast."""

    objective: Annotated[float, Field(gt=0, lt=1, strict=False)] = Field(
        description="Share of what is to go well, such as 0.999."
    )
    windows: Annotated[list[BurnWindowBody], Field(min_length=1, max_length=6)] = Field(
        default=[BurnWindowBody.model_validate(one) for one in _WORKBOOK],
        description="By default those of the Site Reliability Workbook.",
    )

    def condition(self) -> Condition:
        """Return the condition."""
        return BurnRateCondition(
            self.signal, self.objective, tuple(one.window() for one in self.windows), self.look()
        )


def _as_signal(value: Any) -> Any:
    return {"signal": value} if isinstance(value, str) else value


class WhenBody(_Written):
    """A condition: exactly one of its kinds, or several joined by `all` or `any`."""

    bands: Annotated[BandsBody, BeforeValidator(_as_signal)] | None = None
    threshold: ThresholdBody | None = None
    absent: Annotated[AbsentBody, BeforeValidator(_as_signal)] | None = None
    change: ChangeConditionBody | None = None
    anomaly: Annotated[AnomalyBody, BeforeValidator(_as_signal)] | None = None
    burn_rate: BurnRateBody | None = None
    all: Annotated[list[WhenBody], Field(min_length=1, max_length=_MAX_PARTS)] | None = None
    any: Annotated[list[WhenBody], Field(min_length=1, max_length=_MAX_PARTS)] | None = None
    unless: WhenBody | None = Field(default=None, description="Nothing is told while this holds.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in _ONE_OF if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"needs exactly one of {', '.join(_ONE_OF)}; here is {found}")
        return self

    def condition(self) -> Condition:
        """Return the condition."""
        if self.all is None and self.any is None:
            simple = next(one for name in _ONE_OF if (one := getattr(self, name)) is not None)
            inner: Condition = simple.condition()
            return (
                inner if self.unless is None else CompoundCondition((inner,), True, self.unless.condition())
            )
        parts = tuple(part.condition() for part in self.all or self.any or [])
        unless = None if self.unless is None else self.unless.condition()
        return CompoundCondition(parts, self.all is not None, unless)

    def depth(self) -> int:
        """How deeply conditions are nested."""
        inner = [*(self.all or []), *(self.any or []), *([self.unless] if self.unless else [])]
        return 1 + max((one.depth() for one in inner), default=0)


class RuleBody(_Written):
    """An alert rule as people write it."""

    name: RuleName = Field(description="Names the rule in the project: a-z, 0-9, `_`, `.` and `-`.")
    title: BilingualTitle
    description: BilingualSentence = BilingualSentence()
    when: WhenBody
    severity: RuleSeverity | None = Field(
        default=None,
        description="For conditions without a level of their own: absent, anomaly and compound ones, "
        "`no_data` and `error`. Null for warning.",
    )
    by: Labels = Field(default=[], description="One alert for each value of these labels.")
    where: Where = Field(default="", description="Condition on the records.")
    window: WindowLength = Field(default="5m", description="Length of the window a value is of.")
    for_: Duration = Field(
        default="0s", alias="for", description="How long the condition must hold before the alert fires."
    )
    for_critical: Duration | None = Field(
        default=None, description="How long a worse level must hold before it counts; null for `for`."
    )
    recover_for: Duration | None = Field(
        default=None, description="How long the condition must be gone before the alert is over; null for 2m."
    )
    keep_firing_for: Duration | None = Field(
        default=None, description="The same as `recover_for`, by the name that Prometheus has for it."
    )
    min_samples: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Observations a value must rest on; null for what the bands need."
    )
    settle: Duration | None = Field(
        default=None,
        description="Age of the window's end, for late data. Null: the present, or the latest complete "
        "window where a value only grows while a window fills.",
    )
    nodata: Annotated[NoData, Field(strict=False)] = Field(
        default=NoData.KEEP,
        description="Without data `keep` leaves an alert as it is, `alert` tells people, `ok` ends it.",
    )
    nodata_for: Duration = Field(default="10m", description="How long data must be missing for that.")
    error: Annotated[OnError, Field(strict=False)] = Field(
        default=OnError.KEEP, description="The same for a rule that cannot be evaluated."
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1, strict=False)] | None = Field(
        default=None,
        description="For ratios: the bound of the interval at this level must be beyond the limit, so that "
        "few observations do not make an alarm.",
    )
    max_series: Annotated[int, Field(ge=1, le=50_000)] = Field(
        default=500, description="At most so many label sets are evaluated; others are counted and shown."
    )
    labels: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$")],
        Annotated[str, StringConstraints(max_length=200), AfterValidator(check_line)],
    ] = Field(default={}, max_length=20, description="Added to every alert, for routing.")
    runbook: Annotated[str, StringConstraints(max_length=500), AfterValidator(check_line)] | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.name.startswith(EXTERNAL_PREFIX):
            raise ValueError(
                f"names that begin with {EXTERNAL_PREFIX} are those of rules that others evaluate"
            )
        if self.recover_for is not None and self.keep_firing_for is not None:
            raise ValueError("recover_for and keep_firing_for are the same; write one of them")
        if self.when.depth() > _MAX_DEPTH:
            raise ValueError(f"conditions are nested deeper than {_MAX_DEPTH} levels")
        return self

    def content(self) -> dict[str, Any]:
        """The rule as JSON, without what is as by default."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def rule(self) -> Rule:
        """Return the rule."""
        condition = self.when.condition()
        return Rule(
            name=self.name,
            title=Text(self.title.en, self.title.ko),
            description=Text(self.description.en, self.description.ko),
            when=condition,
            severity=self.severity,
            by=tuple(self.by),
            where=self.where,
            window=parse_duration(self.window),
            timing=self._timing(),
            min_samples=self.min_samples,
            settle=None if self.settle is None else parse_duration(self.settle),
            confidence=self.confidence,
            max_series=self.max_series,
            labels=dict(self.labels),
            runbook=self.runbook,
            is_enabled=self.enabled,
            content=self.content(),
        )

    def _timing(self) -> Timing:
        hold = parse_duration(self.for_)
        recover = self.recover_for or self.keep_firing_for or "2m"
        return Timing(
            hold=hold,
            hold_critical=hold if self.for_critical is None else parse_duration(self.for_critical),
            recover=parse_duration(recover),
            nodata=self.nodata,
            nodata_after=parse_duration(self.nodata_for),
            on_error=self.error,
            level=Level.of(self.severity or Severity.WARNING),
        )
