"""All SQL about answers and scores of runs: bulk writes, whole columns, pages of cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    false,
    func,
    or_,
    select,
    tuple_,
    union,
)

from pitwall.evals.runs.types import CaseFilter, CaseQuery, PlannedMetric, ScoreColumns, StoredScore
from pitwall.evals.types import Direction, ScoreStatus
from pitwall.stores.state.tables import eval_answers, eval_evidence, eval_scores
from pitwall.stores.state.upserts import insert_or_replace

_STOPPING = (ScoreStatus.ERROR.value, ScoreStatus.UNDETERMINED.value)
"""Statuses without a value that leave no pass: the service or the judge gave nothing to go by."""
_COLUMNS = ("position", "example_id", "sample", "status", "value", "reason", "passed")


class Results:
    """Answers and scores of runs, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_scores(self, run_id: str, scores: Sequence[StoredScore]) -> None:
        """Keep scores; one that was judged before is replaced."""
        if not scores:
            return
        rows = [_score_row(run_id, score) for score in scores]
        insert_or_replace(self._connection, eval_scores, rows)
        explained = [_evidence_row(run_id, score) for score in scores if score.content]
        bare = [(score.position, score.metric, score.sample) for score in scores if not score.content]
        if explained:
            insert_or_replace(self._connection, eval_evidence, explained)
        if bare:
            key = tuple_(eval_evidence.c.position, eval_evidence.c.metric, eval_evidence.c.sample)
            mine = and_(eval_evidence.c.run_id == run_id, key.in_(bare))
            self._connection.execute(delete(eval_evidence).where(mine))

    def scores(self, run_id: str, metric: str, *, sample: int | None = None) -> ScoreColumns:
        """Return the scores of a metric as columns, by position.

        Args:
            sample: One repetition; None takes all.
        """
        columns = [eval_scores.c[name] for name in _COLUMNS]
        query = select(*columns).where(eval_scores.c.run_id == run_id, eval_scores.c.metric == metric)
        if sample is not None:
            query = query.where(eval_scores.c.sample == sample)
        query = query.order_by(eval_scores.c.position, eval_scores.c.sample)
        rows = self._connection.execute(query).all()
        return ScoreColumns(*(zip(*rows, strict=True) if rows else ((),) * len(_COLUMNS)))

    def settled(self, run_id: str) -> Iterable[tuple[str, int, int]]:
        """Return metric, sample and position of every score that needs no further judging."""
        query = select(eval_scores.c.metric, eval_scores.c.sample, eval_scores.c.position).where(
            eval_scores.c.run_id == run_id, eval_scores.c.status != ScoreStatus.ERROR.value
        )
        for row in self._connection.execute(query):
            yield row[0], row[1], row[2]

    def scores_of(self, run_id: str, positions: Sequence[int], *, with_content: bool) -> list[StoredScore]:
        """Return all scores of some cases, by position, metric and repetition."""
        query = select(eval_scores).where(
            eval_scores.c.run_id == run_id, eval_scores.c.position.in_(positions)
        )
        query = query.order_by(eval_scores.c.position, eval_scores.c.metric, eval_scores.c.sample)
        rows = self._connection.execute(query).mappings().all()
        contents = self._contents(run_id, positions) if with_content else {}
        return [
            StoredScore(
                metric=row["metric"],
                position=row["position"],
                sample=row["sample"],
                example_id=row["example_id"],
                status=ScoreStatus(row["status"]),
                value=row["value"],
                reason=row["reason"],
                passed=row["passed"],
                content=contents.get((row["position"], row["metric"], row["sample"])),
            )
            for row in rows
        ]

    def add_answers(self, run_id: str, answers: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
        """Keep answers of a target: position, id of the example, content."""
        rows = [
            {"run_id": run_id, "position": position, "example_id": example_id, "content": dict(content)}
            for position, example_id, content in answers
        ]
        if rows:
            insert_or_replace(self._connection, eval_answers, rows)

    def answers(self, run_id: str, positions: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Return the answers of a target by position."""
        query = select(eval_answers.c.position, eval_answers.c.content).where(
            eval_answers.c.run_id == run_id, eval_answers.c.position.in_(positions)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def case_names(self, run_id: str, metric: str) -> dict[int, str]:
        """Return the id of the example of each case that a metric has a score of, by position."""
        query = select(eval_scores.c.position, eval_scores.c.example_id).where(
            eval_scores.c.run_id == run_id, eval_scores.c.metric == metric, eval_scores.c.sample == 0
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def evidence(self, run_id: str, positions: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
        """Return what scores of some cases rest on, by position, in order of their metrics."""
        query = (
            select(eval_evidence.c.position, eval_evidence.c.content)
            .where(
                eval_evidence.c.run_id == run_id,
                eval_evidence.c.position.in_(positions),
                eval_evidence.c.sample == 0,
            )
            .order_by(eval_evidence.c.position, eval_evidence.c.metric)
        )
        found: dict[int, list[Mapping[str, Any]]] = {}
        for position, content in self._connection.execute(query):
            if isinstance(content.get("evidence"), dict):
                found.setdefault(position, []).append(content["evidence"])
        return found

    def case_positions(
        self, run_id: str, metrics: Mapping[str, PlannedMetric], query: CaseQuery
    ) -> list[tuple[float | None, int]]:
        """Return the cases of a page: the value that orders them, if any, and their position."""
        if query.metric is not None and query.worst_first:
            return self._by_value(run_id, query.metric, metrics[query.metric].direction, query)
        names = [query.metric] if query.metric is not None else list(metrics)
        if query.filter is CaseFilter.PASSED:
            return self._passing(run_id, [metrics[name] for name in names], query)
        after = -1 if query.after is None else query.after[1]
        parts = [_page_of(run_id, name, query.filter, after, query.limit) for name in names]
        if not parts:
            return []
        found = union(*(select(part.subquery()) for part in parts)).subquery()
        ordered = select(found.c.position).order_by(found.c.position).limit(query.limit)
        return [(None, row[0]) for row in self._connection.execute(ordered)]

    def count_cases(self, run_id: str, metric: str) -> int:
        """Return how many scores a metric has."""
        query = select(func.count()).where(eval_scores.c.run_id == run_id, eval_scores.c.metric == metric)
        return self._connection.execute(query).scalar_one()

    def _passing(
        self, run_id: str, metrics: Sequence[PlannedMetric], query: CaseQuery
    ) -> list[tuple[float | None, int]]:
        """Cases that some metric lets pass and no other one does not, as `evals.verdicts` says."""
        after = -1 if query.after is None else query.after[1]
        judging = [metric for metric in metrics if metric.threshold is not None]
        position = eval_scores.c.position
        chosen = select(position).where(
            eval_scores.c.run_id == run_id,
            eval_scores.c.metric.in_([metric.name for metric in judging]),
            eval_scores.c.passed.is_(True),
            position > after,
            *(~_stops(run_id, metric, position) for metric in judging),
        )
        rows = self._connection.execute(chosen.distinct().order_by(position).limit(query.limit))
        return [(None, row[0]) for row in rows]

    def _by_value(
        self, run_id: str, metric: str, direction: Direction, query: CaseQuery
    ) -> list[tuple[float | None, int]]:
        value, position = eval_scores.c.value, eval_scores.c.position
        mine = and_(eval_scores.c.run_id == run_id, eval_scores.c.metric == metric, eval_scores.c.sample == 0)
        is_worst_low = direction is Direction.HIGHER
        order = value.asc() if is_worst_low else value.desc()
        chosen = select(value, position).where(mine, value.is_not(None), *_filtered(query.filter))
        if query.after is not None and query.after[0] is not None:
            last, at = query.after
            beyond = value > last if is_worst_low else value < last
            chosen = chosen.where(or_(beyond, and_(value == last, position > at)))
        rows = self._connection.execute(chosen.order_by(order, position).limit(query.limit))
        return [(row[0], row[1]) for row in rows]

    def _contents(
        self, run_id: str, positions: Sequence[int]
    ) -> dict[tuple[int, str, int], Mapping[str, Any]]:
        query = select(eval_evidence).where(
            eval_evidence.c.run_id == run_id, eval_evidence.c.position.in_(positions)
        )
        rows = self._connection.execute(query).mappings()
        return {(row["position"], row["metric"], row["sample"]): row["content"] for row in rows}


def _page_of(run_id: str, metric: str, wanted: CaseFilter, after: int, limit: int) -> Select[tuple[int]]:
    """Positions behind one that a metric has a matching score of; reads no more than a page of the index."""
    query = select(eval_scores.c.position).where(
        eval_scores.c.run_id == run_id,
        eval_scores.c.metric == metric,
        eval_scores.c.position > after,
        *_filtered(wanted),
    )
    return query.distinct().order_by(eval_scores.c.position).limit(limit)


def _filtered(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    is_error = eval_scores.c.status == ScoreStatus.ERROR.value
    match wanted:
        case CaseFilter.ALL:
            return []
        case CaseFilter.FAILED:
            return [or_(eval_scores.c.passed == false(), is_error)]
        case CaseFilter.PASSED:
            return [eval_scores.c.passed.is_(True)]
        case CaseFilter.UNSCORED:
            return [eval_scores.c.status != ScoreStatus.SCORED.value]


def _stops(run_id: str, metric: PlannedMetric, position: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a metric keeps a case from passing: by the mean of its repetitions, or since nobody knows."""
    other = eval_scores.alias()
    mean = func.avg(other.c.value)
    misses = mean < metric.threshold if metric.direction is Direction.HIGHER else mean > metric.threshold
    first = func.max(case((other.c.sample == 0, case((other.c.status.in_(_STOPPING), 1), else_=0)), else_=0))
    found = select(other.c.metric).where(
        other.c.run_id == run_id, other.c.metric == metric.name, other.c.position == position
    )
    found = found.group_by(other.c.metric).having(or_(misses, and_(mean.is_(None), first == 1)))
    return found.exists()


def _score_row(run_id: str, score: StoredScore) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "metric": score.metric,
        "position": score.position,
        "sample": score.sample,
        "example_id": score.example_id,
        "status": score.status.value,
        "value": score.value,
        "reason": score.reason,
        "passed": score.passed,
    }


def _evidence_row(run_id: str, score: StoredScore) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "position": score.position,
        "metric": score.metric,
        "sample": score.sample,
        "content": dict(score.content or {}),
    }
