"""Routers that come late: whoever asks first waits for them, and nobody sees that they were not there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from pitwall.access.service import AccessService
from pitwall.kit.clock import SystemClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore

Build = Callable[[], Sequence[APIRouter]]


@pytest.fixture
def access(tmp_path: Path) -> Iterator[AccessService]:
    store = StateStore.in_directory(tmp_path).open()
    yield AccessService(store, SystemClock(), allow_anonymous=True)
    store.close()


@asynccontextmanager
async def _client(access: AccessService, late: Build) -> AsyncIterator[httpx.AsyncClient]:
    routers = [_router("/api/v1/early")]
    app = create_app(
        WebParts(access=access, version="0", is_started=lambda: True, routers=routers, late_routers=late)
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def _router(path: str) -> APIRouter:
    router = APIRouter()

    @router.post(path)
    async def echo(text: dict[str, str]) -> dict[str, str]:
        return text

    return router


async def test_who_comes_first_waits_and_the_rest_as_well(access: AccessService) -> None:
    """Built once for all of them, with their bodies whole; others are served meanwhile."""
    built: list[float] = []

    def build() -> list[APIRouter]:
        time.sleep(0.2)
        built.append(time.monotonic())
        return [_router("/api/v1/late")]

    async with _client(access, build) as client:
        asked = [asyncio.create_task(client.post("/api/v1/late", json={"a": str(n)})) for n in range(5)]
        await asyncio.sleep(0)
        early = await client.post("/api/v1/early", json={"a": "early"})
        assert (early.json(), built) == ({"a": "early"}, [])
        assert [(await one).json() for one in asked] == [{"a": str(n)} for n in range(5)]
        assert (await client.get("/api/v1/late")).status_code == 405
    assert len(built) == 1


async def test_what_is_nowhere_is_not_found(access: AccessService) -> None:
    """Before and after: with the problem that names it."""
    async with _client(access, lambda: [_router("/api/v1/late")]) as client:
        for _ in range(2):
            answer = await client.post("/api/v1/nothing", json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "http.not_found")


async def test_the_description_has_them(access: AccessService) -> None:
    """Also when it is the first thing that is asked for."""
    async with _client(access, lambda: [_router("/api/v1/late")]) as client:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert {"/api/v1/early", "/api/v1/late"} <= set(paths)


async def test_what_failed_to_build_is_built_again(access: AccessService) -> None:
    """One request fails; nothing is there by half, and the next one is served."""
    tries = 0

    def build() -> list[APIRouter]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise MemoryError
        return [_router("/api/v1/late")]

    async with _client(access, build) as client:
        assert (await client.post("/api/v1/late", json={})).status_code == 500
        assert (await client.post("/api/v1/late", json={})).status_code == 200
