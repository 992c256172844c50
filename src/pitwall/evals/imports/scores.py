"""Scores of another tool as scores of a run: what each metric is, and what has no value. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from pitwall.evals.imports.matching import Matched
from pitwall.evals.imports.types import ForeignResults, ForeignScore, Tool
from pitwall.evals.metrics.errors import InvalidMetricOption, UnknownMetric
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.targets.opening import IMPORTED
from pitwall.evals.runs.types import Plan, PlannedMetric, StoredScore, ThresholdFrom
from pitwall.evals.types import Direction, ScoreStatus

Known = TypeVar("Known", bound=Hashable)

NO_VALUE = "no_value"
"""Why a score has none: the file has none either."""
FAILED = "metric_failed"


def plan_of(
    results: ForeignResults, registry: Registry, thresholds: Mapping[str, float], file: str, available: int
) -> Plan:
    """What the other tool did, as far as its file says."""
    by_metric: dict[str, list[ForeignScore]] = {}
    for case in results.cases:
        for score in case.scores:
            by_metric.setdefault(score.metric, []).append(score)
    return Plan(
        metrics=tuple(
            _planned(name, scores, results.tool, registry, thresholds.get(name))
            for name, scores in by_metric.items()
        ),
        target={"kind": IMPORTED, "tool": results.tool.value, "file": file},
        available=available,
    )


def stored_scores(plan: Plan, matched: Sequence[Matched]) -> Iterator[StoredScore]:
    """Yield a score of each case by each metric, also of those without a value."""
    for one in matched:
        said = {score.metric: score for score in one.scores}
        for metric in plan.metrics:
            score = said.get(metric.name) or ForeignScore(metric=metric.name, value=None)
            yield _stored(metric, one, score)


def _stored(metric: PlannedMetric, one: Matched, score: ForeignScore) -> StoredScore:
    status, reason = _status(score)
    value = score.value if status is ScoreStatus.SCORED else None
    explanation = score.error or score.explanation
    return StoredScore(
        metric=metric.name,
        position=one.position,
        sample=0,
        example_id=one.example_id,
        status=status,
        value=value,
        reason=reason,
        passed=None if value is None else metric.passes(value),
        content=None if explanation is None else {"explanation": explanation},
    )


def _status(score: ForeignScore) -> tuple[ScoreStatus, str | None]:
    if score.error is not None:
        return ScoreStatus.ERROR, FAILED
    if score.value is None:
        return ScoreStatus.UNDETERMINED, NO_VALUE
    return ScoreStatus.SCORED, None


def _planned(
    name: str, scores: Sequence[ForeignScore], tool: Tool, registry: Registry, threshold: float | None
) -> PlannedMetric:
    said = _most_frequent([score.threshold for score in scores])
    judge = _most_frequent([score.judge for score in scores])
    origin = ThresholdFrom.FLAG if threshold is not None else ThresholdFrom.FILE if said is not None else None
    return PlannedMetric(
        name=name,
        version=0,
        identity=f"{name}@{tool.value}" + ("" if judge is None else f":judge={judge}"),
        threshold=threshold if threshold is not None else said,
        threshold_from=origin,
        direction=_direction(name, scores, registry),
        unit="ratio",
    )


def _direction(name: str, scores: Sequence[ForeignScore], registry: Registry) -> Direction:
    """What the verdicts of the tool say, else what our metric of that name is."""
    for score in scores:
        if score.passed is None or score.value is None or score.threshold is None:
            continue
        if score.value != score.threshold:
            is_higher = score.passed == (score.value > score.threshold)
            return Direction.HIGHER if is_higher else Direction.LOWER
    try:
        return registry.find(name).spec.direction
    except (UnknownMetric, InvalidMetricOption):
        return Direction.HIGHER


def _most_frequent(values: Sequence[Known | None]) -> Known | None:
    known = Counter(value for value in values if value is not None)
    return known.most_common(1)[0][0] if known else None
