"""A client on a real connection that does not read."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn

from pitwall.access.service import AccessService
from pitwall.kit.clock import SystemClock
from pitwall.live.endpoints import live_router
from pitwall.live.freshness import FreshnessService
from pitwall.live.listener import Listener
from pitwall.live.service import Live
from pitwall.live.types import Audience
from pitwall.live.wire import encode_event
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from pitwall.traces.service import Traces

LARGE = encode_event("traces", {"traces": ["x" * 100_000], "more": False})


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - threads and sockets make it true
            await asyncio.sleep(0.01)


async def test_client_that_does_not_read_is_let_go_and_holds_up_no_stop(
    freshness: FreshnessService, traces: Traces, tmp_path: Path, project: str
) -> None:
    """Buffers fill, then its queue, then it is dropped: memory stays bounded and others go on."""
    store = StateStore.in_directory(tmp_path).open()
    clock = SystemClock()
    live = Live(freshness, traces, interval_seconds=3600)
    router = live_router(live, version="1", started_at=clock.now())
    access = AccessService(store, clock, allow_anonymous=True)
    app = create_app(WebParts(access=access, version="1", is_started=lambda: True, routers=[router]))
    config = uvicorn.Config(
        app, http="httptools", lifespan="off", log_config=None, timeout_graceful_shutdown=5
    )
    with socket.create_server(("127.0.0.1", 0)) as bound, socket.socket() as sleeper:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([bound]))
        await _until(lambda: server.started)
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sleeper.connect(bound.getsockname())
        sleeper.sendall(f"GET /api/v1/live?project={project} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        await _until(lambda: live.projects == [project])
        other = live.listen(project, Audience())
        sent = await _tell_until_let_go(live, project, other)
        assert sent < 200, "a client that does not read is buffered without end"
        assert not other.over.is_set()
        live.close()
        server.should_exit = True
        began = time.monotonic()
        await asyncio.wait_for(serving, 15)
        assert time.monotonic() - began < 8
    store.close()


async def _tell_until_let_go(live: Live, project: str, other: Listener) -> int:
    """Send large events to all listeners of a project until only one of them is left; returns how many."""
    feed = live._feeds[project][0]
    for sent in range(200):
        feed._tell(LARGE)
        async with asyncio.timeout(5):
            await other.get()
        await asyncio.sleep(0.01)
        if live._listeners == {other}:
            return sent
    return 200
