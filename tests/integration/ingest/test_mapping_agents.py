"""Gateways and agent frameworks: what each SDK or program writes on its spans, and the normal form of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.ingest.mapping_rows import SpanMapping, make_request

_GEMINI_USAGE = (
    '{"content":{"role":"model"},"usage_metadata":{"prompt_token_count":100,"candidates_token_count":50,'
    '"thoughts_token_count":20,"total_token_count":170}}'
)
# dialect, attributes, what must be in the row
_SPANS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "adk",
        {
            "gen_ai.system": "gcp.vertex.agent",
            "gcp.vertex.agent.session_id": "s1",
            "gcp.vertex.agent.invocation_id": "e-1",
            "gcp.vertex.agent.llm_request": '{"model":"gemini-2.0-flash","contents":[]}',
            "gcp.vertex.agent.llm_response": _GEMINI_USAGE,
        },
        {
            "kind": "llm",
            "provider": "gcp.gen_ai",
            "model": "gemini-2.0-flash",
            "session_id": "s1",
            "request_id": "e-1",
            "input": '{"model":"gemini-2.0-flash","contents":[]}',
            "output": _GEMINI_USAGE,
            "input_tokens": 100,
            # Thoughts are beside the answer, as the total says.
            "output_tokens": 70,
            "reasoning_tokens": 20,
            "token_source": "provider",
            "cost_source": "computed",
        },
    ),
    (
        "adk",
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "get_weather",
            "gcp.vertex.agent.llm_request": "{}",
            "gcp.vertex.agent.llm_response": "{}",
            "gcp.vertex.agent.tool_call_args": '{"city":"서울"}',
            "gcp.vertex.agent.tool_response": '{"result":"맑음"}',
        },
        {
            "kind": "tool",
            "input": '{"city":"서울"}',
            "output": '{"result":"맑음"}',
            "token_source": "none",
        },
    ),
    (
        "livekit",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o-mini",
            "lk.llm_metrics": '{"ttft":0.2,"prompt_tokens":12,"prompt_cached_tokens":2,"completion_tokens":4,'
            '"total_tokens":16,"metadata":{"model_name":"gpt-4o-mini"}}',
            "lk.chat_ctx": '{"items":[]}',
            "lk.response.text": "hello",
            "lk.response.ttft": 0.125,
            "lk.participant_identity": "caller",
            "lk.room_name": "room-1",
        },
        {
            "kind": "llm",
            "input_tokens": 12,
            "cache_read_tokens": 2,
            "uncached_input_tokens": 10,
            "output_tokens": 4,
            "ttft_ms": 125.0,
            "input": '{"items":[]}',
            "output": "hello",
            "session_id": "room-1",
            "user_id": "caller",
        },
    ),
    (
        "livekit",
        {
            "lk.function_tool.name": "book",
            "lk.function_tool.arguments": "{}",
            "lk.function_tool.output": "ok",
        },
        {"kind": "tool", "tool_name": "book", "component": "book", "input": "{}", "output": "ok"},
    ),
    (
        "litellm",
        {
            "llm.request.type": "acompletion",
            "gen_ai.system": "anthropic",
            "litellm.model": "claude-sonnet-4-5",
            "litellm.call_id": "call-1",
            "gen_ai.cost.total_cost": 0.5,
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "metadata.user_api_key_end_user_id": "u1",
        },
        {
            "kind": "llm",
            "model": "claude-sonnet-4-5",
            "request_id": "call-1",
            "user_id": "u1",
            "reported_cost_usd": Decimal("0.5"),
        },
    ),
    (
        "weave",
        {"wandb.thread_id": "t1", "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "support"},
        {"kind": "agent", "session_id": "t1", "agent": "support"},
    ),
    (
        "claude_code",
        {
            "span.type": "llm_request",
            "model": "claude-sonnet-4-5",
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": "claude-sonnet-4-5",
            "session.id": "s",
            "input_tokens": 2,
            "output_tokens": 100,
            "cache_read_tokens": 1000,
            "cache_creation_tokens": 400,
            "ttft_ms": 900,
            "stop_reason": "tool_use",
        },
        {
            "kind": "llm",
            "uncached_input_tokens": 2,
            "cache_read_tokens": 1000,
            "cache_write_tokens": 400,
            "input_tokens": 1402,
            "output_tokens": 100,
            # 2 x 3 + 1000 x 0.30 + 400 x 3.75 + 100 x 15 USD per million
            "cost_usd": Decimal("0.003306"),
            "ttft_ms": 900.0,
            "finish_reason": "tool_use",
            "session_id": "s",
        },
    ),
    (
        "codex",
        {
            "model": "gpt-5",
            "codex.turn.token_usage.input_tokens": 100,
            "codex.turn.token_usage.cached_input_tokens": 40,
            "codex.turn.token_usage.output_tokens": 23,
            "codex.turn.token_usage.reasoning_output_tokens": 10,
            "codex.turn.token_usage.total_tokens": 123,
        },
        {
            "kind": "llm",
            "uncached_input_tokens": 60,
            "cache_read_tokens": 40,
            "output_tokens": 23,
            "reasoning_tokens": 10,
        },
    ),
]


@pytest.mark.parametrize(
    ("dialect", "attributes", "expected"),
    _SPANS,
    ids=[f"{number}-{name}" for number, (name, _, _) in enumerate(_SPANS)],
)
def test_span_of_an_agent_or_gateway_becomes_the_normal_form(
    mapping: SpanMapping, dialect: str, attributes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Kind, tokens, session and texts arrive in the same columns, and the oracle agrees."""
    [row] = mapping.assert_agrees(make_request({"attributes": attributes}))
    assert row["dialect"] == dialect
    assert {name: row[name] for name in expected} == expected
