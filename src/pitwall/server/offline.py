"""The API without a server: a command opens the data directory and runs the application itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import uvloop

from pitwall.access.tokens import new_secret
from pitwall.core.errors import NotFound
from pitwall.kit.clock import SystemClock
from pitwall.kit.durations import format_instant
from pitwall.server.compose import compose
from pitwall.server.lifecycle import Mode
from pitwall.server.web import build_app
from pitwall.settings import Settings
from pitwall.stores.data_dir import DataDirLock

Result = TypeVar("Result")

_CALLER = ("127.0.0.1", 0)


@contextmanager
def open_data_dir(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> Iterator[httpx.BaseTransport]:
    """Start everything but the ports on a data directory; what was ingested is stored before this returns.

    Raises:
        NotFound: There is no such directory; reading must not make one.
        DataDirInUse: Another process owns it.
        PitwallError: A part could not start.
    """
    if not settings.data_dir.exists():
        raise NotFound(
            f"There is no data directory {settings.data_dir}.",
            code="data_dir.missing",
            hint="Check --data-dir, or start a server there with `pitwall up`.",
        )
    clock = SystemClock()
    since = format_instant(clock.now())
    with DataDirLock(settings.data_dir, "pitwall (a command)", since=since), _Loop() as loop:
        pitwall = compose(settings, Mode.OFFLINE, clock, local_token=new_secret(), environ=environ)
        try:
            loop.run(pitwall.start())
            yield _InProcessTransport(loop, httpx.ASGITransport(build_app(pitwall), client=_CALLER))
        finally:
            loop.run(pitwall.stop(settings.server.shutdown_seconds))


class _Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pitwall-offline", daemon=True)

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def __enter__(self) -> _Loop:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Body(httpx.AsyncByteStream):
    """The body of a blocking client's request, piece by piece."""

    def __init__(self, stream: object) -> None:
        assert isinstance(stream, httpx.SyncByteStream)
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._stream:
            yield chunk


class _InProcessTransport(httpx.BaseTransport):
    """Lets a blocking client call the application."""

    def __init__(self, loop: _Loop, transport: httpx.ASGITransport) -> None:
        self._loop = loop
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(
            request.method, request.url, headers=request.headers, stream=_Body(request.stream)
        )
        response = await self._transport.handle_async_request(copy)
        body = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=body)
