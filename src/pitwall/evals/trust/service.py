"""Keeping labels of people, and measuring judges by them; calls block."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.types import MetricColumns
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.trust.errors import LabelsInvalid
from pitwall.evals.trust.repository import Calibrations, JudgedAnswers, Labels
from pitwall.evals.trust.types import (
    AddedLabels,
    Calibration,
    Consistency,
    Label,
    LabelQuery,
    MetricTrust,
    NewLabel,
    QueuedCase,
)
from pitwall.kit.clock import Clock
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

if TYPE_CHECKING:
    from pitwall.stats.clusters import FloatArray

_CURSOR: Final = "eval_labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBatch:
    """Labels to keep.

    Attributes:
        run_id: Whose answers they are about; None where nobody knows.
        dataset: That they belong to; with a run it is the run's.
    """

    labels: Sequence[NewLabel]
    run_id: str | None = None
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class RunTrust:
    """What the metrics of a run are worth."""

    run_id: str
    dataset: str
    metrics: tuple[MetricTrust, ...]


class Trust:
    """Labels and calibrations of all projects."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def add(self, batch: LabelBatch, *, by: Principal) -> AddedLabels:
        """Keep labels; an earlier one of the same rater for the same answer is replaced.

        Labels that come with a run are about the answers that it judged: once a case is answered otherwise,
        they say nothing of it. Cases that the run does not have are left out and named.

        Raises:
            NotPermitted: The caller may not act.
            RunNotFound: There is no such run.
            LabelsInvalid: Neither a run nor a dataset is named.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            project_id = Projects(session).get(by.project_id).id
            kept, unmatched = self._fit(
                batch, JudgedAnswers(session, project_id), Runs(session, project_id), by
            )
            Labels(session, project_id).put(kept)
            if kept:
                AuditLog(session).record(self._audit("eval_labels.added", kept[0].dataset, len(kept), by))
        return AddedLabels(len(kept), unmatched)

    def list(self, project_id: str, query: LabelQuery, cursor: str | None = None) -> Page[Label]:
        """Return labels of a dataset.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        after = None if cursor is None else _read_cursor(cursor)
        wanted = replace(query, after=after, limit=query.limit + 1)
        with self._state.session(read_only=True) as session:
            found = Labels(session, project_id).page(wanted)
        page = found[: query.limit]
        if len(found) <= query.limit:
            return Page(page)
        last = page[-1]
        return Page(page, encode_cursor(_CURSOR, last.metric, last.example_id, last.rater, last.answer_hash))

    def queue(
        self, project_id: str, run_id: str, metric: str, *, rater: str, limit: int
    ) -> Sequence[QueuedCase]:
        """Return cases of a run that a rater has not labelled, drawn by lot but always in the same order.

        By lot: cases that are chosen by what the judge says would tell a wrong share of its mistakes.

        Raises:
            RunNotFound: There is no such run.
            LabelsInvalid: The run does not judge the metric.
        """
        from pitwall.evals.comparison.score_columns import ScoreReader  # numpy: a server starts without it
        from pitwall.evals.trust.calibration import is_about

        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
            columns = ScoreReader(session).run(run, [metric]).metrics.get(metric)
            if columns is None:
                raise LabelsInvalid(f"The run {run.id} does not judge {metric!r}.", hint=_metrics_of(run))
            labels = [
                one
                for one in Labels(session, project_id).of_dataset(run.dataset)
                if one.metric == metric and one.rater == rater
            ]
            answers = JudgedAnswers(session, project_id)
            known = answers.hashes(run, [one.example_id for one in labels])
            done = {one.example_id for one in labels if is_about(one, known)}
            scored = [
                case for case, value in zip(columns.case_ids, columns.values, strict=True) if value == value
            ]
            left = sorted((case for case in scored if case not in done), key=_lot)[:limit]
            positions = answers.positions(run.id, left)
        return [QueuedCase(positions[case], case) for case in left]

    def measure(self, project_id: str, run_id: str) -> RunTrust:
        """Hold the metrics of a run against the labels of its dataset, and keep nothing.

        Raises:
            RunNotFound: There is no such run.
        """
        from pitwall.evals.comparison.score_columns import ScoreReader
        from pitwall.evals.trust.calibration import calibrate
        from pitwall.evals.trust.repeats import read_repeats

        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
            labels = Labels(session, project_id).of_dataset(run.dataset)
            cases = sorted({label.example_id for label in labels})
            answers = JudgedAnswers(session, project_id).hashes(run, cases)
            metrics = ScoreReader(session).run(run).metrics
            repeats = {name: read_repeats(session, run.id, name) for name in metrics}
        found = [
            replace(calibrate(one, labels, answers), consistency=_consistency(one, repeats[name]))
            for name, one in metrics.items()
        ]
        return RunTrust(run.id, run.dataset, tuple(found))

    def keep(self, found: RunTrust, written: dict[str, object], *, by: Principal) -> None:
        """Keep what was measured, by identity of the metric, for whoever asks what it is worth.

        Args:
            written: `MetricTrust` in its written form, by name of the metric.

        Raises:
            NotPermitted: The caller may not act.
        """
        require(by, Scope.ACT)
        now = self._clock.now()
        with self._state.session() as session:
            kept = Calibrations(session, by.project_id)
            measured = [one for one in found.metrics if one.n_joined]
            for one in measured:
                content = written[one.metric]
                kept.put(
                    Calibration(one.identity, found.dataset, found.run_id, one.state, content, now, by.actor)
                )
            AuditLog(session).record(
                self._audit("eval_calibration.measured", found.dataset, len(measured), by)
            )

    def calibrations(self, project_id: str, identities: Sequence[str]) -> Sequence[Calibration]:
        """Return what was measured of metrics, the newest first; what is missing is uncalibrated."""
        with self._state.session(read_only=True) as session:
            return Calibrations(session, project_id).of(identities)

    def _fit(
        self, batch: LabelBatch, answers: JudgedAnswers, runs: Runs, by: Principal
    ) -> tuple[Sequence[Label], Sequence[str]]:
        """The labels as they are kept, and the cases that the run does not have."""
        cases = list(dict.fromkeys(label.example_id for label in batch.labels))
        run = None if batch.run_id is None else runs.get(batch.run_id)
        dataset = batch.dataset if run is None else run.dataset
        if dataset is None:
            raise LabelsInvalid("The labels belong to nothing.", hint="Name a run or a dataset.")
        known = set(cases) if run is None else set(answers.positions(run.id, cases))
        hashes = {} if run is None else answers.hashes(run, sorted(known))
        now = self._clock.now()
        kept = {
            (label.metric, label.example_id, label.rater or by.actor): Label(
                dataset=dataset,
                metric=label.metric,
                example_id=label.example_id,
                rater=label.rater or by.actor,
                answer_hash=hashes.get(label.example_id, ""),
                value=label.value,
                comment=label.comment,
                run_id=None if run is None else run.id,
                labelled_at=now,
                labelled_by=by.actor,
            )
            for label in batch.labels
            if label.example_id in known
        }
        return list(kept.values()), [case for case in cases if case not in known]

    def _audit(self, action: str, dataset: str, count: int, by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"dataset:{dataset}",
            project_id=by.project_id,
            details={"count": count},
        )


def _consistency(metric: MetricColumns, repeats: FloatArray | None) -> Consistency | None:
    from pitwall.evals.trust.calibration import consistency

    return None if repeats is None else consistency(metric, repeats)


def _lot(case: str) -> bytes:
    return hashlib.blake2b(case.encode(), digest_size=8).digest()


def _metrics_of(run: EvalRun) -> str:
    return f"Its metrics are {', '.join(metric.name for metric in run.plan.metrics)}."


def _read_cursor(cursor: str) -> tuple[str, str, str, str]:
    try:
        metric, example_id, rater, answer = decode_cursor(_CURSOR, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return str(metric), str(example_id), str(rater), str(answer)
