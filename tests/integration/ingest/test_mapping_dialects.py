"""One call of each dialect, as its SDK sends it, and what the normal form makes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.ingest.mapping_rows import SpanMapping, make_request

# dialect, attributes, what must be in the row
_CALLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "genai",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.cache_read.input_tokens": 400,
            "gen_ai.usage.output_tokens": 200,
            "gen_ai.usage.reasoning.output_tokens": 50,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.response.time_to_first_chunk": 0.25,
            "gen_ai.conversation.id": "c1",
            "gen_ai.input.messages": '[{"role":"user"}]',
            "gen_ai.output.messages": '[{"role":"assistant"}]',
        },
        {
            "kind": "llm",
            "operation": "chat",
            "provider": "openai",
            "model": "gpt-4o",
            "response_model": "gpt-4o-2024-08-06",
            "input_tokens": 1000,
            "uncached_input_tokens": 600,
            "cache_read_tokens": 400,
            "output_tokens": 200,
            "reasoning_tokens": 50,
            "token_source": "provider",
            # 600 x 2.50 + 400 x 1.25 + 200 x 10 USD per million
            "cost_usd": Decimal("0.0040"),
            "cost_source": "computed",
            "ttft_ms": 250.0,
            "finish_reason": "stop",
            "session_id": "c1",
            "input": '[{"role":"user"}]',
        },
    ),
    (
        "genai",
        {
            "gen_ai.operation.name": "text_completion",
            "gen_ai.system": "az.ai.openai",
            "gen_ai.usage.prompt_tokens": 3,
            "gen_ai.usage.completion_tokens": 4,
            "gen_ai.prompt": "once",
            "gen_ai.completion": "upon",
        },
        {
            "kind": "llm",
            "provider": "azure.ai.openai",
            "input_tokens": 3,
            "output_tokens": 4,
            "input": "once",
            "output": "upon",
        },
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4o-mini",
            "llm.provider": "OpenAI",
            "llm.token_count.prompt": 10,
            "llm.token_count.prompt_details.cache_read": 4,
            "llm.token_count.completion": 2,
            "llm.token_count.total": 12,
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "안녕",
            "input.value": '{"messages":[]}',
            "output.value": "hello",
            "session.id": "s",
            "user.id": "u",
        },
        {
            "kind": "llm",
            "provider": "openai",
            "uncached_input_tokens": 6,
            "input": '{"0.role":"user","0.content":"안녕"}',
            "output": "hello",
            "session_id": "s",
            "user_id": "u",
        },
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "RETRIEVER",
            "input.value": "환불",
            "retrieval.documents.1.document.id": "b",
            "retrieval.documents.1.document.score": 0.25,
            "retrieval.documents.0.document.id": "a",
            "retrieval.documents.0.document.score": 0.5,
        },
        {
            "kind": "retriever",
            "document_count": 2,
            "document_ids": ["a", "b"],
            "document_scores": [0.5, 0.25],
            "token_source": "none",
        },
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "RERANKER",
            "reranker.query": "q",
            "reranker.top_k": 1,
            "reranker.model_name": "bge-reranker",
            "reranker.input_documents.0.document.id": "x",
            "reranker.input_documents.1.document.id": "y",
            "reranker.output_documents.0.document.id": "y",
        },
        {
            "kind": "reranker",
            "top_k": 1,
            "document_count": 1,
            "document_ids": ["y"],
            "input": "q",
            "model": "bge-reranker",
        },
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "EMBEDDING",
            "embedding.model_name": "text-embedding-3-small",
            "llm.token_count.prompt": 8,
            "embedding.embeddings.0.embedding.text": "a",
            "embedding.embeddings.0.embedding.vector": [0.5] * 24,
            "embedding.embeddings.1.embedding.text": "b",
        },
        {
            "kind": "embedding",
            "embedding_count": 2,
            "embedding_dimensions": 24,
            "model": "text-embedding-3-small",
            "input_tokens": 8,
        },
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "DECISION",
            "decision.model_name": "m",
            "decision.token_count.input": 5,
            "decision.token_count.output": 1,
        },
        {"kind": "llm", "input_tokens": 5, "output_tokens": 1, "model": "m", "is_usage_rollup": False},
    ),
    (
        "traceloop",
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.prompt_tokens": 20,
            "gen_ai.usage.completion_tokens": 7,
            "llm.usage.total_tokens": 27,
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.completion.0.content": "hey",
            "traceloop.workflow.name": "w",
            "traceloop.association.properties.session_id": "s1",
        },
        {
            "kind": "llm",
            "operation": "chat",
            "provider": "openai",
            "input_tokens": 20,
            "workflow": "w",
            "session_id": "s1",
            "input": '{"0.role":"user","0.content":"hi"}',
            "output": '{"0.content":"hey"}',
        },
    ),
    (
        "traceloop",
        {"traceloop.span.kind": "agent", "traceloop.entity.name": "planner", "traceloop.entity.input": "in"},
        {"kind": "agent", "agent": "planner", "component": "planner", "input": "in"},
    ),
    (
        "langfuse",
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "claude-sonnet-4-5",
            "langfuse.observation.input": '[{"role":"user"}]',
            "langfuse.observation.output": "ok",
            "langfuse.observation.usage_details": '{"input": 10, "output": 5, '
            '"cache_read_input_tokens": 100}',
            "langfuse.observation.cost_details": '{"total": 0.5}',
            "langfuse.observation.completion_start_time": '"2026-09-21T14:13:19.623Z"',
            "langfuse.observation.prompt.name": "greet",
            "langfuse.observation.prompt.version": 3,
            "langfuse.trace.name": "flow",
            "langfuse.environment": "staging",
            "langfuse.release": "r7",
            "session.id": "s",
            "user.id": "u",
        },
        {
            "kind": "llm",
            "uncached_input_tokens": 10,
            "cache_read_tokens": 100,
            "input_tokens": 110,
            "output_tokens": 5,
            # 10 x 3 + 100 x 0.30 + 5 x 15 USD per million
            "cost_usd": Decimal("0.000135"),
            "reported_cost_usd": Decimal("0.5"),
            "ttft_ms": 1500.0,
            "prompt_name": "greet",
            "prompt_version": "3",
            "workflow": "flow",
            "environment": "staging",
            "version": "r7",
        },
    ),
    (
        "langfuse",
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.usage_details": '{"prompt_tokens": 50, "completion_tokens": 7, '
            '"prompt_tokens_details": {"cached_tokens": 20}, '
            '"completion_tokens_details": {"reasoning_tokens": 3}}',
        },
        {
            "input_tokens": 50,
            "uncached_input_tokens": 30,
            "cache_read_tokens": 20,
            "output_tokens": 7,
            "reasoning_tokens": 3,
        },
    ),
    (
        "langfuse",
        {
            "langfuse.observation.type": "retriever",
            "langfuse.observation.output": '[{"id": "a", "score": 0.5}, {"id": "b", "score": 0.25}]',
        },
        {
            "kind": "retriever",
            "document_count": 2,
            "document_ids": ["a", "b"],
            "document_scores": [0.5, 0.25],
        },
    ),
    (
        "langfuse",
        {
            "langfuse.observation.type": "span",
            "langfuse.observation.level": "ERROR",
            "langfuse.observation.status_message": "Request timed out",
        },
        {"kind": "other", "status": "error", "error_class": "timeout", "status_message": "Request timed out"},
    ),
    (
        "mlflow",
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"claude-sonnet-4-5"',
            "mlflow.llm.provider": '"anthropic"',
            "mlflow.spanInputs": '{"messages": []}',
            "mlflow.spanOutputs": '{"content": "x"}',
            "mlflow.chat.tokenUsage": '{"input_tokens": 200, "output_tokens": 5, '
            '"total_tokens": 305, "cache_read_input_tokens": 100}',
            "mlflow.trace.session": '"s"',
            "mlflow.traceRequestId": '"tr-1"',
        },
        {
            "kind": "llm",
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "uncached_input_tokens": 200,
            "input_tokens": 300,
            "session_id": "s",
            "request_id": "tr-1",
        },
    ),
    (
        "vercel",
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": "gpt-4o-mini",
            "ai.model.provider": "openai.responses",
            "gen_ai.system": "openai.responses",
            "ai.usage.promptTokens": 14,
            "ai.usage.completionTokens": 20,
            "ai.response.msToFirstChunk": 12.5,
            "ai.response.finishReason": "stop",
            "ai.prompt.messages": "[]",
            "ai.response.text": "haiku",
            "ai.telemetry.metadata.userId": "u9",
            "ai.telemetry.functionId": "poet",
        },
        {
            "kind": "llm",
            "operation": "ai.generateText.doGenerate",
            "provider": "openai",
            "input_tokens": 14,
            "ttft_ms": 12.5,
            "finish_reason": "stop",
            "output": "haiku",
            "user_id": "u9",
            "workflow": "poet",
        },
    ),
    (
        "vercel",
        {
            "ai.operationId": "ai.generateText",
            "ai.model.id": "gpt-4o-mini",
            "ai.usage.promptTokens": 14,
            "ai.usage.completionTokens": 20,
        },
        {
            "kind": "chain",
            "is_usage_rollup": True,
            "cost_usd": None,
            "cost_source": "none",
            "input_tokens": 14,
        },
    ),
    (
        "pydantic_ai",
        {
            "agent_name": "qa",
            "model_name": "gpt-4o",
            "gen_ai.usage.input_tokens": 31,
            "gen_ai.usage.output_tokens": 96,
            "gen_ai.operation.name": "invoke_agent",
        },
        {"kind": "agent", "agent": "qa", "is_usage_rollup": True},
    ),
    (
        "pydantic_ai",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 31,
            "gen_ai.usage.details.reasoning_tokens": 4,
            "gen_ai.usage.output_tokens": 9,
            "operation.cost": 0.001,
        },
        {"kind": "llm", "reasoning_tokens": 4, "reported_cost_usd": Decimal("0.001")},
    ),
    (
        "openlit",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "x",
            "gen_ai.usage.input_tokens": 50,
            "gen_ai.usage.cache_read.input_tokens": 10,
            "gen_ai.usage.cost": 0.02,
        },
        {
            "uncached_input_tokens": 50,
            "input_tokens": 60,
            "cost_usd": Decimal("0.02"),
            "cost_source": "reported",
        },
    ),
    (
        "laminar",
        {"lmnr.span.type": "TOOL", "lmnr.span.input": "{}", "gen_ai.tool.name": "search"},
        {"kind": "tool", "tool_name": "search", "component": "search"},
    ),
    (
        "genkit",
        {"genkit:metadata:subtype": "retriever"},
        {"kind": "retriever", "document_count": None},
    ),
    (
        "pitwall",
        {
            "pitwall.span.kind": "cache",
            "openinference.span.kind": "CHAIN",
            "pitwall.cache.name": "embed",
            "pitwall.cache.hit": True,
            "pitwall.request.id": "r1",
            "pitwall.company": "acme",
            "pitwall.variant": "b",
            "pitwall.experiment": "e",
            "pitwall.run.id": "run",
        },
        {
            "kind": "cache",
            "component": "embed",
            "cache_hit": True,
            "request_id": "r1",
            "company": "acme",
            "variant": "b",
            "experiment": "e",
            "run_id": "run",
        },
    ),
    (
        "pitwall",
        {
            "pitwall.span.kind": "llm",
            "gen_ai.request.model": "qwen2.5:7b",
            "gen_ai.usage.output_tokens": 9,
            "pitwall.token.source": "estimated",
            "pitwall.retry.count": 2,
            "pitwall.fallback": True,
            "pitwall.stage": "answer",
        },
        {
            "token_source": "estimated",
            "cost_source": "unpriced",
            "cost_usd": None,
            "retry_count": 2,
            "is_fallback": True,
            "component": "answer",
        },
    ),
    (
        "pitwall",
        {
            "pitwall.span.kind": "parser",
            "pitwall.parse.ok": False,
            "pitwall.error.class": "parse",
            "error.type": "X",
        },
        {"kind": "parser", "parse_ok": False, "status": "error", "error_class": "parse"},
    ),
    (
        "genai",
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.query.text": "q",
            "gen_ai.request.top_k": 5,
            "gen_ai.data_source.id": "kb",
            "gen_ai.retrieval.documents": '[{"id": "1", "score": 0.5}]',
        },
        {
            "kind": "retriever",
            "top_k": 5,
            "document_count": 1,
            "document_ids": ["1"],
            "component": "kb",
            "input": "q",
        },
    ),
    (
        "otel",
        {
            "http.request.method": "POST",
            "http.route": "/voc/chat",
            "http.response.status_code": 504,
            "error.type": "504",
            "http.request.header.x-request-id": ["req-1"],
            "enduser.id": "e",
        },
        {
            "kind": "http",
            "http_status": 504,
            "status": "error",
            "error_class": "timeout",
            "request_id": "req-1",
            "user_id": "e",
        },
    ),
    ("otel", {"db.system": "chroma", "db.operation": "query"}, {"kind": "retriever", "document_count": None}),
    ("otel", {"some": "thing"}, {"kind": "other", "token_source": "none", "cost_source": "none"}),
    (
        "mlflow",
        {
            "mlflow.spanType": "LLM",
            "mlflow.llm.provider": "anthropic",
            "mlflow.llm.model": "claude-sonnet-4-5",
            "mlflow.chat.tokenUsage": '{"input_tokens":10,"output_tokens":5,'
            '"cache_creation_input_tokens":150000,"cache_creation_input_tokens_above_1hr":100000}',
            "mlflow.linkedPrompts": '[{"name":"greeting","version":3}]',
        },
        {
            "uncached_input_tokens": 10,
            "cache_write_tokens": 150_000,
            "cache_write_1h_tokens": 100_000,
            # 10 x 3 + 50,000 x 3.75 + 100,000 x 6 + 5 x 15 USD per million
            "cost_usd": Decimal("0.787605"),
            "prompt_name": "greeting",
            "prompt_version": "3",
        },
    ),
    (
        "mlflow",
        {
            "mlflow.spanType": "LLM",
            "mlflow.llm.provider": "anthropic",
            "mlflow.llm.model": "claude-sonnet-4-5",
            "mlflow.chat.tokenUsage": '{"input_tokens":10,"output_tokens":5,'
            '"cache_creation_input_tokens_above_1hr":100000}',
        },
        {"cache_write_tokens": 100_000, "cost_usd": Decimal("0.600105")},
    ),
    (
        "mlflow",
        {
            "mlflow.spanType": "RETRIEVER",
            "mlflow.spanOutputs": '[{"page_content":"x","id":"a","metadata":{"score":0.5}},'
            '{"page_content":"y","id":"b","metadata":{"score":0.25,"source":"f"}}]',
        },
        {"document_count": 2, "document_ids": ["a", "b"], "document_scores": [0.5, 0.25]},
    ),
    (
        "vercel",
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": "claude-sonnet-4-5",
            "ai.model.provider": "anthropic.messages",
            "ai.usage.inputTokens": 10,
            "ai.usage.outputTokens": 5,
            "ai.response.providerMetadata": '{"anthropic":{"cacheCreationInputTokens":2000}}',
        },
        {
            "cache_write_tokens": 2000,
            "input_tokens": 2010,
            "cost_usd": Decimal("0.007605"),
            "status": "unset",
        },
    ),
    (
        "vercel",
        {"ai.operationId": "ai.streamText.doStream", "ai.response.finishReason": "error"},
        {"status": "error", "error_class": "internal", "finish_reason": "error"},
    ),
    (
        "langfuse",
        {"langfuse.observation.type": "generation", "langfuse.experiment.id": "exp-7"},
        {"experiment": "exp-7"},
    ),
    (
        "openinference",
        {
            "openinference.span.kind": "RERANKER",
            "reranker.input_documents.0.document.id": "x",
            "reranker.input_documents.1.document.id": "y",
            "reranker.output_documents.0.document.id": "y",
            "reranker.output_documents.0.document.score": 0.5,
        },
        {"rerank_input_count": 2, "document_count": 1, "document_scores": [0.5]},
    ),
]


@pytest.mark.parametrize(
    ("dialect", "attributes", "expected"),
    _CALLS,
    ids=[f"{number}-{name}" for number, (name, _, _) in enumerate(_CALLS)],
)
def test_call_of_a_dialect_becomes_the_normal_form(
    mapping: SpanMapping, dialect: str, attributes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """What each SDK sends arrives in the same columns, and the oracle agrees."""
    [row] = mapping.assert_agrees(
        make_request({"attributes": attributes, "start": 1_790_000_000_000_000_000 - 1_877_000_000})
    )
    assert {"dialect": dialect, **expected} == {name: row[name] for name in ("dialect", *expected)}
