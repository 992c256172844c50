"""One attempt at a run, from the claim to its ending: what the command line and the server's job share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pitwall.evals.metrics.types import Metric
from pitwall.evals.runs.journal import Journal
from pitwall.evals.runs.runner import Ending, Runner, RunParts
from pitwall.evals.runs.selection import Numbered
from pitwall.evals.runs.summary import summarise
from pitwall.evals.runs.targets.types import Target
from pitwall.evals.runs.tracking import Tracker
from pitwall.evals.runs.types import EvalRun, Progress, RunState, RunSummary
from pitwall.llm.counters import CallCounts
from pitwall.llm.types import Models

_CASES = 64
_FEWEST_CASES = 16
_MOST_CASES = 256


@dataclass(frozen=True, slots=True)
class Judge:
    """The models of a run, what they were asked so far, and how many calls may be under way."""

    models: Models
    counts: Callable[[], CallCounts]
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What an attempt at a run works with.

    Attributes:
        run: As it was claimed.
        watch: Told of the tracker, to show progress.
    """

    run: EvalRun
    metrics: Sequence[Metric]
    examples: Callable[[], Iterator[Numbered]]
    target: Target
    judge: Judge | None
    journal: Journal
    watch: Callable[[Tracker, Runner], None] | None = None


async def execute(attempt: Attempt) -> EvalRun:
    """Do a run until it is over, and note what came of it.

    Raises:
        RunLost: Another process has the run, or somebody cancelled it.
        CancelledError: This process was interrupted; the run is noted as interrupted.
    """
    run, judge, journal = attempt.run, attempt.judge, attempt.journal
    tracker = Tracker(run.progress, journal.clock, None if judge is None else judge.counts)
    runner = Runner(
        RunParts(
            run=run,
            metrics=attempt.metrics,
            examples=attempt.examples,
            target=attempt.target,
            models=None if judge is None else judge.models,
            journal=journal,
            tracker=tracker,
            cases_at_once=_cases_at_once(judge),
        )
    )
    if attempt.watch is not None:
        attempt.watch(tracker, runner)
    try:
        ending = await runner.run()
    except asyncio.CancelledError:
        await _end(attempt, runner, tracker, Ending(RunState.INTERRUPTED))
        raise
    await _end(attempt, runner, tracker, ending)
    return await asyncio.to_thread(journal.run)


def _cases_at_once(judge: Judge | None) -> int:
    """Enough that calls never wait for cases: a case may be between two calls."""
    return _CASES if judge is None else min(max(4 * judge.concurrency, _FEWEST_CASES), _MOST_CASES)


async def _end(attempt: Attempt, runner: Runner, tracker: Tracker, ending: Ending) -> None:
    def write() -> None:
        progress = tracker.progress()
        summary = _summarise(attempt, runner, progress)
        attempt.journal.end(
            ending.state, progress, summary, stop_reason=ending.stop_reason, error=ending.error
        )

    await asyncio.to_thread(write)


def _summarise(attempt: Attempt, runner: Runner, progress: Progress) -> RunSummary:
    plan = attempt.run.plan
    columns = attempt.journal.columns([metric.name for metric in plan.metrics])
    return summarise(plan, columns, runner.tally.groups, progress)
