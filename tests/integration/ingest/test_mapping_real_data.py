"""Spans as real frameworks send them: the project's own, and public ones where they are on this machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pitwall.ingest.mapping.messages import listed_messages
from tests.integration.ingest.mapping_rows import SpanMapping, make_request
from tests.support.data_sets import figures_of, own_and_public, read_json

FRAMEWORKS = own_and_public("frameworks", "agent_traces/langfuse_framework_traces")
OPENINFERENCE = own_and_public("openinference", "agent_traces/openinference")
COMPLETIONS = [
    *own_and_public("coding_agents/edit.json", "agent_traces/langwatch_otlp/claude_code.json"),
    *own_and_public("coding_agents/review.json", "agent_traces/langwatch_otlp/cursor.json"),
]
TURNS = own_and_public(
    "coding_agents/turn.json", "agent_traces/langwatch_otlp/codex-B.session_task_turn.json"
)
_KIND_OF_TYPE = {
    "GENERATION": "llm",
    "AGENT": "agent",
    "TOOL": "tool",
    "EMBEDDING": "embedding",
    "RETRIEVER": "retriever",
}


def _framework_spans(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The attributes a framework sent, and how Langfuse itself read them."""
    for path in sorted(folder.glob("*.trace.json*")):
        for observation in read_json(path)["observations"]:
            metadata = observation.get("metadata") or {}
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            if metadata.get("attributes"):
                yield metadata, observation


def _chat_forms(folder: Path) -> dict[str, dict[str, Any]]:
    """The chat form that Langfuse makes of an observation's texts, by the observation's id."""
    return {
        observation_id: form
        for path in sorted(folder.glob("*.chatml.json*"))
        for observation_id, form in read_json(path).items()
    }


def _texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value, also of the JSON that stands in its texts."""
    match value:
        case str():
            yield value
            with suppress(json.JSONDecodeError):
                inner = json.loads(value)
                yield from () if isinstance(inner, str) else _texts(inner)
        case dict():
            yield from (text for item in value.values() for text in _texts(item))
        case list():
            yield from (text for item in value for text in _texts(item))


@pytest.mark.parametrize("folder", FRAMEWORKS)
def test_framework_spans_map_alike_in_sql_and_python(mapping: SpanMapping, folder: Path) -> None:
    """Every span of the traces of all frameworks: views and oracle agree on every column."""
    requests = [
        make_request(
            {"attributes": metadata["attributes"], "name": observation["name"] or ""},
            resource=metadata.get("resourceAttributes"),
            scope=(metadata["scope"]["name"], metadata["scope"].get("version") or ""),
        )
        for metadata, observation in _framework_spans(folder)
    ]
    rows = mapping.assert_agrees(*requests)
    assert len(rows) == len(requests) == figures_of(folder)["spans"]


@pytest.mark.parametrize("folder", FRAMEWORKS)
def test_framework_usage_equals_what_langfuse_read(mapping: SpanMapping, folder: Path) -> None:
    """Token counts and models are those that another tool found in the same attributes."""
    spans = [(m, o) for m, o in _framework_spans(folder) if (o.get("usageDetails") or {}).get("total")]
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
    assert compared == figures_of(folder)["provider_usages"]


@pytest.mark.parametrize("folder", FRAMEWORKS)
def test_framework_kinds_agree_with_langfuse(mapping: SpanMapping, folder: Path) -> None:
    """Where Langfuse names a type more precise than span, the kind is the same, without exception."""
    spans = [(m, o) for m, o in _framework_spans(folder) if o["type"] in _KIND_OF_TYPE]
    rows = mapping.map(
        *(make_request({"attributes": m["attributes"], "name": o["name"] or ""}) for m, o in spans)
    )
    differing = Counter(
        (o["type"], row["kind"])
        for row, (_, o) in zip(rows, spans, strict=True)
        if row["kind"] != _KIND_OF_TYPE[o["type"]]
    )
    assert differing == Counter()


@pytest.mark.parametrize("folder", FRAMEWORKS)
def test_framework_messages_are_those_of_langfuses_chat_form(mapping: SpanMapping, folder: Path) -> None:
    """A reader is shown the texts that Langfuse finds in a model call, and a list of messages has its roles.

    Left out is what Langfuse took out of the attributes when it made the export.
    """
    forms = _chat_forms(folder)
    spans = [(m, o) for m, o in _framework_spans(folder) if o["type"] == "GENERATION" and o["id"] in forms]
    rows = mapping.map(*(make_request({"attributes": m["attributes"]}) for m, _ in spans))
    compared = 0
    for row, (_, observation) in zip(rows, spans, strict=True):
        for side, form in forms[observation["id"]].items():
            messages = form["data"] if form["success"] else []
            wanted = [message["content"] for message in messages if _has_text(message)]
            if not (wanted and row[side]):
                continue
            shown = json.loads(listed_messages(row[side]))
            assert set(wanted) <= set(_texts(shown)), (observation["name"], side)
            if isinstance(shown, list):
                assert [one["role"] for one in shown] == [message["role"] for message in messages]
            compared += 1
    assert compared == figures_of(folder)["message_lists"]


def _has_text(message: dict[str, Any]) -> bool:
    return isinstance(message.get("content"), str) and message["content"] != ""


@pytest.mark.parametrize("folder", OPENINFERENCE)
@pytest.mark.parametrize("pair", ["tool_calls", "input_output_only"])
def test_openinference_pairs_agree(mapping: SpanMapping, folder: Path, pair: str) -> None:
    """The OpenInference form of a call has the tokens and the model that its GenAI form has."""
    theirs = read_json(folder / "genai" / f"openinference_client_span_{pair}.json")
    ours = read_json(folder / "genai" / "otel_genai_client_span_tool_calls.json")
    rows = mapping.assert_agrees(make_request({"attributes": theirs}, {"attributes": ours}))
    figures = figures_of(folder)
    expected = ("llm", figures["input_tokens"], figures["output_tokens"])
    assert [(row["kind"], row["input_tokens"], row["output_tokens"]) for row in rows] == [expected] * 2
    assert rows[0]["model"] in {rows[1]["model"], rows[1]["response_model"]}


@pytest.mark.parametrize("folder", OPENINFERENCE)
def test_deprecated_genai_names_and_tool_execution(mapping: SpanMapping, folder: Path) -> None:
    """Deprecated names still mean the same; a tool execution is a tool."""
    deprecated = read_json(folder / "genai" / "otel_genai_deprecated_client_span_tool_calls.json")
    tool = read_json(folder / "genai" / "otel_genai_tool_execution_span.json")
    rows = mapping.assert_agrees(make_request({"attributes": deprecated}, {"attributes": tool}))
    figures = figures_of(folder)
    assert rows[0]["input"].startswith('[{"role":"user"')
    expected = ("tool", figures["tool_name"], figures["tool_call_id"])
    assert (rows[1]["kind"], rows[1]["tool_name"], rows[1]["tool_call_id"]) == expected


@pytest.mark.parametrize("folder", OPENINFERENCE)
def test_vercel_spans(mapping: SpanMapping, folder: Path) -> None:
    """The AI SDK's wrapper spans do not count twice what the spans inside them used."""
    spans: list[dict[str, Any]] = []
    for path in sorted((folder / "vercel_v6_spans").glob("*.json")):
        for number, span in enumerate(read_json(path), start=len(spans) + 1):
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


@pytest.mark.parametrize("path", COMPLETIONS)
def test_completions_of_coding_agents(mapping: SpanMapping, path: Path) -> None:
    """Payloads of coding agents: model, provider and tokens of their completions."""
    [scope] = read_json(path)["resourceSpans"][0]["scopeSpans"]
    [span] = scope["spans"]
    attributes = {
        item["key"]: int(item["value"]["intValue"])
        if "intValue" in item["value"]
        else item["value"]["stringValue"]
        for item in span["attributes"]
    }
    [row] = mapping.assert_agrees(make_request({"attributes": attributes, "name": span["name"]}))
    figures = figures_of(path)
    assert {name: row[name] for name in figures} == figures
    assert row["cost_source"] in ("computed", "unpriced")


@pytest.mark.parametrize("path", TURNS)
def test_turn_of_a_coding_agent(mapping: SpanMapping, path: Path) -> None:
    """A turn of Codex is a model call with the tokens that only it reports, cached ones among the input."""
    turn = read_json(path)
    span = {"attributes": turn["attributes"], "name": turn["spanName"]}
    [row] = mapping.assert_agrees(make_request(span, scope=(turn["scopeName"], "")))
    assert (row["dialect"], row["kind"], row["token_source"]) == ("codex", "llm", "provider")
    figures = figures_of(path)
    assert {name: row[name] for name in figures} == figures
    assert row["attributes"] == {name: str(value) for name, value in turn["attributes"].items()}
