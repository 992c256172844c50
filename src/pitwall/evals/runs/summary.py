"""From the scores of a run to what it says: means and rates with their intervals, and what has none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pitwall.evals.runs.types import (
    MetricSummary,
    Plan,
    PlannedMetric,
    Progress,
    RunSummary,
    ScoreColumns,
    StoredScore,
)
from pitwall.evals.types import ScoreStatus
from pitwall.evals.verdicts import CaseVerdict, share_passed
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
    passed, decided = share_passed(_verdicts(plan, scores).values())
    interval = wilson(passed, decided)
    return RunSummary(
        cases=progress.cases,
        metrics={
            metric.name: _summarise(metric, scores[metric.name], groups, plan.seed or 0)
            for metric in plan.metrics
        },
        decided_cases=decided,
        passed_cases=passed,
        pass_rate=passed / decided if decided else None,
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


def case_verdict(plan: Plan, scores: Sequence[StoredScore]) -> bool | None:
    """Whether one case passes, by all its scores: each metric by the mean of its repetitions."""
    verdict = CaseVerdict()
    for metric in plan.metrics:
        mine = [score for score in scores if score.metric == metric.name]
        if metric.threshold is None or not mine:
            continue
        values = [score.value for score in mine if score.value is not None]
        if values:
            verdict.take(ScoreStatus.SCORED, None, metric.passes(sum(values) / len(values)))
        else:
            verdict.take(mine[0].status, mine[0].reason, None)
    return verdict.passed


def _verdicts(plan: Plan, scores: Mapping[str, Sequence[CaseScore]]) -> dict[int, bool | None]:
    """Whether each case passes, by position."""
    found: dict[int, CaseVerdict] = {}
    for metric in plan.metrics:
        if metric.threshold is None:
            continue
        for score in scores[metric.name]:
            passed = None if score.value is None else metric.passes(score.value)
            found.setdefault(score.position, CaseVerdict()).take(score.status, score.reason, passed)
    return {position: verdict.passed for position, verdict in found.items()}


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
