"""Doing a run: every case and metric is a task, bounded by the endpoint's own limits, with no barrier."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pitwall.evals.datasets.canonical import answer_json, answer_of
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.types import Metric
from pitwall.evals.runs.dataset_facts import size_of
from pitwall.evals.runs.journal import Journal
from pitwall.evals.runs.recorder import Recorder
from pitwall.evals.runs.selection import Numbered
from pitwall.evals.runs.targets.types import Target
from pitwall.evals.runs.tracking import Tracker
from pitwall.evals.runs.types import EvalRun, PlannedMetric, RunState, StoredScore
from pitwall.evals.runs.watching import RepeatedModels, WatchedModels
from pitwall.evals.runs.window import Window
from pitwall.evals.types import Answer, Case, Example, Score, ScoreStatus
from pitwall.llm.types import CallFailed, CallFailure, Models

_BATCH = 64
_CHARACTERS_AT_ONCE = 8_000_000
_SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParts:
    """What a run works with.

    Attributes:
        metrics: In the order of the plan.
        examples: Yields positions and examples, in order of position; may block.
        cases_at_once: Under way at most.
        models: None for a run whose metrics ask none.
    """

    run: EvalRun
    metrics: Sequence[Metric]
    examples: Callable[[], Iterator[Numbered]]
    target: Target
    models: Models | None
    journal: Journal
    tracker: Tracker
    cases_at_once: int


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run is over."""

    state: RunState
    stop_reason: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Tally:
    """What was judged in this attempt.

    Attributes:
        groups: Group of each position whose example has one.
        counts: Scores with a value, by metric.
        sums: Of these values.
        failures: Reasons of scores in error, with the sentence of the first.
    """

    groups: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    sums: dict[str, float] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    sentences: dict[str, str] = field(default_factory=dict)

    def add(self, score: Score) -> None:
        """Count a score."""
        if score.value is not None:
            self.counts[score.metric] += 1
            self.sums[score.metric] = self.sums.get(score.metric, 0.0) + score.value
        elif score.status is ScoreStatus.ERROR:
            reason = score.reason or "error"
            self.failures[reason] += 1
            self.sentences.setdefault(reason, score.explanation or "")


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing to judge a case by."""

    planned: PlannedMetric
    metric: Metric
    sample: int


class Runner:
    """One attempt at a run, from the first case that is not judged yet."""

    def __init__(self, parts: RunParts) -> None:
        self._parts = parts
        self.tally = Tally()
        self._recorder = Recorder(parts.journal, parts.tracker.progress)
        self._window = Window(parts.cases_at_once, _CHARACTERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled: Mapping[tuple[str, int], bytearray] = {}
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._models = self._watched()
        self._spent: CallFailed | None = None

    async def run(self) -> Ending:
        """Judge what is not judged yet; what was written down is complete when this returns.

        Raises:
            RunLost: Another process has the run now.
            CancelledError: This one was interrupted; scores that were ready are written.
        """
        self._settled = await asyncio.to_thread(self._parts.journal.settled)
        writer = asyncio.create_task(self._recorder.run())
        work = asyncio.create_task(self._work())
        try:
            ending = await self._wait_for_end(work, writer)
        finally:
            await self._let_go([work, *self._tasks, writer])
            await self._parts.target.close()
            await self._recorder.flush()  # also what an interrupted attempt has ready
        return ending

    def means(self) -> dict[str, tuple[float, int]]:
        """The means of this attempt so far, each with its number of scores."""
        tally = self.tally
        return {name: (tally.sums[name] / count, count) for name, count in list(tally.counts.items())}

    async def _wait_for_end(self, work: asyncio.Task[None], writer: asyncio.Task[None]) -> Ending:
        awaited: set[asyncio.Future[Any]] = {work, writer, self._ending}
        done, _ = await asyncio.wait(
            awaited, timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED
        )
        if writer in done:
            writer.result()  # raises: it never ends by itself
        if self._ending in done:
            return self._ending.result()
        if work in done:
            work.result()
            return self._finished()
        minutes = self._parts.run.plan.budget.max_minutes
        return Ending(RunState.STOPPED, stop_reason=f"The {minutes:g} minutes of --max-minutes are over.")

    def _finished(self) -> Ending:
        if self._spent is not None:
            return Ending(RunState.STOPPED, stop_reason=self._spent.message)
        tally = self.tally
        if tally.counts or not tally.failures or self._has_settled():
            return Ending(RunState.FINISHED)
        reason, count = tally.failures.most_common(1)[0]
        return Ending(
            RunState.FAILED,
            error=f"Nothing could be judged; {reason}: {count}. {tally.sentences[reason]}".rstrip(),
        )

    def _has_settled(self) -> bool:
        return any(any(marks) for marks in self._settled.values())

    async def _work(self) -> None:
        """Begin cases one after the other, as room is made, then wait for the last of them."""
        numbered = self._parts.examples()
        while batch := await asyncio.to_thread(list, islice(numbered, _BATCH)):
            stored = await self._stored_answers([position for position, _ in batch])
            for position, example in batch:
                if self._spent is None:
                    await self._begin(position, example, stored.get(position))
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _begin(self, position: int, example: Example, stored: Answer | None) -> None:
        if example.group is not None:
            self.tally.groups[position] = example.group
        todo = self._todo(position)
        if not todo:
            self._parts.tracker.cases_done += 1
            return
        size = size_of(Case(example, stored or example.answer or Answer()))
        await self._window.enter(size)
        task = asyncio.create_task(self._case(position, example, stored, todo))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._end_case(done, size))

    def _end_case(self, task: asyncio.Task[None], size: int) -> None:
        self._tasks.discard(task)
        self._window.leave(size)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)

    async def _case(
        self, position: int, example: Example, stored: Answer | None, todo: Sequence[_Item]
    ) -> None:
        try:
            answer = stored or await self._answer(position, example)
        except CallFailed as error:
            self._take(error)
            return
        case = Case(example, answer)
        judgements = [self._judge(item, position, case) for item in todo]
        failures = [one for one in await asyncio.gather(*judgements, return_exceptions=True) if one]
        for failure in failures:
            self._take(failure)
        self._parts.tracker.cases_done += not failures

    async def _answer(self, position: int, example: Example) -> Answer:
        target = self._parts.target
        answer = await target.answer(example)
        if target.gives:
            await self._recorder.add_answer((position, example.id, answer_json(answer)))
        return answer

    async def _judge(self, item: _Item, position: int, case: Case) -> None:
        models = self._models
        if models is not None and item.sample:
            models = RepeatedModels(models, item.sample)
        score = await score_case(item.metric, case, models)
        self.tally.add(score)
        await self._recorder.add_score(_stored(score, item, position, case.example.id))

    def _todo(self, position: int) -> list[_Item]:
        return [item for item in self._items() if not self._is_settled(item, position)]

    def _is_settled(self, item: _Item, position: int) -> bool:
        marks = self._settled.get((item.planned.name, item.sample), b"")
        return position < len(marks) and bool(marks[position])

    def _items(self) -> Iterator[_Item]:
        plan = self._parts.run.plan
        for planned, metric in zip(plan.metrics, self._parts.metrics, strict=True):
            repeats = plan.repeats if metric.spec.calls else 1
            for sample in range(repeats):
                yield _Item(planned, metric, sample)

    async def _stored_answers(self, positions: Sequence[int]) -> dict[int, Answer]:
        """Answers that a target gave in an earlier attempt; those that failed are asked for again."""
        if not self._parts.target.gives:
            return {}
        kept = await asyncio.to_thread(self._parts.journal.answers, positions)
        answers = {position: answer_of(content) for position, content in kept.items()}
        return {position: answer for position, answer in answers.items() if answer.error is None}

    def _watched(self) -> Models | None:
        models = self._parts.models
        return None if models is None else WatchedModels(models, self._give_up)

    def _give_up(self, error: CallFailed) -> None:
        hint = f" {error.hint}" if error.hint else ""
        self._end(
            Ending(RunState.FAILED, error=f"The first calls to the judge all failed. {error.message}{hint}")
        )

    def _take(self, failure: BaseException) -> None:
        """A spent budget lets what is under way come to its end; anything else ends the attempt."""
        if isinstance(failure, CallFailed) and failure.failure is CallFailure.BUDGET:
            self._spent = failure
        else:
            raise failure

    def _break(self, error: BaseException) -> None:
        if not self._ending.done():
            self._ending.set_exception(error)

    def _end(self, ending: Ending) -> None:
        if not self._ending.done():
            self._ending.set_result(ending)

    def _seconds_left(self) -> float | None:
        minutes = self._parts.run.plan.budget.max_minutes
        if minutes is None:
            return None
        return max(minutes * _SECONDS_PER_MINUTE - self._parts.run.progress.seconds, 0.0)

    async def _let_go(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stored(score: Score, item: _Item, position: int, example_id: str) -> StoredScore:
    return StoredScore(
        metric=item.planned.name,
        position=position,
        sample=item.sample,
        example_id=example_id,
        status=score.status,
        value=score.value,
        reason=score.reason,
        passed=None if score.value is None else item.planned.passes(score.value),
        content=_content(score),
    )


def _content(score: Score) -> dict[str, Any] | None:
    """What explains a score, if anything does."""
    found = {"explanation": score.explanation, "evidence": score.evidence, "calls": list(score.calls)}
    known = {name: value for name, value in found.items() if value not in (None, [])}
    return known or None
