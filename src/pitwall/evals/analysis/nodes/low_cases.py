"""The cases that came out worst, and those that could not be judged."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import case_scores, failing, named, quality, rounded
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text

MOST: Final = 20
_NO_RATIO = Text(
    "No metric of the run is a ratio, so that cases have no order.",
    "비율 메트릭이 없어 케이스의 순서를 정할 수 없습니다.",
)


def low_cases(data: RunData) -> Output:
    """List the cases with the lowest mean of their ratios among those that miss a threshold."""
    level = quality(data)
    if np.isnan(level).all():
        raise NothingToSay(_NO_RATIO)
    misses = {metric.name: failing(metric) for metric in data.metrics}
    failed = np.zeros(len(data.cases), dtype=np.bool_)
    for flags in misses.values():
        failed |= flags
    rows = np.flatnonzero(failed & ~np.isnan(level))
    worst = rows[np.argsort(level[rows], kind="stable")][:MOST]
    return {
        "formula": "mean of the ratios of a case, those that are better when lower turned round",
        "failing": int(failed.sum()),
        "cases": [
            {
                **named(data, row),
                "row": row,
                "quality": rounded(float(level[row])),
                "failed": [name for name, flags in misses.items() if flags[row]],
                "scores": case_scores(data, row),
            }
            for row in worst.tolist()
        ],
        "unjudged": _unjudged(data),
    }


def _unjudged(data: RunData) -> dict[str, Any]:
    failed = np.zeros(len(data.cases), dtype=np.bool_)
    for metric in data.metrics:
        failed |= metric.failed
    rows = np.flatnonzero(failed)
    return {"n": int(rows.size), "cases": [data.cases.ids[row] for row in rows[:MOST].tolist()]}
