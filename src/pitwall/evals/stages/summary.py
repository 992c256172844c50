"""From the events of a run to what they say: counts, means with their intervals, verdicts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pitwall.evals.stages.measures import (
    StageMetric,
    StageValue,
    labels_of,
    metrics_for,
    value_of,
)
from pitwall.evals.stages.types import EXPECTED_TYPES, StageEvent
from pitwall.evals.types import Direction

_P95 = 0.95
Relevance = Mapping[str, Collection[str]]


class Verdict(StrEnum):
    """How a number stands to its threshold."""

    PASSED = "passed"
    FAILED = "failed"
    NO_THRESHOLD = "no_threshold"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNumbers:
    """What a metric says of a run.

    Attributes:
        n_total: Events of the stage.
        n_scored: Of these with a value; only they enter the mean.
        reasons: Why the others have none, with how many.
        low: Lower end of the interval of the mean, None where too little is known.
        n_failed: Of those with a value, how many miss the threshold; None without one.
    """

    metric: StageMetric
    n_total: int
    n_scored: int
    reasons: Mapping[str, int]
    mean: float | None
    low: float | None
    high: float | None
    p95: float | None
    threshold: float | None
    n_failed: int | None
    verdict: Verdict

    @property
    def judged(self) -> float | None:
        """The number that is compared with the threshold."""
        return self.p95 if self.metric.is_judged_by_p95 else self.mean


@dataclass(frozen=True, slots=True)
class StageSummary:
    """One stage of a run."""

    stage_type: str
    events: int
    failed: int
    retried: int
    numbers: tuple[StageNumbers, ...]


@dataclass(frozen=True, slots=True)
class EventValues:
    """Every metric of one event."""

    event: StageEvent
    values: tuple[StageValue, ...]


def summarise(
    events: Sequence[StageEvent], relevance: Relevance, thresholds: Mapping[str, float]
) -> list[StageSummary]:
    """Summarise a run, stage by stage in the order of first appearance.

    Args:
        relevance: Documents that are right, by case.
        thresholds: Instead of a metric's own, by its name.
    """
    found = []
    for stage_type, own in by_stage(events).items():
        metrics = metrics_for(stage_type, names_in(own))
        numbers = [
            aggregate(metric, _values(metric, own, relevance), thresholds.get(metric.name, metric.threshold))
            for metric in metrics
        ]
        failed = sum(event.is_failed for event in own)
        retried = sum(event.attempt > 1 for event in own)
        found.append(StageSummary(stage_type, len(own), failed, retried, tuple(numbers)))
    return found


def event_values(events: Iterable[StageEvent], relevance: Relevance) -> list[EventValues]:
    """Every metric of every event, in their order."""
    return [
        EventValues(
            event,
            tuple(
                value_of(metric, event, labels_of(event, relevance))
                for metric in metrics_for(event.stage_type, event.attributes.keys())
            ),
        )
        for event in events
    ]


def missing_types(events: Iterable[StageEvent]) -> list[str]:
    """Stages that every pipeline has and these events do not speak of."""
    known = {event.stage_type for event in events}
    return [name for name in EXPECTED_TYPES if name not in known]


def by_stage(events: Iterable[StageEvent]) -> dict[str, list[StageEvent]]:
    """Events by their stage, in the order of first appearance."""
    found: dict[str, list[StageEvent]] = {}
    for event in events:
        found.setdefault(event.stage_type, []).append(event)
    return found


def names_in(events: Iterable[StageEvent]) -> set[str]:
    """Names of attributes that any event has."""
    return {name for event in events for name in event.attributes}


def aggregate(metric: StageMetric, values: Sequence[StageValue], threshold: float | None) -> StageNumbers:
    """One metric over the events of its stage."""
    import numpy as np  # a server starts without it

    from pitwall.stats.intervals import mean_interval

    known = np.array([one.value for one in values if one.value is not None], dtype=np.float64)
    interval = mean_interval(known, rng=np.random.default_rng(0)) if known.size > 1 else None
    mean = float(known.mean()) if known.size else None
    p95 = float(np.quantile(known, _P95)) if known.size else None
    judged = p95 if metric.is_judged_by_p95 else mean
    return StageNumbers(
        metric=metric,
        n_total=len(values),
        n_scored=int(known.size),
        reasons=dict(Counter(one.reason or "" for one in values if one.value is None).most_common()),
        mean=mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        p95=p95,
        threshold=threshold,
        n_failed=_count_failed(metric, known.tolist(), threshold),
        verdict=judge(metric, judged, threshold),
    )


def judge(metric: StageMetric, value: float | None, threshold: float | None) -> Verdict:
    """How a number stands to a threshold, in the metric's direction."""
    if value is None:
        return Verdict.NO_DATA
    if threshold is None:
        return Verdict.NO_THRESHOLD
    is_lower = metric.direction is Direction.LOWER
    is_good = value <= threshold if is_lower else value >= threshold
    return Verdict.PASSED if is_good else Verdict.FAILED


def _count_failed(metric: StageMetric, values: Sequence[float], threshold: float | None) -> int | None:
    if threshold is None or not values:
        return None
    return sum(judge(metric, value, threshold) is Verdict.FAILED for value in values)


def _values(metric: StageMetric, events: Iterable[StageEvent], relevance: Relevance) -> list[StageValue]:
    return [value_of(metric, event, labels_of(event, relevance)) for event in events]
