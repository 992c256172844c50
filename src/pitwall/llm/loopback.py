"""HTTP to servers on this machine: no proxies, no certificates, and a request in one write."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpcore

from pitwall.llm.transports import (
    CONNECT_SECONDS,
    KEEP_ALIVE_SECONDS,
    Answer,
    NoAddress,
    NoAnswer,
    NoConnection,
)

_EXTENSIONS: Final = {"timeout": {"connect": CONNECT_SECONDS}}


class LoopbackTransport:
    """Carries requests with httpcore alone, each on a connection that nobody else uses meanwhile.

    A judge on the same machine gets thousands of small requests from a process that shares its processors:
    a client for any server of the internet takes twice as long for each.
    """

    def __init__(self) -> None:
        self._free: defaultdict[str, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)
        self._network = _Network()

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """As `Transport` says."""
        written = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            target = httpcore.URL(url)
        except ValueError as error:
            raise NoAddress(str(error)) from error
        try:
            async with self._connection(target.origin) as connection:
                answer = await connection.request(
                    method, target, headers=written, content=content, extensions=_EXTENSIONS
                )
        except httpcore.ConnectTimeout as error:
            raise NoConnection from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        received = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        return Answer(answer.status, received, answer.content)

    @asynccontextmanager
    async def _connection(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """The free connection that was used last, so that few stay open; a new one if none is free."""
        free = self._free[str(origin)]
        while free and free[-1].has_expired():
            await free.pop().aclose()
        connection = free.pop() if free else self._new(origin)
        try:
            yield connection
        finally:
            if connection.is_idle():
                free.append(connection)
            else:
                await connection.aclose()

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            origin, keepalive_expiry=KEEP_ALIVE_SECONDS, network_backend=self._network
        )

    async def aclose(self) -> None:
        """Close all connections."""
        while self._free:
            _, connections = self._free.popitem()
            for connection in connections:
                await connection.aclose()


class _Network(httpcore.AsyncNetworkBackend):
    """Connects by asyncio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                _, stream = await asyncio.get_running_loop().create_connection(_Stream, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return stream


class _Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection whose writes wait for the read after them, so that head and body leave together.

    There is no timeout on it: the caller of an exchange has one for all of it.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._received = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            assert self._transport is not None
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()
        if not self._received and not self._has_ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._received and self._error is not None:
            raise httpcore.ReadError(str(self._error)) from self._error
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        return data

    async def aclose(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def get_extra_info(self, info: str) -> Any:
        # A free connection that can be read was ended by the server, or says what nobody asked for.
        return bool(self._received) or self._has_ended if info == "is_readable" else None
