"""A live stream: its opening, its end, and clients that go, sleep or lose their key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from pitwall.core.errors import NotAuthenticated, PitwallError, Unavailable
from pitwall.live.listener import QUEUE_EVENTS, Listener
from pitwall.live.stream import EventStream, Listening
from pitwall.live.types import Audience
from pitwall.live.wire import HEARTBEAT

Message = MutableMapping[str, Any]


class Client:
    """Somebody at the other end of a stream."""

    def __init__(self) -> None:
        self.listener = Listener("shop", Audience())
        self.left: list[Listener] = []
        self.messages: list[Message] = []
        self.check_error: PitwallError | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        self.messages.append(message)

    async def open(self) -> bytes:
        return b"hello\n\n"

    async def check(self) -> None:
        if self.check_error is not None:
            raise self.check_error

    def listen(self, heartbeat_seconds: float = 60.0) -> asyncio.Task[None]:
        parts = (lambda: self.listener, self.left.append, self.open, self.check)
        listening = Listening(*parts, heartbeat_seconds)
        return asyncio.create_task(EventStream(listening)({"type": "http"}, self.receive, self.send))

    @property
    def text(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def is_complete(self) -> bool:
        return bool(self.messages) and self.messages[-1].get("more_body") is False

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - many things can make it true
                await asyncio.sleep(0.001)


async def test_stream_begins_with_its_opening_and_sends_events_in_order() -> None:
    """One header, no caching and no buffering by a proxy, then what there is to tell."""
    client = Client()
    serving = client.listen()
    for event in (b"a\n\n", b"b\n\n"):
        client.listener.put(event)
    await client.until(lambda: client.text == b"hello\n\na\n\nb\n\n")
    headers = dict(client.messages[0]["headers"])
    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert (headers[b"cache-control"], headers[b"x-accel-buffering"]) == (b"no-store", b"no")
    assert b"content-length" not in headers
    client.gone.set()
    await serving


async def test_client_that_goes_is_noticed_at_once() -> None:
    """A closed page is not listened for until the next event."""
    client = Client()
    serving = client.listen()
    await client.until(lambda: bool(client.text))
    client.gone.set()
    await asyncio.wait_for(serving, 1)
    assert client.left == [client.listener]


async def test_stream_that_is_ended_ends_whole() -> None:
    """The server's stop completes the answer, so that the browser sees an end and no broken connection."""
    client = Client()
    serving = client.listen()
    await client.until(lambda: bool(client.text))
    client.listener.end()
    await asyncio.wait_for(serving, 0.5)
    assert client.is_complete


async def test_quiet_stream_shows_that_it_lives() -> None:
    """A comment comes when it is time, whether or not anything happens."""
    client = Client()
    serving = client.listen(heartbeat_seconds=0.01)
    await client.until(lambda: client.text.count(HEARTBEAT) >= 3)
    client.gone.set()
    await serving


async def test_stream_ends_with_its_key() -> None:
    """With each heartbeat the caller is looked at again; one whose key is revoked hears nothing more."""
    client = Client()
    serving = client.listen(heartbeat_seconds=0.01)
    await client.until(lambda: HEARTBEAT in client.text)
    client.check_error = NotAuthenticated("The key was revoked.")
    await asyncio.wait_for(serving, 1)
    assert client.is_complete


async def test_state_store_that_does_not_answer_ends_no_stream() -> None:
    """Who was let in stays as long as nobody can say otherwise."""
    client = Client()
    client.check_error = Unavailable("The database is away.")
    serving = client.listen(heartbeat_seconds=0.01)
    await client.until(lambda: client.text.count(HEARTBEAT) >= 3)
    client.gone.set()
    await serving


async def test_client_that_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue is short; when that is full the stream is over, whatever the connection does."""
    monkeypatch.setattr("pitwall.live.stream._GOODBYE_SECONDS", 0.05)
    client = Client()
    serving = client.listen()
    await client.until(lambda: bool(client.text))
    client.reads.clear()
    taken = [client.listener.put(b"x" * 1000) for _ in range(QUEUE_EVENTS + 2)]
    await asyncio.sleep(0)
    taken += [client.listener.put(b"x" * 1000) for _ in range(QUEUE_EVENTS + 2)]
    assert taken.count(True) <= QUEUE_EVENTS + 2
    await asyncio.wait_for(serving, 1)
    assert client.left == [client.listener]
    assert not client.is_complete


async def test_opening_that_fails_is_an_ordinary_error() -> None:
    """Nothing has been sent by then, so the caller gets a problem, and nobody is left listening."""
    client = Client()

    async def fail() -> bytes:
        raise Unavailable("Not now.")

    client.open = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await client.listen()
    assert (client.messages, client.left) == ([], [client.listener])
