"""What a process needs to work on runs, and working on one that it has claimed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial

from pitwall.evals.datasets.service import Datasets
from pitwall.evals.metrics.registry import Registry, identity
from pitwall.evals.metrics.types import Metric
from pitwall.evals.runs.errors import PlanInvalid
from pitwall.evals.runs.execution import Attempt, Judge, execute
from pitwall.evals.runs.journal import Journal
from pitwall.evals.runs.kept_prompts import KeptPrompts
from pitwall.evals.runs.runner import Runner
from pitwall.evals.runs.selection import Numbered, selected
from pitwall.evals.runs.targets.opening import open_target
from pitwall.evals.runs.tracking import Tracker
from pitwall.evals.runs.types import EvalRun, JudgeFacts, Plan
from pitwall.kit.clock import Clock
from pitwall.llm.repository import Calls
from pitwall.stores.state import StateStore

OpenJudge = Callable[[EvalRun], AbstractAsyncContextManager[Judge | None]]
"""Opens the models of a run, with what is left of its budget; None for a run that asks none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that runs of a process share.

    Attributes:
        registry: The metrics that can be found.
        environ: Where secrets of targets are looked up.
        note_start: Keeps what a run runs on, when it begins; blocks, and never fails the run.
    """

    state: StateStore
    clock: Clock
    datasets: Datasets
    registry: Registry
    open_judge: OpenJudge
    environ: Mapping[str, str]
    note_start: Callable[[EvalRun], None] = lambda _run: None

    def metrics_of(self, run: EvalRun) -> tuple[Metric, ...]:
        """Return the metrics of a run, asking with the prompts that it was begun with.

        Raises:
            PlanInvalid: One has changed since, so that its new scores would not be like those there are.
            PromptNotFound: Its prompts are not in the store.
        """
        with self.state.session(read_only=True) as session:
            registry = self.registry.with_prompts(KeptPrompts(session, run.project_id).of(run))
        return tuple(self._same(registry, name.name, name.identity, run.plan) for name in run.plan.metrics)

    def _same(self, registry: Registry, name: str, known: str, plan: Plan) -> Metric:
        metric = registry.find(name)
        judge = plan.judge or JudgeFacts("", "")
        now = identity(metric, judge.model or None, judge.embedding_model)
        if now != known:
            raise PlanInvalid(
                f"Metric {name!r} was {known} when the run was planned and is {now} now.",
                code="eval_plan.metric_changed",
                hint="Begin a new run; scores of the two cannot be mixed.",
            )
        return metric

    def with_what_was_used(self, run: EvalRun) -> EvalRun:
        """The run with the calls that were stored: its progress may be a second older, after `kill -9`.

        Calls may be gone by now, as those of a run that finished long ago; then its progress knows better.
        """
        if run.plan.judge is None:
            return run
        with self.state.session(read_only=True) as session:
            calls, cost = Calls(session, run.project_id).used_by(run.id)
        known, spent = run.progress, None if cost is None else float(cost)
        used = replace(
            known,
            calls_made=max(calls, known.calls_made),
            cost_usd=max((one for one in (spent, known.cost_usd) if one is not None), default=None),
        )
        return replace(run, progress=used)

    def examples_of(self, run: EvalRun) -> Iterator[Numbered]:
        """Yield the cases of a run."""
        assert run.dataset_version_id is not None
        return selected(self.datasets.iterate(run.project_id, run.dataset_version_id), run.plan)


async def work_on(
    bench: Bench, run: EvalRun, *, watch: Callable[[Tracker, Runner], None] | None = None
) -> EvalRun:
    """Work on a run that this process has claimed, until it is over.

    Raises:
        PlanInvalid: It cannot be gone on with as it was planned.
        RunLost: Another process has the run, or somebody cancelled it.
        CancelledError: This process was interrupted; the run is noted as interrupted.
    """
    assert run.holder is not None
    metrics = await asyncio.to_thread(bench.metrics_of, run)
    if run.snapshot is None:
        await asyncio.to_thread(bench.note_start, run)
    journal = Journal(bench.state, bench.clock, run.project_id, run.id, run.holder)
    run = await asyncio.to_thread(bench.with_what_was_used, run)
    async with bench.open_judge(run) as judge:
        attempt = Attempt(
            run=run,
            metrics=metrics,
            examples=partial(bench.examples_of, run),
            target=await asyncio.to_thread(
                open_target, run.plan.target, run.id, bench.environ, None if judge is None else judge.models
            ),
            judge=judge,
            journal=journal,
            watch=watch,
        )
        return await execute(attempt)
