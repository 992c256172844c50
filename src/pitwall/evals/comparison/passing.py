"""Which cases pass a threshold in either run: by metric, and over all metrics together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pitwall.evals.comparison.pairing import Pairing
from pitwall.evals.comparison.types import MetricColumns, PassComparison, RunColumns
from pitwall.evals.types import Direction, ScoreStatus
from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stats.intervals import wilson
from pitwall.stats.paired import mcnemar_test

BoolArray = NDArray[np.bool_]

_ERROR = f"{ScoreStatus.ERROR}:"


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

    A case passes if every metric that scored it lets it pass and none failed to judge it. One that nobody
    can say this of, in either run, is left out: no metric scored it, or all that did let it pass and another
    one failed to judge it. None without a threshold or without another case.
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
    known = before.is_known & after.is_known
    return _count(~before.missed[known], ~after.missed[known], None) if known.any() else None


class _Tally:
    """What the metrics so far say of each case."""

    def __init__(self, size: int) -> None:
        self.scored = np.zeros(size, dtype=np.bool_)
        self.missed = np.zeros(size, dtype=np.bool_)
        self.in_error = np.zeros(size, dtype=np.bool_)

    @property
    def is_known(self) -> BoolArray:
        """Of which cases it can be said whether they pass."""
        known: BoolArray = self.scored & (self.missed | ~self.in_error)
        return known

    def add(self, scores: MetricColumns, ruler: MetricColumns, rows: IntArray) -> None:
        """Take in one metric; `rows` is the row of each case, -1 for one that it does not know."""
        in_error = np.zeros(len(scores.case_ids) + 1, dtype=np.bool_)  # the last one is for row -1
        in_error[[row for row, reason in scores.reasons.items() if reason.startswith(_ERROR)]] = True
        self.in_error |= in_error[rows]
        if ruler.threshold is None:
            return
        scored = np.append(~np.isnan(scores.values), False)
        missed = scored & ~np.append(passing(scores.values, ruler.threshold, ruler.direction), True)
        self.scored |= scored[rows]
        self.missed |= missed[rows]


def _rows(scores: MetricColumns, first: MetricColumns, rows: IntArray, cases: Sequence[str]) -> IntArray:
    """The row of each case in the columns of a metric; mostly that of the first metric."""
    if scores.case_ids is first.case_ids or scores.case_ids == first.case_ids:
        return rows
    position = {case: row for row, case in enumerate(scores.case_ids)}
    return np.array([position.get(case, -1) for case in cases], dtype=np.int64)
