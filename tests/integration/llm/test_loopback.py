"""The transport to servers on this machine, against servers as they are: they keep, end, cut and babble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from pitwall.llm.loopback import LoopbackTransport
from pitwall.llm.transports import Answer, NoAddress, NoAnswer

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: Value\r\n\r\n{}"
Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    return head + await reader.readexactly(length)


@asynccontextmanager
async def _serving(conversation: Conversation) -> AsyncIterator[tuple[str, list[str]]]:
    """A server with one conversation a connection; its address, and the connections it had."""
    connections: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("opened")
        try:
            await conversation(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            connections.append("ended by the client")
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", connections


@asynccontextmanager
async def _transport() -> AsyncIterator[LoopbackTransport]:
    transport = LoopbackTransport()
    try:
        yield transport
    finally:
        await transport.aclose()


async def _post(transport: LoopbackTransport, url: str, content: bytes = b'{"a": 1}') -> Answer:
    async with asyncio.timeout(10):
        return await transport.exchange("POST", url, {"x-key": "é"}, content)


async def test_a_request_leaves_in_one_piece_and_connections_are_used_again() -> None:
    """Head and body are one write; the second request has no connection of its own."""
    pieces: list[bytes] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            pieces.append(piece)
            writer.write(_ANSWER)

    async with _serving(converse) as (url, connections), _transport() as transport:
        answers = [await _post(transport, url) for _ in range(2)]
    assert answers[0] == Answer(200, {"content-length": "2", "x-name": "Value"}, b"{}")
    assert len(pieces) == 2
    assert pieces[0].startswith(b"POST /v1 HTTP/1.1\r\n")
    assert pieces[0].endswith(b'\r\n\r\n{"a": 1}')
    assert "x-key: é".encode() in pieces[0]
    assert connections == ["opened"]


async def test_requests_at_once_have_connections_of_their_own() -> None:
    """Eight at once take eight connections, and eight more take the same."""
    arrived = 0
    everybody_is_there = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        while True:
            await _read_request(reader)
            arrived += 1
            if arrived == 8:
                everybody_is_there.set()
            await everybody_is_there.wait()
            writer.write(_ANSWER)

    async with _serving(converse) as (url, connections), _transport() as transport:
        for _ in range(2):
            await asyncio.gather(*(_post(transport, url) for _ in range(8)))
        assert connections == ["opened"] * 8


@pytest.mark.parametrize("leftover", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
async def test_a_connection_that_the_server_ended_is_not_used_again(leftover: bytes) -> None:
    """Neither when it only ended, nor when it said something first that would be taken for an answer."""
    ended = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(_ANSWER)
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(leftover)
        writer.close()
        await writer.wait_closed()
        ended.set()

    async with _serving(converse) as (url, connections), _transport() as transport:
        assert (await _post(transport, url)).status == 200
        await ended.wait()
        await asyncio.sleep(0.05)
        assert (await _post(transport, url)).status == 200
        assert connections == ["opened"] * 2


async def test_answers_come_in_every_form() -> None:
    """In chunks, in pieces of a byte, without a length until the end of the connection, and large."""
    large = b"x" * 3_000_000
    forms = [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + large, large),
    ]
    remaining = iter(forms)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        written, _ = next(remaining)
        for byte in written[:60]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        writer.write(written[60:])

    async with _serving(converse) as (url, _), _transport() as transport:
        for _, content in forms:
            assert (await _post(transport, url)).content == content


@pytest.mark.parametrize(
    "written",
    [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"SSH-2.0-server\r\n"],
)
async def test_an_answer_that_is_cut_is_none(written: bytes) -> None:
    """Wherever it ends, and when it is no HTTP; the next request has a connection of its own."""
    is_first = True

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal is_first
        await _read_request(reader)
        writer.write(written if is_first else _ANSWER)
        is_first = False

    async with _serving(converse) as (url, _), _transport() as transport:
        with pytest.raises(NoAnswer):
            await _post(transport, url)
        assert (await _post(transport, url)).status == 200


async def test_who_gives_up_ends_the_connection() -> None:
    """The server sees that nobody waits any more, so that it can stop."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        asked.set()
        await reader.read()
        left.set()

    async with _serving(converse) as (url, _), _transport() as transport:
        exchange = asyncio.create_task(_post(transport, url))
        await asked.wait()
        exchange.cancel()
        async with asyncio.timeout(10):
            await left.wait()


async def test_no_server_and_no_address_are_told_apart() -> None:
    """A port where nobody listens is named; an address that is none sends nothing."""
    async with _serving(lambda reader, writer: asyncio.sleep(0)) as (url, _):
        pass
    async with _transport() as transport:
        with pytest.raises(NoAnswer, match=url.removeprefix("http://127.0.0.1:").removesuffix("/v1")):
            await _post(transport, url)
        with pytest.raises(NoAddress):
            await transport.exchange("GET", "http://127.0.0.1:port/v1", {}, None)
