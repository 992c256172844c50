"""Per metric: how many, mean with interval, spread, quartiles; between metrics: correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from pitwall.evals.analysis.measuring import failing, mean_of, rounded, unit_means
from pitwall.evals.analysis.types import MetricData, NothingToSay, Output, RunData
from pitwall.kit.i18n import Text
from pitwall.stats.distributions import student_two_sided
from pitwall.stats.intervals import wilson
from pitwall.stats.multiplicity import benjamini_hochberg
from pitwall.stats.ranking import spearman

LEAST_PAIRS = 10
"""Fewer cases that both metrics scored have no correlation worth a line."""
_NO_METRIC = Text("The run has no metric.", "실행에 메트릭이 없습니다.")


def statistics(data: RunData) -> Output:
    """Describe every metric, the cases as a whole, and how metrics go together."""
    if not data.metrics:
        raise NothingToSay(_NO_METRIC)
    return {
        "cases": len(data.cases),
        "passing": _passing(data),
        "metrics": [_describe(metric, data) for metric in data.metrics],
        "correlations": _correlations(data),
        "least_pairs": LEAST_PAIRS,
    }


def _describe(metric: MetricData, data: RunData) -> dict[str, Any]:
    kept = metric.values[~np.isnan(metric.values)]
    missed = int(failing(metric).sum())
    spread: dict[str, Any] = dict.fromkeys(("std", "lowest", "p25", "median", "p75", "highest"))
    if kept.size:
        lowest, p25, median, p75, highest = np.quantile(kept, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
        quartiles = {"lowest": lowest, "p25": p25, "median": median, "p75": p75, "highest": highest}
        spread = {
            "std": rounded(float(kept.std(ddof=1))) if kept.size > 1 else None,
            **{name: rounded(value) for name, value in quartiles.items()},
        }
    has_rate = metric.threshold is not None and kept.size > 0
    rate = wilson(int(kept.size) - missed, int(kept.size)) if has_rate else None
    return {
        "metric": metric.name,
        "identity": metric.identity,
        "direction": metric.direction.value,
        "unit": metric.unit,
        "n_total": int(metric.values.size),
        **mean_of(metric.values, data.cases.groups, data.seed),
        **spread,
        "threshold": metric.threshold,
        "pass_rate": rounded(1.0 - missed / kept.size) if has_rate else None,
        "pass_low": None if rate is None else rounded(rate.low),
        "pass_high": None if rate is None else rounded(rate.high),
        "errors": int(metric.failed.sum()),
        "reasons": dict(metric.reasons),
    }


def _passing(data: RunData) -> dict[str, Any]:
    """Count the cases that pass among those that have a verdict, by the rule of `pitwall.evals.verdicts`."""
    scored = np.zeros(len(data.cases), dtype=np.bool_)
    missed, unknown = scored.copy(), scored.copy()
    for metric in data.metrics:
        if metric.threshold is not None:
            scored |= ~np.isnan(metric.values)
            missed |= failing(metric) | metric.unanswered
            unknown |= metric.unknown
    n = int((missed | (scored & ~unknown)).sum())
    passed = int((scored & ~missed & ~unknown).sum())
    rate = wilson(passed, n)
    return {
        "n": n,
        "passed": passed,
        "rate": rounded(passed / n) if n else None,
        "low": None if rate is None else rounded(rate.low),
        "high": None if rate is None else rounded(rate.high),
    }


def _correlations(data: RunData) -> list[dict[str, Any]]:
    rows = [_correlate(a, b, data) for a, b in combinations(data.metrics, 2)]
    for kind in ("spearman", "pearson"):
        _adjust(rows, kind)
    return rows


def _correlate(a: MetricData, b: MetricData, data: RunData) -> dict[str, Any]:
    both = ~(np.isnan(a.values) | np.isnan(b.values))
    groups = None if data.cases.groups is None else data.cases.groups[both]
    left, right = unit_means(a.values[both], groups, b.values[both])
    row: dict[str, Any] = {"a": a.name, "b": b.name, "n": int(both.sum()), "units": int(left.size)}
    row |= {"spearman": None, "spearman_p": None, "pearson": None, "pearson_p": None}
    if left.size < LEAST_PAIRS or np.ptp(left) == 0.0 or np.ptp(right) == 0.0:
        return row
    ranked = spearman(left, right)
    linear = min(1.0, max(-1.0, float(np.corrcoef(left, right)[0, 1])))
    degrees = left.size - 2
    t = math.inf if abs(linear) == 1.0 else linear * math.sqrt(degrees / (1.0 - linear * linear))
    return row | {
        "spearman": None if ranked is None else rounded(ranked.value),
        "spearman_p": None if ranked is None else ranked.p,
        "pearson": rounded(linear),
        "pearson_p": student_two_sided(t, degrees),
    }


def _adjust(rows: Sequence[dict[str, Any]], kind: str) -> None:
    found = np.array([row[f"{kind}_p"] for row in rows], dtype=np.float64)
    if found.size:
        for row, p in zip(rows, benjamini_hochberg(found).tolist(), strict=True):
            row[f"{kind}_p_adjusted"] = rounded(p)
            row[f"{kind}_p"] = rounded(row[f"{kind}_p"])
