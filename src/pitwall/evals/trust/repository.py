"""All SQL about labels and calibrations, and about the answers that labels are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import orjson
from sqlalchemy import Connection, RowMapping, select, tuple_

from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.trust.types import Calibration, Label, LabelQuery, TrustState
from pitwall.kit.hashing import content_hash
from pitwall.stores.state.tables import (
    dataset_examples,
    dataset_version_examples,
    eval_calibrations,
    eval_labels,
    eval_scores,
)
from pitwall.stores.state.upserts import insert_or_replace

if TYPE_CHECKING:
    pass

_BATCH = 500
Item = TypeVar("Item")


class Labels:
    """Labels of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def put(self, labels: Sequence[Label]) -> None:
        """Keep labels; the same rater's earlier one of the same answer is replaced."""
        for chunk in _chunks(labels):
            insert_or_replace(self._connection, eval_labels, [self._row(one) for one in chunk])

    def page(self, query: LabelQuery) -> list[Label]:
        """Return labels of a dataset, behind the last seen."""
        one = eval_labels.c
        order = (one.metric, one.example_id, one.rater, one.answer_hash)
        found = select(eval_labels).where(one.project_id == self._project_id, one.dataset == query.dataset)
        if query.metric is not None:
            found = found.where(one.metric == query.metric)
        if query.example_id is not None:
            found = found.where(one.example_id == query.example_id)
        if query.after is not None:
            found = found.where(tuple_(*order) > query.after)
        rows = self._connection.execute(found.order_by(*order).limit(query.limit)).mappings()
        return [_label(row) for row in rows]

    def of_dataset(self, dataset: str) -> list[Label]:
        """Return all labels of a dataset."""
        one = eval_labels.c
        query = select(eval_labels).where(one.project_id == self._project_id, one.dataset == dataset)
        order = (one.metric, one.example_id, one.rater, one.labelled_at)
        return [_label(row) for row in self._connection.execute(query.order_by(*order)).mappings()]

    def _row(self, label: Label) -> dict[str, object]:
        return {
            "project_id": self._project_id,
            "dataset": label.dataset,
            "metric": label.metric,
            "example_id": label.example_id,
            "rater": label.rater,
            "answer_hash": label.answer_hash,
            "value": label.value,
            "comment": label.comment,
            "run_id": label.run_id,
            "labelled_at": label.labelled_at,
            "labelled_by": label.labelled_by,
        }


class Calibrations:
    """What was measured of metrics of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def put(self, found: Calibration) -> None:
        """Keep what was measured in place of what was measured before."""
        row = {
            "project_id": self._project_id,
            "identity": found.identity,
            "dataset": found.dataset,
            "run_id": found.run_id,
            "state": found.state.value,
            "content": found.content,
            "measured_at": found.measured_at,
            "measured_by": found.measured_by,
        }
        insert_or_replace(self._connection, eval_calibrations, [row])

    def of(self, identities: Sequence[str]) -> list[Calibration]:
        """Return what was measured of metrics, on any dataset, the newest first."""
        one = eval_calibrations.c
        query = select(eval_calibrations).where(
            one.project_id == self._project_id, one.identity.in_(identities)
        )
        rows = self._connection.execute(query.order_by(one.measured_at.desc())).mappings()
        return [_calibration(row) for row in rows]


class JudgedAnswers:
    """Which answers a run judged, by fingerprint, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._runs = Runs(connection, project_id)
        self._project_id = project_id

    def positions(self, run_id: str, cases: Sequence[str]) -> dict[str, int]:
        """Return the position of each of some cases that the run has."""
        found: dict[str, int] = {}
        one = eval_scores.c
        for chunk in _chunks(cases):
            query = select(one.example_id, one.position).where(
                one.run_id == run_id, one.example_id.in_(chunk)
            )
            found.update({row[0]: row[1] for row in self._connection.execute(query)})
        return found

    def hashes(self, run: EvalRun, cases: Sequence[str]) -> dict[str, str]:
        """Return the fingerprint of the answer to each of some cases, where there is one."""
        positions = self.positions(run.id, cases)
        case_of = {position: case for case, position in positions.items()}
        found = {}
        for chunk in _chunks(list(case_of)):
            for position, content in self._runs.answers(run.id, chunk).items():
                found[case_of[position]] = answer_hash(content)
        stored = [case for case in positions if case not in found]
        found.update(self._stored(run, stored))
        return {case: digest for case, digest in found.items() if digest is not None}

    def _stored(self, run: EvalRun, cases: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        """Answers that are stored with the examples."""
        of, one = dataset_version_examples.c, dataset_examples.c
        for chunk in _chunks(cases) if run.dataset_version_id is not None else ():
            query = (
                select(of.example_id, one.content)
                .join(dataset_examples, (one.project_id == of.project_id) & (one.hash == of.example_hash))
                .where(
                    of.version_id == run.dataset_version_id,
                    of.project_id == self._project_id,
                    of.example_id.in_(chunk),
                )
            )
            for case, content in self._connection.execute(query):
                yield case, answer_hash(orjson.loads(content).get("answer") or {})


def answer_hash(content: Mapping[str, object]) -> str | None:
    """The fingerprint of an answer by its text; None if it has none."""
    text = content.get("text")
    return content_hash(text) if isinstance(text, str) else None


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _label(row: RowMapping) -> Label:
    return Label(
        dataset=row["dataset"],
        metric=row["metric"],
        example_id=row["example_id"],
        rater=row["rater"],
        answer_hash=row["answer_hash"],
        value=row["value"],
        comment=row["comment"],
        run_id=row["run_id"],
        labelled_at=row["labelled_at"],
        labelled_by=row["labelled_by"],
    )


def _calibration(row: RowMapping) -> Calibration:
    return Calibration(
        identity=row["identity"],
        dataset=row["dataset"],
        run_id=row["run_id"],
        state=TrustState(row["state"]),
        content=row["content"],
        measured_at=row["measured_at"],
        measured_by=row["measured_by"],
    )
