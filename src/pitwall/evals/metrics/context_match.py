"""Retrieved chunks against reference chunks, by id or by their words. No model.

The names say how it is done, because a judge's `context_precision` and `context_recall` mean something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pitwall.evals.metrics.results import not_applicable, scored
from pitwall.evals.metrics.retrieval import NO_CONTEXT_IDS, NO_CONTEXTS
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.text.tokens import ngrams, words
from pitwall.evals.types import Case, Context, Score
from pitwall.kit.i18n import Text

_NEEDS: Final = frozenset((Needs.CONTEXTS, Needs.REFERENCE_CONTEXTS))
_SIMILAR: Final = "0.5"
_SHINGLE: Final = 2

ID_PRECISION: Final = MetricSpec(
    "id_context_precision",
    1,
    Family.RETRIEVAL,
    Text("Context precision by id", "ID 기준 컨텍스트 정밀도"),
    Text(
        "Share of the retrieved documents that are reference documents, by id; each document counts once.",
        "검색된 문서 중 정답 문서의 비율(ID 기준, 문서마다 한 번)입니다.",
    ),
    needs=_NEEDS,
    threshold=0.5,
)
ID_RECALL: Final = MetricSpec(
    "id_context_recall",
    1,
    Family.RETRIEVAL,
    Text("Context recall by id", "ID 기준 컨텍스트 재현율"),
    Text(
        "Share of the reference documents that were retrieved, by id.",
        "정답 문서 중 검색된 문서의 비율(ID 기준)입니다.",
    ),
    needs=_NEEDS,
    threshold=0.6,
)
TEXT_PRECISION: Final = MetricSpec(
    "text_context_precision",
    1,
    Family.RETRIEVAL,
    Text("Context precision by words", "단어 기준 컨텍스트 정밀도"),
    Text(
        "Average precision of the retrieved chunks, a chunk being right if it shares at least half of its "
        "word pairs, or of theirs, with a reference chunk: sum of P@k over right ranks, by right chunks. "
        "It does not say whether chunks are missing.",
        "검색된 청크의 평균 정밀도입니다. 정답 청크와 단어 쌍을 절반 이상 공유하면 맞은 청크로 봅니다. "
        "빠진 청크가 있는지는 말하지 않습니다.",
    ),
    needs=_NEEDS,
    threshold=0.5,
)
TEXT_RECALL: Final = MetricSpec(
    "text_context_recall",
    1,
    Family.RETRIEVAL,
    Text("Context recall by words", "단어 기준 컨텍스트 재현율"),
    Text(
        "Share of the reference chunks that share at least half of their word pairs, or of its, with a "
        "retrieved chunk.",
        "정답 청크 중 검색된 청크와 단어 쌍을 절반 이상 공유하는 것의 비율입니다.",
    ),
    needs=_NEEDS,
    threshold=0.6,
)


def average_precision_of(useful: Sequence[bool]) -> float:
    """Return sum of P@k over the ranks of useful chunks, by their number; 0 if none is useful."""
    ranks = [rank for rank, is_useful in enumerate(useful, 1) if is_useful]
    return sum(hits / rank for hits, rank in enumerate(ranks, 1)) / len(ranks) if ranks else 0.0


def shared_words(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    """Return the share of the smaller text's word pairs that the larger one has."""
    smaller = min(one.total(), other.total())
    return (one & other).total() / smaller if smaller else 0.0


def _pairs(context: Context) -> Counter[tuple[str, ...]]:
    tokens = words(context.text)
    return Counter(ngrams(tokens, min(_SHINGLE, len(tokens)) or 1))


def _ids(contexts: Sequence[Context]) -> list[str]:
    return list(dict.fromkeys(context.id for context in contexts if context.id is not None))


def _by_id(spec: MetricSpec, case: Case) -> Score:
    retrieved, wanted = _ids(case.answer.contexts or ()), _ids(case.example.reference_contexts or ())
    if not case.answer.contexts:
        return scored(spec, 0.0, reason=NO_CONTEXTS)
    if not retrieved or not wanted:
        return not_applicable(spec, NO_CONTEXT_IDS)
    common = [one for one in retrieved if one in set(wanted)]
    value = len(common) / len(retrieved if spec is ID_PRECISION else wanted)
    return scored(
        spec, value, evidence={"matched": common, "missed": [one for one in wanted if one not in common]}
    )


def _by_words(spec: MetricSpec, least: float, case: Case) -> Score:
    contexts = [_pairs(context) for context in case.answer.contexts or ()]
    wanted = [_pairs(context) for context in case.example.reference_contexts or ()]
    if not any(wanted):
        return not_applicable(spec, "no_reference_text")
    if not contexts:
        return scored(spec, 0.0, reason=NO_CONTEXTS)
    if not any(contexts):
        return not_applicable(spec, "no_context_text")
    likeness = [[shared_words(one, other) for other in wanted] for one in contexts]
    useful = [max(row) >= least for row in likeness]
    found = [max(row[column] for row in likeness) >= least for column in range(len(wanted))]
    evidence = {
        "useful": useful,
        "found": found,
        "likeness": [[round(cell, 3) for cell in row] for row in likeness],
    }
    is_precision = spec.name.startswith(TEXT_PRECISION.name)
    value = average_precision_of(useful) if is_precision else sum(found) / len(found)
    return scored(spec, value, evidence=evidence)


def _build_by_words(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    least = float(options["similarity"])
    if not 0 < least <= 1:
        raise ValueError(f"similarity is {least:g}, not above 0 and at most 1")
    return CodeMetric(spec, partial(_by_words, spec, least))


_OPTION: Final = MetricOption(
    "similarity",
    Text("Share of word pairs from which chunks are the same.", "같은 청크로 볼 단어 쌍 비율."),
    _SIMILAR,
)
METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(ID_PRECISION, partial(_by_id, ID_PRECISION)),
    CodeMetric(ID_RECALL, partial(_by_id, ID_RECALL)),
    ConfigurableMetric(TEXT_PRECISION, (_OPTION,), _build_by_words),
    ConfigurableMetric(TEXT_RECALL, (_OPTION,), _build_by_words),
)
