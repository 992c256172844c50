"""The wire shapes of runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.evals.judging.own_prompts import check_prompts
from pitwall.evals.judging.prompts import BUILT_IN
from pitwall.evals.runs.planning import RunOptions
from pitwall.evals.runs.targets.opening import http_target_plan
from pitwall.evals.runs.types import Mode, RunBudget, RunState, ThresholdFrom, Where
from pitwall.evals.trackers.schemas import TrackerLinkView, TrackerNames
from pitwall.evals.types import Direction, ScoreStatus
from pitwall.kit.text import check_line

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(check_line),
]
Preset = Literal["quick", "production", "summary", "comprehensive", "offline"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BudgetBody(_Body):
    """What a run may use; null for no limit."""

    max_calls: int | None = Field(default=None, description="Model calls.")
    max_cost_usd: float | None = Field(default=None, description="US dollars.")
    max_minutes: float | None = None

    def budget(self) -> RunBudget:
        """Return the budget."""
        return RunBudget(self.max_calls, self.max_cost_usd, self.max_minutes)


class StoredTargetBody(_Body):
    """The answers that are stored with the dataset."""

    kind: Literal["stored"] = "stored"

    def plan(self) -> Mapping[str, Any]:
        """Return what a plan says of it."""
        return {"kind": "stored"}


class HttpTargetBody(_Body):
    """A service that answers over HTTP."""

    kind: Literal["http"]
    url: Annotated[str, StringConstraints(max_length=2000)]
    body: Any = Field(
        default={"question": "{question}"},
        description="JSON to send; `{question}`, `{id}`, `{language}`, `{group}` and `{metadata.NAME}` are "
        "filled in.",
    )
    answer: str = Field(
        default="answer", description="Place of the answer in the reply, such as `choices.0.text`."
    )
    contexts: str | None = Field(default=None, description="Place of the contexts; null if it tells none.")
    tool_calls: str | None = Field(default=None, description="Place of the tools that were called, likewise.")
    usage: str | None = Field(
        default=None,
        description="Place of input_tokens, output_tokens and cost_usd in one object, likewise.",
    )
    headers: dict[str, str] = Field(
        default={},
        description="A secret is given as a reference to a variable of the server whose name begins with "
        "EVAL_TARGET_, such as `Bearer secret://env/EVAL_TARGET_TOKEN`.",
    )
    timeout_seconds: float = Field(default=60.0, gt=0, le=3600)
    retries: int = Field(default=2, ge=0, le=10)
    concurrency: int = Field(default=8, ge=1, le=512)

    def plan(self) -> Mapping[str, Any]:
        """Return what a plan says of it.

        Raises:
            TargetInvalid: It is none that can be asked.
        """
        return http_target_plan(**self.model_dump(exclude={"kind"}))


class NewEvalRun(_Body):
    """A run to begin."""

    dataset: Line = Field(description="A stored dataset by name, or `name@version`.", examples=["qa@3"])
    name: Line | None = Field(default=None, description="Null calls it as the dataset.")
    metrics: list[Line] | None = Field(
        default=None, description="By name; null takes those of the mode or the preset.", max_length=100
    )
    preset: Preset | None = None
    mode: Mode = Mode.FULL
    thresholds: dict[str, float] = Field(default={}, description="By metric; before all others.")
    profile: Line | None = Field(
        default=None, description="Whose models judge; null takes that of the settings."
    )
    target: StoredTargetBody | HttpTargetBody = Field(
        default=StoredTargetBody(), discriminator="kind", description="Where answers come from."
    )
    budget: BudgetBody = BudgetBody()
    limit: int | None = Field(
        default=None, description="Cases at most; the first ones, with a seed drawn ones."
    )
    seed: int | None = None
    repeats: int = Field(default=1, le=100, description="How often each case is judged.")
    is_fresh: bool = Field(default=False, description="Ask the judge also what it answered in other runs.")
    trackers: TrackerNames = []
    prompts: dict[str, Any] | None = Field(
        default=None,
        description="Prompts in the place of Pitwall's own, by name, each with `version` and for `en`, `ko` "
        "or both `system` and `user`, as `content` of `GET /api/v1/evals/prompts/{name}` has them. They are "
        "kept with the run.",
    )

    def options(self) -> RunOptions:
        """Return what is asked for.

        Raises:
            TargetInvalid: The target is none that can be asked.
            PromptsInvalid: A prompt cannot take the place of Pitwall's own.
        """
        return RunOptions(
            metrics=None if self.metrics is None else tuple(self.metrics),
            preset=self.preset,
            mode=self.mode,
            thresholds=self.thresholds,
            target=self.target.plan(),
            budget=self.budget.budget(),
            limit=self.limit,
            seed=self.seed,
            repeats=self.repeats,
            is_fresh=self.is_fresh,
            prompts=BUILT_IN if self.prompts is None else check_prompts(self.prompts),
        )


class ResumeBody(_Body):
    """What a run may use from now on, with what it has used; null leaves a limit as it was."""

    budget: BudgetBody = BudgetBody()
    trackers: TrackerNames = []


class PlannedMetricView(BaseModel):
    """A metric of a run."""

    name: str
    version: int
    identity: str = Field(description="Scores of equal identity can be compared.")
    threshold: float | None = Field(description="What a case passes at; null lets every case be.")
    threshold_from: ThresholdFrom | None
    direction: Direction
    unit: str


class JudgeView(BaseModel):
    """Who judges."""

    model: str
    api: str
    base_url: str
    embedding_model: str | None
    parameters: dict[str, Any] = Field(
        description="Temperature, seed, longest reply, and a hash of further options; answers depend on them."
    )


class PlannedPromptsView(BaseModel):
    """Prompts that take the place of Pitwall's own."""

    hash: str = Field(description="Of their texts, which `/prompts` of the run has.")
    replaced: dict[str, str] = Field(
        description="Hash of each prompt, by name, as it stands in the identity of scores."
    )


class RunPlanView(BaseModel):
    """Everything that decides what a run does."""

    metrics: list[PlannedMetricView]
    mode: Mode
    profile: str | None
    judge: JudgeView | None
    target: dict[str, Any]
    budget: BudgetBody
    available: int = Field(description="Cases that the dataset version has.")
    limit: int | None
    seed: int | None
    repeats: int
    is_fresh: bool
    language: str | None
    prompts: PlannedPromptsView | None = Field(
        description="Null for a run that asks with Pitwall's own alone."
    )


class RunPrompts(BaseModel):
    """The prompts that a run asks with instead of Pitwall's own, in the form that a new run takes."""

    run_id: str
    hash: str | None = Field(description="Null if there are none.")
    prompts: dict[str, Any] = Field(description="By name.")


class ProgressView(BaseModel):
    """How far a run is, over all its attempts."""

    cases: int
    cases_done: int
    calls: int = Field(description="Model calls that it needs at most.")
    calls_made: int
    calls_from_store: int
    failed_calls: int
    cost_usd: float | None
    tokens: int
    seconds: float


class MetricSummaryView(BaseModel):
    """What a metric says of a run; only cases with a value enter its mean."""

    identity: str
    n_total: int
    n_scored: int
    n_errors: int
    reasons: dict[str, int] = Field(description="Why the others have no value, with how many.")
    mean: float | None
    low: float | None = Field(description="Lower end of the 95 % interval of the mean.")
    high: float | None
    method: str | None
    pass_rate: float | None
    pass_low: float | None
    pass_high: float | None
    threshold: float | None
    direction: Direction
    unit: str


class RunSummaryView(BaseModel):
    """What came of a run."""

    cases: int
    metrics: dict[str, MetricSummaryView]
    decided_cases: int = Field(
        description="That pass or fail; of one on which only the judge failed nobody knows."
    )
    passed_cases: int
    pass_rate: float | None
    pass_low: float | None
    pass_high: float | None
    duration_s: float
    cost_usd: float | None
    calls: int


class EvalRunView(BaseModel):
    """A run."""

    id: str
    name: str
    dataset: str
    dataset_version_id: str | None
    dataset_hash: str
    state: RunState
    where: Where
    plan: RunPlanView
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    progress: ProgressView
    summary: RunSummaryView | None = Field(description="Null until an attempt is over.")
    stop_reason: str | None
    error: str | None
    resume: str | None = Field(description="The command that goes on with it; null if nothing is left to do.")


class JudgeInterval(BaseModel):
    """Where a number lies with 95 % confidence."""

    low: float
    high: float
    method: str


class JudgeKappa(BaseModel):
    """Agreement of judge and people beyond chance; null if both used one and the same category only."""

    value: float | None
    interval: JudgeInterval | None
    agreement: float = Field(description="Share of cases on which both agree.")
    n: int


class JudgeRate(BaseModel):
    """A share of labelled cases."""

    successes: int
    n: int
    value: float | None
    interval: JudgeInterval | None


class JudgeCorrectedRate(BaseModel):
    """The pass rate of the run with the judge's measured mistakes taken out."""

    value: float
    interval: JudgeInterval


class JudgeText(BaseModel):
    """A sentence in both languages."""

    en: str
    ko: str


class JudgeCalibration(BaseModel):
    """How far the judge of a metric can be believed."""

    state: Literal["uncalibrated", "few_labels", "calibrated", "moved", "expired"] = Field(
        description="`uncalibrated`: nobody measured it by labels. `few_labels`: by too few. `moved`: it was "
        "measured, and an anchor check found since that it judges otherwise by now. `expired`: it was "
        "measured long ago, and nothing has checked it since."
    )
    text: JudgeText = Field(description="What that means.")
    n_labels: int = Field(description="Cases that it was measured by; 0 if it was not.")
    threshold: float | None = Field(description="What a case passed at when it was measured.")
    kappa: JudgeKappa | None
    true_positive: JudgeRate | None = Field(
        description="Of the cases that people pass, how many it passes (TPR)."
    )
    true_negative: JudgeRate | None = Field(
        description="Of the cases that people fail, how many it fails (TNR)."
    )
    corrected_rate: JudgeCorrectedRate | None = Field(
        description="Null without enough labels, or if the run has another threshold than the measurement."
    )
    dataset: str | None = Field(description="Whose labels it was measured by.")
    run_id: str | None = Field(description="The run whose scores were measured.")
    measured_at: datetime | None
    anchors: str | None = Field(description="The anchor set that checked it last; null if none did.")
    anchors_checked_at: datetime | None
    has_moved: bool | None = Field(description="What that check found; null if none did.")


class EvalRunDetail(EvalRunView):
    """A run with what is known of its judges, and where it was sent."""

    calibration: dict[str, JudgeCalibration] = Field(
        description="By metric; those that ask no judge are not in it."
    )
    trackers: list[TrackerLinkView] = Field(description="Trackers that it was to be sent to.")


class EvalRunList(BaseModel):
    """Runs, newest first."""

    runs: list[EvalRunView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class EstimateView(BaseModel):
    """What a run takes at most."""

    cases: int
    calls: int = Field(description="Calls that metrics share are counted for each of them.")
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = Field(description="Null if the price is not known.")
    seconds: float | None = Field(
        description="At the pace of the last run with this judge; null if there is none."
    )


class PlannedRun(BaseModel):
    """A run as it would be done."""

    plan: RunPlanView
    estimate: EstimateView


class CreatedRun(EvalRunDetail):
    """A run that was begun."""

    estimate: EstimateView


class EvalDistribution(BaseModel):
    """How the scores of a metric are spread."""

    low: float = Field(description="Where the first bin begins.")
    high: float = Field(description="Where the last bin ends.")
    counts: list[int] = Field(description="Scored cases by bin, all of one width; empty without any.")


class EvalDistributions(BaseModel):
    """How the scores of a run are spread, metric by metric."""

    run_id: str
    metrics: dict[str, EvalDistribution]


class ShortScore(BaseModel):
    """A score in a list."""

    metric: str
    sample: int = Field(description="Which repetition, from 0.")
    status: ScoreStatus
    value: float | None
    reason: str | None
    passed: bool | None


class CaseScoreView(ShortScore):
    """A score with what explains it."""

    explanation: str | None
    evidence: Any
    calls: list[str] = Field(description="Keys of the model calls that it rests on.")


class CaseFacts(BaseModel):
    """A case of a run."""

    position: int
    example_id: str
    question: str | None
    answer: str | None
    answer_error: str | None = Field(description="Why there is no answer.")
    language: str | None
    group: str | None
    trace_id: str | None
    passed: bool | None = Field(description="Null if nothing can be said.")


class CaseView(CaseFacts):
    """A case in a list."""

    scores: list[ShortScore]


class CaseList(BaseModel):
    """Cases of a run."""

    run_id: str
    cases: list[CaseView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class CaseDetail(CaseFacts):
    """A case with everything that explains its scores."""

    example: dict[str, Any] | None = Field(description="As datasets write it.")
    judged_answer: dict[str, Any] | None
    scores: list[CaseScoreView]
