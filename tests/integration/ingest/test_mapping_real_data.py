"""Spans that real frameworks sent, read from the development data; without it, `test_mapping_dialects`
carries the mapping.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ingest.mapping_rows import SpanMapping, make_request

_SHARED = os.environ.get("PITWALL_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data"
_DATA = Path(_SHARED) / "agent_traces"
_needs_data = pytest.mark.skipif(not _DATA.is_dir(), reason=f"development data is not at {_DATA}")
_KIND_OF_TYPE = {
    "GENERATION": "llm",
    "AGENT": "agent",
    "TOOL": "tool",
    "EMBEDDING": "embedding",
    "RETRIEVER": "retriever",
}


def _read(path: Path) -> Any:
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def _framework_spans() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """File, the attributes a framework sent, and how Langfuse itself read them."""
    for path in sorted((_DATA / "langfuse_framework_traces").glob("*.trace.json*")):
        for observation in _read(path)["observations"]:
            metadata = observation.get("metadata") or {}
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            if metadata.get("attributes"):
                yield path.name, metadata, observation


@_needs_data
def test_framework_spans_map_alike_in_sql_and_python(mapping: SpanMapping) -> None:
    """Every span of ten traces of seven frameworks: views and oracle agree on every column."""
    requests = [
        make_request(
            {"attributes": metadata["attributes"], "name": observation["name"] or ""},
            resource=metadata.get("resourceAttributes"),
            scope=(metadata["scope"]["name"], metadata["scope"].get("version") or ""),
        )
        for _, metadata, observation in _framework_spans()
    ]
    rows = mapping.assert_agrees(*requests)
    assert len(rows) == len(requests) > 40


@_needs_data
def test_framework_usage_equals_what_langfuse_read(mapping: SpanMapping) -> None:
    """Token counts and models are those that another tool found in the same attributes."""
    spans = [(m, o) for _, m, o in _framework_spans() if (o.get("usageDetails") or {}).get("total")]
    rows = mapping.map(
        *(make_request({"attributes": m["attributes"], "name": o["name"] or ""}) for m, o in spans)
    )
    compared = 0
    for row, (_, observation) in zip(rows, spans, strict=True):
        usage = observation["usageDetails"]
        if row["token_source"] == "provider":
            assert (row["input_tokens"], row["output_tokens"]) == (usage["input"], usage["output"]), (
                observation["name"]
            )
            assert observation["model"] in (row["model"], row["response_model"], None)
            compared += 1
    assert compared == 10


@_needs_data
def test_framework_kinds_agree_with_langfuse(mapping: SpanMapping) -> None:
    """Where Langfuse names a type more precise than span, the kind is the same, with few exceptions listed
    here.
    """
    spans = [(m, o) for _, m, o in _framework_spans() if o["type"] in _KIND_OF_TYPE]
    rows = mapping.map(
        *(make_request({"attributes": m["attributes"], "name": o["name"] or ""}) for m, o in spans)
    )
    differing = Counter(
        (o["type"], row["kind"])
        for row, (_, o) in zip(rows, spans, strict=True)
        if row["kind"] != _KIND_OF_TYPE[o["type"]]
    )
    assert differing == Counter()


@_needs_data
@pytest.mark.parametrize("pair", ["tool_calls", "input_output_only"])
def test_openinference_pairs_agree(mapping: SpanMapping, pair: str) -> None:
    """The OpenInference form of a call has the tokens and the model that its GenAI form has."""
    folder = _DATA / "openinference" / "genai"
    theirs = _read(folder / f"openinference_client_span_{pair}.json")
    ours = _read(folder / "otel_genai_client_span_tool_calls.json")
    rows = mapping.assert_agrees(make_request({"attributes": theirs}, {"attributes": ours}))
    assert [(row["kind"], row["input_tokens"], row["output_tokens"]) for row in rows] == [("llm", 97, 52)] * 2
    assert rows[0]["model"] in {rows[1]["model"], rows[1]["response_model"]}


@_needs_data
def test_deprecated_genai_names_and_tool_execution(mapping: SpanMapping) -> None:
    """Deprecated names still mean the same; a tool execution is a tool."""
    folder = _DATA / "openinference" / "genai"
    deprecated = _read(folder / "otel_genai_deprecated_client_span_tool_calls.json")
    tool = _read(folder / "otel_genai_tool_execution_span.json")
    rows = mapping.assert_agrees(make_request({"attributes": deprecated}, {"attributes": tool}))
    assert rows[0]["input"].startswith('[{"role":"user"')
    assert (rows[1]["kind"], rows[1]["tool_name"], rows[1]["tool_call_id"]) == ("tool", "get_weather", "1234")


@_needs_data
def test_vercel_spans(mapping: SpanMapping) -> None:
    """The AI SDK's wrapper spans do not count twice what the spans inside them used."""
    spans: list[dict[str, Any]] = []
    for path in sorted((_DATA / "openinference" / "vercel_v6_spans").glob("*.json")):
        for number, span in enumerate(_read(path), start=len(spans) + 1):
            parent = span.get("parentSpanId") or (span.get("parentSpanContext") or {}).get("spanId") or ""
            spans.append(
                {
                    "name": span["name"],
                    "attributes": span["attributes"],
                    "span_id": bytes.fromhex(span["spanContext"]["spanId"]),
                    "trace_id": bytes.fromhex(span["spanContext"]["traceId"]),
                    "parent": bytes.fromhex(parent) if parent else b"",
                    "number": number,
                }
            )
    rows = mapping.assert_agrees(make_request(*spans))
    by_operation = {row["operation"]: row for row in rows}
    assert by_operation["ai.generateText.doGenerate"]["kind"] == "llm"
    assert by_operation["ai.generateText"]["is_usage_rollup"] is True
    assert by_operation["ai.embed.doEmbed"]["kind"] == "embedding"
    assert by_operation["ai.embed.doEmbed"]["embedding_count"] == 1
    assert {row["provider"] for row in rows} == {"openai"}


@_needs_data
def test_langwatch_payloads(mapping: SpanMapping) -> None:
    """Payloads of coding agents: model, provider and tokens of their completions."""
    for name, expected in (
        ("claude_code", ("anthropic", "claude-sonnet-4.6", 187, 53)),
        ("cursor", ("openai", "gpt-5.4", 412, 118)),
    ):
        payload = _read(_DATA / "langwatch_otlp" / f"{name}.json")
        [scope] = payload["resourceSpans"][0]["scopeSpans"]
        [span] = scope["spans"]
        attributes = {
            item["key"]: int(item["value"]["intValue"])
            if "intValue" in item["value"]
            else item["value"]["stringValue"]
            for item in span["attributes"]
        }
        [row] = mapping.assert_agrees(make_request({"attributes": attributes, "name": span["name"]}))
        assert (row["provider"], row["model"], row["input_tokens"], row["output_tokens"]) == expected
        assert row["cost_source"] in ("computed", "unpriced")


@_needs_data
def test_codex_turn(mapping: SpanMapping) -> None:
    """A turn of Codex is a model call with the tokens that only it reports, cached ones among the input."""
    payload = _read(_DATA / "langwatch_otlp" / "codex-B.session_task_turn.json")
    span = {"attributes": payload["attributes"], "name": payload["spanName"]}
    [row] = mapping.assert_agrees(make_request(span, scope=(payload["scopeName"], "")))
    assert (row["dialect"], row["kind"], row["model"]) == ("codex", "llm", "gpt-5.5")
    assert (row["input_tokens"], row["uncached_input_tokens"], row["cache_read_tokens"]) == (
        13297,
        8817,
        4480,
    )
    assert (row["output_tokens"], row["reasoning_tokens"]) == (23, 10)
    assert row["token_source"] == "provider"
