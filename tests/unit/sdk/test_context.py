"""What is said of the running request stands on its root span, wherever in the request it is said."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

import pitwall
from pitwall.sdk.runtime import runtime
from pitwall.sdk.span import RecordingSpan
from tests.unit.sdk.recording import Recorded
from tests.unit.sdk.test_middleware import answer, call


def said_fallback(recorded: Recorded) -> dict[str, Any]:
    """Which spans say whether there was a fallback, and what they say."""
    return {
        span.name: span.attributes["pitwall.fallback"]
        for span in recorded
        if "pitwall.fallback" in span.attributes
    }


@pytest.mark.parametrize("fallback", [True, False])
async def test_mark_reaches_the_root_of_the_request(recorded: Recorded, fallback: bool) -> None:
    """From inside a chain and a model call, on the span that requests are counted by, and no other."""

    @pitwall.observe(name="chain")
    async def chain() -> None:
        with pitwall.llm_call(model="m", name="call"):
            pitwall.mark_request(fallback=fallback)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await chain()
        await answer(send)

    await call(app)
    assert recorded.names == ["call", "chain", "POST"]
    assert said_fallback(recorded) == {"POST": fallback}


async def test_mark_says_whose_request_it_is(recorded: Recorded) -> None:
    """The root begins before the body is read, and learns later; what is None is not said."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        pitwall.mark_request(session_id="s-1", company="hanbit", user_id="u-1", attributes={"shop.vip": True})
        pitwall.mark_request(session_id=None)
        await answer(send)

    await call(app, x_session_id="from-header")
    root = recorded.one("POST").attributes
    wanted = {"session.id": "s-1", "pitwall.company": "hanbit", "user.id": "u-1", "shop.vip": True}
    assert {key: root.get(key) for key in wanted} == wanted
    assert said_fallback(recorded) == {}


async def test_request_inside_another_is_marked_by_itself(recorded: Recorded) -> None:
    """An application called in-process marks its own request; after it the outer one is marked again."""

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        pitwall.mark_request(fallback=True)
        await answer(send)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await call(inner, "/inner")
        pitwall.mark_request(fallback=False)
        await answer(send)

    await call(outer, "/outer")
    said = {span.attributes["url.path"]: span.attributes["pitwall.fallback"] for span in recorded}
    assert said == {"/inner": True, "/outer": False}


def test_work_without_a_server_is_marked_on_its_outermost_span(recorded: Recorded) -> None:
    """A worker's request is what its outermost `@observe` covers."""

    @pitwall.observe(name="job")
    def job() -> None:
        with pitwall.retrieval(name="search"), runtime.tracer.start_as_current_span("plain"):
            pitwall.mark_request(fallback=True)

    job()
    assert said_fallback(recorded) == {"job": True}


def test_server_span_of_another_instrumentation_is_marked(recorded: Recorded) -> None:
    """Made current by OpenTelemetry's own means, around our helpers."""
    server = runtime.tracer.start_span("GET /", kind=SpanKind.SERVER)
    with trace.use_span(server, end_on_exit=True), pitwall.llm_call(model="m", name="call"):
        pitwall.mark_request(fallback=True)
    assert said_fallback(recorded) == {"GET /": True}


def test_new_trace_inside_a_request_is_a_request_of_its_own(recorded: Recorded) -> None:
    """Work that deliberately leaves the trace does not mark the request it left."""
    with pitwall.tool_call("outer"), runtime.tracer.start_as_current_span("apart", context=Context()):
        pitwall.mark_request(fallback=True)
    assert said_fallback(recorded) == {"apart": True}


def test_mark_outside_of_everything_does_nothing(recorded: Recorded) -> None:
    """There is no span to mark, and nothing that remembers."""
    pitwall.mark_request(fallback=True)
    with pitwall.tool_call("later"):
        pass
    assert said_fallback(recorded) == {}


def test_mark_after_the_request_changes_nothing(recorded: Recorded) -> None:
    """A task that outlives its request cannot change what was sent."""
    with pitwall.tool_call("done") as step:
        pass
    assert isinstance(step.span, RecordingSpan)
    with trace.use_span(step.span):
        pitwall.mark_request(fallback=True)
    assert said_fallback(recorded) == {}
