"""What a span is: the kind table of every dialect, and the fallbacks when no dialect says it.

Read top down. The attribute that stands first in the fields `kind`, `operation` and `database` of `tables` is
asked first; an answer that says nothing ("span", "unknown") passes the question on. After the dialects come
the facts: what kind of thing would carry them?
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from pitwall.core.vocabulary import SpanKind as K
from pitwall.ingest.mapping.sql import lookup, quote
from pitwall.ingest.mapping.tables import FIELD_NUMBERS, FIELDS, SLOTS

_OPERATIONS: Final = {
    "chat": K.LLM,
    "generate_content": K.LLM,
    "text_completion": K.LLM,
    "completion": K.LLM,
    "responses": K.LLM,
    "anthropic_messages": K.LLM,
    # How LiteLLM says it of calls that do not block.
    "acompletion": K.LLM,
    "atext_completion": K.LLM,
    "aresponses": K.LLM,
    "aembedding": K.EMBEDDING,
    "arerank": K.RERANKER,
    "embeddings": K.EMBEDDING,
    "embedding": K.EMBEDDING,
    "retrieval": K.RETRIEVER,
    "rerank": K.RERANKER,
    "execute_tool": K.TOOL,
    "create_agent": K.AGENT,
    "invoke_agent": K.AGENT,
    "plan": K.AGENT,
    "invoke_workflow": K.WORKFLOW,
    "search_memory": K.RETRIEVER,
}
_TYPES: Final = {
    "llm": K.LLM,
    "chat_model": K.LLM,
    "embedding": K.EMBEDDING,
    "retriever": K.RETRIEVER,
    "reranker": K.RERANKER,
    "tool": K.TOOL,
    "agent": K.AGENT,
    "workflow": K.WORKFLOW,
    "chain": K.CHAIN,
    "task": K.CHAIN,
    "parser": K.PARSER,
    "guardrail": K.GUARDRAIL,
    "evaluator": K.EVALUATOR,
}
_VECTOR_STORES: Final = (
    "chroma",
    "chromadb",
    "pinecone",
    "qdrant",
    "weaviate",
    "milvus",
    "marqo",
    "lancedb",
    "vespa",
    "pgvector",
    "faiss",
    "opensearch_vector",
)

# Attribute key -> value in lower case -> kind. A value that is not listed says nothing.
KIND_TABLE: Final[Mapping[str, Mapping[str, K]]] = MappingProxyType(
    {
        "pitwall.span.kind": {kind.value: kind for kind in K},
        "langfuse.observation.type": {**_TYPES, "generation": K.LLM, "event": K.OTHER},
        "openinference.span.kind": {**_TYPES, "decision": K.LLM, "prompt": K.OTHER},
        "mlflow.spanType": {**_TYPES, "memory": K.OTHER},
        "traceloop.span.kind": _TYPES,
        "ai.operationId": {
            # The outer spans repeat the usage of the inner `do...` spans: they wrap, they do not call.
            "ai.generatetext": K.CHAIN,
            "ai.streamtext": K.CHAIN,
            "ai.generateobject": K.CHAIN,
            "ai.streamobject": K.CHAIN,
            "ai.embed": K.CHAIN,
            "ai.embedmany": K.CHAIN,
            "ai.rerank": K.CHAIN,
            "ai.generatetext.dogenerate": K.LLM,
            "ai.streamtext.dostream": K.LLM,
            "ai.generateobject.dogenerate": K.LLM,
            "ai.streamobject.dostream": K.LLM,
            "ai.embed.doembed": K.EMBEDDING,
            "ai.embedmany.doembed": K.EMBEDDING,
            "ai.rerank.dorerank": K.RERANKER,
            "ai.toolcall": K.TOOL,
        },
        "lmnr.span.type": {
            **_TYPES,
            "executor": K.CHAIN,
            "human_evaluator": K.EVALUATOR,
            "evaluation": K.EVALUATOR,
        },
        "genkit:metadata:subtype": {
            "model": K.LLM,
            "embedder": K.EMBEDDING,
            "retriever": K.RETRIEVER,
            "reranker": K.RERANKER,
            "tool": K.TOOL,
            "flow": K.WORKFLOW,
            "evaluator": K.EVALUATOR,
        },
        # Claude Code.
        "span.type": {"llm_request": K.LLM, "tool": K.TOOL, "interaction": K.AGENT},
        "gen_ai.operation.name": _OPERATIONS,
        "llm.request.type": {**_OPERATIONS, "unknown": K.LLM},
        "db.system.name": dict.fromkeys(_VECTOR_STORES, K.RETRIEVER),
        "db.system": dict.fromkeys(_VECTOR_STORES, K.RETRIEVER),
    }
)

# Facts that show the kind when no dialect names it, in this order: any of these fields has a value.
KIND_EVIDENCE: Final[tuple[tuple[K, tuple[str, ...]], ...]] = (
    (K.TOOL, ("tool_name",)),
    (K.LLM, ("answer_json",)),
    (K.RETRIEVER, ("documents", "documents_json")),
    (K.EMBEDDING, ("vectors",)),
    (K.CACHE, ("cache_hit",)),
    (K.PARSER, ("parse_ok",)),
    (K.AGENT, ("agent",)),
    (K.HTTP, ("http_method", "http_route")),
)

# A model and one of these make a span a model call.
USAGE_FIELDS: Final = frozenset({"input_tokens", "output_tokens", "usage_json"})

# Kinds whose token usage is their own; on any other kind usage only repeats what calls inside it used.
USAGE_KINDS: Final = (K.LLM, K.EMBEDDING, K.RERANKER, K.GUARDRAIL, K.EVALUATOR)

_OPINIONS: Final = 3
_LONGEST_ANSWER: Final = 40
_KIND_KEYS: Final = tuple(
    key for name in ("kind", "operation", "database") for key in FIELDS[FIELD_NUMBERS[name] - 1].keys
)


def said_kind_sql() -> str:
    """The kind that the attributes name, '' when they name none; over `marks` and `known`."""
    table = {
        f"{SLOTS[key].mark}={value}": kind.value
        for key in _KIND_KEYS
        for value, kind in KIND_TABLE[key].items()
    }
    answer = f"lower(trimBoth(substring(v, 1, {_LONGEST_ANSWER}), '\"'))"
    opinion = lookup(f"concat(toString(m), '=', {answer})", table, quote(""))
    heads = f"arraySlice(marks, 1, {_OPINIONS}), arraySlice(mapValues(known), 1, {_OPINIONS})"
    return f"arrayFirst(k -> notEmpty(k), arrayMap((m, v) -> {opinion}, {heads}))"


def kind_sql(said: str, model: str, has_field: Callable[[str], str]) -> str:
    """The kind, from what was said (a column) and the facts.

    Args:
        said: SQL of `said_kind_sql`.
        model: SQL of the request model.
        has_field: SQL condition that a raw field is present, by its name.
    """
    arms = [f"notEmpty({said}), {said}"]
    arms.append(
        f"notEmpty({model}) AND ({' OR '.join(map(has_field, sorted(USAGE_FIELDS)))}), {quote(K.LLM)}"
    )
    for kind, names in KIND_EVIDENCE:
        arms.append(f"{' OR '.join(map(has_field, names))}, {quote(kind)}")
    return f"multiIf({', '.join(arms)}, {quote(K.OTHER)})"


def resolve_kind(raw: Mapping[str, str], present: Collection[str]) -> K:
    """The same decision in Python: non-empty `raw` attributes by key, names of the fields and lists that are
    present.
    """
    for key in [key for key in _KIND_KEYS if raw.get(key)][:_OPINIONS]:
        kind = KIND_TABLE[key].get(raw[key][:_LONGEST_ANSWER].strip('"').lower())
        if kind is not None:
            return kind
    if "request_model" in present and not USAGE_FIELDS.isdisjoint(present):
        return K.LLM
    for kind, names in KIND_EVIDENCE:
        if any(name in present for name in names):
            return kind
    return K.OTHER


USAGE_KINDS_SQL: Final = f"({', '.join(quote(kind) for kind in USAGE_KINDS)})"
