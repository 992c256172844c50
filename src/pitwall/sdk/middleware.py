"""Pure ASGI middleware: one root span per request, one request id everywhere."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pitwall.core.vocabulary import ErrorClass
from pitwall.core.vocabulary import SpanKind as Kind
from pitwall.sdk import names
from pitwall.sdk.context import attach, context_of_request, current_context, detach, with_bound
from pitwall.sdk.failures import note_failure
from pitwall.sdk.progress import requests_in_progress
from pitwall.sdk.runtime import runtime
from pitwall.sdk.span import RecordingSpan

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = dict[bytes, bytes]

_REQUEST_ID_HEADER = b"x-request-id"
_VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+=-]{0,127}")
_LOG_FIELDS = (
    ("request_id", names.REQUEST_ID),
    ("company", names.COMPANY),
    ("user_id", names.USER_ID),
    ("session_id", names.SESSION_ID),
)
_HEALTH_PATHS = ("/health", "/health/live", "/health/ready")
_SEEN = "pitwall.request_id"
# Where FastAPI (0.163 and later) notes that a request is traced already, so that it does not trace it again.
_FASTAPI_SEEN = "fastapi.telemetry"
_propagator = TraceContextTextMapPropagator()


class RequestContextMiddleware:
    """Gives every HTTP request an id, a root span and a place in the caller's trace.

    The id comes from X-Request-ID when that is 1 to 128 letters, digits or `._:@/+=-`, else it is made; it is
    sent back on the response. X-Company-ID, X-User-ID, X-Session-ID and X-Run-ID are bound as well, to all
    spans of the request and, but for the run, to structlog's context variables. The span ends with the last
    byte of the body, streamed or not.

    A request has one server span. Where a framework or another instrumentation has begun it (FastAPI with
    `app.add_middleware(RequestContextMiddleware)`), that one gets the identity and stays theirs to end.
    Wrapped around the application, this middleware's span stands in for FastAPI's own telemetry.

    Args:
        app: The application.
        ignore_paths: Paths without a span, such as health checks; they still get their request id. One
            that a framework has begun is not sent, if this SDK made it (as `init` sets it up).
    """

    def __init__(self, app: ASGIApp, ignore_paths: Iterable[str] = _HEALTH_PATHS) -> None:
        self._app = app
        self._ignore_paths = frozenset(ignore_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _SEEN in scope:
            await self._app(scope, receive, send)
            return
        headers: Headers = dict(scope.get("headers") or ())
        identity = _identity(headers)
        enclosing = _enclosing_span(scope)
        token = attach(with_bound(identity, _remote_context(headers) if enclosing is None else None))
        scope[_SEEN] = identity[names.REQUEST_ID]
        scope.setdefault(_FASTAPI_SEEN, None)
        requests_in_progress.enter()
        try:
            with _bound_logs(identity):
                request = _Request(self._app, scope, receive, send, identity[names.REQUEST_ID])
                if scope.get("path") in self._ignore_paths:
                    await request.run_unobserved(enclosing)
                elif enclosing is not None:
                    await request.run_inside(enclosing, identity)
                else:
                    await request.run(headers)
        finally:
            requests_in_progress.leave()
            detach(token)


class _Request:
    """One request on its way through the application."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._request_id = request_id.encode("ascii")
        self._status: int | None = None
        self._complete = False
        self._disconnected = False

    async def run_unobserved(self, begun: Span | None) -> None:
        """Serve without a span; one that a framework has begun, and what is inside it, is not sent."""
        if isinstance(begun, RecordingSpan):
            begun.discard()
        token = attach(current_context() if begun is None else _unsampled(begun))
        try:
            await self._app(self._scope, self._receive, self._send_with_id)
        finally:
            detach(token)

    async def run_inside(self, span: Span, identity: dict[str, str]) -> None:
        """Tell whose request it is on a span that another one ends."""
        span.set_attributes({names.SPAN_KIND: Kind.HTTP.value, **identity})
        token = attach(context_of_request(span))
        try:
            await self._app(self._scope, self._receive_watching, self._send_with_id)
        except BaseException as error:
            note_failure(span, error)
            raise
        finally:
            detach(token)
            self._note_disconnect(span)

    async def run(self, headers: Headers) -> None:
        method = str(self._scope.get("method", "GET"))
        attributes = _request_attributes(self._scope, headers, method)
        span = runtime.tracer.start_span(method, kind=SpanKind.SERVER, attributes=attributes)
        token = attach(context_of_request(span))
        try:
            await self._app(self._scope, self._receive_watching, self._send_with_id)
        except BaseException as error:
            note_failure(span, error)
            raise
        finally:
            detach(token)
            self._finish(span, method)

    async def _receive_watching(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._complete:
            self._disconnected = True
        return message

    async def _send_with_id(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            others = [pair for pair in message.get("headers") or () if pair[0].lower() != _REQUEST_ID_HEADER]
            message = {**message, "headers": [*others, (_REQUEST_ID_HEADER, self._request_id)]}
        try:
            await self._send(message)
        except OSError:  # how ASGI servers tell that the client has gone
            self._disconnected = True
            raise
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._complete = True

    def _finish(self, span: Span, method: str) -> None:
        route = _route(self._scope)
        if route is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute(names.HTTP_ROUTE, route)
        if self._status is not None:
            span.set_attribute(names.HTTP_STATUS, self._status)
            if self._status >= 500:
                span.set_attribute(names.ERROR_TYPE, str(self._status))
                span.set_status(StatusCode.ERROR)
        self._note_disconnect(span)
        span.end()

    def _note_disconnect(self, span: Span) -> None:
        if self._disconnected and span.is_recording():
            span.add_event("client disconnected")
            span.set_attribute(names.ERROR_CLASS, ErrorClass.CANCELLED.value)


def _enclosing_span(scope: Scope) -> Span | None:
    """The server span that someone else has begun for this very request, None if there is none."""
    span = get_current_span()
    if not span.is_recording() or getattr(span, "kind", None) is not SpanKind.SERVER:
        return None
    attributes = getattr(span, "attributes", None) or {}
    method = attributes.get(names.HTTP_METHOD, attributes.get("http.method"))
    path = attributes.get(names.URL_PATH, attributes.get("http.target"))
    is_same = method == scope.get("method") and str(path).partition("?")[0] == scope.get("path")
    return span if is_same else None


def _unsampled(span: Span) -> Context:
    """The current context inside of a span that is not recorded, so that its children are not either."""
    known = span.get_span_context()
    hidden = SpanContext(known.trace_id, known.span_id, is_remote=False, trace_flags=TraceFlags.get_default())
    return set_span_in_context(NonRecordingSpan(hidden), current_context())


def _identity(headers: Headers) -> dict[str, str]:
    """Span attributes from the identity headers; malformed ones are left out, a missing id is made."""
    identity = {names.REQUEST_ID: _text(headers, _REQUEST_ID_HEADER) or uuid.uuid4().hex}
    for header, attribute in (
        (b"x-company-id", names.COMPANY),
        (b"x-user-id", names.USER_ID),
        (b"x-session-id", names.SESSION_ID),
        (b"x-run-id", names.RUN_ID),
    ):
        value = _text(headers, header)
        if value is not None:
            identity[attribute] = value
    return identity


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name, b"").decode("latin-1")
    return value if _VALID_ID.fullmatch(value) else None


def _remote_context(headers: Headers) -> Context:
    carrier = {
        key: headers[key.encode()].decode("latin-1")
        for key in ("traceparent", "tracestate")
        if key.encode() in headers
    }
    return _propagator.extract(carrier, context=current_context()) if carrier else current_context()


def _bound_logs(identity: dict[str, str]) -> AbstractContextManager[None]:
    try:
        from structlog.contextvars import bound_contextvars
    except ImportError:  # structlog is optional; without it there are no log fields to bind
        return nullcontext()
    fields = {field: identity[attribute] for field, attribute in _LOG_FIELDS if attribute in identity}
    return bound_contextvars(**fields)


def _request_attributes(scope: Scope, headers: Headers, method: str) -> dict[str, Any]:
    server, client = scope.get("server") or (None, None), scope.get("client") or (None, None)
    attributes = {
        names.SPAN_KIND: Kind.HTTP.value,
        names.HTTP_METHOD: method,
        names.URL_PATH: scope.get("path"),
        names.URL_SCHEME: scope.get("scheme"),
        names.PROTOCOL_VERSION: scope.get("http_version"),
        names.SERVER_ADDRESS: server[0],
        names.SERVER_PORT: server[1],
        names.CLIENT_ADDRESS: client[0],
        names.USER_AGENT: headers.get(b"user-agent", b"").decode("latin-1") or None,
    }
    return {key: value for key, value in attributes.items() if value is not None}


def _route(scope: Scope) -> str | None:
    """The template of the matched route; raw paths would make every URL a name of its own."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{path}" if isinstance(path, str) else None
