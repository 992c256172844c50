"""What a metric is: facts about it, and a function from a case to a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pitwall.evals.judging.prompts import Prompts
from pitwall.evals.types import Case, Direction, Score, ScoreStatus
from pitwall.kit.i18n import Text
from pitwall.llm.types import Models


class Needs(StrEnum):
    """A field of a case that a metric cannot do without."""

    ANSWER = "answer"
    CONTEXTS = "contexts"
    REFERENCE = "reference"
    REFERENCE_CONTEXTS = "reference_contexts"
    RELEVANCE = "relevance"
    TOOL_CALLS = "tool_calls"
    REFERENCE_TOOL_CALLS = "reference_tool_calls"
    TURNS = "turns"
    LATENCY = "latency"
    COST = "cost"
    TOKENS = "tokens"


class Family(StrEnum):
    """What a metric looks at; lists are grouped by it."""

    GROUNDING = "grounding"
    ANSWER = "answer"
    RETRIEVAL = "retrieval"
    SUMMARY = "summary"
    RUBRIC = "rubric"
    TOOLS = "tools"
    CONVERSATION = "conversation"
    TEXT = "text"
    FORMAT = "format"
    OPERATION = "operation"


class Per(StrEnum):
    """What a number of calls is for."""

    CASE = "case"
    TURN = "turn"
    """Each turn of a conversation that has an answer and contexts."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """Facts about a metric.

    Attributes:
        name: Lower case with underscores and dots, such as `factual_precision`.
        version: Grows whenever the same case may get another value; comparisons across versions warn.
        description: What it measures, its formula in a line, and what it does not say.
        lowest: Smallest possible value; None for no bound.
        highest: Largest possible value; None for no bound.
        needs: What a case must have; without it the score is `not_applicable` (reason `no_<field>`).
        calls: Judge calls for one case at most; 0 for metrics that need no model.
        calls_per: Whether that is for a case, or for each turn of it.
        needs_embeddings: It asks for vectors.
        unit: `ratio` unless it is something else: `ms`, `usd`.
        threshold: What a case passes at if nobody says otherwise; None for metrics that pass or fail nobody.
        prompts: Name and hash of the prompts that it asks with, part of the identity of its scores.
        options: What it was configured with, such as `k` and `5`, part of the identity too.
        requires_extra: The extra of Pitwall that it cannot do without, such as `bleu`.
    """

    name: str
    version: int
    family: Family
    title: Text
    description: Text
    direction: Direction = Direction.HIGHER
    lowest: float | None = 0.0
    highest: float | None = 1.0
    needs: frozenset[Needs] = frozenset()
    calls: int = 0
    calls_per: Per = Per.CASE
    needs_embeddings: bool = False
    unit: str = "ratio"
    threshold: float | None = 0.7
    prompts: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    requires_extra: str | None = None

    def passes(self, value: float, threshold: float) -> bool:
        """Whether a value is at least as good as a threshold."""
        return value >= threshold if self.direction is Direction.HIGHER else value <= threshold


class Metric(Protocol):
    """Judges cases. One that needs no model ignores `models`, which may then be None."""

    @property
    def spec(self) -> MetricSpec:
        """Facts about it."""
        ...

    async def score(self, case: Case, models: Models | None) -> Score:
        """Judge a case that has what the metric needs; never raises because of what a case or a judge says.

        A model call that failed is a score of status `error` with the failure as its reason; only
        `CallFailed` with the failure `budget` passes through, so that a run can stop.
        """
        ...


@runtime_checkable
class WithPrompts(Protocol):
    """A metric whose prompts can be replaced."""

    def with_prompts(self, prompts: Prompts) -> Metric:
        """The metric, asking with other prompts."""
        ...


@dataclass(frozen=True, slots=True)
class CodeMetric:
    """A metric that is a plain function: no model, no waiting."""

    spec: MetricSpec
    function: Callable[[Case], Score]

    async def score(self, case: Case, models: Models | None) -> Score:
        """Judge a case."""
        return self.function(case)


@dataclass(frozen=True, slots=True)
class MetricOption:
    """Something that can be set on a metric: `ndcg:k=10`.

    Attributes:
        default: As it would be written; None for one that must be given.
    """

    name: str
    description: Text
    default: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigurableMetric:
    """A metric that takes options; as it stands it is the one with every option at its default.

    Attributes:
        spec: Of the metric with its defaults.
        options: What can be set.
        build: Makes the metric from its spec, which has the name and the options already, and a value for
            every option, as it was written; raises ValueError with what is wrong about a value.
        reword: Makes the metric that asks with other prompts; None for one that asks with none of Pitwall's.
    """

    spec: MetricSpec
    options: tuple[MetricOption, ...]
    build: Callable[[MetricSpec, Mapping[str, str]], Metric]
    reword: Callable[[Prompts], ConfigurableMetric] | None = None

    def with_prompts(self, prompts: Prompts) -> ConfigurableMetric:
        """The metric, asking with other prompts."""
        return self if self.reword is None else self.reword(prompts)

    @property
    def defaults(self) -> dict[str, str]:
        """The options that nobody has to give."""
        return {option.name: option.default for option in self.options if option.default is not None}

    async def score(self, case: Case, models: Models | None) -> Score:
        """Judge a case with the options at their defaults."""
        absent = [option.name for option in self.options if option.default is None]
        if absent:
            return Score(self.spec.name, ScoreStatus.ERROR, reason="option_missing", explanation=absent[0])
        return await self.build(self.configured_spec, self.defaults).score(case, models)

    @property
    def configured_spec(self) -> MetricSpec:
        """The spec with the options that nobody has to give."""
        return replace(self.spec, options=tuple(sorted(self.defaults.items())))
