"""Scores of runs as columns: the SQL, and the arrays that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, select

from pitwall.evals.comparison.types import MetricColumns, RunColumns
from pitwall.evals.runs.types import EvalRun, PlannedMetric, RunState
from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stores.state.tables import eval_scores


class ScoreReader:
    """Reads the scores of a run as columns; the metrics of a run share one list of case ids.

    Args:
        connection: The caller's transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, run: EvalRun, names: Sequence[str] = ()) -> RunColumns:
        """Return a run with its metrics, or with some of them."""
        metrics: dict[str, MetricColumns] = {}
        known: list[tuple[IntArray, Sequence[str]]] = []
        for metric in run.plan.metrics:
            if not names or metric.name in names:
                metrics[metric.name] = self._metric(run, metric, known)
        return RunColumns(
            id=run.id,
            name=run.name,
            dataset=run.dataset,
            dataset_hash=run.dataset_hash,
            judge=None if run.plan.judge is None else run.plan.judge.model,
            is_complete=run.state is RunState.FINISHED,
            metrics=metrics,
        )

    def _metric(
        self, run: EvalRun, metric: PlannedMetric, known: list[tuple[IntArray, Sequence[str]]]
    ) -> MetricColumns:
        positions, values = self._values(run, metric.name)
        cases = next((ids for rows, ids in known if np.array_equal(rows, positions)), None)
        if cases is None:
            cases = self._case_ids(run.id, metric.name, positions.size)
            known.append((positions, cases))
        rows = np.flatnonzero(np.isnan(values)).tolist()
        reasons = self._reasons(run.id, metric.name) if rows else {}
        return MetricColumns(
            name=metric.name,
            identity=metric.identity,
            direction=metric.direction,
            unit=metric.unit,
            threshold=metric.threshold,
            case_ids=cases,
            values=values,
            reasons={row: reasons[int(positions[row])] for row in rows},
        )

    def _values(self, run: EvalRun, metric: str) -> tuple[IntArray, FloatArray]:
        """Positions and values; a case that was judged several times has the mean of its values."""
        values: FloatArray = np.array(self._column(run.id, metric, "value"), dtype=np.float64)  # None is NaN
        count = values.size
        if run.plan.repeats == 1 and self._last_position(run.id, metric) == count - 1:
            return np.arange(count, dtype=np.int64), values
        positions: IntArray = np.array(self._column(run.id, metric, "position"), dtype=np.int64)
        return (positions, values) if np.all(np.diff(positions)) else _merge_repeats(positions, values)

    def _last_position(self, run_id: str, metric: str) -> int | None:
        query = self._query(run_id, metric, eval_scores.c.position)
        return self._connection.execute(query.order_by(eval_scores.c.position.desc()).limit(1)).scalar()

    def _case_ids(self, run_id: str, metric: str, count: int) -> list[str]:
        cases = self._column(run_id, metric, "example_id")
        return cases if len(cases) == count else list(dict.fromkeys(cases))

    def _column(self, run_id: str, metric: str, name: str) -> list[Any]:
        query = self._query(run_id, metric, eval_scores.c[name])
        return [one for (one,) in self._rows(query.order_by(eval_scores.c.position, eval_scores.c.sample))]

    def _rows(self, query: Select[Any]) -> list[Any]:
        """Rows as the driver gives them: of a hundred thousand scores that takes a third of the time."""
        result = self._connection.execute(query)
        assert result.cursor is not None
        rows = result.cursor.fetchall()
        result.close()
        return list(rows)

    def _query(self, run_id: str, metric: str, *columns: ColumnElement[Any]) -> Select[Any]:
        return select(*columns).where(eval_scores.c.run_id == run_id, eval_scores.c.metric == metric)

    def _reasons(self, run_id: str, metric: str) -> dict[int, str]:
        """Why cases have no value, `status:reason`, from the first time that each was judged."""
        one = eval_scores.c
        query = self._query(run_id, metric, one.position, one.status, one.reason)
        rows = self._rows(query.where(one.value.is_(None)).order_by(one.position, one.sample.desc()))
        return {position: f"{status}:{reason or 'unknown'}" for position, status, reason in rows}


def _merge_repeats(positions: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """One row for each case: the mean of what has a value, NaN if nothing has."""
    begins = np.diff(positions, prepend=-1) != 0
    numbers = np.cumsum(begins) - 1
    scored = ~np.isnan(values)
    cases = int(begins.sum())
    counts = np.bincount(numbers[scored], minlength=cases)
    sums = np.bincount(numbers[scored], weights=values[scored], minlength=cases)
    means: FloatArray = np.full(cases, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return positions[begins], means
