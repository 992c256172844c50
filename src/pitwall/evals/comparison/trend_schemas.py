"""The wire shapes of trends."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from pitwall.evals.comparison.trends import BreakKind, Trend, TrendRun
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.types import Direction


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TrendBreakView(_View):
    """Something that is not the same as in the run before that has a value: no line leads here from there."""

    kind: BreakKind
    before: str
    after: str


class TrendPointView(_View):
    """What a run says of the metric; the numbers of its summary."""

    identity: str
    unit: str
    direction: Direction
    threshold: float | None
    mean: float
    low: float | None = Field(description="Lower end of the 95 % interval of the mean.")
    high: float | None
    n_scored: int
    n_total: int


class PassingPointView(_View):
    """The share of cases that pass all metrics with a threshold."""

    pass_rate: float
    pass_low: float | None
    pass_high: float | None
    passed_cases: int
    decided_cases: int


class TrendRunView(BaseModel):
    """A run in its place."""

    id: str
    name: str
    at: datetime = Field(description="When it ended.")
    dataset_version_id: str | None
    dataset_hash: str
    judge: str | None
    baselines: list[str] = Field(description="Names of the baselines that it is.")
    point: TrendPointView | None = Field(description="Null if it has no mean of the metric.")
    breaks: list[TrendBreakView] = Field(description="Why its mean does not continue the one before.")
    passing: PassingPointView | None = Field(description="Null if nothing can be said to pass or fail.")
    passing_breaks: list[TrendBreakView] = Field(description="Why its share that passes does not.")
    cost_usd: float | None = Field(description="Null if it is not known.")

    @classmethod
    def of(cls, found: TrendRun) -> Self:
        """Return the written form of a run in its place."""
        run, summary = found.run, found.run.summary
        return cls(
            id=run.id,
            name=run.name,
            at=run.finished_at or run.created_at,
            dataset_version_id=run.dataset_version_id,
            dataset_hash=run.dataset_hash,
            judge=None if run.plan.judge is None else run.plan.judge.model,
            baselines=list(found.baselines),
            point=None if found.summary is None else TrendPointView.model_validate(found.summary),
            breaks=[TrendBreakView.model_validate(one) for one in found.breaks],
            passing=_passing(run),
            passing_breaks=[TrendBreakView.model_validate(one) for one in found.passing_breaks],
            cost_usd=None if summary is None else summary.cost_usd,
        )


def _passing(run: EvalRun) -> PassingPointView | None:
    summary = run.summary
    if summary is None or summary.pass_rate is None:
        return None
    return PassingPointView.model_validate(summary)


class EvalTrendView(BaseModel):
    """The finished runs of a dataset, oldest first."""

    dataset: str
    metric: str | None = Field(description="Null if no run has a metric.")
    metrics: dict[str, int] = Field(description="How many of the runs have which metric.")
    runs: list[TrendRunView]
    is_cut: bool = Field(description="There are older runs.")

    @classmethod
    def of(cls, trend: Trend) -> Self:
        """Return the written form of a trend."""
        return cls(
            dataset=trend.dataset,
            metric=trend.metric,
            metrics=dict(trend.metrics),
            runs=[TrendRunView.of(one) for one in trend.runs],
            is_cut=trend.is_cut,
        )
