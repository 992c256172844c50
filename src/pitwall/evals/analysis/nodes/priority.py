"""Which failing cases to look at first, by a formula that is said."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import case_scores, case_shortfall, failed_metrics, named, rounded
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text

MOST: Final = 20
_SHORTFALL, _FAILED, _COMPANY = 0.6, 0.3, 0.1
_FORMULA = Text(
    "0.6 x mean shortfall + 0.3 x share of failed metrics + 0.1 x share of the failing cases in its cluster. "
    "The shortfall of a metric is how far it is on the wrong side of its threshold, 0 to 1.",
    "0.6 x 평균 미달 정도 + 0.3 x 미달 메트릭 비율 + 0.1 x 같은 군집에 속한 미달 케이스 비율. "
    "미달 정도는 기준에서 벗어난 정도(0~1)입니다.",
)
_NONE_FAIL = Text("No case misses a threshold.", "기준에 미달한 케이스가 없습니다.")


def priority(data: RunData, *, failure_clusters: Output | None) -> Output:
    """Order failing cases by how far and how broadly they fail, and by how many others fail like them."""
    mean, failed, judged = case_shortfall(data)
    rows = np.flatnonzero(failed > 0)
    if not rows.size:
        raise NothingToSay(_NONE_FAIL)
    company = _company(failure_clusters)
    ids = data.cases.ids
    shared = np.array([company.get(ids[row], ("", 0.0))[1] for row in rows.tolist()])
    impact = _SHORTFALL * mean[rows] + _FAILED * failed[rows] / judged[rows] + _COMPANY * shared
    order = np.lexsort((rows, -impact))[:MOST]
    return {
        "formula": {"en": _FORMULA.en, "ko": _FORMULA.ko},
        "failing": int(rows.size),
        "cases": [
            _case(int(rows[at]), float(impact[at]), float(mean[rows[at]]), company, data) for at in order
        ],
    }


def _company(clusters: Output | None) -> dict[str, tuple[str, float]]:
    if clusters is None:
        return {}
    return {
        case: (cluster["id"], cluster["share_of_failing"])
        for cluster in clusters["clusters"]
        for case in cluster["cases"]
    }


def _case(
    row: int, impact: float, short: float, company: dict[str, tuple[str, float]], data: RunData
) -> dict[str, Any]:
    case = data.cases.ids[row]
    return {
        **named(data, row),
        "row": row,
        "priority": rounded(impact),
        "shortfall": rounded(short),
        "failed": failed_metrics(data, row),
        "cluster": company[case][0] if case in company else None,
        "scores": case_scores(data, row),
    }
