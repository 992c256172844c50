"""The wire shapes of labels and of what they make of judges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.evals.comparison.schemas import IntervalView, MetricName, RunId, TextView
from pitwall.evals.trust.service import LabelBatch, RunTrust
from pitwall.evals.trust.types import (
    AddedLabels,
    Calibration,
    Label,
    MetricTrust,
    NewLabel,
    QueuedCase,
    TrustState,
)
from pitwall.kit.text import check_line, check_storable

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(check_line)
]
Comment = Annotated[str, StringConstraints(max_length=4000), AfterValidator(check_storable)]


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LabelBody(BaseModel):
    """What somebody says of a case."""

    model_config = ConfigDict(extra="forbid")

    example_id: Name
    metric: MetricName
    value: Annotated[float, Field(ge=0, le=1)] = Field(
        description="1 is as good as can be, 0 as bad; above one half is a pass, exactly one half neither."
    )
    rater: Name | None = Field(default=None, description="Who says it; null for the caller.")
    comment: Comment | None = None

    def label(self) -> NewLabel:
        """Return the label."""
        return NewLabel(self.example_id, self.metric, self.value, self.rater, self.comment)


class CaseLabelsBody(BaseModel):
    """Labels to keep."""

    model_config = ConfigDict(extra="forbid")

    run: RunId | None = Field(default=None, description="Whose answers they are about.")
    dataset: Name | None = Field(default=None, description="Without a run: that they belong to.")
    labels: Annotated[list[LabelBody], Field(min_length=1, max_length=5000)]

    def batch(self) -> LabelBatch:
        """Return the labels."""
        return LabelBatch(
            labels=[label.label() for label in self.labels], run_id=self.run, dataset=self.dataset
        )


class AddedView(BaseModel):
    """What became of labels."""

    added: int
    unmatched_count: int
    unmatched: list[str] = Field(description="Cases that the run does not have, the first twenty.")

    @classmethod
    def of(cls, added: AddedLabels) -> Self:
        """Return the written form."""
        return cls(
            added=added.added, unmatched_count=len(added.unmatched), unmatched=list(added.unmatched[:20])
        )


class LabelView(_View):
    """A label that is kept."""

    dataset: str
    metric: str
    example_id: str
    rater: str
    answer_hash: str
    value: float
    comment: str | None
    run_id: str | None
    labelled_at: datetime
    labelled_by: str


class LabelPage(BaseModel):
    """Labels by metric, case and rater."""

    labels: list[LabelView]
    next_cursor: str | None

    @classmethod
    def of(cls, labels: Sequence[Label], next_cursor: str | None) -> Self:
        """Return the written form of a page."""
        return cls(labels=[LabelView.model_validate(one) for one in labels], next_cursor=next_cursor)


class QueuedView(_View):
    """A case to label."""

    position: int
    example_id: str


class QueueView(BaseModel):
    """Cases to label, in an order drawn by lot."""

    cases: list[QueuedView]

    @classmethod
    def of(cls, cases: Iterable[QueuedCase]) -> Self:
        """Return the written form of a queue."""
        return cls(cases=[QueuedView.model_validate(one) for one in cases])


class RateView(_View):
    """A share of cases."""

    successes: int
    n: int
    value: float | None
    interval: IntervalView | None


class ConfusionView(_View):
    """Cases by what the judge says and what people say."""

    n: int
    both_pass: int
    only_judge: int
    only_people: int
    both_fail: int


class KappaView(_View):
    """Agreement beyond chance; null if both used one and the same category only."""

    value: float | None
    interval: IntervalView | None
    agreement: float
    n: int


class AreaView(_View):
    """How well scores tell passes from fails, whatever the threshold."""

    value: float
    positives: int
    negatives: int
    interval: IntervalView


class CorrelationView(_View):
    """A rank correlation."""

    value: float
    n: int
    p: float
    interval: IntervalView | None


class CorrectedView(_View):
    """A pass rate with the judge's mistakes taken out."""

    value: float
    interval: IntervalView


class ConsistencyView(_View):
    """How far a judge agrees with itself where it was asked several times."""

    repeats: int
    n: int
    alpha: float | None
    flipped: RateView | None = Field(description="Cases that passed once and failed once.")


class MetricTrustView(_View):
    """What a metric of a run is worth beside labels of people."""

    metric: str
    identity: str
    threshold: float | None
    state: TrustState
    raters: int
    n_labelled: int
    n_joined: int
    n_disputed: int
    n_unscored: int
    n_other_answer: int
    confusion: ConfusionView | None
    kappa: KappaView | None
    alpha: float | None = Field(description="Krippendorff's, of the raters among each other.")
    true_positive: RateView | None
    true_negative: RateView | None
    auc: AreaView | None
    correlation: CorrelationView | None
    passed: RateView | None = Field(description="What the judge passes, of all cases that it scored.")
    corrected: CorrectedView | None = Field(description="The same with its mistakes taken out.")
    consistency: ConsistencyView | None = Field(description="Null where each case was judged once.")
    text: TextView


class TrustView(BaseModel):
    """What the metrics of a run are worth."""

    run_id: str
    dataset: str
    metrics: list[MetricTrustView]

    @classmethod
    def of(cls, found: RunTrust) -> Self:
        """Return the written form."""
        return cls(run_id=found.run_id, dataset=found.dataset, metrics=list(map(metric_view, found.metrics)))

    def by_metric(self) -> dict[str, object]:
        """Return the written form of each metric, as it is kept."""
        return {one.metric: one.model_dump(mode="json") for one in self.metrics}


def metric_view(found: MetricTrust) -> MetricTrustView:
    """Return the written form of what a metric is worth."""
    return MetricTrustView.model_validate(found)


class CalibrationView(_View):
    """What was measured of a metric by labels of a dataset."""

    identity: str
    dataset: str
    run_id: str
    state: TrustState
    content: Any
    measured_at: datetime
    measured_by: str


class CalibrationList(BaseModel):
    """What was measured of metrics; an identity that is missing is uncalibrated."""

    calibrations: list[CalibrationView]

    @classmethod
    def of(cls, found: Iterable[Calibration]) -> Self:
        """Return the written form."""
        return cls(calibrations=[CalibrationView.model_validate(one) for one in found])


class MeasureBody(BaseModel):
    """A run whose metrics are to be measured."""

    model_config = ConfigDict(extra="forbid")

    run: RunId
