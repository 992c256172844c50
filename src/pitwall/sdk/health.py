"""Health endpoints for the application: alive, and ready by its own checks."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from pitwall.core.errors import InvalidInput
from pitwall.sdk.middleware import Receive, Scope, Send
from pitwall.sdk.values import describe

if TYPE_CHECKING:
    from fastapi import APIRouter

Answer = bool | None
Check = Callable[[], Answer | Awaitable[Answer]]
_log = logging.getLogger("pitwall.sdk")


class HealthApp:
    """A tiny ASGI application with `/live` and `/ready`; mount it where you like.

    Args:
        checks: What must hold for the application to be ready, by name. A check fails by returning False, by
        raising
            or by taking longer than the timeout. Plain functions run in a thread.
        timeout_seconds: Per check.
    """

    def __init__(self, checks: Mapping[str, Check] | None = None, timeout_seconds: float = 2.0) -> None:
        self._checks = dict(checks or {})
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = str(scope.get("path", "")).rstrip("/")
        if path.endswith("/live"):
            await _answer(send, 200, {"status": "ok"})
        elif path.endswith("/ready"):
            ready, body = await self.ready()
            await _answer(send, 200 if ready else 503, body)
        else:
            await _answer(send, 404, {"status": "not_found", "paths": ["/live", "/ready"]})

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        """Run all checks at once; whether all passed, and the answer's body."""
        results = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        outcome = dict(zip(self._checks, results, strict=True))
        ready = all(result == "ok" for result in results)
        return ready, {"status": "ok" if ready else "not_ready", "checks": outcome}

    async def _run(self, name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = await _call(check)
        except TimeoutError:
            return f"timeout after {self._timeout_seconds:g} s"
        except Exception as error:  # noqa: BLE001  # the application's check; its failure is the answer
            _log.warning("sdk.health_check_failed check=%s", name, exc_info=True)
            return f"{type(error).__name__}: {describe(error)}"
        return "failed" if result is False else "ok"


async def _call(check: Check) -> Answer:
    result = check() if inspect.iscoroutinefunction(check) else await asyncio.to_thread(check)
    return await result if inspect.isawaitable(result) else result


async def _answer(send: Send, status: int, body: Mapping[str, Any]) -> None:
    content = orjson.dumps(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def health_app(checks: Mapping[str, Check] | None = None, timeout_seconds: float = 2.0) -> HealthApp:
    """An ASGI application that answers `/live` and `/ready` below where it is mounted."""
    return HealthApp(checks, timeout_seconds)


def health_router(
    checks: Mapping[str, Check] | None = None,
    timeout_seconds: float = 2.0,
    prefix: str = "/health",
) -> APIRouter:
    """A FastAPI router with `{prefix}/live` and `{prefix}/ready`.

    Raises:
        InvalidInput: FastAPI is not installed.
    """
    try:
        from fastapi import APIRouter
        from fastapi.responses import JSONResponse
    except ImportError as error:
        raise InvalidInput(
            "health_router() needs FastAPI, which is not installed.",
            hint="Mount pitwall.health_app() instead; it works with any ASGI framework.",
        ) from error
    app = HealthApp(checks, timeout_seconds)
    router = APIRouter(prefix=prefix, tags=["health"])

    @router.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/ready")
    async def ready() -> JSONResponse:
        passed, body = await app.ready()
        return JSONResponse(body, status_code=200 if passed else 503)

    return router
