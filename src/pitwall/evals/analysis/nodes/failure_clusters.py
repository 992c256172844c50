"""Failing cases that ask about the same and fail in the same way, found by the words of their questions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import case_shortfall, failing, named, rounded
from pitwall.evals.analysis.terms import TermNames
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text

MOST_CASES: Final = 1_500
_ALIKE: Final = 0.3
"""Mean cosine between two groups down to which they are put together."""
_LEAST: Final = 3
_RARE: Final = 200
"""A term that not even one in so many failing cases has makes no group that is worth a line."""
_MOST_CLUSTERS: Final = 15
_MOST_TERMS: Final = 3_000
_LABEL: Final = 3
_SHOWN: Final = 3
_COMMON: Final = 0.5
_METRIC_WEIGHT: Final = 0.25
_NONE_FAIL = Text("No case misses a threshold.", "기준에 미달한 케이스가 없습니다.")
_NO_QUESTIONS = Text(
    "The dataset version is no longer there, so that no question is known.",
    "데이터셋 버전이 삭제되어 질문을 알 수 없습니다.",
)
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class _Failing:
    """The failing cases that are looked at."""

    data: RunData
    rows: Sequence[int]
    misses: Mapping[str, Mask]
    names: TermNames


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Failing cases as rows of unit length: weights of terms, then of failed metrics."""

    terms: Sequence[str]
    rows: Matrix


def failure_clusters(data: RunData) -> Output:
    """Group failing cases by their questions and failed metrics, name each group by its terms."""
    misses = {metric.name: failing(metric) for metric in data.metrics}
    mean, failed, _ = case_shortfall(data)
    rows = np.flatnonzero(failed > 0)
    if not rows.size:
        raise NothingToSay(_NONE_FAIL)
    worst = sorted(rows[np.argsort(-mean[rows], kind="stable")][:MOST_CASES].tolist())
    asked = [row for row in worst if data.cases.questions[row]]
    if not asked:
        raise NothingToSay(_NO_QUESTIONS)
    cases = _Failing(data, asked, misses, TermNames())
    vectors = _vectors(cases)
    groups = [group for group in _group(vectors.rows @ vectors.rows.T) if len(group) >= _LEAST]
    described = [_describe(group, vectors, cases, mean) for group in groups]
    clusters = [one for one in described if one["terms"]]
    for number, one in enumerate(clusters, 1):
        one["id"] = f"C{number}"
    return {
        "method": f"TF-IDF of question terms and failed metrics, average linkage, cosine from {_ALIKE}",
        "failing": int(rows.size),
        "examined": len(asked),
        "least": _LEAST,
        "alone": len(asked) - sum(one["n"] for one in clusters),
        "clusters": clusters[:_MOST_CLUSTERS],
        "not_shown": max(0, len(clusters) - _MOST_CLUSTERS),
    }


def _vectors(of: _Failing) -> _Vectors:
    counted = [of.names.count(of.data.cases.questions[row] or "") for row in of.rows]
    containing = Counter(term for document in counted for term in document)
    n, metrics = len(of.rows), list(of.misses)
    least = max(_LEAST, n // _RARE)
    frequent = sorted(containing.items(), key=lambda one: (-one[1], one[0]))[:_MOST_TERMS]
    terms = [term for term, count in frequent if count >= least]
    columns = {term: column for column, term in enumerate(terms)}
    rows = np.zeros((n, len(terms) + len(metrics)), dtype=np.float32)
    for index, document in enumerate(counted):
        for term, times in document.items():
            if term in columns:
                rows[index, columns[term]] = (1.0 + math.log(times)) * math.log(1.0 + n / containing[term])
    _to_unit_length(rows)
    for column, name in enumerate(metrics, len(terms)):
        # A case whose words say nothing stays alone, whatever it fails by.
        rows[:, column] = _METRIC_WEIGHT * of.misses[name][of.rows] * rows.any(axis=1)
    _to_unit_length(rows)
    return _Vectors(terms, rows)


def _to_unit_length(rows: Matrix) -> None:
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    np.divide(rows, lengths, out=rows, where=lengths > 0)


def _group(alike: Matrix) -> list[list[int]]:
    """Put the two groups together that are most alike on average, until none are alike enough.

    Largest groups first; among equals those that were met first.
    """
    n = alike.shape[0]
    members: list[list[int]] = [[index] for index in range(n)]
    sums, sizes = alike.astype(np.float64), np.ones(n)
    means = sums.copy()
    np.fill_diagonal(means, -1.0)
    while n > 1:
        one, other = sorted(divmod(int(means.argmax()), n))
        if means[one, other] < _ALIKE:
            break
        members[one] += members[other]
        members[other] = []
        sums[one] += sums[other]
        sums[:, one] = sums[one]
        sizes[one] += sizes[other]
        means[one] = means[:, one] = np.where(means[one] < -0.5, -1.0, sums[one] / (sizes[one] * sizes))
        means[one, one] = -1.0
        means[other] = means[:, other] = -1.0
    return sorted((sorted(group) for group in members if group), key=lambda group: (-len(group), group[0]))


def _describe(
    group: Sequence[int], vectors: _Vectors, of: _Failing, mean: np.ndarray[Any, np.dtype[np.float64]]
) -> dict[str, Any]:
    chosen = vectors.rows[group]
    middle = chosen.mean(axis=0)
    rows = [of.rows[index] for index in group]
    nearest = np.argsort(-(chosen @ middle), kind="stable")[:_SHOWN].tolist()
    failed = Counter(name for row in rows for name, flags in of.misses.items() if flags[row])
    cases = of.data.cases
    return {
        "id": "",
        "terms": _label(chosen, middle, vectors.terms, of.names),
        "n": len(rows),
        "share_of_failing": rounded(len(rows) / len(of.rows)),
        "failed_metrics": dict(failed.most_common()),
        "mean_shortfall": rounded(float(mean[rows].mean())),
        "representatives": [named(of.data, rows[at]) for at in nearest],
        "cases": [cases.ids[row] for row in rows],
        "positions": [cases.positions[row] for row in rows],
    }


def _label(chosen: Matrix, middle: Matrix, terms: Sequence[str], names: TermNames) -> list[str]:
    """The heaviest terms that at least half of the cases have."""
    shared = (chosen[:, : len(terms)] > 0).mean(axis=0) >= _COMMON
    order = np.argsort(-middle[: len(terms)], kind="stable").tolist()
    return [names.name(terms[column]) for column in order if shared[column]][:_LABEL]
