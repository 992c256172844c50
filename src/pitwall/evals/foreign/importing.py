"""Making a run of results of another tool; calls block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.records import RecordInvalid, read_record
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.datasets.types import DatasetVersion, Place, ReadOptions, Record
from pitwall.evals.foreign.types import ForeignCase, ForeignRun, ForeignScore, ResultsInvalid
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.summary import summarise
from pitwall.evals.runs.types import (
    EvalRun,
    JudgeFacts,
    Plan,
    PlannedMetric,
    Progress,
    RunState,
    StoredScore,
    ThresholdFrom,
    Where,
)
from pitwall.evals.types import Direction, Example, ScoreStatus
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_prefixed_id
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

NOT_SCORED = "not_scored"
"""The other tool gave no number; that is no 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How results are to be taken in.

    Attributes:
        file: Name of the file.
        name: Of the run and its dataset; None takes what the file says, else its name.
        lower: Metrics that are better when lower; Pitwall's own of the same name are known.
    """

    file: str
    name: str | None = None
    lower: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ForeignResults:
    """Takes in results of all projects."""

    state: StateStore
    datasets: Datasets
    clock: Clock
    registry: Callable[[], Registry]

    def take(self, found: ForeignRun, options: ImportOptions, *, by: Principal) -> EvalRun:
        """Keep cases as a version of a dataset and scores as a finished run over it.

        Raises:
            NotPermitted: The caller may not act.
            ResultsInvalid: A case has no question, or two have one id.
        """
        require(by, Scope.ACT)
        name = options.name or found.name or options.file.rpartition("/")[2].partition(".")[0]
        examples = [self._example(options.file, number, case.values) for number, case in _numbered(found)]
        source = {"kind": "results", "origin": found.origin.value, "file": options.file}
        kept = self.datasets.add(
            name, examples, NewVersion(thresholds=dict(found.thresholds), source=source), by=by
        )
        plan = self._plan(found, options, len(examples))
        return self._keep(found, plan, kept.dataset.name, kept.version, examples, by)

    def _example(self, file: str, number: int, values: Mapping[str, object]) -> Example:
        try:
            return read_record(Record(Place(file, example=number), dict(values)), ReadOptions()).example
        except RecordInvalid as error:
            where = error.problem.place.say().en
            raise ResultsInvalid(f"{where}: {error.problem.text.en}") from error

    def _plan(self, found: ForeignRun, options: ImportOptions, cases: int) -> Plan:
        known = {metric.spec.name: metric.spec.direction for metric in self.registry()}
        scores: dict[str, list[ForeignScore]] = {}
        for case in found.cases:
            for score in case.scores:
                scores.setdefault(score.metric, []).append(score)
        directions = {**known, **dict.fromkeys(options.lower, Direction.LOWER)}
        judge = None if found.judge is None else JudgeFacts(found.judge, found.origin.value)
        metrics = [
            _planned(name, of, found, directions.get(name, Direction.HIGHER)) for name, of in scores.items()
        ]
        return Plan(metrics=tuple(metrics), judge=judge, available=cases)

    def _keep(
        self,
        found: ForeignRun,
        plan: Plan,
        dataset: str,
        version: DatasetVersion,
        examples: Sequence[Example],
        by: Principal,
    ) -> EvalRun:
        now = self.clock.now()
        run = _run(plan, dataset, version, now, by)
        numbered = self.datasets.iterate(by.project_id, version.id)
        positions = {example.id: position for position, example in numbered}
        scores = [
            _stored(score, planned, positions[example.id], example.id)
            for example, case in zip(examples, found.cases, strict=True)
            for planned in plan.metrics
            for score in case.scores
            if score.metric == planned.name
        ]
        progress = Progress(cases=len(examples), cases_done=len(examples))
        groups = {positions[one.id]: one.group for one in examples if one.group is not None}
        holder = make_holder()
        with self.state.session() as session:
            Projects(session).get(by.project_id)
            runs = Runs(session, by.project_id)
            runs.add(run)
            runs.claim(run.id, holder, now)
            runs.add_scores(run.id, scores)
            columns = {metric.name: runs.scores(run.id, metric.name) for metric in plan.metrics}
            summary = summarise(plan, columns, groups, progress)
            runs.end(run.id, holder, now, state=RunState.FINISHED, progress=progress, summary=summary)
            details = {"dataset": dataset, "origin": found.origin.value}
            object_ = f"eval_run:{run.id}"
            AuditLog(session).record(
                AuditEntry(now, by.actor, "eval_run.imported", object_, by.project_id, details)
            )
            return runs.get(run.id)


def _numbered(found: ForeignRun) -> Sequence[tuple[int, ForeignCase]]:
    return list(enumerate(found.cases, 1))


def _planned(
    name: str, scores: Sequence[ForeignScore], found: ForeignRun, direction: Direction
) -> PlannedMetric:
    """A metric of the other tool: its identity says whose it is, so that nothing compares unnoticed."""
    threshold = next((one.threshold for one in scores if one.threshold is not None), None)
    threshold = found.thresholds.get(name, threshold)
    values = [one.value for one in scores if one.value is not None]
    judge = "" if found.judge is None else f":judge={found.judge}"
    return PlannedMetric(
        name=name,
        version=0,
        identity=f"{name}@0:origin={found.origin.value}{judge}",
        threshold=threshold,
        threshold_from=None if threshold is None else ThresholdFrom.DATASET,
        direction=direction,
        unit="ratio" if all(0 <= value <= 1 for value in values) else "points",
    )


def _stored(score: ForeignScore, planned: PlannedMetric, position: int, example_id: str) -> StoredScore:
    said = score.explanation if score.value is not None else score.error or score.explanation
    return StoredScore(
        metric=score.metric,
        position=position,
        sample=0,
        example_id=example_id,
        status=ScoreStatus.ERROR if score.value is None else ScoreStatus.SCORED,
        value=score.value,
        reason=NOT_SCORED if score.value is None else None,
        passed=None if score.value is None else planned.passes(score.value),
        content=None if said is None else {"explanation": said},
    )


def _run(plan: Plan, dataset: str, version: DatasetVersion, now: datetime, by: Principal) -> EvalRun:
    return EvalRun(
        id=new_prefixed_id("run"),
        project_id=by.project_id,
        name=dataset,
        dataset=dataset,
        dataset_version_id=version.id,
        dataset_hash=version.content_hash,
        state=RunState.QUEUED,
        where=Where.CLI,
        plan=plan,
        created_at=now,
        created_by=by.actor,
    )
