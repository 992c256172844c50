"""From spans to the four trace events that file users know; fields exactly as they have them.

`ts` is when the call began, `latency_ms` how long it took. A line is written once the call has ended, so
lines stand in the order of their ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from pitwall.core.vocabulary import SpanKind
from pitwall.sdk import names
from pitwall.sdk.span import RecordingSpan

LLM_FILE = "llm_calls.jsonl"
RETRIEVAL_FILE = "rag_retrieval.jsonl"
USAGE_FILE = "cost_usage.jsonl"
CACHE_FILE = "cache.jsonl"

Attributes = Mapping[str, Any]
Event = dict[str, Any]

_ERROR_STATUS = 2
_NANOS_PER_MS = 1_000_000
_KIND_BY_OPERATION = {
    "chat": SpanKind.LLM,
    "generate_content": SpanKind.LLM,
    "text_completion": SpanKind.LLM,
    "embeddings": SpanKind.EMBEDDING,
    "retrieval": SpanKind.RETRIEVER,
}


def trace_events(span: RecordingSpan) -> list[tuple[str, Event]]:
    """The file names and events of one span; none for kinds that the files do not know."""
    attributes = span.attributes
    make = _MAKERS.get(_kind(attributes))
    if make is None:
        return []
    file_name, event = make(span, attributes)
    return [(file_name, event)] if event else []


def _kind(attributes: Attributes) -> str:
    own = attributes.get(names.SPAN_KIND)
    if own:
        return str(own)
    operation = attributes.get(names.OPERATION_NAME)
    if operation:
        return _KIND_BY_OPERATION.get(str(operation), "")
    return str(attributes.get("openinference.span.kind", "")).lower()


def _llm_call(span: RecordingSpan, attributes: Attributes) -> tuple[str, Event]:
    failed = span.status_code == _ERROR_STATUS
    event = {
        **_head(span, "llm.call"),
        "model": _first(attributes, names.RESPONSE_MODEL, names.REQUEST_MODEL, "llm.model_name"),
        "provider": _first(attributes, names.PROVIDER_NAME, "llm.provider", "llm.system"),
        "success": not failed,
        "latency_ms": _latency_ms(span),
        "prompt_tokens": _first(attributes, names.INPUT_TOKENS, "llm.token_count.prompt"),
        "completion_tokens": _first(attributes, names.OUTPUT_TOKENS, "llm.token_count.completion"),
        "error": _error(span, attributes) if failed else None,
        "interaction_id": attributes.get(names.REQUEST_ID),
    }
    return LLM_FILE, event


def _rag_retrieve(span: RecordingSpan, attributes: Attributes) -> tuple[str, Event]:
    event = {
        **_head(span, "rag.retrieve"),
        "query": _first(attributes, names.RETRIEVAL_QUERY, names.INPUT_VALUE),
        "hits": _hits(attributes),
        "topk": attributes.get(names.RETRIEVAL_TOP_K),
        "rerank_enabled": attributes.get(names.RERANK_ENABLED),
        "rerank_model": attributes.get(names.RERANK_MODEL),
        "latency_ms": _latency_ms(span),
        "interaction_id": attributes.get(names.REQUEST_ID),
    }
    return RETRIEVAL_FILE, event


def _usage(span: RecordingSpan, attributes: Attributes) -> tuple[str, Event]:
    event = {
        **_head(span, "ollama.usage"),
        "kind": "embed",
        "model": _first(attributes, names.RESPONSE_MODEL, names.REQUEST_MODEL, "embedding.model_name"),
        "count": attributes.get(names.EMBEDDING_COUNT),
        "latency_ms": _latency_ms(span),
        "interaction_id": attributes.get(names.REQUEST_ID),
    }
    return USAGE_FILE, event


def _embed_cache(span: RecordingSpan, attributes: Attributes) -> tuple[str, Event]:
    hit = attributes.get(names.CACHE_HIT)
    if hit is None or "embed" not in str(attributes.get(names.CACHE_NAME, "embed")):
        return CACHE_FILE, {}  # not looked up, or a cache of something else
    return CACHE_FILE, {**_head(span, "embed.cache"), "key": attributes.get(names.CACHE_KEY), "hit": hit}


_MAKERS: dict[str, Callable[[RecordingSpan, Attributes], tuple[str, Event]]] = {
    SpanKind.LLM: _llm_call,
    SpanKind.RETRIEVER: _rag_retrieve,
    SpanKind.EMBEDDING: _usage,
    SpanKind.CACHE: _embed_cache,
}


def _head(span: RecordingSpan, event: str) -> Event:
    """Time and name; the time is the start of the call, as the file door reads it."""
    moment = datetime.fromtimestamp(span.start_time / 1e9, UTC)
    return {"ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "event": event}


def _latency_ms(span: RecordingSpan) -> float:
    return round(((span.end_time or span.start_time) - span.start_time) / _NANOS_PER_MS, 3)


def _first(attributes: Attributes, *keys: str) -> Any:
    return next((attributes[key] for key in keys if attributes.get(key) is not None), None)


def _error(span: RecordingSpan, attributes: Attributes) -> str:
    error_type, message = str(attributes.get(names.ERROR_TYPE) or ""), span.status_message or ""
    if not error_type or _begins_with_type(message, error_type):
        return message or "error"
    return f"{error_type}: {message}" if message else error_type


def _begins_with_type(message: str, error_type: str) -> bool:
    """Whether the message says its type itself, as this SDK's do, with or without the module."""
    said = message.partition(":")[0]
    return said in (error_type, error_type.rpartition(".")[2])


def _hits(attributes: Attributes) -> int | None:
    count = attributes.get(names.DOCUMENT_COUNT)
    if count is not None:
        return int(count)
    documents = attributes.get(names.RETRIEVAL_DOCUMENTS)
    if not isinstance(documents, str):
        return None
    try:
        return len(orjson.loads(documents))
    except (orjson.JSONDecodeError, TypeError):
        return None
