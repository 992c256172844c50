"""The wire shapes of rules that score live traces."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pitwall.evals.online.types import DEFAULT_MAX_CALLS, DEFAULT_SETTLE_SECONDS, RuleContent

Metrics = Annotated[list[str], Field(min_length=1, max_length=30)]


class OnlineRuleContent(BaseModel):
    """What a rule says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics: Metrics = Field(
        description="As `pitwall eval metrics` lists them, with options: `regex:pattern=...`."
    )
    filters: list[str] = Field(
        default=[],
        max_length=32,
        description="`column:operator:value`; all hold for the root span of a trace.",
    )
    sample_rate: float = Field(
        default=1.0, gt=0, le=1, description="Share of the traces, chosen by their ids."
    )
    settle_seconds: float = Field(
        default=DEFAULT_SETTLE_SECONDS,
        ge=1,
        le=3600,
        description="How long nothing of a trace must have arrived before it counts as complete.",
    )
    profile: str | None = Field(
        default=None, description="Of models; null takes the one that settings choose."
    )
    max_calls_per_day: int = Field(
        default=DEFAULT_MAX_CALLS, ge=0, le=10_000_000, description="Calls to models in a day of UTC."
    )
    max_cost_usd_per_day: Decimal | None = Field(
        default=None, ge=0, le=1_000_000, description="US dollars in a day of UTC; null for no limit."
    )

    def content(self) -> RuleContent:
        """Return what the rule says."""
        return RuleContent(
            metrics=tuple(self.metrics),
            filters=tuple(self.filters),
            sample_rate=self.sample_rate,
            settle_seconds=self.settle_seconds,
            profile=self.profile,
            max_calls_per_day=self.max_calls_per_day,
            max_cost_usd_per_day=self.max_cost_usd_per_day,
        )


class OnlineRuleBody(OnlineRuleContent):
    """What a rule says, and whether it is on."""

    enabled: bool = True


class OnlineRuleSwitch(BaseModel):
    """Whether a rule is on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    is_enabled: bool


class OnlineDayView(BaseModel):
    """How a rule's day went so far."""

    day: str = Field(description="In UTC.")
    traces: int = Field(description="Traces that are done.")
    scored: int = Field(description="Scores with a value.")
    not_applicable: int = Field(description="Where a metric had nothing to say, or too little was known.")
    errors: int = Field(description="Scores that could not be computed; none of them is a 0.")
    left_out: int = Field(description="Scores that the budget of the day left out.")
    calls: int = Field(description="Calls to models.")
    cost_usd: str | None = Field(
        description="Of the calls with a price; null if calls were made and none has one."
    )
    unpriced_calls: int
    budget_spent: bool = Field(description="No further call is made today.")
    last_scored_at: datetime | None


class OnlineFailureView(BaseModel):
    """A metric that could not judge a trace."""

    trace_id: str
    at: datetime
    metric: str
    reason: str | None
    explanation: str | None


class OnlineScoreView(BaseModel):
    """What a metric said of a trace."""

    trace_id: str
    at: datetime
    metric: str
    status: str = Field(
        description="`scored`, `not_applicable`, `undetermined`, `error`, or `left_out` by the budget."
    )
    value: float | None
    reason: str | None
    explanation: str | None


class OnlineRuleView(BaseModel):
    """A rule with what it does."""

    name: str
    pack: str | None = Field(
        description="The pack whose file has it, not to be changed here; null: the team's."
    )
    enabled: bool
    metrics: list[str]
    filters: list[str]
    sample_rate: float
    settle_seconds: float
    profile: str | None
    max_calls_per_day: int
    max_cost_usd_per_day: str | None
    updated_at: datetime
    updated_by: str
    today: OnlineDayView
    waiting: int = Field(description="Traces that were chosen and are not complete or not scored yet.")
    looked_until: datetime = Field(description="Traces whose root arrived before have been looked at.")
    error: str | None = Field(description="Why the last round failed; null if it did not.")
    error_at: datetime | None


class OnlineRuleDetail(OnlineRuleView):
    """A rule with what it said last and its last errors."""

    scores: list[OnlineScoreView] = Field(description="What it said last, newest first.")
    failures: list[OnlineFailureView] = Field(description="Errors of today, newest first.")


class OnlineRuleList(BaseModel):
    """Rules by name."""

    rules: list[OnlineRuleView]


class OnlineRuleRemoval(BaseModel):
    """A rule that was deleted; the scores that it gave stay."""

    name: str
