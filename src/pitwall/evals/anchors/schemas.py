"""The wire shapes of anchors and their checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pitwall.evals.anchors.types import (
    DEFAULT_CASES,
    EVERY,
    LEAST_EVERY,
    MARGIN,
    MOST_CASES,
    AnchorOptions,
    CheckState,
)
from pitwall.evals.comparison.schemas import IntervalView, MetricName, RunId, TextView
from pitwall.evals.trust.schemas import RateView

_YEAR_SECONDS = 366 * 86_400


class AnchorsBody(BaseModel):
    """Which answers become anchors, and how they are checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunId = Field(
        description="Whose answers are the anchors, and whose verdicts are what later ones are held against."
    )
    metrics: Annotated[list[MetricName], Field(max_length=30)] = Field(
        default=[], description="Empty takes those of the run that ask a judge."
    )
    cases: int = Field(
        default=DEFAULT_CASES,
        ge=1,
        le=MOST_CASES,
        description="Anchors at most: cases with labels first, others drawn by lot.",
    )
    profile: str | None = Field(
        default=None, max_length=100, description="Whose judge is in use; null takes that of the run."
    )
    every_seconds: int = Field(
        default=round(EVERY.total_seconds()),
        ge=round(LEAST_EVERY.total_seconds()),
        le=_YEAR_SECONDS,
        description="From one check to the next.",
    )
    max_calls: int | None = Field(
        default=None, ge=1, description="Model calls of one check; null takes twice what it should need."
    )
    margin: float = Field(default=MARGIN, ge=0, lt=1, description="Smaller moves are none.")
    enabled: bool = True

    def options(self) -> AnchorOptions:
        """Return what is asked for."""
        return AnchorOptions(
            run_id=self.run,
            metrics=tuple(self.metrics),
            cases=self.cases,
            profile=self.profile,
            every=timedelta(seconds=self.every_seconds),
            max_calls=self.max_calls,
            margin=self.margin,
            is_enabled=self.enabled,
        )


class ShiftView(BaseModel):
    """How far scores moved."""

    difference: float = Field(description="Mean of now minus then.")
    interval: IntervalView | None = Field(description="At 99 %.")
    p: float = Field(description="Of the sign-flip permutation test, adjusted over all tests of the check.")
    is_shown: bool = Field(description="More than chance and margin.")


class DropView(BaseModel):
    """How far an agreement fell."""

    before: RateView
    now: RateView
    lost: int = Field(description="Anchors that agreed then and do not now.")
    gained: int
    p: float = Field(description="Of McNemar's exact test, adjusted over all tests of the check.")
    is_shown: bool = Field(description="The fall is more than chance and margin.")


class FlipView(BaseModel):
    """An anchor whose verdict is another one by now."""

    example_id: str
    base: float
    now: float


class MetricDriftView(BaseModel):
    """What became of a metric's judge."""

    metric: str
    identity: str
    base_identity: str = Field(description="Of the scores of the run.")
    is_other_ruler: bool = Field(
        description="Another judge, prompt or version of the metric than in the run."
    )
    unit: str
    state: CheckState
    n: int = Field(description="Anchors with a value then and now.")
    failed: int = Field(description="Anchors that could not be judged now.")
    reason: str | None = Field(description="Why most of these could not.")
    agreement: RateView | None = Field(
        description="Anchors with the verdict of the run; null without a threshold."
    )
    shift: ShiftView | None
    steadiness: DropView | None = Field(
        description="Agreement with the verdicts of the run: in the first check, and now."
    )
    people: DropView | None = Field(description="Agreement with labels of people: of the run, and now.")
    flips: list[FlipView] = Field(description="The first anchors whose verdict changed.")
    text: TextView


class AnchorCheckView(BaseModel):
    """One time that anchors were judged."""

    id: str = Field(description="Its model calls are kept under it, as those of a run are.")
    state: CheckState
    started_at: datetime
    finished_at: datetime | None
    profile: str | None
    judge: str | None
    metrics: list[MetricDriftView]
    calls: int | None
    failed_calls: int | None
    cost_usd: float | None


class AnchorsView(BaseModel):
    """Answers of a run that are judged again and again."""

    name: str
    run_id: str
    metrics: list[str]
    cases: int
    profile: str | None
    every_seconds: int
    max_calls: int
    margin: float
    enabled: bool
    due_at: datetime = Field(description="When they are checked next.")
    error: str | None = Field(description="Why the last check could not begin; null if it could.")
    updated_at: datetime
    updated_by: str
    last_check: AnchorCheckView | None


class AnchorsDetail(AnchorsView):
    """Anchors with their last checks."""

    checks: list[AnchorCheckView] = Field(description="The newest first.")


class AnchorsList(BaseModel):
    """Anchor sets by name."""

    anchors: list[AnchorsView]


class AnchorsRemoval(BaseModel):
    """Anchors that were forgotten, with their checks."""

    name: str
