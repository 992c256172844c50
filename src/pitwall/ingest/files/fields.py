"""The normal names of a record's fields: what own-form lines and column maps speak of, and their attributes.

Names and meaning are those of the columns of `spans`. A record is a mapping from these names to values; the
names of `STRUCTURE` make the span itself, those of `ATTRIBUTES` become attributes of it, `attributes.<name>`
becomes any other attribute.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class FieldType(StrEnum):
    """What values a field has."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    SECONDS = "seconds"
    """Given in milliseconds, kept in seconds, as the attribute wants it."""


class Attribute(NamedTuple):
    """The attribute that carries a field."""

    key: str
    type: FieldType


_T, _I, _N, _F = FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER, FieldType.FLAG

ATTRIBUTES: Final = MappingProxyType(
    {
        "operation": Attribute("gen_ai.operation.name", _T),
        "provider": Attribute("gen_ai.provider.name", _T),
        "model": Attribute("gen_ai.request.model", _T),
        "response_model": Attribute("gen_ai.response.model", _T),
        "response_id": Attribute("gen_ai.response.id", _T),
        "input_tokens": Attribute("gen_ai.usage.input_tokens", _I),
        "output_tokens": Attribute("gen_ai.usage.output_tokens", _I),
        "total_tokens": Attribute("gen_ai.usage.total_tokens", _I),
        "cache_read_tokens": Attribute("gen_ai.usage.cache_read.input_tokens", _I),
        "cache_write_tokens": Attribute("gen_ai.usage.cache_write.input_tokens", _I),
        "reasoning_tokens": Attribute("gen_ai.usage.reasoning.output_tokens", _I),
        "token_source": Attribute("pitwall.token.source", _T),
        "cost_usd": Attribute("gen_ai.usage.cost", _N),
        "ttft_ms": Attribute("gen_ai.response.time_to_first_chunk", FieldType.SECONDS),
        "finish_reason": Attribute("gen_ai.response.finish_reasons", _T),
        "session_id": Attribute("session.id", _T),
        "user_id": Attribute("user.id", _T),
        "company": Attribute("pitwall.company", _T),
        "request_id": Attribute("pitwall.request.id", _T),
        "agent": Attribute("gen_ai.agent.name", _T),
        "workflow": Attribute("gen_ai.workflow.name", _T),
        "tool_name": Attribute("gen_ai.tool.name", _T),
        "tool_call_id": Attribute("gen_ai.tool.call.id", _T),
        "prompt_name": Attribute("gen_ai.prompt.name", _T),
        "prompt_version": Attribute("gen_ai.prompt.version", _T),
        "experiment": Attribute("pitwall.experiment", _T),
        "variant": Attribute("pitwall.variant", _T),
        "run_id": Attribute("pitwall.run.id", _T),
        "stage": Attribute("pitwall.stage", _T),
        "query": Attribute("gen_ai.retrieval.query.text", _T),
        "top_k": Attribute("gen_ai.retrieval.top_k", _I),
        "document_count": Attribute("pitwall.document.count", _I),
        "data_source": Attribute("gen_ai.data_source.id", _T),
        "rerank_enabled": Attribute("pitwall.rerank.enabled", _F),
        "rerank_model": Attribute("pitwall.rerank.model", _T),
        "embedding_count": Attribute("pitwall.embedding.count", _I),
        "embedding_dimensions": Attribute("gen_ai.embeddings.dimension.count", _I),
        "cache_name": Attribute("pitwall.cache.name", _T),
        "cache_key": Attribute("pitwall.cache.key", _T),
        "cache_hit": Attribute("pitwall.cache.hit", _F),
        "parse_ok": Attribute("pitwall.parse.ok", _F),
        "is_fallback": Attribute("pitwall.fallback", _F),
        "retry_count": Attribute("pitwall.retry.count", _I),
        "http_status": Attribute("http.response.status_code", _I),
        "error_class": Attribute("pitwall.error.class", _T),
        "input": Attribute("input.value", _T),
        "output": Attribute("output.value", _T),
    }
)

TIMES: Final = frozenset({"started_at", "ended_at"})
RESOURCE: Final = MappingProxyType(
    {
        "service": "service.name",
        "environment": "deployment.environment.name",
        "version": "service.version",
    }
)
STRUCTURE: Final = frozenset(
    {
        *TIMES,
        *RESOURCE,
        "duration_ms",
        "kind",
        "name",
        "trace_id",
        "span_id",
        "parent_span_id",
        "status",
        "success",
        "error",
        "error_type",
        "status_message",
    }
)
NAMES: Final = STRUCTURE | ATTRIBUTES.keys()

ALIASES: Final = MappingProxyType(
    {
        "ts": "started_at",
        "time": "started_at",
        "timestamp": "started_at",
        "start": "started_at",
        "end": "ended_at",
        "latency_ms": "duration_ms",
        "prompt_tokens": "input_tokens",
        "completion_tokens": "output_tokens",
        "interaction_id": "request_id",
        "topk": "top_k",
        "hits": "document_count",
        "cost": "cost_usd",
        "fallback": "is_fallback",
    }
)
"""Names that users have for some of them."""

ATTRIBUTE_PREFIX: Final = "attributes."
# Fields that only a model call has: a record with one of them is one, unless it says otherwise.
MODEL_CALL: Final = frozenset({"model", "input_tokens", "output_tokens", "total_tokens"})
