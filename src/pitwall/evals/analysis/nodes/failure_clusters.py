"""Failing cases that ask about the same and fail in the same way, found by the words of their questions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import case_shortfall, failing, rounded, shown
from pitwall.evals.analysis.terms import TermNames
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text

MOST_CASES: Final = 2_000
_ALIKE: Final = 0.3
"""Cosine to the middle of a cluster from which on a case belongs to it."""
_LEAST: Final = 3
_MOST_CLUSTERS: Final = 15
_LABEL: Final = 3
_SHOWN: Final = 3
_METRIC_WEIGHT: Final = 0.25
_METRIC: Final = "metric:"
_NONE_FAIL = Text("No case misses a threshold.", "기준에 미달한 케이스가 없습니다.")
_NO_QUESTIONS = Text(
    "The dataset version is no longer there, so that no question is known.",
    "데이터셋 버전이 삭제되어 질문을 알 수 없습니다.",
)
Vector = dict[str, float]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class _Failing:
    """The failing cases that are looked at."""

    data: RunData
    rows: Sequence[int]
    misses: Mapping[str, Mask]
    names: TermNames


@dataclass(slots=True)
class _Cluster:
    total: Vector = field(default_factory=dict)
    members: list[int] = field(default_factory=list)

    def add(self, index: int, vector: Vector) -> None:
        self.members.append(index)
        for term, weight in vector.items():
            self.total[term] = self.total.get(term, 0.0) + weight

    def middle(self) -> Vector:
        return _unit(self.total)


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
    names = TermNames()
    failing_cases = _Failing(data, asked, misses, names)
    vectors = _vectors(failing_cases)
    clusters = [one for one in _cluster(vectors) if len(one.members) >= _LEAST]
    clusters.sort(key=lambda one: (-len(one.members), one.members[0]))
    described = [
        _describe(number, one, vectors, failing_cases)
        for number, one in enumerate(clusters[:_MOST_CLUSTERS], 1)
    ]
    grouped = sum(len(one.members) for one in clusters)
    return {
        "method": f"TF-IDF of question terms and failed metrics, cosine of at least {_ALIKE} to the middle",
        "failing": int(rows.size),
        "examined": len(asked),
        "least": _LEAST,
        "alone": len(asked) - grouped,
        "clusters": described,
        "not_shown": max(0, len(clusters) - _MOST_CLUSTERS),
    }


def _vectors(of: _Failing) -> list[Vector]:
    counted = [of.names.count(of.data.cases.questions[row] or "") for row in of.rows]
    containing = Counter(term for document in counted for term in document)
    n = len(of.rows)
    vectors = []
    for row, document in zip(of.rows, counted, strict=True):
        weights = {
            term: (1.0 + math.log(times)) * math.log(1.0 + n / containing[term])
            for term, times in document.items()
            if containing[term] > 1 or n < _LEAST  # a term of one question brings it near to no other
        }
        vector = _unit(weights)
        missed = [name for name, flags in of.misses.items() if flags[row]]
        vector |= {f"{_METRIC}{name}": _METRIC_WEIGHT / math.sqrt(len(missed)) for name in missed}
        vectors.append(_unit(vector))
    return vectors


def _cluster(vectors: Sequence[Vector]) -> list[_Cluster]:
    """Put each case to the nearest middle, then once more to the middles as they came out."""
    first = _assign(vectors, [])
    middles = [one.middle() for one in first if len(one.members) > 1]
    return _assign(vectors, middles)


def _assign(vectors: Sequence[Vector], fixed: Sequence[Vector]) -> list[_Cluster]:
    clusters = [_Cluster() for _ in fixed]
    middles = list(fixed)
    having: dict[str, set[int]] = {}
    for number, middle in enumerate(middles):
        _note(having, middle, number)
    for index, vector in enumerate(vectors):
        number = _nearest(vector, middles, having)
        if number is None:
            if fixed:
                continue
            number = len(clusters)
            clusters.append(_Cluster())
            middles.append({})
        clusters[number].add(index, vector)
        if not fixed:
            middles[number] = clusters[number].middle()
            _note(having, vector, number)
    return clusters


def _note(having: dict[str, set[int]], vector: Vector, number: int) -> None:
    for term in vector:
        if not term.startswith(_METRIC):
            having.setdefault(term, set()).add(number)


def _nearest(vector: Vector, middles: Sequence[Vector], having: Mapping[str, set[int]]) -> int | None:
    """The middle that is nearest among those that share a word, if it is near enough."""
    near = sorted({number for term in vector for number in having.get(term, ())})
    best, most = None, _ALIKE
    for number in near:
        alike = _cosine(vector, middles[number])
        if alike >= most and (best is None or alike > most):
            best, most = number, alike
    return best


def _cosine(a: Vector, b: Vector) -> float:
    return sum(weight * b.get(term, 0.0) for term, weight in a.items())


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {term: weight / length for term, weight in vector.items()} if length else {}


def _describe(number: int, cluster: _Cluster, vectors: Sequence[Vector], of: _Failing) -> dict[str, Any]:
    middle = cluster.middle()
    words = sorted((term for term in middle if not term.startswith(_METRIC)), key=lambda t: (-middle[t], t))
    nearest = sorted(cluster.members, key=lambda index: (-_cosine(vectors[index], middle), index))
    rows = [of.rows[index] for index in cluster.members]
    failed = Counter(name for row in rows for name, flags in of.misses.items() if flags[row])
    mean, _, _ = case_shortfall(of.data)
    cases = of.data.cases
    return {
        "id": f"C{number}",
        "terms": [of.names.name(term) for term in words[:_LABEL]],
        "n": len(rows),
        "share_of_failing": rounded(len(rows) / len(of.rows)),
        "failed_metrics": dict(failed.most_common()),
        "mean_shortfall": rounded(float(mean[rows].mean())),
        "representatives": [
            {"case": cases.ids[of.rows[index]], "question": shown(cases.questions[of.rows[index]])}
            for index in nearest[:_SHOWN]
        ],
        "cases": [cases.ids[row] for row in rows],
    }
