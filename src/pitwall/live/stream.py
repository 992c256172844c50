"""The answer that does not end: server-sent events until the client, the server or its key has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pitwall.core.errors import NotAuthenticated, NotPermitted, PitwallError
from pitwall.live.listener import Listener
from pitwall.live.wire import HEARTBEAT

HEARTBEAT_SECONDS: Final = 15.0
_GOODBYE_SECONDS: Final = 1.0
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


@dataclass(frozen=True, slots=True)
class Listening:
    """How one client is served.

    Attributes:
        join: Begins to listen.
        leave: Ends that.
        opening: Returns what is sent first.
        check: Raises once the caller may not listen any more; asked with every heartbeat.
        heartbeat_seconds: Between two comments that keep proxies from closing a quiet connection.
    """

    join: Callable[[], Listener]
    leave: Callable[[Listener], None]
    opening: Callable[[], Awaitable[bytes]]
    check: Callable[[], Awaitable[None]]
    heartbeat_seconds: float = HEARTBEAT_SECONDS


class EventStream(Response):
    """Sends a listener's events.

    Sending waits for the client, so a client that does not read fills its listener's queue, is dropped there,
    and its connection is closed here.
    """

    media_type = "text/event-stream"

    def __init__(self, listening: Listening) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._listening = listening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until it is over."""
        listener = self._listening.join()
        try:
            # Before the answer begins: what fails now is an error like any other.
            opening = await self._listening.opening()
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _first_of(
                self._send_events(listener, opening, send), _is_gone(receive), listener.over.wait()
            )
        finally:
            self._listening.leave(listener)
        with suppress(TimeoutError):  # whoever does not read cannot be told goodbye either
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, listener: Listener, opening: bytes, send: Send) -> None:
        await send({"type": "http.response.body", "body": opening, "more_body": True})
        loop = asyncio.get_running_loop()
        heartbeat_at = loop.time() + self._listening.heartbeat_seconds
        while True:
            try:
                async with asyncio.timeout_at(heartbeat_at):
                    chunk = await listener.get()
            except TimeoutError:
                if not await self._may_go_on():
                    return
                chunk, heartbeat_at = HEARTBEAT, loop.time() + self._listening.heartbeat_seconds
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _may_go_on(self) -> bool:
        try:
            await self._listening.check()
        except (NotAuthenticated, NotPermitted):
            return False
        except PitwallError:
            return True  # nobody can say now, and somebody could when it began
        return True


async def _first_of(*doing: Coroutine[Any, Any, object]) -> None:
    """Do several things until one of them is done, and stop the others."""
    tasks = [asyncio.ensure_future(one) for one in doing]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _is_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
