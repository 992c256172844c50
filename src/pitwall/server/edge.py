"""The outermost layer of the HTTP server, plain ASGI because every ingested request passes through it.

It names each request (`X-Request-ID`), adds security headers, holds requests back until the server is ready,
sends raw routes past FastAPI and pages to the UI, and turns whatever escapes from them into an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pitwall.core.errors import PitwallError, Unavailable
from pitwall.kit.ids import new_id
from pitwall.server.logs import REQUEST_ID
from pitwall.server.problems import from_http_exception, internal_problem, problem_response
from pitwall.server.static import Ui

log = structlog.get_logger(__name__)

_VALID_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
_SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


class Edge:
    """The application the web server runs.

    Args:
        app: Where requests go that no raw route takes.
        state: The application whose `state` raw routes find under `scope["app"]`.
        raw_routes: Routes that need nothing of FastAPI; tried in order, before it.
        ui: Takes what is not for the API; a page may come before the server is ready, and waits for it.
        is_ready: Whether requests other than health checks may come in yet.
        complete: Adds what need not be there when the server is ready; it may be called on any thread.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        state: Starlette,
        raw_routes: Sequence[BaseRoute] = (),
        ui: Ui,
        is_ready: Callable[[], bool],
        complete: Callable[[], None],
    ) -> None:
        self.complete = complete
        self._app = app
        self._state = state
        self._raw_routes = tuple(raw_routes)
        self._ui = ui
        self._is_ready = is_ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        REQUEST_ID.set(request_id)
        answer = _Answer(send, request_id.encode("latin-1"))
        try:
            if not self._is_ready() and not self._is_open_early(scope):
                raise _not_ready()
            await self._dispatch(scope, receive, answer.send)
        except HTTPException as error:
            problem = from_http_exception(error, scope["method"], scope["path"])
            await self._refuse(problem, scope, receive, answer)
        except PitwallError as error:
            await self._refuse(error, scope, receive, answer)
        except Exception:
            log.exception("http.request.failed", method=scope["method"], path=scope["path"])
            await self._refuse(internal_problem(), scope, receive, answer)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed: set[str] = set()
        for route in self._raw_routes:
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                scope["app"] = self._state
                scope.update(child_scope)
                await route.handle(scope, receive, send)
                return
            if match is Match.PARTIAL:
                allowed |= getattr(route, "methods", None) or set()
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        await (self._ui if self._ui.takes(scope) else self._app)(scope, receive, send)

    def _is_open_early(self, scope: Scope) -> bool:
        return scope["path"].startswith("/health/") or self._ui.takes(scope)

    async def _refuse(self, error: PitwallError, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if answer.has_started:
            return  # too late to say anything; the server closes the connection on an unfinished answer
        request_id = scope["state"]["request_id"]
        await problem_response(error, request_id)(scope, receive, answer.send)


class _Answer:
    """Adds headers on the way out and knows whether an answer has begun."""

    __slots__ = ("_request_id", "_send", "has_started")

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send = send
        self._request_id = request_id
        self.has_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [item for item in _SECURITY_HEADERS.items() if item[0] not in present]
            headers.append((b"x-request-id", self._request_id))
            message["headers"] = headers
        await self._send(message)


class BodyLimit:
    """Refuses bodies above a size before they are read, or while they are if their size was not announced.

    Args:
        app: What is protected.
        max_bytes: Largest body let through.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self._max_bytes:
                raise self._too_large()
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise self._too_large()
            return message

        await self._app(scope, limited, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(
            413, f"The body is larger than {self._max_bytes} bytes, the most this path takes."
        )


def _request_id(scope: Scope) -> str:
    """Take the caller's id for the request if it is a sane one, else make one; keep it in the scope."""
    request_id = None
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _VALID_ID.fullmatch(value):
            request_id = value.decode("ascii")
            break
    request_id = request_id or new_id()
    scope.setdefault("state", {})["request_id"] = request_id
    return request_id


def _not_ready() -> Unavailable:
    return Unavailable(
        "Pitwall is starting.",
        code="server.starting",
        hint="GET /health/ready tells when it is done.",
        details={"retry_after_seconds": 1},
    )
