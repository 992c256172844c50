"""The wire shapes of stages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Direction = Literal["higher", "lower"]
Verdict = Literal["passed", "failed", "no_threshold", "no_data"]
MAX_EVENTS_AT_ONCE = 10_000
MAX_LABELLED = 100_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageEventsBody(_Body):
    """Events to keep."""

    events: list[Any] = Field(
        min_length=1,
        max_length=MAX_EVENTS_AT_ONCE,
        description="Objects as EvalVault writes them: `run_id` and `stage_type` at least.",
        examples=[[{"run_id": "run_20260103_001", "stage_type": "retrieval", "duration_ms": 120}]],
    )
    skip_invalid: bool = Field(
        default=False, description="Leave out what is no event instead of refusing all."
    )


class RelevanceBody(_Body):
    """Which documents are right."""

    run_id: Word
    relevance: dict[Word, list[Word]] = Field(
        max_length=MAX_LABELLED, description="Ids of documents by the case's id (`metadata.test_case_id`)."
    )


class TextView(BaseModel):
    """A text in both languages."""

    en: str
    ko: str


class StageProblemView(BaseModel):
    """Why something is no stage event."""

    file: str | None
    line: int | None
    event: int = Field(description="Which of those that were sent, from 1.")
    field: str | None
    code: str
    text: TextView


class IngestedStages(BaseModel):
    """What became of events."""

    added: int
    known: int = Field(description="Kept before, with the same content.")
    runs: list[str]
    skipped: list[StageProblemView] = Field(description="The first ones that were left out.")
    skipped_count: int


class StageRunView(BaseModel):
    """A run that has events."""

    run_id: str
    event_count: int
    first_at: datetime
    last_at: datetime
    labelled_cases: int


class StageRuns(BaseModel):
    """Runs, those whose events came last first."""

    runs: list[StageRunView]
    next_cursor: str | None


class StageValueView(BaseModel):
    """What a metric says of an event."""

    metric: str
    value: float | None
    reason: str | None = Field(description="Why there is no value.")


class StageEventView(BaseModel):
    """An event with its metrics."""

    run_id: str
    stage_id: str
    parent_stage_id: str | None
    stage_type: str
    stage_name: str | None
    status: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    input_ref: dict[str, str] | None
    output_ref: dict[str, str] | None
    attributes: dict[str, Any]
    metadata: dict[str, Any]
    trace_id: str | None
    span_id: str | None
    metrics: list[StageValueView]


class StageEventsPage(BaseModel):
    """Events of a run in the order they came."""

    events: list[StageEventView]
    next_cursor: str | None


class StageNumbersView(BaseModel):
    """What a metric says of a run; without a value it says why, never 0."""

    metric: str
    title: TextView
    unit: str
    direction: Direction | None
    n_total: int
    n_scored: int
    reasons: dict[str, int]
    mean: float | None
    low: float | None = Field(description="Of the 95 % interval of the mean.")
    high: float | None
    p95: float | None
    threshold: float | None
    judged_by: Literal["mean", "p95"]
    n_failed: int | None
    verdict: Verdict


class StageView(BaseModel):
    """One stage of a run."""

    stage_type: str
    events: int
    failed: int
    retried: int
    metrics: list[StageNumbersView]


class StepView(BaseModel):
    """A step as one side tells it."""

    stage_id: str
    stage_name: str | None
    status: str
    duration_ms: float | None
    trace_id: str | None
    span_id: str | None


class PairView(BaseModel):
    """A step as its event and its span tell it."""

    stage_type: str
    event: StepView | None
    span: StepView | None
    matched_by: Literal["span_id", "trace_id"] | None


class SideBySide(BaseModel):
    """Events and spans of the same steps."""

    matched_by_span_id: int
    matched_by_trace_id: int
    only_events: int
    only_spans: int
    steps: list[PairView]
    is_cut: bool


class GuideEvidence(BaseModel):
    """A number that a finding rests on."""

    metric: str
    source: Literal["events", "spans"]
    value: float | None
    threshold: float | None
    n_scored: int
    n_total: int


class GuideFinding(BaseModel):
    """What can be improved, with the numbers that say so."""

    rule: str
    stage: str
    text: TextView
    advice: list[TextView]
    evidence: list[GuideEvidence]


class StageReportView(BaseModel):
    """What events and spans say of a run."""

    run_id: str
    run: StageRunView | None
    events: list[StageView]
    spans: list[StageView]
    are_spans_known: bool = Field(description="False while the telemetry store does not answer.")
    missing: list[str]
    is_cut: bool
    labelled_cases: int
    side_by_side: SideBySide
    guide: list[GuideFinding]
