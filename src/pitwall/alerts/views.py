"""The wire shapes of alerts and of rules in force."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.alerts.rulebook import RuleState
from pitwall.alerts.schemas import MAX_YAML, RuleBody
from pitwall.alerts.service import RuleReport
from pitwall.alerts.types import AlertState, EventKind, Reason
from pitwall.alerts.wire import text_view
from pitwall.core.vocabulary import Severity


class ValueWindow(BaseModel):
    """The window of a value, half-open."""

    start: datetime
    end: datetime


class SilenceNote(BaseModel):
    """A silence that keeps an alert from being told."""

    id: str
    reason: str
    until: datetime | None


class AlertView(BaseModel):
    """One label set of a rule as it stands."""

    id: str
    rule: str
    title: dict[str, str] = Field(description="By language, `en` and `ko`.")
    signal: str
    severity: Severity
    state: AlertState
    is_flapping: bool = Field(description="It came and went so often that it is held until it is quiet.")
    labels: dict[str, str]
    rule_labels: dict[str, str] = Field(description="Labels that the rule adds, such as the team.")
    value: float | None = Field(description="As of `evaluated_at`; null without data, never 0 instead.")
    count: int = Field(description="Observations the value rests on.")
    unit: str
    limit: str = Field(description="The limit it is judged by, such as `> 0.05`; empty if there is none.")
    band: str
    active_since: datetime | None
    fired_at: datetime | None
    resolved_at: datetime | None
    resolved_reason: Reason | None
    peak: float | None = Field(description="The worst value since it became active.")
    window: ValueWindow | None
    missing_since: datetime | None = Field(
        description="Since when it has been without data, so that the value is null; null if there is data."
    )
    changed_at: datetime | None = Field(description="When its state last changed.")
    evaluated_at: datetime
    error: str | None = Field(description="Why its rule cannot be evaluated now.")
    explanation: dict[str, str] | None
    runbook: str | None
    incident_id: str | None
    silenced_by: list[SilenceNote]
    inhibited_by: list[str] = Field(description="Alerts that keep people from being told of it.")
    muted_by: list[str] = Field(description="Maintenance windows that do.")
    where: str = Field(description="The rule's condition in words.")
    records: str = Field(description="Which records the signal is of, such as `name != 'health'`; or empty.")


class AlertCounts(BaseModel):
    """How many alerts of the project are in each state that matters."""

    firing: int
    pending: int
    recovering: int
    no_data: int
    error: int


class AlertList(BaseModel):
    """Alerts, the last changed first."""

    alerts: list[AlertView]
    counts: AlertCounts
    next_cursor: str | None


class HistoryView(BaseModel):
    """Something that happened to an alert."""

    at: datetime
    kind: EventKind
    severity: Severity
    value: float | None
    reason: Reason | None


class AlertDetail(AlertView):
    """One alert and what happened to it, newest first."""

    history: list[HistoryView]


class EvaluationView(BaseModel):
    """How the last evaluation of a rule went."""

    at: datetime
    duration_ms: float
    series: int = Field(description="Label sets that were evaluated.")
    dropped_series: int = Field(description="Label sets beyond `max_series`, which were not.")
    error: str | None


class RuleView(BaseModel):
    """An alert rule as it is in force."""

    name: str
    title: dict[str, str]
    description: dict[str, str]
    origin: Literal["pack", "changed", "team"] = Field(
        description="`changed` for the team's version of a pack's rule."
    )
    pack: str | None
    is_enabled: bool
    severity: Severity | None
    kind: str
    signals: list[str]
    runbook: str | None
    problems: list[dict[str, str]] = Field(description="Why it cannot be evaluated any more.")
    notices: list[dict[str, str]] = Field(description="What is unwise about it.")
    states: dict[AlertState, int] = Field(description="How many of its alerts are in each state.")
    evaluation: EvaluationView | None
    revision: str = Field(description="Changes when the rule does; a save names the one it edited.")
    updated_at: datetime | None
    updated_by: str | None
    content: dict[str, Any] = Field(
        description="The rule as it is written; what is as by default is left out."
    )

    @classmethod
    def of(cls, report: RuleReport) -> Self:
        """Return the view of a rule."""
        state, evaluated = report.state, report.evaluated
        return cls.model_validate(
            {
                **_rule_facts(state),
                "states": {one: count for one, count in report.counts.items() if count},
                "evaluation": evaluated
                and {
                    "at": evaluated.at,
                    "duration_ms": round(evaluated.duration_ms, 3),
                    "series": evaluated.series,
                    "dropped_series": evaluated.dropped_series,
                    "error": evaluated.error,
                },
            }
        )


def _rule_facts(state: RuleState) -> dict[str, Any]:
    rule = state.rule
    nothing = {"en": state.name, "ko": state.name}
    return {
        "name": state.name,
        "title": nothing if rule is None else text_view(rule.title),
        "description": {"en": "", "ko": ""} if rule is None else text_view(rule.description),
        "origin": state.origin.value,
        "pack": state.pack,
        "is_enabled": state.is_enabled,
        "severity": None if rule is None else rule.severity,
        "kind": "unknown" if rule is None else rule.kind,
        "signals": [] if rule is None else list(rule.signals),
        "runbook": None if rule is None else rule.runbook,
        "problems": [text_view(one.text) for one in state.problems],
        "notices": [text_view(one.text) for one in state.notices],
        "revision": state.revision,
        "updated_at": state.stored and state.stored.updated_at,
        "updated_by": state.stored and state.stored.updated_by,
        "content": dict(state.stored.content or {} if state.stored else {})
        if rule is None
        else dict(rule.content),
    }


class RuleList(BaseModel):
    """Rules: those of packs first, in their order, then the team's own by name."""

    rules: list[RuleView]


class RuleSave(RuleBody):
    """A rule to save."""

    revision: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="The revision that was edited, so that nobody's work is overwritten: empty for a rule "
        "that is to be new, null to replace whatever there is.",
    )

    def content(self) -> dict[str, Any]:
        """The rule as JSON, without what is as by default."""
        return {key: value for key, value in super().content().items() if key != "revision"}


class RuleSwitch(BaseModel):
    """Whether a rule is to be evaluated."""

    model_config = ConfigDict(extra="forbid")

    is_enabled: bool


class RuleRemoval(BaseModel):
    """What a deletion left."""

    rule: RuleView | None = Field(description="The pack's rule that is in force again; null if none is.")


class RuleYaml(BaseModel):
    """A rule as YAML."""

    yaml: str


class RuleYamlText(BaseModel):
    """YAML to read as a rule."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, StringConstraints(max_length=MAX_YAML)]


class PreviewBody(BaseModel):
    """Which rule to run over the past: exactly one of `rule`, `yaml` and `name`."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleBody | None = None
    yaml: Annotated[str, StringConstraints(max_length=MAX_YAML)] | None = None
    name: str | None = Field(default=None, description="Of a rule that the project has.")
    since: str = Field(default="now-14d", max_length=40, description="ISO 8601, or such as `now-14d`.")
    until: str = Field(default="now", max_length=40)


class PeriodView(BaseModel):
    """A stretch of time in which an alert would have been firing."""

    labels: dict[str, str]
    severity: Severity = Field(description="The worst one it had.")
    from_: datetime = Field(alias="from")
    until: datetime | None = Field(description="Null if it still fires at the end.")
    peak: float | None
    value_at_fire: float | None


class PreviewSeries(BaseModel):
    """Time, value and band of one label set at each evaluation."""

    labels: dict[str, str]
    points: list[tuple[datetime, float | None, str]]


class LimitsView(BaseModel):
    """Limits of the first condition, such as `> 0.05`."""

    warning: str | None
    critical: str | None


class PreviewView(BaseModel):
    """What a rule would have done."""

    since: datetime
    until: datetime
    fired: int
    windows: int = Field(description="How often it was evaluated: once at the end of each window.")
    series: int = Field(description="How many label sets there were.")
    periods: list[PeriodView]
    values: list[PreviewSeries] = Field(description="At most 20 label sets, those that fired first.")
    limits: LimitsView


class ParsedRule(BaseModel):
    """The rule of a YAML text; nothing is saved."""

    rule: dict[str, Any] = Field(description="As `PUT` takes it.")
    notices: list[dict[str, str]]
