"""Which cases pass a threshold in either run: by metric, and over all metrics together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pitwall.evals.comparison.pairing import Pairing
from pitwall.evals.comparison.types import MetricColumns, PassComparison, RunColumns
from pitwall.evals.types import Direction
from pitwall.evals.verdicts import is_unanswered, is_unknown
from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stats.intervals import wilson
from pitwall.stats.paired import mcnemar_test

BoolArray = NDArray[np.bool_]


def compare_passes(a: FloatArray, b: FloatArray, metric: MetricColumns) -> PassComparison | None:
    """Passes of both runs by the threshold of the second, so that only the answers can make a difference."""
    if metric.threshold is None or not a.size:
        return None
    return _count(
        passing(a, metric.threshold, metric.direction),
        passing(b, metric.threshold, metric.direction),
        metric.threshold,
    )


def passing(values: FloatArray, threshold: float, direction: Direction) -> BoolArray:
    """Which values are at least as good as a threshold; NaN is not."""
    passed: BoolArray = values >= threshold if direction is Direction.HIGHER else values <= threshold
    return passed


def _count(passed_a: BoolArray, passed_b: BoolArray, threshold: float | None) -> PassComparison:
    n, in_a, in_b = passed_a.size, int(passed_a.sum()), int(passed_b.sum())
    lost, gained = int((passed_a & ~passed_b).sum()), int((~passed_a & passed_b).sum())
    p = mcnemar_test(lost, gained).p
    return PassComparison(
        threshold=threshold,
        n=n,
        rate_a=in_a / n,
        rate_b=in_b / n,
        interval_a=wilson(in_a, n),
        interval_b=wilson(in_b, n),
        lost=lost,
        gained=gained,
        p=p,
        p_adjusted=p,
    )


def compare_cases(
    a: RunColumns, b: RunColumns, names: Sequence[str], pairing: Pairing
) -> PassComparison | None:
    """Compare which cases pass all metrics that have a threshold, both runs by those of the second.

    Cases that have no verdict in one of the runs (`pitwall.evals.verdicts`) are left out. None without a
    threshold or without a case that has.
    """
    metrics = [b.metrics[name] for name in names]
    first = next((metric for metric in metrics if metric.threshold is not None), None)
    if first is None:
        return None
    pairs = pairing.of(a.metrics[first.name].case_ids, first.case_ids)
    cases = [first.case_ids[row] for row in pairs.rows_b.tolist()]
    before = _Tally(len(cases))
    after = _Tally(len(cases))
    for metric in metrics:
        other = a.metrics[metric.name]
        before.add(other, metric, _rows(other, a.metrics[first.name], pairs.rows_a, cases))
        after.add(metric, metric, _rows(metric, first, pairs.rows_b, cases))
    known = before.decided & after.decided
    return _count(before.passed[known], after.passed[known], None) if known.any() else None


def unanswered(scores: MetricColumns) -> BoolArray:
    """Which cases had no answer that could be judged."""
    return _with_reason(scores, is_unanswered)


def unknown(scores: MetricColumns) -> BoolArray:
    """Which cases the metric should have said something of, and nobody knows what."""
    return _with_reason(scores, is_unknown)


def _with_reason(scores: MetricColumns, applies: Callable[[str, str | None], bool]) -> BoolArray:
    found = np.zeros(len(scores.case_ids), dtype=np.bool_)
    chosen = {reason: applies(*_parts(reason)) for reason in set(scores.reasons.values())}
    found[[row for row, reason in scores.reasons.items() if chosen[reason]]] = True
    return found


def _parts(reason: str) -> tuple[str, str]:
    """Status and reason of `status:reason`."""
    status, _, why = reason.partition(":")
    return status, why


class _Tally:
    """What the metrics so far say of each case, as `pitwall.evals.verdicts.CaseVerdict` does of one."""

    def __init__(self, size: int) -> None:
        self._passes = np.zeros(size, dtype=np.bool_)
        self._fails = np.zeros(size, dtype=np.bool_)
        self._is_unknown = np.zeros(size, dtype=np.bool_)

    def add(self, scores: MetricColumns, ruler: MetricColumns, rows: IntArray) -> None:
        """Take in one metric; `rows` is the row of each case, -1 for one that it does not know."""
        if ruler.threshold is None:
            return
        scored = ~np.isnan(scores.values)
        passed = passing(scores.values, ruler.threshold, ruler.direction)
        self._passes |= _at(scored & passed, rows)
        self._fails |= _at((scored & ~passed) | unanswered(scores), rows)
        self._is_unknown |= _at(unknown(scores), rows)

    @property
    def decided(self) -> BoolArray:
        """Which cases have a verdict."""
        known: BoolArray = self._fails | (self._passes & ~self._is_unknown)
        return known

    @property
    def passed(self) -> BoolArray:
        """Which cases with a verdict pass."""
        return ~self._fails


def _at(flags: BoolArray, rows: IntArray) -> BoolArray:
    """The flag of each case; one that the metric does not know has none."""
    found: BoolArray = np.append(flags, False)[rows]
    return found


def _rows(scores: MetricColumns, first: MetricColumns, rows: IntArray, cases: Sequence[str]) -> IntArray:
    """The row of each case in the columns of a metric; mostly that of the first metric."""
    if scores.case_ids is first.case_ids or scores.case_ids == first.case_ids:
        return rows
    position = {case: row for row, case in enumerate(scores.case_ids)}
    return np.array([position.get(case, -1) for case in cases], dtype=np.int64)
