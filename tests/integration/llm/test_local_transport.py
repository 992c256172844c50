"""Connections to servers on this machine: kept open, left when dead, broken by nothing that HTTP allows."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from pitwall.llm.local_transport import LocalTransport

GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Server:
    """Answers request after request with what a test says, and counts connections."""

    def __init__(self, *answers: bytes, closes: bool = False) -> None:
        self.answers = list(answers)
        self.closes = closes
        self.connections = 0
        self.bodies: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
                self.bodies.append(await reader.readexactly(length))
                writer.write(self.answers.pop(0))
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def client_of(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """The client of a server, both for the time of a block."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with (
        listening,
        httpx.AsyncClient(transport=LocalTransport(1.0), base_url=server.url, timeout=5) as client,
    ):
        yield client


async def test_a_connection_is_used_again() -> None:
    """Ten requests after each other are one connection; bodies arrive whole."""
    server = Server(*[GOOD] * 10)
    async with client_of(server) as client:
        answers = [await client.post("/x", content=b"y" * 200_000) for _ in range(10)]
    assert [answer.text for answer in answers] == ["ok"] * 10
    assert server.connections == 1
    assert {len(body) for body in server.bodies} == {200_000}


async def test_requests_at_once_have_a_connection_each() -> None:
    """One connection carries one request at a time."""
    server = Server(*[GOOD] * 4)
    async with client_of(server) as client:
        await asyncio.gather(*(client.get("/") for _ in range(4)))
    assert server.connections == 4


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n"
        + gzip.compress(b"ok", mtime=0),
    ],
    ids=["chunked", "close", "http 1.0", "continue", "gzip"],
)
async def test_every_form_of_answer_is_read(answer: bytes) -> None:
    """Whatever HTTP/1.1 allows, and the older form that ends with the connection."""
    async with client_of(Server(answer, closes=b"1.0" in answer)) as client:
        assert (await client.get("/")).text == "ok"


async def test_a_connection_that_the_server_closed_is_left() -> None:
    """The next request opens another one, without an error."""
    server = Server(GOOD, GOOD, closes=True)
    async with client_of(server) as client:
        await client.get("/")
        await asyncio.sleep(0.05)
        await client.get("/")
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"\x00\x01 no http\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok", httpx.RemoteProtocolError),
    ],
    ids=["nothing", "garbage", "too short"],
)
async def test_what_is_no_answer_is_an_error(answer: bytes, error: type[Exception]) -> None:
    """And the connection is not used again."""
    server = Server(answer, GOOD, closes=True)
    async with client_of(server) as client:
        with pytest.raises(error):
            await client.get("/")
        assert (await client.get("/")).text == "ok"


async def test_nobody_there_is_a_connect_error() -> None:
    """A port that nobody listens on."""
    async with client_of(Server(GOOD)) as client:
        url = str(client.base_url)
    async with httpx.AsyncClient(transport=LocalTransport(1.0)) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_whoever_gives_up_leaves_no_connection_behind() -> None:
    """A cancelled request's connection is closed: its answer would come to the next one."""
    server = Server(GOOD, GOOD)

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2 if server.connections == 0 else 0)
        await Server.serve(server, reader, writer)

    listening = await asyncio.start_server(late, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, httpx.AsyncClient(transport=LocalTransport(1.0), timeout=5) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.post(url, content=b"first")
        await asyncio.sleep(0.3)
        assert (await client.post(url, content=b"second")).text == "ok"
    assert server.connections == 2
