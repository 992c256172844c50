"""What becomes of lines: the four trace events, Pitwall's own form, OTLP/JSON and mapped lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.files.cutting import is_whole_object
from pitwall.kit.clock import to_unix_nano
from tests.unit.ingest.files.factories import (
    attributes_of,
    embed_cache,
    llm_call,
    ollama_usage,
    rag_retrieve,
    read_lines,
    read_one,
    spans_of,
    to_lines,
)

AT = to_unix_nano(datetime(2026, 11, 20, 9, 30, 0, 250_000, tzinfo=UTC))


def test_llm_call_is_a_model_call() -> None:
    """Time, latency, model, provider, tokens and request are where the normal form looks for them."""
    span = read_one(llm_call())
    assert (span.name, span.start_time_unix_nano) == ("llm.call", AT)
    assert span.end_time_unix_nano - span.start_time_unix_nano == 812_500_000
    assert span.status.code == Status.STATUS_CODE_OK
    assert attributes_of(span) == {
        "pitwall.span.kind": "llm",
        "gen_ai.request.model": "qwen2.5:7b",
        "gen_ai.provider.name": "ollama",
        "gen_ai.usage.input_tokens": 420,
        "gen_ai.usage.output_tokens": 64,
        "pitwall.request.id": "req-1",
    }


def test_failed_call_keeps_its_error() -> None:
    """The class that a message begins with is the error's type."""
    span = read_one(llm_call(success=False, error="TimeoutError: no answer in 30 s", prompt_tokens=None))
    assert span.status == Status(code=Status.STATUS_CODE_ERROR, message="TimeoutError: no answer in 30 s")
    assert attributes_of(span)["error.type"] == "TimeoutError"
    assert "gen_ai.usage.input_tokens" not in attributes_of(span)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"success": None, "error": "boom"}, Status.STATUS_CODE_ERROR),
        ({"success": None, "error": None}, Status.STATUS_CODE_UNSET),
        ({"success": True, "error": "retried once"}, Status.STATUS_CODE_OK),
        ({"success": "false", "error": None}, Status.STATUS_CODE_ERROR),
    ],
)
def test_success_decides_and_an_error_stands_in(fields: dict[str, Any], code: int) -> None:
    """What is not said is not made up."""
    assert read_one(llm_call(**fields)).status.code == code


def test_retrieval_has_hits_and_rerank() -> None:
    """Query, hits, top k and rerank of `rag.retrieve`."""
    assert attributes_of(read_one(rag_retrieve())) == {
        "pitwall.span.kind": "retriever",
        "gen_ai.retrieval.query.text": "배터리 환불",
        "pitwall.document.count": 4,
        "gen_ai.retrieval.top_k": 8,
        "pitwall.rerank.enabled": True,
        "pitwall.rerank.model": "bge-reranker",
        "pitwall.request.id": "req-1",
    }


def test_unknown_hits_are_not_zero_and_a_list_is_counted() -> None:
    """No hits and hits nobody counted are two things; documents that are listed are kept."""
    assert "pitwall.document.count" not in attributes_of(read_one(rag_retrieve(hits=None)))
    assert attributes_of(read_one(rag_retrieve(hits=0)))["pitwall.document.count"] == 0
    listed = attributes_of(read_one(rag_retrieve(hits=[{"id": "가", "score": 0.5}, {"id": 2}])))
    assert listed["pitwall.document.count"] == 2
    assert listed["gen_ai.retrieval.documents"] == '[{"id": "가", "score": 0.5}, {"id": 2}]'


@pytest.mark.parametrize("kind", ["embed", "embedding", "embeddings"])
def test_embedding_usage_is_an_embedding_call(kind: str) -> None:
    """With as many texts as it counts, however it is spelt."""
    attributes = attributes_of(read_one(ollama_usage(kind=kind)))
    assert attributes["pitwall.span.kind"] == "embedding"
    assert attributes["pitwall.embedding.count"] == 3
    assert attributes["gen_ai.request.model"] == "nomic-embed-text"


@pytest.mark.parametrize("kind", ["chat", "generate", "completion"])
def test_model_usage_is_not_a_second_call(kind: str) -> None:
    """It tells again of what `llm.call` tells, so it is kept and not counted."""
    attributes = attributes_of(read_one(ollama_usage(kind=kind, count=1)))
    assert attributes["pitwall.span.kind"] == "other"
    assert attributes["pitwall.stage"] == "usage"
    assert (attributes["kind"], attributes["count"]) == (kind, 1)


@pytest.mark.parametrize("kind", ["pull", 7, ["chat"]])
def test_usage_of_another_kind_stops_nothing(kind: Any) -> None:
    """It is put aside like any event that is not known, also without --skip-invalid."""
    (problem,) = read_lines(to_lines(ollama_usage(kind=kind))).problems
    assert (problem.reason, problem.is_malformed) == ("unknown_event", False)
    assert "of ollama.usage is not known; use chat, generate or embed" in problem.message


def test_cache_lookup_has_name_key_and_hit() -> None:
    """`embed.cache` is a look-up in the cache of embeddings."""
    attributes = attributes_of(read_one(embed_cache(hit=False)))
    assert attributes == {
        "pitwall.duration.known": False,
        "pitwall.span.kind": "cache",
        "pitwall.cache.name": "embedding",
        "pitwall.cache.key": "sha:1",
        "pitwall.cache.hit": False,
    }


def test_pieces_of_an_interaction_are_one_trace_with_one_request() -> None:
    """The call is the root; what belongs to it hangs below and counts as no request of its own."""
    lines = to_lines(rag_retrieve(), ollama_usage(), llm_call(), llm_call(interaction_id="req-2"))
    retrieval, usage, call, other = spans_of(read_lines(lines))
    assert retrieval.trace_id == usage.trace_id == call.trace_id != other.trace_id
    assert call.parent_span_id == other.parent_span_id == b""
    assert retrieval.parent_span_id == usage.parent_span_id != b""
    assert len({retrieval.span_id, usage.span_id, call.span_id, other.span_id}) == 4


def test_ids_come_from_the_place_in_the_source() -> None:
    """Equal lines are different spans, and the same line is always the same span."""
    lines = to_lines(embed_cache(), embed_cache())
    first, second = spans_of(read_lines(lines))
    assert (first.trace_id, first.span_id) != (second.trace_id, second.span_id)
    again = spans_of(read_lines(lines))
    assert [span.span_id for span in again] == [first.span_id, second.span_id]


def test_fields_beyond_the_definition_are_kept() -> None:
    """Under their normal name, as resource, or as attributes."""
    event = llm_call(session_id="s-1", service="voc", temperature=0.2, hits=3)
    batch = read_lines(to_lines(event, llm_call()), service="default-service")
    named, unnamed = batch.requests[TelemetryType.TRACES].resource_spans
    assert named.resource.attributes[0].value.string_value == "voc"
    assert unnamed.resource.attributes[0].value.string_value == "default-service"
    attributes = attributes_of(named.scope_spans[0].spans[0])
    assert attributes["session.id"] == "s-1"
    assert attributes["temperature"] == 0.2
    assert attributes["pitwall.document.count"] == 3


OWN = {
    "start": "2026-11-20T09:30:00.250Z",
    "duration_ms": 40,
    "trace_id": "4BF92F3577B34DA6A3CE929D0E0E4736",
    "span_id": "00f067aa0ba902b7",
    "parent_span_id": "00f067aa0ba902b8",
    "name": "answer",
    "kind": "llm",
    "status": "error",
    "error": {"type": "RateLimitError", "message": "slow down"},
    "model": "gpt-4o",
    "provider": "openai",
    "tokens": {"input": 12, "output": 3, "cache_read": 4},
    "ttft_ms": 250,
    "cost_usd": 0.002,
    "attributes": {"team": "search", "top": [1, 2]},
    "input": [{"role": "user", "content": "안녕"}],
    "output": "hello",
}


def test_own_form_says_everything() -> None:
    """Every field of Pitwall's own form arrives."""
    span = read_one(OWN)
    assert span.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert (span.span_id.hex(), span.parent_span_id.hex()) == ("00f067aa0ba902b7", "00f067aa0ba902b8")
    assert span.end_time_unix_nano - span.start_time_unix_nano == 40_000_000
    assert span.status == Status(code=Status.STATUS_CODE_ERROR, message="slow down")
    assert attributes_of(span) == {
        "pitwall.span.kind": "llm",
        "error.type": "RateLimitError",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.provider.name": "openai",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.usage.cost": 0.002,
        "team": "search",
        "top": "[1,2]",
        "input.value": '[{"role":"user","content":"안녕"}]',
        "output.value": "hello",
    }


def test_own_form_takes_an_end_instead_of_a_length() -> None:
    """Start and end, end and length, or the event's name written out."""
    for line in (
        {"start": 1000000000, "end": 1000000002},
        {"end": 1000000002, "duration_ms": 2000},
        {"event": "span", "started_at": 1000000000, "duration_ms": 2000},
    ):
        span = read_one({"event": "span", **line})
        assert (span.start_time_unix_nano, span.end_time_unix_nano) == (10**18, 10**18 + 2 * 10**9)
        assert attributes_of(span) == {"pitwall.span.kind": "other"}


def test_otlp_line_comes_as_it_is() -> None:
    """A line that is an OTLP/JSON request, as collectors write to files."""
    span = {
        "traceId": "1" * 32,
        "spanId": "2" * 16,
        "name": "x",
        "startTimeUnixNano": "1",
        "endTimeUnixNano": "2",
    }
    point = {"asDouble": 1.5, "timeUnixNano": "1000000000000000000"}
    batch = read_lines(
        to_lines(
            {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]},
            {
                "resourceMetrics": [
                    {"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [point]}}]}]}
                ]
            },
        )
    )
    assert [item.name for item in spans_of(batch)] == ["x"]
    assert set(batch.requests) == {TelemetryType.TRACES, TelemetryType.METRICS}
    assert batch.positions()[TelemetryType.METRICS] == {
        batch.position(len(to_lines({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})))
    }


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        (b"{", "malformed", "no JSON"),
        (b"[1]", "malformed", "array"),
        (b'{"event": "llm.call"', "malformed", "no JSON"),
        (b'"\xff"', "malformed", "no JSON"),
        (b'{"event": "llm.cal", "ts": 1}', "unknown_event", "'llm.cal'"),
        (b'{"event": 7}', "unknown_event", "7"),
        (b'{"hello": 1}', "missing_field", "neither"),
        (b'{"event": "llm.call"}', "missing_field", "ts"),
        (b'{"event": "embed.cache", "ts": 1795176000}', "missing_field", "hit"),
        (b'{"event": "llm.call", "ts": "soon"}', "wrong_type", "ts is 'soon'"),
        (b'{"event": "llm.call", "ts": 1795176000, "latency_ms": "fast"}', "wrong_type", "duration_ms"),
        (b'{"event": "llm.call", "ts": 1795176000, "prompt_tokens": 1.5}', "wrong_type", "input_tokens"),
        (b'{"event": "llm.call", "ts": 1795176000, "success": "maybe"}', "wrong_type", "success"),
        (b'{"event": "ollama.usage", "ts": 1795176000, "kind": "x"}', "unknown_event", "kind 'x'"),
        (b'{"event": "ollama.usage", "ts": 1795176000}', "missing_field", "kind"),
        (b'{"start": 1795176000, "kind": "lm"}', "wrong_type", "kind"),
        (b'{"start": 1795176000, "trace_id": "xyz"}', "wrong_type", "trace id"),
        (b'{"start": 1795176000, "tokens": {"in": 1}}', "wrong_type", "'in'"),
        (b'{"start": 1e30}', "wrong_type", "no time"),
        (b'{"start": 1795176000, "duration_ms": 1e300}', "wrong_type", "counted"),
        (b'{"resourceSpans": 3}', "malformed", "resourceSpans"),
    ],
)
def test_bad_line_is_put_aside_with_its_reason(line: bytes, reason: str, said: str) -> None:
    """The line before and the line after are kept."""
    batch = read_lines(to_lines(llm_call()) + line + b"\n" + to_lines(llm_call()))
    (problem,) = batch.problems
    assert (problem.line.number, problem.line.raw, problem.reason) == (2, line, reason)
    assert said in problem.message
    assert len(list(batch.spans())) == 2


def test_last_line_without_an_end_may_hold_half_an_emoji() -> None:
    """It is whole: nothing of it is still to come."""
    assert is_whole_object(rb'{"query": "\ud83d"}')
    assert not is_whole_object(rb'{"query": "\ud83d"')


def test_half_an_emoji_costs_one_character_and_not_the_line() -> None:
    """A query that was cut in the middle of a pair is kept, in events and in OTLP lines."""
    event = to_lines(rag_retrieve(query="CUT")).replace(b"CUT", rb"hi \ud83d")
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "CUT", "startTimeUnixNano": "1"}
    otlp = to_lines({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).replace(b"CUT", rb"\udc00")
    batch = read_lines(event + otlp)
    assert batch.problems == []
    assert batch.repaired == 2
    retrieval, other = spans_of(batch)
    assert attributes_of(retrieval)["gen_ai.retrieval.query.text"] == "hi �"
    assert other.name == "�"


def test_empty_lines_and_carriage_returns_are_nothing() -> None:
    """Line ends of either kind, a byte order mark, blank lines."""
    data = b"\xef\xbb\xbf" + to_lines(llm_call()).replace(b"\n", b"\r\n") + b"\r\n  \n" + to_lines(llm_call())
    assert len(spans_of(read_lines(data))) == 2


def test_mapped_lines_take_nested_keys() -> None:
    """A path with dots reaches into objects; what the map does not name is left out."""
    line = {"t": 1500, "usage": {"in": 7}, "secret": "x", "event": "of another meaning"}
    batch = read_lines(to_lines(line), mapping=("ts=t:ms@2026-01-01T00:00:00Z,input_tokens=usage.in",))
    (span,) = spans_of(batch)
    assert span.start_time_unix_nano == to_unix_nano(datetime(2026, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC))
    assert attributes_of(span) == {
        "pitwall.duration.known": False,
        "pitwall.span.kind": "llm",
        "gen_ai.usage.input_tokens": 7,
    }


@pytest.mark.parametrize(
    ("line", "is_known"),
    [
        (llm_call(latency_ms=None), False),
        (llm_call(latency_ms=""), False),
        (llm_call(latency_ms=0), True),
        ({"event": "span", "start": 1763631000, "end": 1763631000}, True),
        ({"event": "span", "start": 1763631000}, False),
    ],
)
def test_length_of_time_that_nobody_gave_is_marked(line: dict[str, Any], is_known: bool) -> None:
    """A span has an end whether one is known or not; the record says when it is made up."""
    assert attributes_of(read_one(line)).get("pitwall.duration.known", True) is is_known
