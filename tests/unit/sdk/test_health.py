"""Health endpoints: alive is about the process, ready about its checks."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from pitwall.core.errors import InvalidInput
from pitwall.sdk import CheckResult, HealthCheck, health_app, health_router


async def get(app: Any, path: str) -> tuple[int, dict[str, Any]]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        response = await client.get(path)
        return response.status_code, response.json()


async def test_live_asks_no_check() -> None:
    """A database that is down does not get the process killed."""
    app = health_app({"database": lambda: False})
    assert await get(app, "/health/live") == (200, {"status": "ok"})


async def slow() -> bool:
    await asyncio.sleep(60)
    return True


async def fine() -> bool:
    return True


def broken() -> bool:
    raise ConnectionError("refused")


async def test_ready_names_every_check() -> None:
    """Plain and async checks; False, an exception and slowness are failures, each named."""
    checks: Any = {"fine": fine, "none": lambda: None, "no": lambda: False, "broken": broken, "slow": slow}
    status, body = await get(health_app(checks, timeout_seconds=0.05), "/health/ready")
    assert (status, body["status"]) == (503, "not_ready")
    assert body["checks"] == {
        "fine": "ok",
        "none": "ok",
        "no": "the check returned False",
        "broken": "ConnectionError: refused",
        "slow": "timeout after 0.05 s",
    }


async def test_report_tells_status_latency_and_time() -> None:
    """`/health` itself: what each check found, how long it took, when that was."""

    async def rests() -> CheckResult:
        await asyncio.sleep(0.02)
        return CheckResult("ok", details={"models": ["a"]})

    began = datetime.now(UTC)
    status, body = await get(health_app({"llm": rests}), "/health")
    assert (status, body["status"]) == (200, "healthy")
    assert abs(datetime.fromisoformat(body["timestamp"]) - began) < timedelta(seconds=5)
    latency_ms = body["checks"]["llm"].pop("latency_ms")
    assert 15 < latency_ms < 2_000
    assert body["checks"] == {"llm": {"status": "ok", "required": True, "details": {"models": ["a"]}}}


@pytest.mark.parametrize(
    ("checks", "status", "word"),
    [
        ({}, 200, "healthy"),
        ({"a": fine, "b": HealthCheck(fine, required=False)}, 200, "healthy"),
        ({"a": fine, "b": HealthCheck(broken, required=False)}, 200, "degraded"),
        ({"a": lambda: CheckResult("degraded", "slow")}, 200, "degraded"),
        ({"a": broken, "b": HealthCheck(fine, required=False)}, 503, "unhealthy"),
        ({"a": HealthCheck(slow, timeout_seconds=0.02)}, 503, "unhealthy"),
    ],
)
async def test_degraded_is_told_apart_from_unhealthy(checks: Any, status: int, word: str) -> None:
    """Only a required check that fails takes the application out of service; `/ready` says the same."""
    app = health_app(checks)
    answered, body = await get(app, "/health")
    assert (answered, body["status"]) == (status, word)
    assert (await get(app, "/health/ready"))[0] == status


async def test_probes_at_the_same_time_share_a_run() -> None:
    """Ten load balancers ask the model once; a later probe asks again."""
    calls: list[int] = []

    async def check() -> None:
        calls.append(1)
        await asyncio.sleep(0.02)

    app = health_app({"llm": check}, cache_seconds=0.0)
    await asyncio.gather(*(get(app, "/health") for _ in range(10)))
    assert len(calls) == 1
    await get(app, "/health")
    assert len(calls) == 2


async def test_report_is_given_out_again_for_a_while() -> None:
    """Whoever calls the endpoint often does not make the checks run often."""
    calls: list[int] = []
    app = health_app({"llm": lambda: calls.append(1)}, cache_seconds=60.0)
    answers = [await get(app, path) for path in ("/health", "/health", "/health/ready")]
    assert (len(calls), answers[0]) == (1, answers[1])


async def test_caller_that_gives_up_does_not_end_the_run_of_others() -> None:
    """A load balancer closes its connection; the other one gets its answer."""
    started = asyncio.Event()

    async def check() -> None:
        started.set()
        await asyncio.sleep(0.05)

    app = health_app({"llm": check})
    impatient = asyncio.create_task(get(app, "/health"))
    patient = asyncio.create_task(get(app, "/health"))
    await started.wait()
    impatient.cancel()
    assert (await patient)[1]["status"] == "healthy"


async def test_hanging_check_is_not_started_again() -> None:
    """A service that hangs costs the application one thread, however often it is probed."""
    release = threading.Event()
    calls: list[int] = []

    def hangs() -> None:
        calls.append(1)
        release.wait(30)

    app = health_app({"store": hangs}, timeout_seconds=0.05, cache_seconds=0.0)
    bodies = [(await get(app, "/health"))[1] for _ in range(5)]
    messages = [body["checks"]["store"]["message"] for body in bodies]
    assert messages == ["timeout after 0.05 s", *["still running since an earlier call timed out"] * 4]
    release.set()
    await asyncio.sleep(0.05)
    assert (await get(app, "/health"))[1]["status"] == "healthy"
    assert len(calls) == 2


def test_one_application_serves_several_loops() -> None:
    """A test client makes a loop per call."""
    app = health_app({"fine": fine}, cache_seconds=0.0)
    assert [asyncio.run(get(app, "/health"))[0] for _ in range(2)] == [200, 200]


def test_status_that_does_not_exist_is_refused() -> None:
    """A typing mistake is found where it is made."""
    with pytest.raises(ValueError, match="fine"):
        CheckResult("fine")


async def test_mounted_in_starlette_it_answers_below_its_place() -> None:
    """`Mount` passes the whole path; the report is where it is mounted."""
    app = Starlette(routes=[Mount("/status", health_app({"fine": fine})), Route("/health", health_app())])
    assert (await get(app, "/status/"))[1]["status"] == "healthy"
    assert (await get(app, "/status/ready"))[1] == {"status": "ok", "checks": {"fine": "ok"}}
    assert (await get(app, "/health"))[1]["checks"] == {}
    assert (await get(app, "/status/other"))[0] == 404


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


async def test_fastapi_router_has_all_three_endpoints() -> None:
    """With FastAPI installed it is a router like any other."""
    app = FastAPI()
    app.include_router(health_router({"no": lambda: False}))
    assert await get(app, "/health/live") == (200, {"status": "ok"})
    not_ready = {"status": "not_ready", "checks": {"no": "the check returned False"}}
    assert await get(app, "/health/ready") == (503, not_ready)
    status, body = await get(app, "/health")
    assert (status, body["status"], body["checks"]["no"]["status"]) == (503, "unhealthy", "failed")


async def test_router_without_a_prefix_answers_at_the_root() -> None:
    """An application that is nothing but its health."""
    app = FastAPI()
    app.include_router(health_router(prefix=""))
    assert (await get(app, "/"))[1]["status"] == "healthy"


def test_router_without_fastapi_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to use instead."""
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(InvalidInput, match="health_app"):
        health_router()
