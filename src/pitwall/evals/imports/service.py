"""Result files of other tools as finished runs: compared, gated and analysed as ours are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.readers.opening import open_file
from pitwall.evals.datasets.service import MAX_BYTES, Datasets, Upload, parse_reference
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.datasets.types import DatasetVersion
from pitwall.evals.imports.matching import Matched, match_cases
from pitwall.evals.imports.reading import read_results
from pitwall.evals.imports.scores import plan_of, stored_scores
from pitwall.evals.imports.types import ForeignResults, ImportOptions
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.summary import summarise
from pitwall.evals.runs.types import EvalRun, Plan, Progress, RunState, StoredScore, Where
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_prefixed_id
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

_ROWS = 1000


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run that was made of a result file.

    Attributes:
        left_out: Columns of numbers that were not taken for metrics.
    """

    run: EvalRun
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class ResultImports:
    """Makes runs of result files; calls block.

    Attributes:
        load_metrics: Returns the metrics that are known now.
    """

    state: StateStore
    clock: Clock
    datasets: Datasets
    load_metrics: Callable[[], Registry]

    def import_file(self, upload: Upload, options: ImportOptions, *, by: Principal) -> ImportedRun:
        """Make a finished run of a result file.

        Raises:
            NotPermitted: The caller may not act.
            DatasetInvalid: The file is none that can be read, or its cases are none of the dataset.
            DatasetNotFound: The project has no such dataset or version.
        """
        require(by, Scope.ACT)
        registry = self.load_metrics()
        results = self._read(upload, options, registry)
        name, version = self._version(upload.name, results, options, by)
        matched = match_cases(results.cases, self.datasets.iterate(by.project_id, version.id), name)
        plan = plan_of(results, registry, options.thresholds, upload.name, version.example_count)
        run = self._run(name, version, plan, options, by)
        return ImportedRun(self._keep(run, matched, by), results.left_out)

    def _read(self, upload: Upload, options: ImportOptions, registry: Registry) -> ForeignResults:
        with self.datasets.scratch() as unpacked:
            file = open_file(
                upload.name,
                upload.stream,
                file_format=options.file_format,
                scratch=lambda: unpacked,
                max_bytes=MAX_BYTES,
            )
            known = {*registry.names, *options.metrics}
            return read_results(file, known, tool=options.tool, with_examples=options.dataset is None)

    def _version(
        self, file: str, results: ForeignResults, options: ImportOptions, by: Principal
    ) -> tuple[str, DatasetVersion]:
        """The stored dataset that was named, or one of the file's own questions."""
        if options.dataset is not None:
            name, wanted = parse_reference(options.dataset)
            dataset, version = self.datasets.get(by.project_id, name, wanted)
            return dataset.name, version
        examples = [case.example for case in results.cases if case.example is not None]
        source = {"kind": "results", "file": file, "tool": results.tool.value}
        name = results.name or file.lstrip(".").partition(".")[0]
        made = self.datasets.add(name, examples, NewVersion(source=source), by=by)
        return made.dataset.name, made.version

    def _run(
        self, name: str, version: DatasetVersion, plan: Plan, options: ImportOptions, by: Principal
    ) -> EvalRun:
        return EvalRun(
            id=new_prefixed_id("run"),
            project_id=by.project_id,
            name=options.name or name,
            dataset=name,
            dataset_version_id=version.id,
            dataset_hash=version.content_hash,
            state=RunState.QUEUED,
            where=Where.CLI,
            plan=plan,
            created_at=self.clock.now(),
            created_by=by.actor,
        )

    def _keep(self, run: EvalRun, matched: Sequence[Matched], by: Principal) -> EvalRun:
        """Keep the run with its scores, whole or not at all."""
        progress = Progress(cases=len(matched), cases_done=len(matched))
        groups = {one.position: one.group for one in matched if one.group is not None}
        holder = make_holder()
        with self.state.session() as session:
            Projects(session).get(run.project_id)
            runs = Runs(session, run.project_id)
            runs.add(run)
            runs.claim(run.id, holder, self.clock.now())
            for rows in _in_batches(stored_scores(run.plan, matched)):
                runs.add_scores(run.id, rows)
            columns = {metric.name: runs.scores(run.id, metric.name) for metric in run.plan.metrics}
            summary = summarise(run.plan, columns, groups, progress)
            now = self.clock.now()
            runs.end(run.id, holder, now, state=RunState.FINISHED, progress=progress, summary=summary)
            AuditLog(session).record(_audit(run, by, now))
            return runs.get(run.id)


def _in_batches(scores: Iterator[StoredScore]) -> Iterator[list[StoredScore]]:
    batch: list[StoredScore] = []
    for score in scores:
        batch.append(score)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _audit(run: EvalRun, by: Principal, now: datetime) -> AuditEntry:
    details = {
        "dataset": run.dataset,
        "tool": run.plan.target["tool"],
        "metrics": [metric.name for metric in run.plan.metrics],
    }
    return AuditEntry(
        at=now,
        actor=by.actor,
        action="eval_run.imported",
        object=f"eval_run:{run.id}",
        project_id=run.project_id,
        details=details,
    )
