"""Scores by what a question asks for: how, why, which of them, what, or what to think."""

from __future__ import annotations

from typing import Any

import numpy as np

from pitwall.evals.analysis.measuring import failing, mean_of, rounded
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.evals.comparison.question_types import QuestionType
from pitwall.kit.i18n import Text

_NO_QUESTIONS = Text(
    "The dataset version is no longer there, so that no question is known.",
    "데이터셋 버전이 삭제되어 질문을 알 수 없습니다.",
)


def question_types(data: RunData) -> Output:
    """Describe each type that occurs, most frequent first; `other` are questions whose words do not say."""
    types = data.cases.facts.get("question_type")
    if types is None or not any(types):
        raise NothingToSay(_NO_QUESTIONS)
    codes = np.array([kind or "" for kind in types])
    found = [_describe(kind.value, codes == kind.value, data) for kind in QuestionType]
    return {
        "rules": "the first of comparative, procedural, reasoning, opinion and factual whose words occur",
        "types": sorted((one for one in found if one["n"]), key=lambda one: -one["n"]),
    }


def _describe(kind: str, mask: np.ndarray[Any, np.dtype[np.bool_]], data: RunData) -> dict[str, Any]:
    groups = None if data.cases.groups is None else data.cases.groups[mask]
    return {
        "type": kind,
        "n": int(mask.sum()),
        "share": rounded(float(mask.mean())),
        "metrics": [
            {
                "metric": metric.name,
                "unit": metric.unit,
                **mean_of(metric.values[mask], groups, data.seed),
                "failing": int(failing(metric)[mask].sum()),
            }
            for metric in data.metrics
        ],
    }
