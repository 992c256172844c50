"""The JSONL events have exactly the fields that file users know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.trace import StatusCode

import pitwall
from pitwall.sdk.events import trace_events
from pitwall.sdk.operation import Operation
from tests.unit.sdk.recording import Recorded

FIELDS = {
    "llm.call": (
        "ts event model provider success latency_ms prompt_tokens completion_tokens error interaction_id"
    ),
    "rag.retrieve": "ts event query hits topk rerank_enabled rerank_model latency_ms interaction_id",
    "ollama.usage": "ts event kind model count latency_ms interaction_id",
    "embed.cache": "ts event key hit",
}
MAKERS: dict[str, tuple[str, Callable[[], Operation]]] = {
    "llm.call": ("llm_calls.jsonl", lambda: pitwall.llm_call(model="m").start()),
    "rag.retrieve": ("rag_retrieval.jsonl", lambda: pitwall.retrieval(query="q").start()),
    "ollama.usage": ("cost_usage.jsonl", lambda: pitwall.embedding(model="e").start()),
    "embed.cache": ("cache.jsonl", lambda: pitwall.cache_lookup(key="k").start().hit(True)),
}


def only_event(recorded: Recorded) -> dict[str, Any]:
    [(_, event)] = trace_events(recorded[-1])
    return event


@pytest.mark.parametrize("event", FIELDS)
def test_event_has_exactly_its_fields(recorded: Recorded, event: str) -> None:
    """File name, fields and their order; absent values are null, never 0."""
    file_name, make = MAKERS[event]
    make().end()
    [(found_file, found)] = trace_events(recorded[-1])
    assert (found_file, found["event"], list(found)) == (file_name, event, FIELDS[event].split())


def test_llm_call_tells_success_tokens_and_interaction(recorded: Recorded) -> None:
    """The request id is the interaction id; a failed call has its error and no invented counts."""
    with pitwall.request_context(request_id="r-1"):
        with pitwall.llm_call(model="m", provider="ollama") as call:
            call.set_usage(input_tokens=3, output_tokens=0)
        fine = only_event(recorded)
        with pytest.raises(TimeoutError), pitwall.llm_call(model="m"):
            raise TimeoutError("slow")
        failed = only_event(recorded)
    assert (fine["success"], fine["error"], fine["prompt_tokens"], fine["completion_tokens"]) == (
        True,
        None,
        3,
        0,
    )
    assert (fine["provider"], fine["interaction_id"]) == ("ollama", "r-1")
    assert (failed["success"], failed["prompt_tokens"], failed["provider"]) == (False, None, None)
    assert failed["error"] == "TimeoutError: slow"


class TooBusy(Exception):
    """An error of the application's own, with a module in its type."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError("응답이 없습니다"), "TimeoutError: 응답이 없습니다"),
        (TooBusy("later"), "TooBusy: later"),
        (ValueError(), "ValueError: "),
        ("empty_answer", "empty_answer"),
    ],
)
def test_error_names_its_type_once(recorded: Recorded, error: BaseException | str, expected: str) -> None:
    """The type is not put before a message that begins with it, qualified or not."""
    pitwall.llm_call(model="m").start().set_error(error).end()
    assert only_event(recorded)["error"] == expected


@pytest.mark.parametrize(
    ("error_type", "message", "expected"),
    [
        ("429", "too many requests", "429: too many requests"),
        ("time", "timeout", "time: timeout"),
        ("timeout", None, "timeout"),
        (None, "it broke", "it broke"),
        (None, None, "error"),
    ],
)
def test_error_of_an_instrumentation_has_type_and_message(
    recorded: Recorded, error_type: str | None, message: str | None, expected: str
) -> None:
    """A type that the message does not begin with comes before it; what is missing leaves no mark."""
    attributes = {"gen_ai.operation.name": "chat", **({"error.type": error_type} if error_type else {})}
    operation = Operation("work", "", attributes).start()
    operation.span.set_status(StatusCode.ERROR, message)
    operation.end()
    assert only_event(recorded)["error"] == expected


def test_time_is_the_start_and_latency_is_exact(recorded: Recorded) -> None:
    """ts is UTC with milliseconds at the start of the call, as the file door reads it."""
    call = pitwall.llm_call(model="m").start()
    span: Any = call.span
    span.start_time = 1_700_000_000_000_000_000
    span.end(end_time=1_700_000_001_234_500_000)
    event = only_event(recorded)
    assert (event["ts"], event["latency_ms"]) == ("2023-11-14T22:13:20.000Z", 1234.5)


@pytest.mark.parametrize(
    ("attributes", "event"),
    [
        ({"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}, "llm.call"),
        ({"gen_ai.operation.name": "embeddings"}, "ollama.usage"),
        ({"openinference.span.kind": "LLM", "llm.model_name": "m"}, "llm.call"),
        ({"openinference.span.kind": "RETRIEVER"}, "rag.retrieve"),
        ({"gen_ai.operation.name": "execute_tool"}, None),
        ({}, None),
    ],
)
def test_spans_of_instrumentations_are_events_too(
    recorded: Recorded, attributes: dict[str, Any], event: str | None
) -> None:
    """Kinds are read from the dialects that instrumentations write."""
    operation = Operation("work", "", attributes).start()
    operation.end()
    assert [found["event"] for _, found in trace_events(recorded[-1])] == ([event] if event else [])


def test_documents_without_a_count_are_counted(recorded: Recorded) -> None:
    """Hits come from the list when no count was given, and stay null when the list is unreadable."""
    values = {"good": '[{"id":"a"},{"id":"b"}]', "bad": "{", "number": "7"}
    found = {}
    for name, documents in values.items():
        operation = Operation(name, "retriever", {"gen_ai.retrieval.documents": documents}).start()
        operation.end()
        found[name] = only_event(recorded)["hits"]
    assert found == {"good": 2, "bad": None, "number": None}


def test_only_the_embedding_cache_is_in_the_cache_file(recorded: Recorded) -> None:
    """`embed.cache` is about embeddings; a cache that was not looked into says nothing."""
    for name, hit in (("embedding", True), ("answers", True), ("embedding", None)):
        with pitwall.cache_lookup(name=name, key="k") as look:
            if hit is not None:
                look.hit(hit)
    assert [len(trace_events(span)) for span in recorded] == [1, 0, 0]
