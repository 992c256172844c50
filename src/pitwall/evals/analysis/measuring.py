"""Small calculations that several parts share: how far a case is from thresholds, what a mean is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.types import MetricData, RunData
from pitwall.evals.types import Direction
from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stats.intervals import mean_interval

DECIMALS: Final = 6
QUESTION_SHOWN: Final = 200


def rounded(value: float | None) -> float | None:
    """A number for JSON: six digits behind the point; what is not a number is None."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DECIMALS)


def mean_of(values: FloatArray, codes: IntArray | None, seed: int) -> dict[str, Any]:
    """Return n, mean and interval of the values that are there; a mean of nothing is None."""
    there = ~np.isnan(values)
    kept = values[there]
    if not kept.size:
        return {"n": 0, "mean": None, "low": None, "high": None}
    grouped = None if codes is None else codes[there]
    found = mean_interval(kept, grouped, rng=np.random.default_rng(seed))
    return {
        "n": int(kept.size),
        "mean": rounded(float(kept.mean())),
        "low": None if found is None else rounded(found.low),
        "high": None if found is None else rounded(found.high),
    }


def failing(metric: MetricData) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cases are scored and do not pass; none without a threshold."""
    if metric.threshold is None:
        return np.zeros(metric.values.size, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        is_higher = metric.direction is Direction.HIGHER
        missed = metric.values < metric.threshold if is_higher else metric.values > metric.threshold
    result: np.ndarray[Any, np.dtype[np.bool_]] = missed & ~np.isnan(metric.values)
    return result


def shortfall(metric: MetricData) -> FloatArray:
    """How far each case is on the wrong side of the threshold, as a share of the way there is, 0 to 1.

    NaN where there is no value or no threshold.
    """
    threshold, values = metric.threshold, metric.values
    if threshold is None:
        return np.full(values.size, np.nan)
    if metric.direction is Direction.HIGHER:
        way, missed = threshold, threshold - values
    else:
        way = 1.0 - threshold if metric.unit == "ratio" and threshold < 1.0 else threshold
        missed = values - threshold
    if way <= 0.0:
        return np.where(np.isnan(values), np.nan, (missed > 0.0).astype(np.float64))
    clipped: FloatArray = np.clip(missed / way, 0.0, 1.0)
    return clipped


def case_shortfall(data: RunData) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return for each case the mean shortfall, the metrics it fails and the metrics it has a verdict of."""
    n = len(data.cases)
    total, failed, judged = np.zeros(n), np.zeros(n), np.zeros(n)
    for metric in data.metrics:
        if metric.threshold is None:
            continue
        parts = shortfall(metric)
        there = ~np.isnan(parts)
        total[there] += parts[there]
        judged += there
        failed += failing(metric)
    mean = np.divide(total, judged, out=np.full(n, np.nan), where=judged > 0)
    return mean, failed, judged


def is_ratio(metric: MetricData) -> bool:
    """Whether a metric lies between 0 and 1, so that its values can stand beside those of others."""
    return metric.unit == "ratio"


def quality(data: RunData) -> FloatArray:
    """Return one number for each case: the mean of its ratios, turned so that 1 is best; NaN without one."""
    n = len(data.cases)
    total, count = np.zeros(n), np.zeros(n)
    for metric in filter(is_ratio, data.metrics):
        turned = metric.values if metric.direction is Direction.HIGHER else 1.0 - metric.values
        there = ~np.isnan(turned)
        total[there] += turned[there]
        count += there
    mean: FloatArray = np.divide(total, count, out=np.full(n, np.nan), where=count > 0)
    return mean


def shown(text: str | None, most: int = QUESTION_SHOWN) -> str | None:
    """A text as a list shows it: one line, cut with an ellipsis."""
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def named(data: RunData, row: int) -> dict[str, Any]:
    """What a case is known by: its id, its place in the dataset version, and its question, cut."""
    cases = data.cases
    return {
        "case": cases.ids[row],
        "position": cases.positions[row],
        "question": shown(cases.questions[row]),
    }


def case_scores(data: RunData, row: int) -> dict[str, float | None]:
    """The values of a case by metric."""
    return {metric.name: rounded(float(metric.values[row])) for metric in data.metrics}


def failed_metrics(data: RunData, row: int, misses: Mapping[str, Sequence[bool]] | None = None) -> list[str]:
    """Names of the metrics whose threshold a case misses."""
    if misses is not None:
        return [name for name, flags in misses.items() if flags[row]]
    return [metric.name for metric in data.metrics if failing(metric)[row]]


def unit_means(values: FloatArray, codes: IntArray | None, *others: FloatArray) -> tuple[FloatArray, ...]:
    """Put cases of one group together: their means are one value each, so that tests count them once."""
    if codes is None:
        return (values, *others)
    _, numbers = np.unique(codes, return_inverse=True)
    counts = np.bincount(numbers)
    return tuple(np.bincount(numbers, weights=one) / counts for one in (values, *others))
