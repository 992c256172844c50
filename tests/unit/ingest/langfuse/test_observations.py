"""Batches of SDKs before OpenTelemetry, put together to spans."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.core.errors import InvalidInput
from pitwall.ingest.langfuse.ids import span_id_of, trace_id_of
from pitwall.ingest.langfuse.observations import Folded, write_observation, write_trace
from tests.unit.ingest.files.factories import attributes_of

TRACE = "9b2f2a3e-6d0f-4f64-9a37-0a5d7c1f2e11"
GENERATION = {
    "id": "gen-1",
    "traceId": TRACE,
    "name": "answer",
    "startTime": "2026-11-20T09:00:00.000Z",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "안녕"}],
}


def write(observation_id: str, folded: Folded) -> Span:
    """Return the span of an observation."""
    span = Span()
    observation = folded.observations[observation_id]
    write_observation(span, observation, folded.traces.get(str(observation.body["traceId"]), {}))
    return span


def test_create_and_update_make_one_span() -> None:
    """The update brings end, output and usage; the trace brings session and user."""
    folded = Folded()
    folded.add(
        "e1", "trace-create", {"id": TRACE, "name": "chat", "userId": "u", "sessionId": "s", "input": "q"}
    )
    folded.add("e2", "generation-create", GENERATION)
    folded.add(
        "e3",
        "generation-update",
        {
            "id": "gen-1",
            "endTime": "2026-11-20T09:00:01.500Z",
            "output": "hello",
            "usage": {"promptTokens": 12, "completionTokens": 3, "unit": "TOKENS"},
            "level": "ERROR",
            "statusMessage": "timeout",
        },
    )
    span = write("gen-1", folded)
    assert span.trace_id.hex() == TRACE.replace("-", "")
    assert span.end_time_unix_nano - span.start_time_unix_nano == 1_500_000_000
    assert span.status == Status(code=Status.STATUS_CODE_ERROR, message="timeout")
    assert attributes_of(span) == {
        "langfuse.observation.type": "generation",
        "langfuse.observation.usage_details": '{"input":12,"output":3}',
        "langfuse.observation.level": "ERROR",
        "langfuse.observation.status_message": "timeout",
        "langfuse.observation.input": '[{"role":"user","content":"안녕"}]',
        "langfuse.observation.output": "hello",
        "langfuse.observation.model.name": "gpt-4o",
        "langfuse.trace.name": "chat",
        "user.id": "u",
        "session.id": "s",
        "langfuse.trace.input": "q",
    }


def test_update_of_another_batch_is_refused() -> None:
    """A stored span is never changed, so the client is told."""
    with pytest.raises(InvalidInput, match="another batch") as caught:
        Folded().add("e1", "span-update", {"id": "span-1", "endTime": "2026-11-20T09:00:01Z"})
    assert caught.value.code == "langfuse.late_update"


@pytest.mark.parametrize(
    ("event_type", "body"),
    [
        ("prompt-create", {"id": "x"}),
        ("span-create", {"id": "x"}),
        ("span-create", {"traceId": "x"}),
        ("trace-create", {}),
    ],
)
def test_event_that_cannot_be_understood_is_refused(event_type: str, body: dict[str, Any]) -> None:
    """Unknown types and missing ids."""
    with pytest.raises(InvalidInput):
        Folded().add("e1", event_type, body)


def test_trace_alone_becomes_a_span() -> None:
    """So that its name, input and output are somewhere."""
    span = Span()
    trace = {"timestamp": "2026-11-20T09:00:00Z", "name": "chat", "output": "done", "tags": ["a"]}
    write_trace(span, TRACE, trace)
    assert (span.name, span.parent_span_id) == ("chat", b"")
    assert attributes_of(span)["langfuse.observation.output"] == "done"
    assert attributes_of(span)["langfuse.trace.tags"] == '["a"]'
    assert attributes_of(span)["pitwall.duration.known"] is False


def test_observation_without_an_end_does_not_say_how_long_it_took() -> None:
    """A span needs an end; this one is marked as made up. An end that equals the start is said."""
    folded = Folded()
    folded.add("e1", "generation-create", GENERATION)
    folded.add("e2", "event-create", {**GENERATION, "id": "at", "endTime": GENERATION["startTime"]})
    assert attributes_of(write("gen-1", folded))["pitwall.duration.known"] is False
    assert "pitwall.duration.known" not in attributes_of(write("at", folded))


def test_children_find_their_parents() -> None:
    """An observation's id is the same as parent and as itself."""
    folded = Folded()
    folded.add("e1", "span-create", {**GENERATION, "id": "root"})
    folded.add("e2", "generation-create", {**GENERATION, "parentObservationId": "root"})
    assert write("gen-1", folded).parent_span_id == write("root", folded).span_id


def test_ids_of_the_sdk_stay_as_they_are() -> None:
    """Hexadecimal ids are kept; others get the id that `create_trace_id(seed)` gives them."""
    assert trace_id_of("4bf92f3577b34da6a3ce929d0e0e4736").hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert span_id_of("00f067aa0ba902b7").hex() == "00f067aa0ba902b7"
    # hashlib.sha256(b"order-7").hexdigest()[:32]
    assert trace_id_of("order-7").hex() == "df8cf80227ec3237922df0ecd88385c5"


@given(st.text(max_size=40))
def test_any_text_names_a_trace_and_a_span(text: str) -> None:
    """Ids have their length and are not all zero."""
    assert len(trace_id_of(text)) == 16
    assert any(trace_id_of(text))
    assert len(span_id_of(text)) == 8
