"""Connections to servers on this machine: HTTP/1.1 over asyncio, at a third of the usual transport's cost.

A call to a local model is a small request and a small answer on a connection that stays open. httpx's own
transport spends more than a millisecond of CPU on it, which was half of what an evaluation run needed in all.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import h11
import httpx

_CHUNK: Final = 65_536
_LONGEST_HEAD: Final = 65_536

Place = tuple[str, int]


@dataclass(slots=True)
class _Connection:
    """One open connection; used by one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    )

    @property
    def is_usable(self) -> bool:
        """Whether the other side has left it open and said nothing since."""
        return not (self.reader.at_eof() or self.writer.is_closing())

    async def exchange(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """Send a request and read its answer whole."""
        self.writer.write(self._written(request, content))
        await self.writer.drain()
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return httpx.Response(
                    head.status_code,
                    headers=head.headers.raw_items(),
                    stream=httpx.ByteStream(bytes(body)),
                    extensions={"http_version": b"HTTP/1.1", "reason_phrase": head.reason},
                )
            elif not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("the server closed the connection without an answer")

    def _written(self, request: httpx.Request, content: bytes) -> bytes:
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=list(request.headers.raw)
        )
        parts = [self.http.send(head)]
        if content:
            parts.append(self.http.send(h11.Data(data=content)))
        parts.append(self.http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)

    def is_ready_again(self) -> bool:
        """Prepare for another request; False if the server wants the connection closed."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        return True

    def close(self) -> None:
        self.writer.transport.abort()


class LocalTransport(httpx.AsyncBaseTransport):
    """Keeps connections open and gives the one that was used last; `http` only.

    Nothing is sent twice: a connection that turns out to be dead is an error; whoever asked may try again.
    """

    def __init__(self, connect_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._idle: defaultdict[Place, list[_Connection]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, read whole.

        Raises:
            httpx.ConnectTimeout: Nobody answered the knock.
            httpx.ConnectError: Nobody is there.
            httpx.ReadError: The connection ended before the answer did.
            httpx.RemoteProtocolError: What came is no HTTP.
        """
        place = (request.url.host, request.url.port or 80)
        connection = self._take(place) or await self._connect(place)
        is_reusable = False
        try:
            answer = await connection.exchange(request, await request.aread())
            is_reusable = connection.is_ready_again()
        except OSError as error:
            raise httpx.ReadError(str(error), request=request) from error
        except h11.ProtocolError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        finally:
            if is_reusable:
                self._idle[place].append(connection)
            else:
                connection.close()
        return answer

    def _take(self, place: Place) -> _Connection | None:
        idle = self._idle[place]
        while idle:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        return None

    async def _connect(self, place: Place) -> _Connection:
        try:
            async with asyncio.timeout(self._connect_seconds):
                return _Connection(*await asyncio.open_connection(*place))
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"no connection to {place[0]}:{place[1]}") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error

    async def aclose(self) -> None:
        """Close what is open and idle."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # lets the sockets close
