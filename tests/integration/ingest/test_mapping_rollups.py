"""Usage is counted once: wrappers that repeat what the calls inside them used are marked and priced at
nothing.
"""

from __future__ import annotations

from typing import Any

from tests.integration.ingest.mapping_rows import SpanMapping, make_request

_CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
}


def _id(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _span(number: int, parent: int | None, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "span_id": _id(number),
        "parent": _id(parent) if parent else b"",
        "attributes": attributes,
        "name": str(number),
    }


def _marked(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows if row["is_usage_rollup"]]


def test_model_call_inside_a_model_call_is_counted_once(mapping: SpanMapping) -> None:
    """A proxy's span and the provider SDK's span inside it carry the same tokens: the inner one counts."""
    rows = mapping.assert_agrees(make_request(_span(1, None, _CALL), _span(2, 1, _CALL)))
    assert _marked(rows) == ["1"]
    assert [row["cost_source"] for row in rows] == ["none", "computed"]
    assert rows[0]["cost_usd"] is None


def test_grandchild_and_great_grandchild_mark_the_wrapper(mapping: SpanMapping) -> None:
    """Spans without usage may stand between wrapper and call, up to two of them."""
    plain = {"x": 1}
    rows = mapping.assert_agrees(
        make_request(_span(1, None, _CALL), _span(2, 1, plain), _span(3, 2, plain), _span(4, 3, _CALL))
    )
    assert _marked(rows) == ["1"]


def test_siblings_do_not_mark_each_other(mapping: SpanMapping) -> None:
    """Two calls below one chain are two calls."""
    rows = mapping.assert_agrees(
        make_request(_span(1, None, {"x": 1}), _span(2, 1, _CALL), _span(3, 1, _CALL))
    )
    assert _marked(rows) == []
    assert sum(row["input_tokens"] for row in rows) == 2000


def test_agent_totals_are_rollups_without_any_call_in_sight(mapping: SpanMapping) -> None:
    """An agent, chain or tool that reports usage repeats that of calls; only model spans count."""
    agent = {**_CALL, "gen_ai.operation.name": "invoke_agent"}
    [row] = mapping.assert_agrees(make_request({"attributes": agent}))
    assert (row["kind"], row["is_usage_rollup"], row["cost_source"]) == ("agent", True, "none")


def test_same_span_id_in_another_trace_is_another_span(mapping: SpanMapping) -> None:
    """A parent is looked for in its own trace only."""
    rows = mapping.assert_agrees(
        make_request(
            {**_span(1, None, _CALL), "trace_id": b"a" * 16},
            {**_span(2, 1, _CALL), "trace_id": b"b" * 16},
        )
    )
    assert _marked(rows) == []


def test_parents_are_found_across_scopes(mapping: SpanMapping) -> None:
    """Wrapper and call come from different instrumentations, in scopes of their own."""
    request = make_request(_span(1, None, _CALL), scope=("ai", ""))
    inner = make_request(_span(2, 1, _CALL), scope=("opentelemetry.instrumentation.openai", "1"))
    request.resource_spans.extend(inner.resource_spans)
    assert _marked(mapping.assert_agrees(request)) == ["1"]


def test_failed_call_without_usage_is_not_missing_usage(mapping: SpanMapping) -> None:
    """A call that failed owes no token counts; one that succeeded does."""
    call = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    rows = mapping.assert_agrees(make_request({"attributes": call}, {"attributes": call, "code": 2}))
    assert [row["token_source"] for row in rows] == ["missing", "none"]
    assert [row["cost_source"] for row in rows] == ["none", "none"]
