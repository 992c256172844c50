"""The wire shapes of comparisons, gates and baselines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.evals.comparison.errors import ComparisonInvalid
from pitwall.evals.comparison.gate_types import (
    MOST_UNSCORED,
    CheckKind,
    GateExit,
    GatePolicy,
    GateResult,
    RegressionRule,
)
from pitwall.evals.comparison.service import Compared, CompareRequest, GateRequest
from pitwall.evals.comparison.types import (
    LEAST_CASES,
    Baseline,
    CompareOptions,
    Comparison,
    NoticeKind,
    Verdict,
)
from pitwall.evals.comparison.wording import VERDICTS
from pitwall.evals.types import Direction
from pitwall.stats.plain_intervals import Method

RunId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MetricName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
BaselineName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Alpha = Annotated[float, Field(gt=0, lt=0.5, description="Chance of a false finding over all metrics.")]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="The same seed gives the same numbers.")]
Margin = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _View(BaseModel):
    """Read from the fields of a value of the same names."""

    model_config = ConfigDict(from_attributes=True)


class TextView(_View):
    """A sentence in both languages."""

    en: str
    ko: str


class IntervalView(_View):
    """Where a number lies with 95 % confidence, and how that was found."""

    low: float
    high: float
    method: Method


class ComparedRunView(_View):
    """A run that is compared."""

    id: str
    name: str
    dataset: str
    dataset_hash: str
    judge: str | None
    is_complete: bool


class SideView(_View):
    """One run, over the pairs."""

    mean: float | None
    interval: IntervalView | None


class UnpairedView(_View):
    """Cases that do not enter the difference, and why."""

    total: int
    only_in_a: int
    only_in_b: int
    unscored_a: int
    unscored_b: int
    unscored_both: int
    reasons_a: dict[str, int]
    reasons_b: dict[str, int]


class PassView(_View):
    """Which cases pass; `p` is McNemar's exact test."""

    threshold: float | None
    n: int
    rate_a: float
    rate_b: float
    interval_a: IntervalView | None
    interval_b: IntervalView | None
    lost: int
    gained: int
    p: float
    p_adjusted: float


class NeededView(_View):
    """How many more cases it would take to find a difference of this size."""

    difference: float
    of: str
    more: int


class MetricComparisonView(_View):
    """What two runs say of one metric, over the cases that have a value in both."""

    metric: str
    identity_a: str
    identity_b: str
    direction: Direction
    unit: str
    margin: float
    verdict: Verdict
    n: int = Field(description="Pairs of cases.")
    units: int = Field(description="Independent ones: clusters, or pairs without clusters.")
    a: SideView
    b: SideView
    difference: float | None = Field(description="Second minus first; null without a pair.")
    interval: IntervalView | None
    p: float | None = Field(description="Sign-flip permutation test.")
    p_adjusted: float | None = Field(description="By Holm over all metrics.")
    method: str | None
    effect_size: float | None = Field(description="In standard deviations of the differences.")
    wins: int
    ties: int
    losses: int
    detectable: float | None = Field(description="Smallest true difference that so many cases show.")
    needed: NeededView | None
    passes: PassView | None
    unpaired: UnpairedView


class NoticeView(_View):
    """Something to know before the numbers are believed."""

    kind: NoticeKind
    is_other_ruler: bool
    metric: str | None
    text: TextView


class RulerPartView(_View):
    """One part of a difference."""

    difference: float
    interval: IntervalView | None
    p: float
    is_shown: bool


class RulerView(_View):
    """A difference taken apart: did the answers change, or the ruler?"""

    metric: str
    unit: str
    n: int
    total: float | None
    ruler: RulerPartView | None
    answers: RulerPartView | None
    text: TextView


class SliceNameView(_View):
    """A part of the cases."""

    fact: str
    value: str


class CaseSliceView(_View):
    """What two runs say of one metric within a slice."""

    slice: SliceNameView
    metric: str
    direction: Direction
    unit: str
    n: int
    mean_a: float
    mean_b: float
    difference: float
    interval: IntervalView | None
    rest: float | None = Field(description="Mean difference of all other cases.")
    p: float
    p_adjusted: float = Field(description="By Benjamini and Hochberg over all slices and metrics.")
    verdict: Verdict


class OptionsView(_View):
    """How it was compared."""

    margin: float
    margins: dict[str, float]
    alpha: float
    power: float
    seed: int


class RunChangeView(_View):
    """Something that differs between what two runs ran on; it changed together with the scores."""

    part: str = Field(description="Such as `dataset`, `judge`, `prompts`, `target`, `git`, `packages`.")
    what: str
    before: Any
    after: Any
    is_known: bool = Field(description="False if only one of the runs tells of it.")
    text: TextView


class ComparisonView(BaseModel):
    """What two runs say, metric by metric; `a` is the run before."""

    a: ComparedRunView
    b: ComparedRunView
    options: OptionsView
    verdicts: dict[Verdict, int]
    least_pairs: int
    metrics: list[MetricComparisonView]
    cases: PassView | None = Field(description="Over all metrics that both runs have a threshold for.")
    notices: list[NoticeView]
    changes: list[RunChangeView] | None = Field(description="Null if a run kept nothing of what it ran on.")
    ruler: list[RulerView]
    slices: list[CaseSliceView] | None

    @classmethod
    def of(cls, compared: Compared) -> Self:
        """Return the written form of a comparison."""
        return cls.of_comparison(
            compared.comparison,
            ruler=[RulerView.model_validate(one) for one in compared.ruler],
            slices=None
            if compared.slices is None
            else [CaseSliceView.model_validate(one) for one in compared.slices],
        )

    @classmethod
    def of_comparison(
        cls,
        comparison: Comparison,
        *,
        ruler: Iterable[RulerView] = (),
        slices: list[CaseSliceView] | None = None,
    ) -> Self:
        """Return the written form of a comparison and of what else was found."""
        from pitwall.evals.comparison.comparing import least_pairs  # numpy: a server starts without it

        return cls(
            a=ComparedRunView.model_validate(comparison.a),
            b=ComparedRunView.model_validate(comparison.b),
            options=OptionsView.model_validate(comparison.options),
            verdicts={verdict: comparison.count(verdict) for verdict in VERDICTS},
            least_pairs=least_pairs(comparison.options.alpha, len(comparison.metrics)),
            metrics=[MetricComparisonView.model_validate(row) for row in comparison.metrics],
            cases=None if comparison.cases is None else PassView.model_validate(comparison.cases),
            notices=[
                NoticeView(
                    kind=one.kind,
                    is_other_ruler=one.kind.is_other_ruler,
                    metric=one.metric,
                    text=TextView.model_validate(one.text),
                )
                for one in comparison.notices
            ],
            changes=None
            if comparison.changes is None
            else [RunChangeView.model_validate(one) for one in comparison.changes],
            ruler=list(ruler),
            slices=slices,
        )


class CompareQuery(BaseModel):
    """What to compare, and how."""

    a: RunId = Field(description="The run before, by id or its beginning.")
    b: RunId = Field(description="The run that is asked about.")
    metric: list[MetricName] = Field(default_factory=list, description="Only these metrics.")
    margin: list[str] = Field(
        default_factory=list, description="How much worse is still the same: `0.02`, or `latency_ms=50`."
    )
    alpha: Alpha = 0.05
    seed: Seed = 0
    rejudged: RunId | None = Field(
        default=None,
        description="Run over the answers of `a`, judged as those of `b`: tells changed answers from a "
        "changed ruler.",
    )
    slices: bool = Field(default=False, description="Look for parts of the cases that lost.")
    least_cases: int = Field(default=LEAST_CASES, ge=2, description="Pairs that a slice needs.")
    strict: bool = Field(default=False, description="Refuse runs that were measured by another ruler.")

    def request(self) -> CompareRequest:
        """Return the request.

        Raises:
            ComparisonInvalid: A margin is no number of at least 0.
        """
        overall, by_metric = _read_margins(self.margin)
        return CompareRequest(
            a=self.a,
            b=self.b,
            rejudged=self.rejudged,
            with_slices=self.slices,
            least_cases=self.least_cases,
            is_strict=self.strict,
            options=CompareOptions(
                metrics=tuple(self.metric),
                margin=overall,
                margins=by_metric,
                alpha=self.alpha,
                seed=self.seed,
            ),
        )


def _read_margins(texts: list[str]) -> tuple[float, dict[str, float]]:
    """A margin for all ratios, and margins by metric."""
    overall, by_metric = 0.0, {}
    for text in texts:
        metric, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0.0 <= value < float("inf"):
            raise ComparisonInvalid(f"{text!r} is no margin.", hint="Write 0.02 or latency_ms=50.")
        if metric:
            by_metric[metric] = value
        else:
            overall = value
    return overall, by_metric


class CompareOptionsBody(BaseModel):
    """How to compare."""

    model_config = ConfigDict(extra="forbid")

    margin: Margin = Field(default=0.0, description="How much worse is still the same, for ratios.")
    margins: dict[MetricName, Margin] = Field(default_factory=dict, description="The same by metric.")
    alpha: Alpha = 0.05
    seed: Seed = 0

    def options(self) -> CompareOptions:
        """Return the options."""
        return CompareOptions(margin=self.margin, margins=self.margins, alpha=self.alpha, seed=self.seed)


class GateBody(CompareOptionsBody):
    """What to hold a run against."""

    run: RunId
    against: RunId | None = Field(default=None, description="Another run; goes before the baseline.")
    baseline: BaselineName | None = Field(default=None, description="Default is `main`, if there is one.")
    needs_baseline: bool = Field(default=False, description="Without a baseline there is nothing to say.")
    strict: bool = Field(default=False, description="Refuse runs that were measured by another ruler.")
    metrics: list[MetricName] = Field(default_factory=list, description="Only these.")
    thresholds: dict[MetricName, float] = Field(
        default_factory=dict, description="Of means; before those of the run's plan."
    )
    checks_thresholds: bool = True
    pass_rate: Share | None = Field(default=None, description="Share of cases that have to pass all metrics.")
    most_unscored: Share = Field(
        default=MOST_UNSCORED, description="Share of cases of a metric that may be in error or undetermined."
    )
    rule: RegressionRule = RegressionRule.INTERVAL
    needs_enough_data: bool = Field(default=False, description="Too few pairs fail as a regression.")

    def request(self) -> GateRequest:
        """Return the request."""
        return GateRequest(
            run=self.run,
            against=self.against,
            baseline=self.baseline,
            needs_baseline=self.needs_baseline,
            is_strict=self.strict,
            policy=GatePolicy(
                metrics=tuple(self.metrics),
                thresholds=self.thresholds,
                checks_thresholds=self.checks_thresholds,
                pass_rate=self.pass_rate,
                most_unscored=self.most_unscored,
                rule=self.rule,
                needs_enough_data=self.needs_enough_data,
            ),
            options=self.options(),
        )


class CheckView(_View):
    """One thing that a gate looked at."""

    kind: CheckKind
    metric: str | None
    is_passed: bool
    value: float | None
    limit: float | None
    text: TextView


class GateView(BaseModel):
    """What a gate says of a run; `exit_code` is that of the command."""

    run_id: str
    dataset: str
    exit: GateExit
    exit_code: int
    baseline: str | None
    checks: list[CheckView]
    comparison: ComparisonView | None

    @classmethod
    def of(cls, result: GateResult) -> Self:
        """Return the written form of what a gate says."""
        comparison = result.comparison
        return cls(
            run_id=result.run_id,
            dataset=result.dataset,
            exit=result.exit,
            exit_code=result.exit.code,
            baseline=result.baseline,
            checks=[CheckView.model_validate(check) for check in result.checks],
            comparison=None if comparison is None else ComparisonView.of_comparison(comparison),
        )


class BaselineBody(BaseModel):
    """A run to hold others of its dataset against."""

    model_config = ConfigDict(extra="forbid")

    run: RunId
    name: BaselineName = "main"


class BaselineView(_View):
    """A run that others of its dataset are held against."""

    dataset: str
    name: str
    run_id: str
    set_at: datetime
    set_by: str


class BaselineList(BaseModel):
    """The baselines of a dataset by name."""

    baselines: list[BaselineView]

    @classmethod
    def of(cls, baselines: Iterable[Baseline]) -> Self:
        """Return the written form of several baselines."""
        return cls(baselines=[BaselineView.model_validate(one) for one in baselines])
