"""Retrieved documents, reranking and embeddings: the columns that say how much was found and used.

`document_count` is NULL when a span does not say how many documents there were. `document_ids` and
`document_scores` are in the order of the documents and kept only when every document has one, so that a
position always means one document. `embedding_count` and `embedding_dimensions` are 0 when unknown (the
columns have no NULL); only positive values count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pitwall.ingest.mapping.slots import field, has_field
from pitwall.ingest.mapping.sql import quote, strings
from pitwall.ingest.mapping.tables import DOCUMENT_EVENTS, INDEXED, NUMBERED_HEAD

_PREFIXES: Final = {indexed.name: indexed.prefixes for indexed in INDEXED}
_DROPPED_VECTOR: Final = r"^\[vector of ([0-9]+) numbers"
_DOCUMENT_ID: Final = ".document.id"
_DOCUMENT_SCORE: Final = ".document.score"
_VECTOR_NUMBERS: Final = ".embedding.vector"
_EVENT_IDS: Final = tuple(f"{event}.id" for event in DOCUMENT_EVENTS)
_EVENT_SCORES: Final = (
    *(f"{event}.score" for event in DOCUMENT_EVENTS),
    *(f"{event}.distance" for event in DOCUMENT_EVENTS),
)


def _in(texts: Sequence[str]) -> str:
    return f"({', '.join(map(quote, texts))})"


def _heads(name: str) -> str:
    # Told apart by their first characters: regular expressions over every key would cost too much.
    return _in([prefix[:NUMBERED_HEAD] for prefix in _PREFIXES[name]])


_IS_NUMBERED: Final = f"substring(k, 1, {NUMBERED_HEAD}) IN {_heads('documents')}"


def document_facts() -> dict[str, str]:
    """Where a span keeps its documents, one place at most; needs `kind` and `output_text`."""
    numbered = f"arrayFilter(k -> {_IS_NUMBERED}, keys)"
    # MLflow has the score among the metadata.
    shape = "id String, score Nullable(Float32), metadata Tuple(score Nullable(Float32))"
    parsed = f"JSONExtract(documents_json, 'Array(Tuple({shape}))')"
    said = field("documents_json")
    listed = f"multiIf(notEmpty({said}), {said}, kind = 'retriever', output_text, '')"
    return {
        "document_keys": f"if({has_field('documents')}, {numbered}, [])",
        "documents_json": f"if({has_field('documents')} OR NOT startsWith({listed}, '['), '', {listed})",
        "listed_documents": f"if(empty(documents_json), [], {parsed})",
    }


def _found() -> tuple[str, str, str]:
    """Count, ids and scores as the span gives them, whether or not they agree."""
    distinct = "length(arrayDistinct(arrayMap(k -> substringIndex(k, '.', 3), document_keys)))"
    events = f"arrayCount(n -> n IN {_in(DOCUMENT_EVENTS)}, tupleElement(events, 'name'))"
    counted = (
        f"multiIf(notEmpty(document_keys), {distinct}, "
        f"notEmpty(documents_json), JSONLength(documents_json), nullIf({events}, 0))"
    )
    has_events = "empty(document_keys) AND empty(documents_json) AND notEmpty(events)"
    event_ids = f"if({has_events}, {_event_values(_EVENT_IDS)}, [])"
    event_scores = f"if({has_events}, {_event_values(_EVENT_SCORES)}, [])"
    scores = f"arrayConcat({_part(_DOCUMENT_SCORE)}, {event_scores})"
    return (
        f"toUInt32(ifNull(toUInt32OrNull({field('document_count')}), {counted}))",
        f"arrayConcat({_part(_DOCUMENT_ID)}, tupleElement(listed_documents, 'id'), {event_ids})",
        f"arrayConcat(arrayMap(s -> toFloat32OrNull(s), {scores}), {_listed_scores()})",
    )


def _listed_scores() -> str:
    of_document = "tupleElement(listed_documents, 'score')"
    of_metadata = "tupleElement(tupleElement(listed_documents, 'metadata'), 'score')"
    return f"arrayMap((s, m) -> ifNull(s, m), {of_document}, {of_metadata})"


def _part(suffix: str) -> str:
    """Values of numbered documents whose key ends so, by number; the documents' texts are not copied."""
    mine = f"endsWith(k, {quote(suffix)}) AND {_IS_NUMBERED}"
    number = "toUInt32OrZero(splitByChar('.', k)[3])"
    found = f"arrayFilter((v, k) -> {mine}, vals, keys), arrayFilter(k -> {mine}, keys)"
    return f"if(empty(document_keys), [], arraySort((v, k) -> {number}, {found}))"


def document_columns() -> dict[str, str]:
    """Columns `top_k` to `embedding_dimensions` of `spans_in`."""
    found, ids, scores = _found()
    # On a model call this attribute means sampling.
    requested = f"if(kind = 'retriever', toUInt32OrNull({field('request_top_k')}), NULL)"
    return {
        "top_k": f"ifNull(toUInt32OrNull({field('top_k')}), {requested})",
        "document_count": found,
        "document_ids": kept_sql(ids, "''"),
        "document_scores": kept_sql(scores, "NULL"),
        "rerank_enabled": bool_sql(field("rerank_enabled")),
        "rerank_input_count": _rerank_input_count(),
        **_embedding_columns(),
    }


def kept_sql(values: str, missing: str) -> str:
    """The list when every document has a value in it, else an empty one."""
    return f"arrayFirst(l -> length(l) = document_count AND NOT has(l, {missing}), [{values}])"


def _embedding_columns() -> dict[str, str]:
    has_vectors = has_field("vectors")
    listed = f"if({has_vectors}, {_count_numbered('vectors')}, JSONLength({field('embedding_list')}))"
    vector = f"arrayFirst((v, k) -> endsWith(k, {quote(_VECTOR_NUMBERS)}), vals, keys)"
    length = f"ifNull(toUInt32OrNull(extract({vector}, {quote(_DROPPED_VECTOR)})), JSONLength({vector}))"
    return {
        "embedding_count": f"ifNull(toUInt32OrNull({field('embedding_count')}), {listed})",
        "embedding_dimensions": f"ifNull(toUInt32OrNull({field('embedding_dimensions')}), "
        f"if({has_vectors}, {length}, 0))",
    }


def bool_sql(text: str) -> str:
    """Nullable(Bool) from text; NULL when it says neither."""
    return f"multiIf({text} IN {_in(TRUE_TEXTS)}, true, {text} IN {_in(FALSE_TEXTS)}, false, NULL)"


TRUE_TEXTS: Final = ("true", "1", "yes", "hit", "True", "HIT")
FALSE_TEXTS: Final = ("false", "0", "no", "miss", "False", "MISS")


def _rerank_input_count() -> str:
    """Nullable(UInt32): how many documents went into a reranker; how many came out is `document_count`."""
    is_listed = f"kind = 'reranker' AND {has_field('rerank_input')}"
    listed = f"if({is_listed}, {_count_numbered('rerank_input')}, NULL)"
    return f"ifNull(toUInt32OrNull({field('rerank_input_count')}), {listed})"


def _count_numbered(name: str) -> str:
    # Every prefix has two parts, so the first three parts of a key are the list and the number.
    mine = f"arrayFilter(k -> substring(k, 1, {NUMBERED_HEAD}) IN {_heads(name)}, keys)"
    return f"length(arrayDistinct(arrayMap(k -> substringIndex(k, '.', 3), {mine})))"


def _event_values(names: Sequence[str]) -> str:
    return f"arrayFilter((v, k) -> has({strings(names)}, k), event_vals, event_keys)"
