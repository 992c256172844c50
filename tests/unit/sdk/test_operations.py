"""The helpers write the attribute names the server and other tools read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest

import pitwall
from pitwall.core.feedback import opinion_id
from pitwall.sdk.otlp import LogEvent
from pitwall.sdk.runtime import runtime
from tests.unit.sdk.recording import Recorded


def test_llm_call_writes_the_genai_names(recorded: Recorded) -> None:
    """Model, usage, messages, finish reason: all under OpenTelemetry's names."""
    with pitwall.llm_call(model="qwen2.5:7b", provider="ollama", input="왜?", stream=True) as call:
        call.first_token().set_output("그냥").set_model("qwen2.5:7b-q4").set_response_id("resp-1")
        call.set_usage(
            input_tokens=10, output_tokens=5, cache_read_tokens=3, cache_write_tokens=2, reasoning_tokens=1
        )
        call.set_finish_reason("stop")
    attributes = dict(recorded.one("chat qwen2.5:7b").attributes)
    assert attributes.pop("gen_ai.response.time_to_first_chunk") > 0
    assert json.loads(attributes.pop("gen_ai.input.messages")) == [
        {"role": "user", "parts": [{"type": "text", "content": "왜?"}]}
    ]
    assert json.loads(attributes.pop("gen_ai.output.messages")) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "그냥"}], "finish_reason": "stop"}
    ]
    assert attributes == {
        "pitwall.span.kind": "llm",
        "pitwall.stage": "llm",
        "pitwall.token.source": "provider",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ollama",
        "gen_ai.request.model": "qwen2.5:7b",
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "qwen2.5:7b-q4",
        "gen_ai.response.id": "resp-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_write.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 1,
    }


def test_unknown_usage_is_absent_not_zero(recorded: Recorded) -> None:
    """A call without counts has no token attributes; an estimate says that it is one."""
    with pitwall.llm_call(model="m", name="unknown") as call:
        call.set_usage()
    with pitwall.llm_call(model="m", name="estimated") as call:
        call.set_usage(output_tokens=0, estimated=True)
    assert not [key for key in recorded.one("unknown").attributes if "usage" in key or "token" in key]
    estimated = recorded.one("estimated").attributes
    assert (estimated["gen_ai.usage.output_tokens"], estimated["pitwall.token.source"]) == (0, "estimated")
    assert "gen_ai.usage.input_tokens" not in estimated


def test_only_the_first_token_counts(recorded: Recorded) -> None:
    """`first_token` may be called for every piece of a stream."""
    with pitwall.llm_call(model="m", name="call") as call:
        call.first_token()
        first = recorded_value(call.span)
        call.first_token()
    assert recorded_value(recorded.one("call")) == first


def recorded_value(span: Any) -> float:
    return float(span.attributes["gen_ai.response.time_to_first_chunk"])


def test_retries_of_an_embedding_are_on_the_span(recorded: Recorded) -> None:
    """As with a model call: each further try is counted, with what the failed one raised."""
    with pitwall.embedding(model="e") as call:
        call.retry(TimeoutError("slow")).retry().set_usage(input_tokens=3)
    span = recorded[0]
    assert (span.attributes["pitwall.retry.count"], span.attributes["gen_ai.usage.input_tokens"]) == (2, 3)
    assert [event.attributes["exception.type"] for event in span.events] == ["TimeoutError"]
    assert span.status.is_unset


def test_retry_and_fallback_are_on_the_span(recorded: Recorded) -> None:
    """How often, why, and where the answer came from in the end."""
    with pitwall.llm_call(model="big", name="call") as call:
        call.retry(TimeoutError("slow")).retry().fallback(model="small", provider="local")
    span = recorded.one("call")
    assert (span.attributes["pitwall.retry.count"], span.attributes["pitwall.fallback"]) == (2, True)
    assert (span.attributes["gen_ai.response.model"], span.attributes["gen_ai.provider.name"]) == (
        "small",
        "local",
    )
    assert [event.attributes["exception.type"] for event in span.events] == ["TimeoutError"]
    assert span.status.is_unset


def test_nothing_is_said_of_retries_and_fallbacks_until_the_application_does(recorded: Recorded) -> None:
    """A call that nobody watches for them has neither 0 retries nor no fallback; both can be said."""
    with pitwall.llm_call(model="m", name="silent"), pitwall.embedding(model="e", name="embed"):
        pass
    with pitwall.llm_call(model="m", name="first try") as call:
        call.set_retries(0).fallback(used=False)
    with pitwall.embedding(model="e", name="third try") as step:
        step.set_retries(1).retry()
    keys = ("pitwall.retry.count", "pitwall.fallback")
    assert {span.name: tuple(span.attributes.get(key) for key in keys) for span in recorded} == {
        "silent": (None, None),
        "embed": (None, None),
        "first try": (0, False),
        "third try": (2, None),
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("hi", [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]),
        (
            [
                {"role": "system", "content": "be kind"},
                {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            ],
            [
                {"role": "system", "parts": [{"type": "text", "content": "be kind"}]},
                {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
            ],
        ),
        (
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
            },
            [
                {
                    "role": "assistant",
                    "parts": [{"type": "tool_call", "id": "1", "name": "f", "arguments": "{}"}],
                }
            ],
        ),
        (
            [{"role": "user", "parts": [{"type": "text", "content": "as is"}]}],
            [{"role": "user", "parts": [{"type": "text", "content": "as is"}]}],
        ),
        ({"free": "form"}, [{"role": "user", "parts": [{"type": "text", "content": '{"free":"form"}'}]}]),
        (7, [{"role": "user", "parts": [{"type": "text", "content": "7"}]}]),
    ],
)
def test_messages_of_every_shape_become_one(recorded: Recorded, given: Any, expected: Any) -> None:
    """Text, OpenAI's and OpenTelemetry's messages, tool calls and anything else."""
    with pitwall.llm_call(model="m", name="call", input=given):
        pass
    assert json.loads(recorded.one("call").attributes["gen_ai.input.messages"]) == expected


def test_odd_messages_do_not_reach_the_application(recorded: Recorded) -> None:
    """A helper never raises, whatever it is given."""
    for odd in (
        object(),
        [None],
        [{"role": 1, "content": {2}}],
        {"role": "u", "tool_calls": [3]},
        b"x",
        [[["x"]]],
    ):
        with pitwall.llm_call(model="m", input=odd) as call:
            call.set_output(odd).set_finish_reason(None)
    assert len(recorded) == 6


def test_error_in_the_block_is_typed_and_classed(recorded: Recorded) -> None:
    """An exception marks the call as failed and goes on."""
    with pytest.raises(ConnectionResetError), pitwall.llm_call(model="m", name="call"):
        raise ConnectionResetError("gone")
    span = recorded.one("call")
    assert (span.attributes["error.type"], span.attributes["pitwall.error.class"]) == (
        "ConnectionResetError",
        "network",
    )


def test_handled_error_can_be_told(recorded: Recorded) -> None:
    """An application that handles the failure itself still has it recorded, under the class it names."""
    with pitwall.llm_call(model="m", name="call") as call:
        call.set_error("empty_answer", "provider")
    span = recorded.one("call")
    assert (span.attributes["error.type"], span.attributes["pitwall.error.class"]) == (
        "empty_answer",
        "provider",
    )
    assert not span.status.is_ok


@dataclass
class Document:
    """As vector stores return them."""

    id: str
    page_content: str
    score: float


def test_retrieval_lists_its_documents(recorded: Recorded) -> None:
    """Number, ids, scores and content, from any of the usual shapes."""
    with pitwall.retrieval(query="환불", top_k=5, rerank_enabled=True, rerank_model="bm25") as found:
        found.set_documents(
            [
                {"id": "a", "score": 0.9, "content": "one"},
                Document("b", "two", 0.8),
                ({"id": "c", "text": "three"}, 0.7),
                "four",
                {"id": 5, "score": float("nan")},
            ]
        )
    attributes = recorded.one("retrieval").attributes
    assert json.loads(attributes["gen_ai.retrieval.documents"]) == [
        {"id": "a", "score": 0.9, "content": "one"},
        {"id": "b", "score": 0.8, "content": "two"},
        {"id": "c", "score": 0.7, "content": "three"},
        {"id": None, "score": None, "content": "four"},
        {"id": "5", "score": None},
    ]
    assert {
        key: attributes[key] for key in attributes if key.startswith(("pitwall.", "gen_ai.retrieval.q"))
    } == {
        "pitwall.span.kind": "retriever",
        "pitwall.stage": "vector_search",
        "pitwall.document.count": 5,
        "pitwall.rerank.enabled": True,
        "pitwall.rerank.model": "bm25",
        "gen_ai.retrieval.query.text": "환불",
    }
    assert attributes["gen_ai.retrieval.top_k"] == 5


def test_no_documents_is_a_count_of_zero(recorded: Recorded) -> None:
    """A search that found nothing is data; one that was not asked is not."""
    with pitwall.retrieval(name="empty") as found:
        found.set_documents([])
    with pitwall.retrieval(name="silent"):
        pass
    assert recorded.one("empty").attributes["pitwall.document.count"] == 0
    assert "pitwall.document.count" not in recorded.one("silent").attributes


def test_content_can_be_left_out(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without content, numbers and ids remain and no text does."""
    monkeypatch.setattr(runtime, "capture_content", False)
    with pitwall.retrieval(query="secret") as found:
        found.set_documents([{"id": "a", "score": 1, "content": "secret"}])
    with pitwall.llm_call(model="m", input="secret") as call:
        call.set_output("secret")
    with pitwall.tool_call("t", arguments={"q": "secret"}) as tool:
        tool.set_output("secret")
    assert "secret" not in str([dict(span.attributes) for span in recorded])
    assert json.loads(recorded.one("retrieval").attributes["gen_ai.retrieval.documents"]) == [
        {"id": "a", "score": 1}
    ]


def test_small_steps_write_their_names(recorded: Recorded) -> None:
    """Rerank, embedding, cache, parse and tool."""
    with pitwall.rerank(query="q", model="bge", top_k=3) as ranked:
        ranked.set_documents(["a"])
    with pitwall.embedding(model="nomic", count=4, provider="ollama") as embedded:
        embedded.set_usage(input_tokens=40).set_dimension(768)
    with pitwall.cache_lookup(name="embedding", key="k") as look:
        look.hit(False)
    with pitwall.tool_call("search", arguments={"q": 1}, call_id="c-1") as tool:
        tool.set_output([1])
    kinds = [span.attributes["pitwall.span.kind"] for span in recorded]
    assert kinds == ["reranker", "embedding", "cache", "tool"]
    assert recorded[0].attributes["pitwall.rerank.model"] == "bge"
    assert recorded[0].attributes["pitwall.document.count"] == 1
    assert recorded[1].attributes["pitwall.embedding.count"] == 4
    assert recorded[1].attributes["gen_ai.usage.input_tokens"] == 40
    assert recorded[1].attributes["gen_ai.embeddings.dimension.count"] == 768
    assert (recorded[2].attributes["pitwall.cache.hit"], recorded[2].attributes["pitwall.cache.key"]) == (
        False,
        "k",
    )
    assert (
        recorded[3].attributes["gen_ai.tool.name"],
        recorded[3].attributes["gen_ai.tool.call.result"],
    ) == (
        "search",
        "[1]",
    )


def test_parse_step_knows_how_it_ended(recorded: Recorded) -> None:
    """Left normally: ok. By an exception: not. Told: as told."""
    with pitwall.parse_step("fine"):
        pass
    with pytest.raises(json.JSONDecodeError), pitwall.parse_step("broken"):
        json.loads("{")
    with pitwall.parse_step("handled") as step:
        step.failed("missing_field")
    with pitwall.parse_step("said") as step:
        step.ok()
    assert {span.name: span.attributes["pitwall.parse.ok"] for span in recorded} == {
        "fine": True,
        "broken": False,
        "handled": False,
        "said": True,
    }
    assert recorded.one("broken").attributes["pitwall.error.class"] == "parse"
    assert recorded.one("handled").attributes["error.type"] == "missing_field"


async def test_helpers_work_in_async_code(recorded: Recorded) -> None:
    """`async with`, with tasks that each keep their own current span."""

    async def ask(number: int) -> None:
        async with pitwall.llm_call(model="m", name=f"outer {number}"):
            await asyncio.sleep(0.001)
            async with pitwall.retrieval(name=f"inner {number}"):
                await asyncio.sleep(0)

    await asyncio.gather(*(ask(number) for number in range(10)))
    for number in range(10):
        assert recorded.one(f"inner {number}").parent_span_id == recorded.one(f"outer {number}").span_id


def test_start_and_end_without_a_block(recorded: Recorded) -> None:
    """For callbacks: the span is not current, and ends when told."""
    call = pitwall.llm_call(model="m", name="call").start()
    with pitwall.retrieval(name="other"):
        pass
    call.end(TimeoutError())
    assert recorded.one("other").parent_span_id == 0
    assert recorded.one("call").attributes["pitwall.error.class"] == "timeout"


def test_identity_is_on_every_span_of_a_request(recorded: Recorded) -> None:
    """Bound values are inherited, inner ones win, and nothing leaks out."""
    with pitwall.request_context(
        request_id="r-1", company="한빛리빙", session_id="s", attributes={"tier": "gold"}
    ):
        with (
            pitwall.request_context(user_id="u", variant="b", experiment="e", run_id="run", company="다른"),
            pitwall.retrieval(name="inner"),
        ):
            assert pitwall.current_request_id() == "r-1"
        with pitwall.retrieval(name="outer"):
            pass
    with pitwall.retrieval(name="outside"):
        assert pitwall.current_request_id() is None
    inner = recorded.one("inner").attributes
    assert {key: inner[key] for key in inner if key not in recorded.one("outside").attributes} == {
        "pitwall.request.id": "r-1",
        "pitwall.company": "다른",
        "session.id": "s",
        "tier": "gold",
        "user.id": "u",
        "pitwall.variant": "b",
        "pitwall.experiment": "e",
        "pitwall.run.id": "run",
    }
    assert recorded.one("outer").attributes["pitwall.company"] == "한빛리빙"


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> list[LogEvent]:
    sent: list[LogEvent] = []

    def send(event: LogEvent) -> bool:
        sent.append(event)
        return True

    monkeypatch.setattr(runtime, "send_score", send)
    return sent


def test_score_belongs_to_the_current_span(recorded: Recorded, scores: list[LogEvent]) -> None:
    """Inside a span no ids are needed, and the request comes along."""
    with pitwall.request_context(request_id="r-1"), pitwall.llm_call(model="m", name="call"):
        assert pitwall.score(
            "helpfulness", 0.5, explanation="short", label="ok", response_id="resp", rater="rule"
        )
    event = scores[0]
    span = recorded.one("call")
    assert (event.trace_id, event.span_id) == (span.trace_id, span.span_id)
    assert event.attributes == {
        "pitwall.request.id": "r-1",
        "gen_ai.evaluation.name": "helpfulness",
        "gen_ai.evaluation.score.value": 0.5,
        "gen_ai.evaluation.score.label": "ok",
        "gen_ai.evaluation.explanation": "short",
        "gen_ai.response.id": "resp",
        "rater": "rule",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, {"value": 1.0}),
        ("good", {"label": "good"}),
        (float("nan"), {}),
        (None, {}),
        (0, {"value": 0.0}),
    ],
)
def test_score_without_a_number_is_not_zero(
    scores: list[LogEvent], value: Any, expected: dict[str, Any]
) -> None:
    """NaN and None send no value; only a real 0 is 0."""
    assert pitwall.score("thumb", value, trace_id="ab" * 16, span_id="cd" * 8)
    prefix = "gen_ai.evaluation.score."
    found = {
        key.removeprefix(prefix): item for key, item in scores[0].attributes.items() if key.startswith(prefix)
    }
    assert found == expected
    assert (scores[0].trace_id, scores[0].span_id) == (int("ab" * 16, 16), int("cd" * 8, 16))


@pytest.mark.parametrize("trace_id", ["", "xyz", "0" * 32, "f" * 40, "-1"])
def test_score_with_a_malformed_id_is_refused(scores: list[LogEvent], trace_id: str) -> None:
    """It would join nothing; the caller is told by False."""
    assert not pitwall.score("thumb", 1, trace_id=trace_id)
    assert scores == []


def test_feedback_is_a_score_of_a_person_with_the_id_that_the_api_gives(
    recorded: Recorded, scores: list[LogEvent]
) -> None:
    """The last word of a user on a trace counts, be it sent by the SDK or over HTTP."""
    with pitwall.llm_call(model="m", name="call"):
        assert pitwall.feedback(thumb="down", comment="틀렸어요", user="u1")
    span, event = recorded.one("call"), scores[0]
    assert (event.trace_id, event.span_id) == (span.trace_id, span.span_id)
    assert event.attributes == {
        "gen_ai.evaluation.name": "user_thumb",
        "gen_ai.evaluation.score.value": 0.0,
        "gen_ai.evaluation.score.label": "down",
        "gen_ai.evaluation.explanation": "틀렸어요",
        "pitwall.score.id": opinion_id(f"{span.trace_id:032x}", "user_thumb", "u1"),
        "pitwall.score.source": "human",
        "user.id": "u1",
    }


def test_trace_id_is_kept_for_feedback_that_comes_later(recorded: Recorded, scores: list[LogEvent]) -> None:
    """Users judge an answer after its request has ended."""
    with pitwall.llm_call(model="m", name="call"):
        trace_id = pitwall.current_trace_id()
    assert pitwall.current_trace_id() is None
    assert pitwall.feedback(satisfaction=2, trace_id=trace_id, user="u1")
    assert scores[0].trace_id == recorded.one("call").trace_id
    assert scores[0].attributes["gen_ai.evaluation.score.value"] == 2.0


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"thumb": "sideways"},
        {"satisfaction": 9},
        {"thumb": "up", "trace_id": "xyz"},
        {"thumb": "up", "trace_id": "0" * 32},
        {"thumb": "up", "trace_id": None},
    ],
)
def test_feedback_that_says_nothing_is_refused_with_a_warning(
    scores: list[LogEvent], caplog: pytest.LogCaptureFixture, given: dict[str, Any]
) -> None:
    """It never raises; the log says what is wrong. Without a trace it would join nothing."""
    assert not pitwall.feedback(**{"trace_id": "ab" * 16, **given})
    assert scores == []
    assert "sdk.feedback_invalid" in caplog.text
