"""From what somebody asks for to a plan: which metrics, at which thresholds, and what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.metrics.presets import mode_metrics, preset
from pitwall.evals.metrics.types import Metric, MetricSpec, Needs
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.dataset_facts import DatasetFacts
from pitwall.evals.runs.errors import PlanInvalid
from pitwall.evals.runs.estimate import Cost
from pitwall.evals.runs.types import (
    JudgeFacts,
    Mode,
    Plan,
    PlannedMetric,
    PlannedPrompts,
    RunBudget,
    ThresholdFrom,
)

_DEFAULT_PRESET = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What somebody asks for.

    Attributes:
        metrics: By name; None takes those of the mode or the preset that the dataset has the fields for.
        thresholds: By name of the metric.
        prompts: What judges are asked with.
    """

    metrics: tuple[str, ...] | None = None
    preset: str | None = None
    mode: Mode = Mode.FULL
    thresholds: Mapping[str, float] = field(default_factory=dict)
    target: Mapping[str, Any] = field(default_factory=lambda: {"kind": "stored"})
    budget: RunBudget = field(default_factory=RunBudget)
    limit: int | None = None
    seed: int | None = None
    repeats: int = 1
    is_fresh: bool = False
    language: str | None = None
    prompts: Prompts = BUILT_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """What a plan has to know of a profile.

    Attributes:
        name: None if none was chosen.
        judge: None if it has no judge.
        cost: What tokens of the judge cost.
    """

    name: str | None = None
    judge: JudgeFacts | None = None
    cost: Cost = lambda _input, _output: None
    thresholds: Mapping[str, float] = field(default_factory=dict)


Find = Callable[[str], Metric]
Identify = Callable[[Metric, str | None, str | None], str]
"""Of a metric with the names of judge and embedding model."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where metrics come from and what their scores are called."""

    find: Find
    identify: Identify


def plan_run(
    options: RunOptions, dataset: DatasetFacts, profile: ProfileFacts, ruler: Ruler
) -> tuple[Plan, tuple[Metric, ...]]:
    """Decide what a run does.

    Returns:
        The plan and its metrics, in the same order.

    Raises:
        UnknownMetric: A metric is not known.
        PlanInvalid: The run cannot be made as asked for; the message says all that is wrong.
    """
    metrics = _choose(options, dataset, profile, ruler)
    problems = [
        *_problems_of_options(options, profile),
        *_problems_of_retriever(RetrieverPlan.of(options.target), dataset, profile),
        *_problems_of_thresholds(options, [metric.spec for metric in metrics]),
        *(problem for metric in metrics for problem in _problems_of_metric(metric.spec, dataset, profile)),
    ]
    if problems:
        raise PlanInvalid(
            " ".join(problem.what for problem in problems),
            hint=" ".join(dict.fromkeys(problem.way_out for problem in problems)),
        )
    retriever = RetrieverPlan.of(options.target)
    asks = any(_asks(metric.spec) for metric in metrics)
    asks |= retriever is not None and retriever.kind.needs_vectors
    judge = profile.judge if asks else None
    plan = Plan(
        metrics=tuple(_planned(metric, options, dataset, profile, ruler) for metric in metrics),
        mode=options.mode,
        profile=profile.name if asks else None,
        judge=judge,
        target=options.target,
        budget=options.budget,
        available=dataset.cases,
        limit=options.limit,
        seed=options.seed,
        repeats=options.repeats,
        is_fresh=options.is_fresh,
        language=options.language,
        prompts=_planned_prompts(options.prompts),
    )
    return plan, metrics


def threshold_of(
    spec: MetricSpec, options: RunOptions, dataset: Mapping[str, float], profile: Mapping[str, float]
) -> tuple[float | None, ThresholdFrom | None]:
    """The threshold of a metric, and who set it: flag, dataset, profile, or the metric's own default."""
    for given, origin in (
        (options.thresholds, ThresholdFrom.FLAG),
        (dataset, ThresholdFrom.DATASET),
        (profile, ThresholdFrom.PROFILE),
    ):
        if spec.name in given:
            return given[spec.name], origin
    return spec.threshold, None if spec.threshold is None else ThresholdFrom.DEFAULT


@dataclass(frozen=True, slots=True)
class _Problem:
    what: str
    way_out: str


def _choose(
    options: RunOptions, dataset: DatasetFacts, profile: ProfileFacts, ruler: Ruler
) -> tuple[Metric, ...]:
    """The metrics that were named; of a mode or a preset those that can be judged here."""
    fixed = mode_metrics(options.mode.value)
    if fixed is not None and (options.metrics is not None or options.preset is not None):
        raise PlanInvalid(
            f"Mode {options.mode.value!r} has its own metrics: {', '.join(fixed)}.",
            hint="Leave --metrics and --preset out, or use --mode full.",
        )
    if options.metrics is not None:
        return _distinct([ruler.find(name) for name in options.metrics])
    names = fixed if fixed is not None else preset(options.preset or _DEFAULT_PRESET)
    known = [ruler.find(name) for name in names]
    usable = [metric for metric in known if not _problems_of_metric(metric.spec, dataset, profile)]
    return _distinct(usable or known)


def _distinct(metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    if not metrics:
        raise PlanInvalid("A run needs at least one metric.", hint="Name metrics with --metrics.")
    return tuple({metric.spec.name: metric for metric in metrics}.values())


def _problems_of_options(options: RunOptions, profile: ProfileFacts) -> list[_Problem]:
    budget = options.budget
    found = [
        _Problem(
            f"{name} is {value}; it must be more than 0.", f"Give {name} a positive number, or leave it out."
        )
        for name, value in (
            ("--max-calls", budget.max_calls),
            ("--max-cost", budget.max_cost_usd),
            ("--max-minutes", budget.max_minutes),
            ("--limit", options.limit),
            ("--repeats", options.repeats),
        )
        if value is not None and value <= 0
    ]
    if budget.max_cost_usd is not None and profile.judge is not None and profile.cost(1, 1) is None:
        found.append(
            _Problem(
                f"The price of {profile.judge.model!r} is not known, so --max-cost cannot be kept.",
                "Give the profile its prices, or limit the run with --max-calls.",
            )
        )
    return found


def _problems_of_retriever(
    retriever: RetrieverPlan | None, dataset: DatasetFacts, profile: ProfileFacts
) -> list[_Problem]:
    if retriever is None:
        return []
    found = []
    judge = profile.judge
    if retriever.kind.needs_vectors and (judge is None or judge.embedding_model is None):
        found.append(
            _Problem(
                f"--retriever {retriever.kind} needs an embedding model, and {_no_judge(profile)}.",
                "Choose a profile that has an embedding model with --profile, or use --retriever bm25.",
            )
        )
    if dataset.with_contexts == dataset.cases and not retriever.replaces:
        found.append(
            _Problem(
                f"All {dataset.cases} cases of {dataset.name!r} have contexts, so --retriever finds none.",
                "Leave --retriever out, or put what it finds in their place with --replace-contexts.",
            )
        )
    return found


def _problems_of_thresholds(options: RunOptions, specs: Sequence[MetricSpec]) -> list[_Problem]:
    known = {spec.name: spec for spec in specs}
    found = []
    for name, value in options.thresholds.items():
        spec = known.get(name)
        if spec is None:
            found.append(
                _Problem(f"--threshold names {name!r}, which the run does not judge.", "Add it to --metrics.")
            )
        elif not _is_in_range(spec, value):
            found.append(
                _Problem(
                    f"The threshold {value} of {name!r} is outside of its range.",
                    f"{name} lies between {_bound(spec.lowest)} and {_bound(spec.highest)}.",
                )
            )
    return found


def _is_in_range(spec: MetricSpec, value: float) -> bool:
    above = spec.lowest is None or value >= spec.lowest
    return above and (spec.highest is None or value <= spec.highest)


def _bound(value: float | None) -> str:
    return "no bound" if value is None else f"{value:g}"


def _problems_of_metric(spec: MetricSpec, dataset: DatasetFacts, profile: ProfileFacts) -> list[_Problem]:
    found = [
        _Problem(
            f"Metric {spec.name!r} needs {need.value.replace('_', ' ')}, "
            f"which none of the {dataset.cases} cases of {dataset.name!r} has.",
            "Leave the metric out, or add the field to the dataset.",
        )
        for need in Needs
        if need in spec.needs and not dataset.fields.get(need, 0)
    ]
    judge = profile.judge
    if spec.calls and (judge is None or not judge.model):
        found.append(
            _Problem(
                f"Metric {spec.name!r} asks a judge, and {_no_judge(profile)}.",
                "Choose a profile that has a judge with --profile; `pitwall judge profiles` lists them.",
            )
        )
    elif spec.needs_embeddings and (judge is None or judge.embedding_model is None):
        found.append(
            _Problem(
                f"Metric {spec.name!r} needs an embedding model, and {_no_judge(profile)}.",
                "Choose a profile that has an embedding model with --profile.",
            )
        )
    return found


def _no_judge(profile: ProfileFacts) -> str:
    return "no profile is chosen" if profile.name is None else f"profile {profile.name!r} has none"


def _asks(spec: MetricSpec) -> bool:
    return bool(spec.calls) or spec.needs_embeddings


def _planned_prompts(prompts: Prompts) -> PlannedPrompts | None:
    if prompts.hash is None:
        return None
    return PlannedPrompts(prompts.hash, dict(prompts.digests(prompts.replaced)))


def _planned(
    metric: Metric, options: RunOptions, dataset: DatasetFacts, profile: ProfileFacts, ruler: Ruler
) -> PlannedMetric:
    spec = metric.spec
    threshold, origin = threshold_of(spec, options, dataset.thresholds, profile.thresholds)
    judge = profile.judge or JudgeFacts("", "")
    return PlannedMetric(
        name=spec.name,
        version=spec.version,
        identity=ruler.identify(metric, judge.model or None, judge.embedding_model),
        threshold=threshold,
        threshold_from=origin,
        direction=spec.direction,
        unit=spec.unit,
    )
