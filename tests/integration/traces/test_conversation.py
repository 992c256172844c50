"""An opened span as a conversation and as retrieved documents, out of the store."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import orjson

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import SpanAnswer
from tests.integration.traces.telemetry import (
    NOON,
    as_hex,
    insert_log,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    stored_map,
    trace_id,
)

ONE = as_hex(trace_id(1))


def _open(questions: TraceQuestions, number: int) -> dict[str, Any]:
    answer = questions.span(ONE, as_hex(span_id(number)))
    SpanAnswer.model_validate(answer)
    return dict(orjson.loads(orjson.dumps(answer)))


def test_model_call_is_a_chat(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Messages kept in numbered form, an answer that is a text, tools out of a long attribute."""
    tool = {"type": "function", "function": {"name": "search", "description": "찾" * 300, "parameters": {}}}
    asked = {"0.role": "system", "0.content": "짧게.", "1.role": "user", "1.content": "며칠 걸리나요?"}
    call = make_llm_span(
        input=json.dumps(asked),
        output="3일입니다.",
        attributes={"llm.tools.0.tool.json_schema": "\x01"},
        long_attributes={"llm.tools.0.tool.json_schema": json.dumps(tool)},
    )
    insert_spans(telemetry_engine, project, [make_span(), call])
    span = _open(questions, 2)
    spoken = [
        (one["side"], one["role"], [part["text"] for part in one["parts"]])
        for one in span["conversation"]["messages"]
    ]
    assert spoken == [
        ("input", "system", ["짧게."]),
        ("input", "user", ["며칠 걸리나요?"]),
        ("output", "assistant", ["3일입니다."]),
    ]
    assert span["conversation"]["tools"] == [{"name": "search", "description": "찾" * 300}]
    assert span["retrieved"] is None
    assert _open(questions, 1)["conversation"] is None


def test_chat_that_came_as_log_records(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Instrumentations that send messages beside the span, one record each."""
    insert_spans(telemetry_engine, project, [make_llm_span()])
    records: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.user.message", {"content": "며칠?"}),
        ("gen_ai.choice", {"index": 0, "message": {"role": "assistant", "content": "3일"}}),
    ]
    for at, (name, body) in enumerate(records):
        insert_log(
            telemetry_engine,
            project,
            at=NOON + timedelta(milliseconds=at),
            span_id=span_id(2),
            event_name=name,
            body=stored_map(body),
        )
    messages = _open(questions, 2)["conversation"]["messages"]
    spoken = [(one["role"], one["parts"][0]["text"]) for one in messages]
    assert spoken == [("user", "며칠?"), ("assistant", "3일")]


def test_rerank_moves_the_documents_of_the_search_before_it(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The search beside it tells where a document stood; with two searches before it nobody knows."""
    found = [{"id": "a", "score": 0.9, "content": "가" * 100}, {"id": "b", "score": 0.8, "content": "나"}]
    steps = [
        ("retriever", 1, found),
        ("reranker", 9, found[::-1]),
        *(("retriever", 20 + at, found) for at in range(2)),
        ("reranker", 30, found),
    ]
    searches = [
        make_span(
            1, number, 1, kind=kind, started_at=NOON + timedelta(milliseconds=at), **_documents(documents)
        )
        for number, (kind, at, documents) in enumerate(steps, start=2)
    ]
    insert_spans(telemetry_engine, project, [make_span(), *searches])
    assert [(one["id"], one["rank"], one["rank_before"]) for one in _open(questions, 3)["retrieved"]] == [
        ("b", 1, 2),
        ("a", 2, 1),
    ]
    assert [one["text"] for one in _open(questions, 2)["retrieved"]] == ["가" * 100, "나"]
    assert [one["rank_before"] for one in _open(questions, 6)["retrieved"]] == [None, None]


def _documents(found: list[dict[str, Any]]) -> dict[str, Any]:
    """As the mapping keeps a long attribute."""
    key = "gen_ai.retrieval.documents"
    return {"attributes": {key: "\x01"}, "long_attributes": {key: json.dumps(found)}}
