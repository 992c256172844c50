"""Runs as values: what was planned, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pitwall.evals.types import Direction, ScoreStatus

HEARTBEAT_SECONDS = 1.0
HOLDER_IS_GONE_AFTER = timedelta(seconds=15)
"""How long a run's process may be silent until another one may go on with the run."""


class RunState(StrEnum):
    """How a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    """A budget ended it; it goes on with a bigger one."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Its process was interrupted or died; it goes on with `--resume`."""

    @property
    def is_over(self) -> bool:
        """Whether nobody works on it or will by itself."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class Where(StrEnum):
    """Which process works on a run."""

    CLI = "cli"
    SERVER = "server"


class Mode(StrEnum):
    """Which metrics a run takes when none are named."""

    SIMPLE = "simple"
    """Faithfulness and answer relevancy, nothing else."""
    FULL = "full"
    MULTITURN = "multiturn"
    """Metrics of conversations."""


class ThresholdFrom(StrEnum):
    """Who set a threshold, strongest first."""

    FLAG = "flag"
    DATASET = "dataset"
    PROFILE = "profile"
    DEFAULT = "default"
    FILE = "file"
    """The result file of another tool."""


@dataclass(frozen=True, slots=True)
class PlannedMetric:
    """A metric of a run.

    Attributes:
        identity: Scores of equal identity can be compared.
        threshold: What a case passes at; None lets every case be.
    """

    name: str
    version: int
    identity: str
    threshold: float | None
    threshold_from: ThresholdFrom | None
    direction: Direction = Direction.HIGHER
    unit: str = "ratio"

    def passes(self, value: float) -> bool | None:
        """Whether a value passes; None without a threshold."""
        if self.threshold is None:
            return None
        is_higher = self.direction is Direction.HIGHER
        return value >= self.threshold if is_higher else value <= self.threshold


@dataclass(frozen=True, slots=True)
class JudgeFacts:
    """Who judges, and how it is asked: never a key.

    Attributes:
        parameters: What its answers depend on besides the question, as `llm.keys.parameters_of` tells it.
    """

    model: str
    api: str
    base_url: str = ""
    embedding_model: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunBudget:
    """What a run may use, over all its attempts; None for no limit."""

    max_calls: int | None = None
    max_cost_usd: float | None = None
    max_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class PlannedPrompts:
    """Prompts that take the place of Pitwall's own; their texts are kept beside the run.

    Attributes:
        hash: Of the texts.
        replaced: Hash of each prompt, by name, as it stands in the identity of scores.
    """

    hash: str
    replaced: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides what a run does.

    Attributes:
        profile: Whose judge it asks; None for a run whose metrics need none.
        target: Where answers come from, as `evals.runs.targets` reads it.
        available: Cases that the dataset version has.
        limit: Cases at most; None takes all.
        seed: Draws the cases of a limit and the resamples of intervals.
        repeats: How often each case is judged by each metric that asks a judge.
        is_fresh: Ask the judge also what it answered in other runs.
        prompts: None for a run that asks with Pitwall's own alone.
    """

    metrics: tuple[PlannedMetric, ...]
    mode: Mode = Mode.FULL
    profile: str | None = None
    judge: JudgeFacts | None = None
    target: Mapping[str, Any] = field(default_factory=lambda: {"kind": "stored"})
    budget: RunBudget = field(default_factory=RunBudget)
    available: int = 0
    limit: int | None = None
    seed: int | None = None
    repeats: int = 1
    is_fresh: bool = False
    language: str | None = None
    prompts: PlannedPrompts | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, over all its attempts.

    Attributes:
        cases: How many there are.
        cases_done: Judged by every metric, also if that failed.
        calls: Model calls it will need at most.
        calls_made: Sent to a model.
        calls_from_store: Answered before and not sent again.
        cost_usd: Of calls whose price is known; None if none is.
        seconds: That processes worked on it.
    """

    cases: int = 0
    cases_done: int = 0
    calls: int = 0
    calls_made: int = 0
    calls_from_store: int = 0
    failed_calls: int = 0
    cost_usd: float | None = None
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """What a metric says of a run.

    Attributes:
        n_total: Cases that it was asked of.
        n_scored: Of these with a value; only they enter the mean.
        n_errors: Of those without a value that could not be judged.
        reasons: Why the others have none, with how many.
        low: Lower end of the interval of the mean.
        method: How the interval was found.
        pass_rate: Of scored cases with a threshold.
    """

    identity: str
    n_total: int
    n_scored: int
    n_errors: int
    reasons: Mapping[str, int]
    mean: float | None
    low: float | None
    high: float | None
    method: str | None
    pass_rate: float | None
    pass_low: float | None
    pass_high: float | None
    threshold: float | None
    direction: Direction
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What came of a run.

    Attributes:
        cases: That were to be judged.
        decided_cases: That pass or fail; where only the judge failed nobody knows (`evals.verdicts`).
        passed_cases: Of these, that all metrics with a threshold let pass.
        pass_rate: Of decided cases; None without one.
    """

    cases: int
    metrics: Mapping[str, MetricSummary]
    decided_cases: int
    passed_cases: int
    pass_rate: float | None
    pass_low: float | None
    pass_high: float | None
    duration_s: float
    cost_usd: float | None
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRun:
    """One execution of a plan over a dataset version."""

    id: str
    project_id: str
    name: str
    dataset: str
    dataset_version_id: str | None
    dataset_hash: str
    state: RunState
    where: Where
    plan: Plan
    created_at: datetime
    created_by: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    holder: str | None = None
    heartbeat_at: datetime | None = None
    progress: Progress = Progress()
    summary: RunSummary | None = None
    stop_reason: str | None = None
    error: str | None = None
    snapshot: Any = None

    def seen_at(self, now: datetime) -> RunState:
        """How it stands to who looks now: a command's run whose process is silent counts as interrupted."""
        if self.state is RunState.RUNNING and self.where is Where.CLI and self.is_abandoned(now):
            return RunState.INTERRUPTED
        return self.state

    def is_abandoned(self, now: datetime) -> bool:
        """Whether the process that works on it has been silent for too long."""
        return self.heartbeat_at is None or self.heartbeat_at < now - HOLDER_IS_GONE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Runs of a project, newest first.

    Attributes:
        text: Part of a name or the dataset's.
        after: Time and id of the last run seen.
    """

    dataset: str | None = None
    state: RunState | None = None
    mode: Mode | None = None
    text: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score of a run, as it is kept.

    Attributes:
        sample: Which repetition.
        passed: Against the threshold of the plan; None without one or without a value.
        content: Explanation, evidence and calls; None if there is nothing to say.
    """

    metric: str
    position: int
    sample: int
    example_id: str
    status: ScoreStatus
    value: float | None
    reason: str | None
    passed: bool | None
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """The scores of a metric in a run as columns, by position and repetition."""

    positions: Sequence[int]
    example_ids: Sequence[str]
    samples: Sequence[int]
    statuses: Sequence[str]
    values: Sequence[float | None]
    reasons: Sequence[str | None]
    passed: Sequence[bool | None]

    def __len__(self) -> int:
        return len(self.positions)


class CaseFilter(StrEnum):
    """Which cases of a run to list."""

    ALL = "all"
    FAILED = "failed"
    """Something did not pass, or failed to be judged."""
    PASSED = "passed"
    """Every metric with a threshold that has something to say lets it pass."""
    UNSCORED = "unscored"
    """Some metric has no value."""


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """A page of the cases of a run.

    Attributes:
        metric: Look at its scores alone.
        worst_first: By value of `metric`, the worst first; else by position.
        after: Where the page before ended: a position, or a value and a position.
    """

    filter: CaseFilter = CaseFilter.ALL
    metric: str | None = None
    worst_first: bool = False
    after: tuple[float | None, int] | None = None
    limit: int = 50
