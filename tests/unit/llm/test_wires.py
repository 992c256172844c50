"""Both wires: what is sent, and how answers and errors are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pitwall.llm import ollama_wire, openai_wire
from pitwall.llm.shapes import shape_of
from pitwall.llm.types import Api, CallFailure, Message, ModelEndpoint, Usage
from pitwall.llm.wire import NO_QUIRKS, Mode, Quirks, failure_of_status, retry_after

NOW = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Reply(BaseModel):
    text: str


def openai(**fields: Any) -> ModelEndpoint:
    return ModelEndpoint(Api.OPENAI, "m", "http://127.0.0.1:9/v1", **fields)


def openai_body(mode: Mode, endpoint: ModelEndpoint, quirks: Quirks = NO_QUIRKS) -> Mapping[str, Any]:
    messages = [Message("user", "hi")]
    body = openai_wire.chat_request(endpoint, messages, mode, shape_of(Reply), 7, quirks).body
    assert body is not None
    return body


def ollama_body(mode: Mode, text: str = "hi", **fields: Any) -> Mapping[str, Any]:
    endpoint = ModelEndpoint(Api.OLLAMA, "m", "http://127.0.0.1:9", **fields)
    messages = [Message("user", text)]
    body = ollama_wire.chat_request(endpoint, messages, mode, shape_of(Reply), 7, NO_QUIRKS).body
    assert body is not None
    return body


def test_openai_requests_say_how_to_structure() -> None:
    """Each mode has its field, the last one has none."""
    schema = openai_body(Mode.JSON_SCHEMA, openai())["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"]) == ("Reply", True)
    assert openai_body(Mode.TOOLS, openai())["tool_choice"]["function"]["name"] == "Reply"
    assert openai_body(Mode.JSON_OBJECT, openai())["response_format"] == {"type": "json_object"}
    assert not {"response_format", "tools"} & openai_body(Mode.FENCED, openai()).keys()


def test_openai_requests_leave_out_what_is_unset_or_not_taken() -> None:
    """None leaves a parameter to the endpoint; options win over what would be sent."""
    body = openai_body(Mode.FENCED, openai(temperature=None, options={"top_p": 0.5, "seed": 3}))
    assert "temperature" not in body
    assert (body["top_p"], body["seed"], body["max_tokens"]) == (0.5, 3, 2048)
    quirks = Quirks(frozenset({"seed"}), counts_completion=True)
    body = openai_body(Mode.FENCED, openai(), quirks)
    assert body["max_completion_tokens"] == 2048
    assert not {"seed", "max_tokens"} & body.keys()


def test_ollama_requests_hold_options_and_room_for_the_prompt() -> None:
    """A server that would cut the prompt is told how much room it needs, in steps of powers of two."""
    body = ollama_body(Mode.JSON_SCHEMA, options={"think": False, "top_k": 5})
    assert body["format"]["required"] == ["text"]
    assert (body["think"], body["stream"]) == (False, False)
    assert body["options"] == {
        "temperature": 0.0,
        "seed": 7,
        "num_predict": 2048,
        "num_ctx": 8192,
        "top_k": 5,
    }
    assert ollama_body(Mode.FENCED, "가" * 20_000)["options"]["num_ctx"] == 32_768
    assert ollama_body(Mode.FENCED, "가" * 20_000, options={"num_ctx": 4096})["options"]["num_ctx"] == 4096


@pytest.mark.parametrize(
    ("message", "finish", "text", "failure"),
    [
        ({"content": "x"}, "stop", "x", None),
        ({"content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]}, "stop", "xy", None),
        ({"content": None, "tool_calls": [{"function": {"arguments": "{}"}}]}, "tool_calls", "{}", None),
        ({"content": "x"}, "length", "x", CallFailure.TRUNCATED),
        ({"content": ""}, "content_filter", "", CallFailure.REFUSED),
        ({"content": None, "refusal": "I cannot."}, "stop", "", CallFailure.REFUSED),
    ],
)
def test_openai_replies(message: dict[str, Any], finish: str, text: str, failure: CallFailure | None) -> None:
    """Content, parts, tool calls; cut off, held back, refused."""
    body = {"choices": [{"message": message, "finish_reason": finish}], "usage": {"prompt_tokens": 3}}
    reply = openai_wire.read_chat(body)
    assert (reply.text, reply.failure, reply.usage) == (text, failure, Usage(3, None))


def test_ollama_replies() -> None:
    """Content, tool calls with arguments as an object, cut off."""
    counts = {"prompt_eval_count": 3, "eval_count": 2, "done": True}
    plain = ollama_wire.read_chat({"message": {"content": "x"}, "done_reason": "stop", **counts})
    assert (plain.text, plain.failure, plain.usage) == ("x", None, Usage(3, 2))
    called = {"content": "", "tool_calls": [{"function": {"name": "Reply", "arguments": {"text": "가"}}}]}
    assert ollama_wire.read_chat({"message": called, **counts}).text == '{"text":"가"}'
    cut = ollama_wire.read_chat({"message": {"content": "x"}, "done_reason": "length", **counts})
    assert cut.failure is CallFailure.TRUNCATED


@given(st.dictionaries(st.sampled_from(["choices", "message", "usage", "data", "error"]), JSON))
def test_no_answer_breaks_the_reading(body: dict[str, Any]) -> None:
    """A server may send any JSON object; it is a reply or a failure, never an exception."""
    for wire in (openai_wire, ollama_wire):
        assert isinstance(wire.read_chat(body).text, str)
        vectors, _ = wire.read_embeddings(body, 2)
        assert vectors is None or len(vectors) == 2
        wire.read_models(body)


def test_vectors_are_put_in_the_order_of_the_texts() -> None:
    """OpenAI numbers them; too few, or of different lengths, are none."""
    data = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    assert openai_wire.read_embeddings({"data": data}, 2)[0] == [[1.0], [2.0]]
    assert openai_wire.read_embeddings({"data": data}, 3)[0] is None
    assert ollama_wire.read_embeddings({"embeddings": [[1.0], [1.0, 2.0]]}, 2)[0] is None


@pytest.mark.parametrize(
    ("status", "body", "failure", "can_pass"),
    [
        (400, {"error": {"message": "m", "param": "temperature"}}, CallFailure.REJECTED, False),
        (400, {"error": {"message": "m", "code": "content_filter"}}, CallFailure.REFUSED, False),
        (401, {"error": {"message": "m"}}, CallFailure.AUTH, False),
        (403, "no", CallFailure.AUTH, False),
        (404, {"error": "model 'x' not found"}, CallFailure.REJECTED, False),
        (408, "", CallFailure.TIMEOUT, True),
        (429, {"error": {"message": "slow down"}}, CallFailure.RATE_LIMITED, True),
        (429, {"error": {"message": "m", "code": "insufficient_quota"}}, CallFailure.RATE_LIMITED, False),
        (500, "<html>", CallFailure.UNAVAILABLE, True),
        (501, {"detail": "not implemented"}, CallFailure.UNAVAILABLE, False),
        (529, {"error": {"message": "overloaded"}}, CallFailure.UNAVAILABLE, True),
    ],
)
def test_statuses_are_told_apart(status: int, body: Any, failure: CallFailure, can_pass: bool) -> None:
    """Each kind of failure by what can be done about it."""
    read = failure_of_status(status, {}, body, NOW)
    assert (read.failure, read.can_pass, read.status) == (failure, can_pass, status)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Sat, 28 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", 86_400.0),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    """Both forms of the header; what cannot be read is as good as none."""
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_the_reading(value: str) -> None:
    """Whatever a server writes there, it is a time to wait or nothing."""
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 86_400
