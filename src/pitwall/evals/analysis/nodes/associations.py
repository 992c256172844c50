"""What goes together with scores: rank correlations of measured facts and metrics. They are no causes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import rounded, unit_means
from pitwall.evals.analysis.types import MetricData, NothingToSay, Output, RunData
from pitwall.kit.i18n import Text
from pitwall.stats.clusters import FloatArray
from pitwall.stats.multiplicity import benjamini_hochberg
from pitwall.stats.ranking import spearman

LEAST_CASES: Final = 10
ALPHA: Final = 0.05
_NOTE = Text(
    "Associations, not causes: each says that two numbers rise or fall together over the cases of this run.",
    "인과가 아니라 연관입니다. 이 실행의 케이스에서 두 수치가 함께 오르내린다는 뜻입니다.",
)
_NOTHING = Text(
    "No measured fact varies over ten cases that a metric scored.",
    "메트릭 점수가 있는 케이스 10개 이상에서 값이 달라지는 속성이 없습니다.",
)


def associations(data: RunData) -> Output:
    """Correlate every measured fact with every metric by ranks, corrected over all of them."""
    rows = [
        row
        for name, values in data.cases.numbers.items()
        for metric in data.metrics
        if (row := _correlate(name, values, metric, data)) is not None
    ]
    if not rows:
        raise NothingToSay(_NOTHING)
    adjusted = benjamini_hochberg(np.array([row["p"] for row in rows])).tolist()
    for row, p in zip(rows, adjusted, strict=True):
        row["p"], row["p_adjusted"], row["is_shown"] = rounded(row["p"]), rounded(p), p <= ALPHA
    rows.sort(key=lambda row: (not row["is_shown"], -abs(row["rho"]), row["factor"], row["metric"]))
    note = {"en": _NOTE.en, "ko": _NOTE.ko}
    return {"note": note, "alpha": ALPHA, "least": LEAST_CASES, "associations": rows}


def _correlate(name: str, values: FloatArray, metric: MetricData, data: RunData) -> dict[str, Any] | None:
    both = ~(np.isnan(values) | np.isnan(metric.values))
    if int(both.sum()) < LEAST_CASES or name == metric.name:
        return None
    groups = None if data.cases.groups is None else data.cases.groups[both]
    factor, score = unit_means(values[both], groups, metric.values[both])
    found = spearman(factor, score) if factor.size >= LEAST_CASES else None
    if found is None:
        return None
    return {
        "factor": name,
        "metric": metric.name,
        "n": int(both.sum()),
        "units": found.n,
        "rho": rounded(found.value),
        "low": None if found.interval is None else rounded(found.interval.low),
        "high": None if found.interval is None else rounded(found.interval.high),
        "p": found.p,
    }
