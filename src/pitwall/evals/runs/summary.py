"""From the scores of a run to what it says: means and rates with their intervals, and what has none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pitwall.evals.runs.types import MetricSummary, Plan, PlannedMetric, Progress, RunSummary, ScoreColumns
from pitwall.evals.types import ScoreStatus
from pitwall.stats.plain_intervals import Interval, is_plain, plain_interval, wilson


@dataclass(frozen=True, slots=True)
class CaseScore:
    """A metric's score of a case over all repetitions: the mean of those with a value.

    Attributes:
        reason: Why there is no value, from the first repetition.
    """

    position: int
    status: str
    value: float | None
    reason: str | None


def summarise(
    plan: Plan, columns: Mapping[str, ScoreColumns], groups: Mapping[int, str], progress: Progress
) -> RunSummary:
    """Summarise a run.

    Args:
        columns: By name of the metric.
        groups: What belongs together, by position: intervals count it as one.
    """
    scores = {metric.name: list(merge_repeats(columns[metric.name])) for metric in plan.metrics}
    verdicts = _verdicts(plan, scores)
    passed = sum(verdicts.values())
    interval = wilson(passed, len(verdicts))
    return RunSummary(
        cases=progress.cases,
        metrics={
            metric.name: _summarise(metric, scores[metric.name], groups, plan.seed or 0)
            for metric in plan.metrics
        },
        decided_cases=len(verdicts),
        passed_cases=passed,
        pass_rate=passed / len(verdicts) if verdicts else None,
        pass_low=None if interval is None else interval.low,
        pass_high=None if interval is None else interval.high,
        duration_s=progress.seconds,
        cost_usd=progress.cost_usd,
        calls=progress.calls_made,
    )


def merge_repeats(columns: ScoreColumns) -> Iterator[CaseScore]:
    """Yield one score for each case, in order of position; repetitions of a case stand together."""
    start, count = 0, len(columns)
    while start < count:
        end = start + 1
        while end < count and columns.positions[end] == columns.positions[start]:
            end += 1
        values = [value for value in columns.values[start:end] if value is not None]
        if values:
            mean = values[0] if len(values) == 1 else sum(values) / len(values)
            yield CaseScore(columns.positions[start], ScoreStatus.SCORED.value, mean, None)
        else:
            yield CaseScore(columns.positions[start], columns.statuses[start], None, columns.reasons[start])
        start = end


def _verdicts(plan: Plan, scores: Mapping[str, Sequence[CaseScore]]) -> dict[int, bool]:
    """Whether each case passes: all its scored metrics with a threshold do, and none is in error.

    A case that nothing can be said of has no verdict: no metric with a threshold scored it, or all that did
    pass it and another one failed to judge it.
    """
    found: dict[int, bool] = {}
    in_error: set[int] = set()
    for metric in plan.metrics:
        for score in scores[metric.name]:
            if score.status == ScoreStatus.ERROR.value:
                in_error.add(score.position)
            elif score.value is not None and (passed := metric.passes(score.value)) is not None:
                found[score.position] = found.get(score.position, True) and passed
    return {position: passed for position, passed in found.items() if not passed or position not in in_error}


def _summarise(
    metric: PlannedMetric, scores: Sequence[CaseScore], groups: Mapping[int, str], seed: int
) -> MetricSummary:
    scored = [(score.position, score.value) for score in scores if score.value is not None]
    values = [value for _, value in scored]
    interval = _interval(values, [groups.get(position) for position, _ in scored], seed)
    n_passed = sum(metric.passes(value) is True for _, value in scored)
    has_threshold = metric.threshold is not None
    rate = wilson(n_passed, len(scored)) if has_threshold else None
    reasons = Counter(score.reason or score.status for score in scores if score.value is None)
    return MetricSummary(
        identity=metric.identity,
        n_total=len(scores),
        n_scored=len(scored),
        n_errors=sum(score.status == ScoreStatus.ERROR.value for score in scores),
        reasons=dict(reasons.most_common()),
        mean=math.fsum(values) / len(values) if values else None,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        method=None if interval is None else interval.method.value,
        pass_rate=n_passed / len(scored) if scored and has_threshold else None,
        pass_low=None if rate is None else rate.low,
        pass_high=None if rate is None else rate.high,
        threshold=metric.threshold,
        direction=metric.direction,
        unit=metric.unit,
    )


def _interval(values: Sequence[float], groups: Sequence[str | None], seed: int) -> Interval | None:
    """The interval of a mean; only one that has to be resampled, or counts groups, costs numpy's import."""
    if not any(groups) and is_plain(values):
        return plain_interval(values)
    import numpy as np

    from pitwall.stats.clusters import cluster_codes
    from pitwall.stats.intervals import mean_interval

    rng = np.random.default_rng(seed)
    return mean_interval(np.array(values, dtype=np.float64), cluster_codes(groups), rng=rng)
