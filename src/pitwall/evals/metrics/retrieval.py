"""Retrieval against labels: what was found of what should be found, and how early. No model.

Rules for all: an item is relevant if its gain is above 0. A document that is retrieved again keeps its rank
and gains nothing. Nothing retrieved is 0. Without labels, or without ids on the chunks, a case is not
applicable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import log2
from typing import Final

from pitwall.evals.metrics.results import not_applicable, scored
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.types import Case, Score
from pitwall.kit.i18n import Text

DEFAULT_K: Final = "5"
NO_CONTEXT_IDS: Final = "no_context_ids"
NO_CONTEXTS: Final = "no_contexts"
_LABELS: Final = frozenset((Needs.CONTEXTS, Needs.RELEVANCE))

Gains = Sequence[float]
Measure = Callable[[Gains, Gains, int], float]
"""From the gains in retrieved order, the gains of all that is relevant, and k."""
# Measures have one signature; not every one looks at all that is relevant.
# ruff: noqa: ARG001


def hit_rate(found: Gains, relevant: Gains, k: int) -> float:
    """Return 1 if anything relevant is among the first k."""
    return float(any(found[:k]))


def precision_at_k(found: Gains, relevant: Gains, k: int) -> float:
    """Return the share of relevant items among k places, those left empty included."""
    return sum(1 for gain in found[:k] if gain) / k


def recall_at_k(found: Gains, relevant: Gains, k: int) -> float:
    """Return the share of what is relevant that is among the first k."""
    return sum(1 for gain in found[:k] if gain) / len(relevant)


def reciprocal_rank(found: Gains, relevant: Gains, k: int) -> float:
    """Return 1 by the rank of the first relevant item among the first k."""
    return next((1 / rank for rank, gain in enumerate(found[:k], 1) if gain), 0.0)


def average_precision(found: Gains, relevant: Gains, k: int) -> float:
    """Return the precision at each relevant rank up to k, summed, by min(relevant items, k)."""
    total, hits = 0.0, 0
    for rank, gain in enumerate(found[:k], 1):
        if gain:
            hits += 1
            total += hits / rank
    return total / min(len(relevant), k)


def ndcg(found: Gains, relevant: Gains, k: int) -> float:
    """Return DCG by the DCG of the best order of everything relevant."""
    return _dcg(found[:k]) / _dcg(sorted(relevant, reverse=True)[:k])


def _dcg(gains: Gains) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _exponential(gain: float) -> float:
    return float(2**gain - 1)


_TRANSFORMS: Final[Mapping[str, Callable[[float], float]]] = {"linear": float, "exp": _exponential}


def gains_in_order(ids: Sequence[str | None], relevance: Mapping[str, float]) -> list[float]:
    """Return the gain of each retrieved item; one that came before, or has no label or id, gains 0."""
    seen: set[str] = set()
    gains = []
    for one in ids:
        gains.append(max(0.0, relevance.get(one, 0.0)) if one is not None and one not in seen else 0.0)
        if one is not None:
            seen.add(one)
    return gains


def _score(
    spec: MetricSpec, measure: Measure, k: int, transform: Callable[[float], float], case: Case
) -> Score:
    contexts = case.answer.contexts or ()
    if not contexts:
        return scored(spec, 0.0, reason=NO_CONTEXTS)
    ids = [context.id for context in contexts]
    if not any(ids):
        return not_applicable(spec, NO_CONTEXT_IDS)
    relevance = {key: transform(gain) for key, gain in (case.example.relevance or {}).items() if gain > 0}
    found = gains_in_order(ids, relevance)
    ranks = {one: rank for rank, one in reversed(list(enumerate(ids, 1))) if one in relevance}
    evidence = {"ranks": {one: ranks.get(one) for one in relevance}, "retrieved": len(ids)}
    return scored(spec, measure(found, list(relevance.values()), k), evidence=evidence)


def _build(measure: Measure, spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    k = read_k(options["k"])
    gain = options.get("gain", "linear")
    if gain not in _TRANSFORMS:
        raise ValueError(f"gain is {gain!r}, not one of {', '.join(_TRANSFORMS)}")
    title = Text(f"{spec.title.en}@{k}", f"{spec.title.ko}@{k}")
    spec = replace(spec, title=title)
    return CodeMetric(spec, partial(_score, spec, measure, k, _TRANSFORMS[gain]))


def read_k(text: str) -> int:
    """Read how many of the first items count.

    Raises:
        ValueError: It is no whole number of at least 1.
    """
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"k is {text!r}, a whole number of at least 1 is needed")
    return int(text)


_K: Final = MetricOption(
    "k",
    Text("How many of the first items count; also `@k`.", "앞에서 몇 개까지 볼지. `@k`로도 씁니다."),
    DEFAULT_K,
)
_GAIN: Final = MetricOption(
    "gain", Text("linear, or exp for 2^gain - 1.", "linear 또는 2^gain - 1인 exp."), "linear"
)


def _metric(
    name: str, title: Text, description: Text, measure: Measure, threshold: float, *options: MetricOption
) -> Metric:
    spec = MetricSpec(name, 1, Family.RETRIEVAL, title, description, needs=_LABELS, threshold=threshold)
    return ConfigurableMetric(spec, (_K, *options), partial(_build, measure))


METRICS: Final[tuple[Metric, ...]] = (
    _metric(
        "hit_rate",
        Text("Hit rate", "적중률"),
        Text(
            "1 if a relevant document is among the first k.", "앞 k개에 관련 문서가 하나라도 있으면 1입니다."
        ),
        hit_rate,
        0.7,
    ),
    _metric(
        "precision_at_k",
        Text("Precision", "정밀도"),
        Text(
            "Relevant documents among the first k, by k: places left empty count as wrong.",
            "앞 k개 중 관련 문서의 비율입니다. k로 나누므로 빈 자리는 틀린 것으로 셉니다.",
        ),
        precision_at_k,
        0.2,
    ),
    _metric(
        "recall_at_k",
        Text("Recall", "재현율"),
        Text(
            "Relevant documents among the first k, by all relevant ones.",
            "전체 관련 문서 중 앞 k개에 있는 비율입니다.",
        ),
        recall_at_k,
        0.6,
    ),
    _metric(
        "mrr",
        Text("Reciprocal rank", "역순위"),
        Text(
            "1 by the rank of the first relevant document, 0 beyond k; its mean over cases is MRR.",
            "첫 관련 문서 순위의 역수입니다. k 밖이면 0이고, 사례 평균이 MRR입니다.",
        ),
        reciprocal_rank,
        0.5,
    ),
    _metric(
        "map",
        Text("Average precision", "평균 정밀도"),
        Text(
            "Sum of the precision at each relevant rank up to k, by min(relevant documents, k); its mean "
            "over cases is MAP.",
            "k까지 관련 문서 순위마다의 정밀도 합을 min(관련 문서 수, k)로 나눕니다. 사례 평균이 MAP입니다.",
        ),
        average_precision,
        0.5,
    ),
    _metric(
        "ndcg",
        Text("nDCG", "nDCG"),
        Text(
            "DCG by the DCG of the best order of everything labelled, retrieved or not; DCG = sum of "
            "gain/log2(rank+1).",
            "DCG를 라벨이 있는 모든 문서의 최적 순서 DCG로 나눕니다(검색되지 않은 것도 포함). "
            "DCG = gain/log2(rank+1)의 합.",
        ),
        ndcg,
        0.5,
        _GAIN,
    ),
)
