"""From a stored dataset and what somebody asks for to a run that can begin: one way for all doors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pitwall.access.types import Principal
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.types import DatasetVersion
from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.metrics.registry import Registry, identity
from pitwall.evals.metrics.types import Metric
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.dataset_facts import Counted, DatasetFacts, KeptCounts
from pitwall.evals.runs.estimate import Estimate, cases_of, estimate
from pitwall.evals.runs.judging import Judges
from pitwall.evals.runs.planning import Ruler, RunOptions, plan_run
from pitwall.evals.runs.service import EvalRuns, NewRun
from pitwall.evals.runs.targets.opening import fields_given
from pitwall.evals.runs.types import Plan, Where
from pitwall.evals.types import Example


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that can begin, and what it takes."""

    plan: Plan
    metrics: Sequence[Metric]
    dataset: DatasetFacts
    expected: Estimate
    prompts: Prompts = BUILT_IN

    @property
    def unused_prompts(self) -> tuple[str, ...]:
        """Prompts that were replaced and that no metric of the run asks with."""
        used = {name for metric in self.metrics for name, _ in metric.spec.prompts}
        return tuple(name for name in self.prompts.replaced if name not in used)

    def new(self, name: str | None, where: Where) -> NewRun:
        """The run; without a name it is called as its dataset."""
        return NewRun(
            name=name or self.dataset.name,
            dataset=self.dataset,
            plan=self.plan,
            cases=cases_of(self.plan),
            calls=self.expected.calls,
            where=where,
            prompts=self.prompts,
        )


@dataclass(frozen=True, slots=True)
class RunPreparer:
    """Plans runs; calls block.

    Attributes:
        runs: Earlier ones tell how fast a judge is.
    """

    datasets: Datasets
    registry: Registry
    judges: Judges
    runs: EvalRuns
    counts: KeptCounts = field(default_factory=KeptCounts)

    def prepare(
        self, name: str, version: DatasetVersion, options: RunOptions, profile: str | None, *, by: Principal
    ) -> PreparedRun:
        """Plan a run over a version of a dataset.

        Raises:
            PlanInvalid: It cannot be done as it was asked for.
            UnknownMetric: A metric is not known.
            ProfileUnknown: There is no such profile.
        """
        dataset = self._count(name, version, options, by)
        facts = self.judges.facts(profile)
        registry = self.registry.with_prompts(options.prompts)
        plan, metrics = plan_run(options, dataset, facts, Ruler(registry.find, identity))
        pace = None if plan.judge is None else self.runs.pace(by.project_id, plan.judge)
        expected = estimate(plan, metrics, dataset, facts.cost, pace)
        return PreparedRun(plan, metrics, dataset, expected, options.prompts)

    def _count(self, name: str, version: DatasetVersion, options: RunOptions, by: Principal) -> DatasetFacts:
        def examples() -> Iterator[Example]:
            return (example for _, example in self.datasets.iterate(by.project_id, version.id))

        given, retriever = fields_given(options.target), RetrieverPlan.of(options.target)
        counted = self.counts.of(version.id, examples, given, is_stored=retriever is not None)
        return DatasetFacts(
            name=name,
            version_id=version.id,
            content_hash=version.content_hash,
            cases=counted.cases,
            fields=counted.fields,
            tokens=counted.tokens + _tokens_to_come(retriever, counted),
            thresholds=version.thresholds,
            turns=counted.turns,
            with_contexts=counted.with_contexts,
        )


def _tokens_to_come(retriever: RetrieverPlan | None, counted: Counted) -> int:
    """Tokens of the contexts that are yet to be found, about."""
    if retriever is None:
        return 0
    cases = counted.cases if retriever.replaces else counted.cases - counted.with_contexts
    return cases * retriever.top_k * retriever.passage_tokens
