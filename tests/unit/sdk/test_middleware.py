"""The ASGI middleware: one id and one root span per request, whatever happens to it."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest
import structlog

import pitwall
from pitwall.sdk.middleware import ASGIApp, RequestContextMiddleware
from pitwall.sdk.progress import requests_in_progress
from pitwall.sdk.span import RecordingSpan
from pitwall.sdk.tracer import LeanTracerProvider
from tests.unit.sdk.recording import Recorded


async def answer(send: Any, status: int = 200, *chunks: bytes, headers: Any = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def call(app: ASGIApp, path: str = "/voc/chat", **headers: str) -> httpx.Response:
    """One request through the middleware; keyword `x_request_id` is the header X-Request-ID."""
    transport = httpx.ASGITransport(app=RequestContextMiddleware(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        return await client.post(
            path, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )


async def hello(scope: Any, receive: Any, send: Any) -> None:
    with pitwall.retrieval(name="inner"):
        pass
    await answer(send, 200, b"hello")


async def test_request_is_the_root_span(recorded: Recorded) -> None:
    """HTTP attributes under OpenTelemetry's names; the work inside is its child."""
    await call(hello)
    root = recorded.one("POST")
    assert recorded.one("inner").parent_span_id == root.span_id
    expected = {
        "pitwall.span.kind": "http",
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.path": "/voc/chat",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": 8000,
    }
    assert {key: root.attributes.get(key) for key in expected} == expected
    assert root.kind.name == "SERVER"


@pytest.mark.parametrize("given", ["abc-123", "A" * 128, "6f1c:x/y=@z"])
async def test_valid_request_id_is_kept(recorded: Recorded, given: str) -> None:
    """It comes back on the response and is on every span."""
    response = await call(hello, x_request_id=given)
    assert response.headers["x-request-id"] == given
    assert {span.attributes["pitwall.request.id"] for span in recorded} == {given}


@pytest.mark.parametrize("given", ["", "a b", "A" * 129, "<script>", "한글", "a\tb", "-leading"])
async def test_other_request_ids_are_replaced(recorded: Recorded, given: str) -> None:
    """An id that could forge log lines or headers is not echoed; a new one is made."""
    transport = httpx.ASGITransport(app=RequestContextMiddleware(hello))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get("/", headers=[(b"x-request-id", given.encode())])
    made = response.headers["x-request-id"]
    assert made != given
    assert uuid.UUID(made).hex == made
    assert recorded[0].attributes["pitwall.request.id"] == made


async def test_identity_reaches_spans_and_logs_and_nothing_after(recorded: Recorded) -> None:
    """Company, user and session from the headers, for this request only."""
    fields: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        fields.update(structlog.contextvars.get_contextvars())
        assert pitwall.current_request_id() == "r-1"
        await hello(scope, receive, send)

    await call(
        app, x_request_id="r-1", x_company_id="hanbit", x_user_id="u-1", x_session_id="s-1", x_run_id="run_1"
    )
    inner = recorded.one("inner").attributes
    assert [inner[key] for key in ("pitwall.company", "user.id", "session.id")] == ["hanbit", "u-1", "s-1"]
    assert inner["pitwall.run.id"] == "run_1"
    assert fields == {"request_id": "r-1", "company": "hanbit", "user_id": "u-1", "session_id": "s-1"}
    assert pitwall.current_request_id() is None
    assert structlog.contextvars.get_contextvars() == {}


async def test_concurrent_requests_do_not_mix(recorded: Recorded) -> None:
    """Each request has its own id on its own spans."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.001)
        await hello(scope, receive, send)

    await asyncio.gather(*(call(app, x_request_id=f"r-{number}") for number in range(20)))
    by_trace: dict[int, set[str]] = {}
    for span in recorded:
        by_trace.setdefault(span.trace_id, set()).add(span.attributes["pitwall.request.id"])
    assert len(by_trace) == 20
    assert all(len(ids) == 1 for ids in by_trace.values())


async def test_applications_own_request_id_header_is_not_doubled(recorded: Recorded) -> None:
    """The response has the header once, with the id of the logs and spans."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, headers=[(b"X-Request-ID", b"other"), (b"x-more", b"1")])

    response = await call(app, x_request_id="r-1")
    assert response.headers.get_list("x-request-id") == ["r-1"]
    assert response.headers["x-more"] == "1"


async def test_callers_trace_goes_on(recorded: Recorded) -> None:
    """traceparent makes the request part of the caller's trace; a broken one is ignored."""
    await call(hello, traceparent="00-0123456789abcdef0123456789abcdef-0123456789abcdef-01")
    await call(hello, traceparent="nonsense")
    roots = [span for span in recorded if span.name == "POST"]
    assert (roots[0].trace_id, roots[0].parent_span_id) == (
        0x0123456789ABCDEF0123456789ABCDEF,
        0x0123456789ABCDEF,
    )
    assert roots[0].parent_is_remote
    assert roots[1].parent_span_id == 0


async def test_span_ends_with_the_last_byte_of_a_stream(recorded: Recorded) -> None:
    """While a body is still being streamed the request is in progress and its span open."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        seen.append((len(recorded), requests_in_progress.count))
        await send({"type": "http.response.body", "body": b"b"})

    before = requests_in_progress.count
    assert (await call(app)).content == b"ab"
    assert seen == [(0, before + 1)]
    assert (recorded.names, requests_in_progress.count) == (["POST"], before)


async def test_failure_is_recorded_and_goes_on(recorded: Recorded) -> None:
    """An exception reaches the server as before; a 500 answer is an error too, a 404 is not."""
    error = ConnectionError("store down")

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise error

    async def status(code: int) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await answer(send, code)

        await call(app)

    before = requests_in_progress.count
    with pytest.raises(ConnectionError) as caught:
        await call(broken)
    await status(503)
    await status(404)
    assert caught.value is error
    failed, unavailable, missing = recorded
    assert (failed.attributes["error.type"], failed.attributes["pitwall.error.class"]) == (
        "ConnectionError",
        "network",
    )
    assert unavailable.attributes["error.type"] == "503"
    assert (unavailable.status.is_ok, missing.status.is_unset) == (False, True)
    assert requests_in_progress.count == before


async def test_client_that_leaves_is_noted_without_an_error(recorded: Recorded) -> None:
    """A disconnect seen through receive or through a failing send is the client's choice, not our failure."""

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.disconnect"

    async def sending(scope: Any, receive: Any, send: Any) -> None:
        try:
            await answer(send, 200, b"x")
        except OSError:
            return

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise OSError("gone")

    for app in (listening, sending):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        await RequestContextMiddleware(app)(scope, receive, send)
    for span in recorded:
        assert span.attributes["pitwall.error.class"] == "cancelled"
        assert [event.name for event in span.events] == ["client disconnected"]
        assert span.status.is_unset


async def test_disconnect_after_the_answer_is_nothing(recorded: Recorded) -> None:
    """Servers report the end of the connection also after a complete response."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200)
        await receive()

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        return None

    await RequestContextMiddleware(app)(
        {"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send
    )
    assert "pitwall.error.class" not in recorded[0].attributes


async def test_health_checks_make_no_span_but_keep_their_id(recorded: Recorded) -> None:
    """A probe every second is not traffic."""
    response = await call(hello, "/health/live", x_request_id="r-1")
    assert response.headers["x-request-id"] == "r-1"
    assert recorded.names == ["inner"]


async def test_other_scopes_pass_untouched(recorded: Recorded) -> None:
    """Lifespan and websockets are the application's own business."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope: Any = {"type": "lifespan"}
    receive: Any = object()
    send: Any = object()
    await RequestContextMiddleware(app)(scope, receive, send)
    assert seen == [(scope, receive, send)]
    assert recorded == []


async def test_route_template_names_the_span(recorded: Recorded) -> None:
    """With a framework that tells its route, the name has the template, never the raw path."""
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()

    @app.post("/items/{item_id}")
    async def item(item_id: str) -> dict[str, str]:
        return {"id": item_id}

    assert (await call(app, "/items/42")).json() == {"id": "42"}
    assert recorded.one("POST /items/{item_id}").attributes["http.route"] == "/items/{item_id}"
    assert recorded[0].attributes["url.path"] == "/items/42"


def traced_fastapi(recorded: Recorded, **telemetry: Any) -> Any:
    """A FastAPI application that traces by itself, with one route."""
    fastapi = pytest.importorskip("fastapi")
    pytest.importorskip("fastapi.telemetry", reason="FastAPI traces by itself from 0.163 on")
    app = fastapi.FastAPI(telemetry={"tracer_provider": LeanTracerProvider(recorded), **telemetry})

    @app.post("/items/{item_id}")
    async def item(item_id: str) -> dict[str, str]:
        if item_id == "bad":
            raise ConnectionError("store down")
        await hello({}, None, _ignore)
        return {"id": item_id}

    return app


async def _ignore(message: Any) -> None:
    return None


def server_spans(recorded: Recorded) -> list[RecordingSpan]:
    return [span for span in recorded if span.kind.name == "SERVER"]


@pytest.mark.parametrize("headers", [{}, {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}])
async def test_frameworks_own_server_span_is_used(recorded: Recorded, headers: dict[str, str]) -> None:
    """FastAPI has begun a span when its middleware runs: that one gets the identity, no second is made."""
    app = traced_fastapi(recorded)
    app.add_middleware(RequestContextMiddleware)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        given = {"x-request-id": "r-1", "x-user-id": "u-1", **headers}
        response = await client.post("/items/42", headers=given)
    assert response.headers["x-request-id"] == "r-1"
    [server] = server_spans(recorded)
    expected = {"pitwall.span.kind": "http", "pitwall.request.id": "r-1", "user.id": "u-1"}
    assert {key: server.attributes.get(key) for key in expected} == expected
    assert (server.name, server.parent_span_id != 0) == ("POST /items/{item_id}", bool(headers))
    assert {span.trace_id for span in recorded} == {server.trace_id}
    assert {span.attributes["pitwall.request.id"] for span in recorded} == {"r-1"}


async def test_health_checks_that_a_framework_traces_are_not_sent(recorded: Recorded) -> None:
    """FastAPI has begun a span for the check: neither it nor what is inside it counts as a request."""
    app = traced_fastapi(recorded)
    app.add_middleware(RequestContextMiddleware, ignore_paths=["/items/health"])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.post("/items/health", headers={"x-request-id": "r-1"})
        assert (response.json(), response.headers["x-request-id"]) == ({"id": "health"}, "r-1")
        assert recorded == []
        await client.post("/items/42")
    assert [span.name for span in server_spans(recorded)] == ["POST /items/{item_id}"]


async def test_failure_inside_a_frameworks_span_gets_its_class(recorded: Recorded) -> None:
    """The framework's span tells the error; ours adds the class a team acts on."""
    app = traced_fastapi(recorded)
    app.add_middleware(RequestContextMiddleware)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        with pytest.raises(ConnectionError):
            await client.post("/items/bad")
    [server] = server_spans(recorded)
    assert (server.attributes["pitwall.error.class"], server.attributes["http.response.status_code"]) == (
        "network",
        500,
    )


async def test_framework_inside_the_middleware_makes_no_second_trace(recorded: Recorded) -> None:
    """Wrapped around the application, the middleware's span is the request's only server span."""
    response = await call(traced_fastapi(recorded), "/items/42", x_request_id="r-1")
    assert response.json() == {"id": "42"}
    [server] = server_spans(recorded)
    assert server.name == "POST /items/{item_id}"
    assert recorded.one("inner").parent_span_id == server.span_id
    assert {span.attributes["pitwall.request.id"] for span in recorded} == {"r-1"}


async def test_request_made_inside_another_has_its_own_span(recorded: Recorded) -> None:
    """An application called in-process during a request is another request, not the same one."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await call(hello, "/inner", x_request_id="r-2")
        await answer(send)

    await call(outer, "/outer", x_request_id="r-1")
    by_path = {span.attributes["url.path"]: span for span in server_spans(recorded)}
    assert by_path["/inner"].parent_span_id == by_path["/outer"].span_id
    assert [by_path[path].attributes["pitwall.request.id"] for path in ("/outer", "/inner")] == ["r-1", "r-2"]


async def test_middleware_added_twice_makes_one_span(recorded: Recorded) -> None:
    """The inner one finds the span of the outer one and keeps its request id."""
    response = await call(RequestContextMiddleware(hello))
    [server] = server_spans(recorded)
    assert server.attributes["pitwall.request.id"] == response.headers["x-request-id"]
    assert {span.attributes["pitwall.request.id"] for span in recorded} == {response.headers["x-request-id"]}
