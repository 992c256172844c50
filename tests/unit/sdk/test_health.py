"""Health endpoints: alive is about the process, ready about its checks."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import httpx
import pytest

from pitwall.core.errors import InvalidInput
from pitwall.sdk import health_app, health_router


async def get(app: Any, path: str) -> tuple[int, dict[str, Any]]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get(path)
        return response.status_code, response.json()


async def test_live_asks_no_check() -> None:
    """A database that is down does not get the process killed."""
    app = health_app({"database": lambda: False})
    assert await get(app, "/health/live") == (200, {"status": "ok"})


async def test_ready_names_every_check() -> None:
    """Plain and async checks; False, an exception and slowness are failures, each named."""

    async def slow() -> bool:
        await asyncio.sleep(60)
        return True

    async def fine() -> bool:
        return True

    def broken() -> bool:
        raise ConnectionError("refused")

    checks: Any = {"fine": fine, "none": lambda: None, "no": lambda: False, "broken": broken, "slow": slow}
    status, body = await get(health_app(checks, timeout_seconds=0.05), "/health/ready")
    assert (status, body["status"]) == (503, "not_ready")
    assert body["checks"] == {
        "fine": "ok",
        "none": "ok",
        "no": "failed",
        "broken": "ConnectionError: refused",
        "slow": "timeout after 0.05 s",
    }


async def test_ready_without_checks_and_unknown_path() -> None:
    """No checks: ready. Another path: 404 that says what there is."""
    assert (await get(health_app(), "/ready"))[0] == 200
    assert (await get(health_app(), "/other"))[0] == 404


async def test_plain_check_does_not_block_the_loop() -> None:
    """A blocking check runs in a thread of its own."""
    threads: list[threading.Thread] = []

    def check() -> None:
        threads.append(threading.current_thread())

    await get(health_app({"check": check}), "/ready")
    assert threads[0] is not threading.main_thread()


async def test_fastapi_router_has_both_endpoints() -> None:
    """With FastAPI installed it is a router like any other."""
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()
    app.include_router(health_router({"no": lambda: False}))
    assert await get(app, "/health/live") == (200, {"status": "ok"})
    assert await get(app, "/health/ready") == (503, {"status": "not_ready", "checks": {"no": "failed"}})


def test_router_without_fastapi_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to use instead."""
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(InvalidInput, match="health_app"):
        health_router()
