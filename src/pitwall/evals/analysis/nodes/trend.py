"""How metrics went over the last runs of the same content: only scores of one identity stand in one line."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import rounded
from pitwall.evals.analysis.types import MetricData, NothingToSay, Output, RunData
from pitwall.evals.comparison.comparing import compare
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text
from pitwall.stats.ranking import spearman

_LEAST_FOR_TREND: Final = 5
_ALONE = Text(
    "There is no earlier finished run of the same dataset content.",
    "같은 데이터셋 내용에 대한 이전 완료 실행이 없습니다.",
)


def trend(data: RunData) -> Output:
    """Line up the means of each metric, and compare with the run before case by case."""
    if len(data.history) < 2:
        raise NothingToSay(_ALONE)
    before = _since_previous(data)
    return {
        "dataset_hash": data.dataset_hash,
        "runs": [{"run": run.id, "at": format_instant(run.at)} for run in data.history],
        "metrics": [_line(metric, data, before.get(metric.name)) for metric in data.metrics],
    }


def _line(metric: MetricData, data: RunData, before: dict[str, Any] | None) -> dict[str, Any]:
    points, other = [], 0
    for run in data.history:
        found = run.metrics.get(metric.name)
        if found is None or found.mean is None:
            continue
        if found.identity != metric.identity:
            other += 1
            continue
        points.append(
            {
                "run": run.id,
                "at": format_instant(run.at),
                "mean": rounded(found.mean),
                "low": rounded(found.low),
                "high": rounded(found.high),
                "n": found.n_scored,
            }
        )
    means = np.array([point["mean"] for point in points], dtype=np.float64)
    ranked = (
        spearman(np.arange(means.size, dtype=np.float64), means) if means.size >= _LEAST_FOR_TREND else None
    )
    return {
        "metric": metric.name,
        "identity": metric.identity,
        "unit": metric.unit,
        "points": points,
        "left_out_other_identity": other,
        "rho": None if ranked is None else rounded(ranked.value),
        "rho_p": None if ranked is None else rounded(ranked.p),
        "since_previous": before,
    }


def _since_previous(data: RunData) -> dict[str, dict[str, Any]]:
    """What changed against the run before, over the cases that both scored by the same ruler."""
    if data.previous is None or data.columns is None:
        return {}
    found = compare(data.previous, data.columns)
    return {
        row.metric: {
            "run": data.previous.id,
            "verdict": row.verdict.value,
            "difference": rounded(row.difference),
            "low": None if row.interval is None else rounded(row.interval.low),
            "high": None if row.interval is None else rounded(row.interval.high),
            "p_adjusted": rounded(row.p_adjusted),
            "n": row.n,
        }
        for row in found.metrics
        if row.identity_a == row.identity_b
    }
