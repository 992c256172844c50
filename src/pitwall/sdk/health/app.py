"""Health endpoints for the application: alive, ready, and the whole report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from pitwall.core.errors import InvalidInput
from pitwall.sdk.health.running import Checks, Report
from pitwall.sdk.health.types import Check, CheckStatus, HealthCheck
from pitwall.sdk.middleware import Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import APIRouter

_PATHS = ("/", "/live", "/ready")


class HealthApp:
    """A tiny ASGI application: the report, and below it `/live` and `/ready`; mount it where you like.

    Args:
        checks: What the application needs, by name: functions, or `HealthCheck` for what is not required or
            has a time limit of its own.
        timeout_seconds: Per check.
        cache_seconds: How long a report is given out again; checks that ask models cost money.
    """

    def __init__(
        self,
        checks: Mapping[str, Check | HealthCheck] | None = None,
        timeout_seconds: float = 2.0,
        cache_seconds: float = 1.0,
    ) -> None:
        self._checks = Checks(dict(checks or {}), timeout_seconds, cache_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = str(scope.get("path", "")).rstrip("/")
        if path.endswith("/live"):
            await _answer(send, 200, {"status": "ok"})
        elif path.endswith("/ready"):
            await _answer(send, *await self.ready())
        elif path == str(scope.get("root_path", "")).rstrip("/") or path.endswith("/health"):
            await _answer(send, *await self.report())
        else:
            await _answer(send, 404, {"status": "not_found", "paths": list(_PATHS)})

    async def report(self) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of the whole report: 503 only when something required failed."""
        report = await self._checks.report()
        return _status_of(report), report.as_json()

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of `/ready`: a word per check."""
        report = await self._checks.report()
        words = {
            name: outcome.result.message or "failed" if outcome.result.status is CheckStatus.FAILED else "ok"
            for name, outcome in report.outcomes.items()
        }
        return _status_of(report), {"status": "ok" if report.is_able else "not_ready", "checks": words}


def _status_of(report: Report) -> int:
    return 200 if report.is_able else 503


async def _answer(send: Send, status: int, body: Mapping[str, Any]) -> None:
    content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def health_app(
    checks: Mapping[str, Check | HealthCheck] | None = None,
    timeout_seconds: float = 2.0,
    cache_seconds: float = 1.0,
) -> HealthApp:
    """An ASGI application that answers the report where it is mounted, `/live` and `/ready` below it."""
    return HealthApp(checks, timeout_seconds, cache_seconds)


def health_router(
    checks: Mapping[str, Check | HealthCheck] | None = None,
    timeout_seconds: float = 2.0,
    prefix: str = "/health",
    cache_seconds: float = 1.0,
) -> APIRouter:
    """A FastAPI router with `{prefix}`, `{prefix}/live` and `{prefix}/ready`.

    Raises:
        InvalidInput: FastAPI is not installed.
    """
    try:
        from fastapi import APIRouter
        from fastapi.responses import Response
    except ImportError as error:
        raise InvalidInput(
            "health_router() needs FastAPI, which is not installed.",
            hint="Mount pitwall.health_app() instead; it works with any ASGI framework.",
        ) from error
    app = HealthApp(checks, timeout_seconds, cache_seconds)
    router = APIRouter(prefix=prefix, tags=["health"])

    def answer(status: int, body: Mapping[str, Any]) -> Response:
        content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
        headers = {"cache-control": "no-store"}
        return Response(content, status_code=status, headers=headers, media_type="application/json")

    @router.get("" if prefix else "/")
    async def report() -> Response:
        return answer(*await app.report())

    @router.get("/live")
    async def live() -> Response:
        return answer(200, {"status": "ok"})

    @router.get("/ready")
    async def ready() -> Response:
        return answer(*await app.ready())

    return router
