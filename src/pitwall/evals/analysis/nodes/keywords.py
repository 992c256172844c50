"""What the questions are about: terms by TF-IDF, and those that failing cases have more often than others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import failing, rounded
from pitwall.evals.analysis.terms import TermNames
from pitwall.evals.analysis.testing import share_p_value
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text
from pitwall.stats.multiplicity import benjamini_hochberg

MOST_QUESTIONS: Final = 5_000
_MOST_SHOWN: Final = 20
_MOST_TESTED: Final = 200
_LEAST_CASES: Final = 5
ALPHA: Final = 0.05
_NO_QUESTIONS = Text(
    "The dataset version is no longer there, so that no question is known.",
    "데이터셋 버전이 삭제되어 질문을 알 수 없습니다.",
)


def keywords(data: RunData) -> Output:
    """List terms by their mean TF-IDF over the questions, and those over-represented in failing cases."""
    rows = [row for row, question in enumerate(data.cases.questions) if question]
    if not rows:
        raise NothingToSay(_NO_QUESTIONS)
    chosen = spread_over(rows, MOST_QUESTIONS)
    names = TermNames()
    documents = [names.count(data.cases.questions[row] or "") for row in chosen]
    containing = Counter(term for document in documents for term in document)
    return {
        "questions": len(rows),
        "examined": len(chosen),
        "top": _top(documents, containing, names),
        "in_failing": _in_failing(data, _Terms(chosen, documents, containing, names)),
        "alpha": ALPHA,
    }


def spread_over(rows: Sequence[int], most: int) -> list[int]:
    """Choose at most so many rows, evenly spread, the same ones each time."""
    if len(rows) <= most:
        return list(rows)
    return [rows[index * len(rows) // most] for index in range(most)]


@dataclass(frozen=True, slots=True)
class _Terms:
    """The questions that were looked at, as terms."""

    rows: Sequence[int]
    documents: Sequence[Counter[str]]
    containing: Counter[str]
    names: TermNames


def _top(
    documents: Sequence[Counter[str]], containing: Counter[str], names: TermNames
) -> list[dict[str, Any]]:
    count = len(documents)
    weights: dict[str, float] = {}
    for document in documents:
        length = sum(document.values()) or 1
        for term, times in document.items():
            rarity = math.log((1 + count) / (1 + containing[term]))
            weights[term] = weights.get(term, 0.0) + times / length * rarity
    order = sorted(weights, key=lambda term: (-weights[term], term))
    return [
        {"term": names.name(term), "weight": rounded(weights[term] / count), "cases": containing[term]}
        for term in order[:_MOST_SHOWN]
    ]


def _in_failing(data: RunData, found: _Terms) -> list[dict[str, Any]]:
    failed = np.zeros(len(data.cases), dtype=np.bool_)
    for metric in data.metrics:
        failed |= failing(metric)
    flags = failed[found.rows].tolist()
    n, n_failed = len(flags), sum(flags)
    if n_failed in (0, n):
        return []
    pairs = zip(found.documents, flags, strict=True)
    hits = Counter(term for document, is_failing in pairs if is_failing for term in document)
    tested = [term for term, count in found.containing.most_common(_MOST_TESTED) if count >= _LEAST_CASES]
    p_values = [share_p_value(hits[term], found.containing[term], n_failed, n) for term in tested]
    rows = [
        {
            "term": found.names.name(term),
            "cases": found.containing[term],
            "failing": hits[term],
            "share_failing": rounded(hits[term] / found.containing[term]),
            "share_failing_overall": rounded(n_failed / n),
            "p_adjusted": rounded(p),
        }
        for term, p in zip(tested, benjamini_hochberg(np.array(p_values)).tolist(), strict=True)
        if p <= ALPHA
    ]
    return sorted(rows, key=lambda row: (row["p_adjusted"], row["term"]))[:_MOST_SHOWN]
