"""What can be measured of one stage event. Pure; a measure that has nothing to go by says why, never 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pitwall.evals.metrics.retrieval import gains_in_order, precision_at_k, recall_at_k
from pitwall.evals.stages.types import (
    ANSWER_VALIDATION,
    INPUT,
    OUTPUT,
    RERANK,
    RETRIEVAL,
    SAFETY_CHECK,
    StageEvent,
)
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text

NO_LABELS: Final = "no_labels"
_CITED: Final = ("doc_ids", "ids", "sources", "citations")

Labels = Collection[str] | None
"""Ids of the documents that are right for an event; None if nobody said."""


class NoData(Exception):
    """An event does not say what a measure needs."""


Measure = Callable[[StageEvent, Labels], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMetric:
    """A measure of the events of one stage.

    Attributes:
        name: `stage.measure`.
        stage_type: Whose events it looks at.
        measure: Raises NoData where an event does not say enough.
        threshold: What is good enough; None lets every value be.
        is_judged_by_p95: Compared with the threshold is the 95th percentile, not the mean.
    """

    name: str
    stage_type: str
    title: Text
    unit: str
    measure: Measure
    direction: Direction | None = Direction.HIGHER
    threshold: float | None = None
    is_judged_by_p95: bool = False


@dataclass(frozen=True, slots=True)
class StageValue:
    """What a metric says of an event: a value, or why there is none."""

    metric: str
    value: float | None
    reason: str | None = None


def value_of(metric: StageMetric, event: StageEvent, labels: Labels) -> StageValue:
    """Measure one event."""
    try:
        value = metric.measure(event, labels)
    except NoData as reason:
        return StageValue(metric.name, None, str(reason))
    return StageValue(metric.name, value)


def labels_of(event: StageEvent, relevance: Mapping[str, Collection[str]]) -> Labels:
    """The documents that are right for an event: what it says itself, else what is known of its case."""
    said = event.attributes.get("relevant_doc_ids") or event.metadata.get("relevant_doc_ids")
    if said:
        return set(map(str, said)) if isinstance(said, list) else {str(said)}
    return relevance.get(event.case_id) if event.case_id else None


def _latency(event: StageEvent, _labels: Labels) -> float:
    if event.duration_ms is None:
        raise NoData("no_duration")
    return event.duration_ms


def _ids(event: StageEvent) -> list[str]:
    found = event.attributes.get("doc_ids")
    if not isinstance(found, list):
        raise NoData("no_doc_ids")
    return [str(one) for one in found]


def _result_count(event: StageEvent, _labels: Labels) -> float:
    if "doc_ids" not in event.attributes and (count := _number(event, "result_count")) is not None:
        return count
    return float(len(_ids(event)))


def _first_k(event: StageEvent, labels: Labels) -> tuple[list[float], int, int]:
    """Gains in retrieved order, how many are right at all, and k."""
    ids = _ids(event)
    if not labels:
        raise NoData(NO_LABELS)
    top_k = _number(event, "top_k")
    k = int(top_k) if top_k is not None and top_k >= 1 else max(1, len(ids))
    return gains_in_order(ids, dict.fromkeys(labels, 1.0)), len(labels), k


def _precision(event: StageEvent, labels: Labels) -> float:
    gains, relevant, k = _first_k(event, labels)
    return precision_at_k(gains, [1.0] * relevant, k)


def _recall(event: StageEvent, labels: Labels) -> float:
    gains, relevant, k = _first_k(event, labels)
    return recall_at_k(gains, [1.0] * relevant, k)


def _scores(event: StageEvent) -> list[float]:
    found = event.attributes.get("scores")
    numbers = [as_number(one) for one in found] if isinstance(found, list) else []
    if not numbers:
        raise NoData("no_scores")
    if any(one is None for one in numbers):
        raise NoData("score_is_no_number")
    return [one for one in numbers if one is not None]


def _average_score(event: StageEvent, _labels: Labels) -> float:
    scores = _scores(event)
    return math.fsum(scores) / len(scores)


def _score_gap(event: StageEvent, _labels: Labels) -> float:
    scores = _scores(event)
    if len(scores) < 2:
        raise NoData("one_score")
    return max(scores) - min(scores)


def _ordering_warning(event: StageEvent, _labels: Labels) -> float:
    """1 where scores neither fall nor rise (as distances do) from the first document to the last."""
    scores = _scores(event)
    if len(scores) < 2:
        raise NoData("one_score")
    pairs = list(pairwise(scores))
    is_ordered = all(a >= b for a, b in pairs) or all(a <= b for a, b in pairs)
    return 0.0 if is_ordered else 1.0


def _keep_rate(event: StageEvent, _labels: Labels) -> float:
    given, kept = _number(event, "input_count"), _number(event, "output_count")
    if given is None or kept is None:
        raise NoData("no_counts")
    if given <= 0:
        raise NoData("no_input")
    return kept / given


def _token_ratio(event: StageEvent, _labels: Labels) -> float:
    given, answered = _number(event, "tokens_in"), _number(event, "tokens_out")
    if given is None or answered is None or given <= 0:
        raise NoData("no_tokens")
    return answered / given


def _citation_count(event: StageEvent, _labels: Labels) -> float:
    citations = event.attributes.get("citations")
    if isinstance(citations, dict):
        listed = next((citations[name] for name in _CITED if isinstance(citations.get(name), list)), None)
        citations = citations.get("count") if listed is None else listed
    if isinstance(citations, list):
        return float(len(citations))
    count = as_number(citations)
    if count is None:
        raise NoData("no_citations")
    return count


def _query_length(event: StageEvent, _labels: Labels) -> float:
    query = event.attributes.get("query")
    if not isinstance(query, str):
        raise NoData("no_query")
    return float(len(query))


def _accuracy(event: StageEvent, _labels: Labels) -> float:
    predicted, label = event.attributes.get("predicted_label"), event.attributes.get("label")
    if not isinstance(predicted, str) or not isinstance(label, str):
        raise NoData(NO_LABELS)
    return float(predicted == label)


def _confidence(event: StageEvent, _labels: Labels) -> float:
    found = _number(event, "confidence")
    if found is None:
        raise NoData("no_confidence")
    return found


def _violation_rate(event: StageEvent, _labels: Labels) -> float:
    listed = event.attributes.get("violations")
    count = float(len(listed)) if isinstance(listed, list) else _number(event, "violation_count")
    if count is None:
        raise NoData("no_violations_told")
    return float(count > 0)


def _flag(name: str, reason: str) -> Measure:
    def measure(event: StageEvent, _labels: Labels) -> float:
        found = event.attributes.get(name)
        if not isinstance(found, bool):
            raise NoData(reason)
        return float(found)

    return measure


def _number(event: StageEvent, name: str) -> float | None:
    return as_number(event.attributes.get(name))


def as_number(value: Any) -> float | None:
    """A finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _metric(stage: str, name: str, english: str, korean: str, measure: Measure, **more: Any) -> StageMetric:
    return StageMetric(
        name=f"{stage}.{name}",
        stage_type=stage,
        title=Text(english, korean),
        measure=measure,
        **{"unit": "ratio", **more},
    )


_LATENCY_THRESHOLDS: Final[Mapping[str, float]] = {RETRIEVAL: 500.0, RERANK: 800.0, OUTPUT: 3000.0}
_COUNT: Final[Mapping[str, Any]] = {"unit": "count", "direction": None}
_SCORE: Final[Mapping[str, Any]] = {"unit": "score", "direction": None}
_LESS: Final[Mapping[str, Any]] = {"direction": Direction.LOWER}

METRICS: Final[tuple[StageMetric, ...]] = (
    _metric(INPUT, "query_length", "Characters of a question", "질문 글자 수", _query_length, **_COUNT),
    _metric(RETRIEVAL, "precision_at_k", "Precision at k", "k개 정밀도", _precision, threshold=0.2),
    _metric(RETRIEVAL, "recall_at_k", "Recall at k", "k개 재현율", _recall, threshold=0.6),
    _metric(RETRIEVAL, "result_count", "Documents found", "검색된 문서 수", _result_count, **_COUNT),
    _metric(RETRIEVAL, "avg_score", "Average score", "평균 점수", _average_score, **_SCORE),
    _metric(RETRIEVAL, "score_gap", "Best score minus worst", "최고·최저 점수 차", _score_gap, **_SCORE),
    _metric(
        RETRIEVAL, "ordering_warning", "Scores out of order", "점수 순서 어긋남", _ordering_warning, **_LESS
    ),
    _metric(
        RERANK, "keep_rate", "Share kept by the reranker", "리랭커가 남긴 비율", _keep_rate, threshold=0.25
    ),
    _metric(RERANK, "avg_score", "Average score", "평균 점수", _average_score, **_SCORE),
    _metric(RERANK, "score_gap", "Best score minus worst", "최고·최저 점수 차", _score_gap, **_SCORE),
    _metric(OUTPUT, "citation_count", "Citations of an answer", "답변당 인용 수", _citation_count, **_COUNT),
    _metric(
        OUTPUT, "token_ratio", "Output by input tokens", "출력/입력 토큰 비율", _token_ratio, direction=None
    ),
    _metric(
        SAFETY_CHECK, "violation_rate", "Share with a violation", "위반이 있는 비율", _violation_rate, **_LESS
    ),
    _metric(
        SAFETY_CHECK,
        "block_rate",
        "Share that was blocked",
        "차단된 비율",
        _flag("blocked", "not_told_if_blocked"),
        **_LESS,
    ),
    _metric(
        ANSWER_VALIDATION,
        "pass_rate",
        "Share of valid answers",
        "유효한 답변 비율",
        _flag("passed", "not_told_if_passed"),
    ),
)
_ANY_STAGE: Final[Mapping[str, tuple[str, str, Measure, Mapping[str, Any]]]] = {
    "accuracy": ("Accuracy", "정확도", _accuracy, {}),
    "confidence": ("Confidence", "확신도", _confidence, {}),
}


def latency_metric(stage_type: str) -> StageMetric:
    """How long a stage takes; every stage has that."""
    return _metric(
        stage_type,
        "latency_ms",
        "Latency",
        "지연 시간",
        _latency,
        unit="ms",
        direction=Direction.LOWER,
        threshold=_LATENCY_THRESHOLDS.get(stage_type),
        is_judged_by_p95=True,
    )


def metrics_for(stage_type: str, attributes: Collection[str]) -> list[StageMetric]:
    """The metrics of a stage; accuracy and confidence only where any event has what they need.

    Args:
        attributes: Names that the events of the stage have.
    """
    own = [metric for metric in METRICS if metric.stage_type == stage_type]
    needed = {"accuracy": "predicted_label", "confidence": "confidence"}
    further = [
        _metric(stage_type, name, english, korean, measure, **more)
        for name, (english, korean, measure, more) in _ANY_STAGE.items()
        if needed[name] in attributes
    ]
    return [*own, *further, latency_metric(stage_type)]


def is_metric_name(name: str) -> bool:
    """Whether a name can be that of a metric."""
    stage, _, measure = name.partition(".")
    return any(metric.name == name for metric in METRICS) or (
        bool(stage) and measure in {*_ANY_STAGE, "latency_ms"}
    )
