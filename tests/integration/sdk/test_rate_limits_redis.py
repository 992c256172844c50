"""Rate limits whose counts are in Redis: shared by processes, and Redis may go away or hang."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

import pytest

from pitwall.sdk import RateLimit, RateLimitMiddleware
from pitwall.sdk.counting import counters
from pitwall.sdk.middleware import ASGIApp
from tests.support.services import running_redis
from tests.unit.sdk.test_rate_limits import counted, hello, statuses

pytest.importorskip("limits")
pytest.importorskip("redis")


@pytest.fixture(autouse=True)
def counts() -> None:
    counters.reset()


@asynccontextmanager
async def limited(port: int) -> AsyncIterator[ASGIApp]:
    """An application of its own that counts in the same Redis."""
    rules = [RateLimit("3/minute", name="shared")]
    app = RateLimitMiddleware(hello, rules, storage=f"redis://127.0.0.1:{port}")
    yield app
    await app._limiter.storage.bridge.get_connection().aclose()


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_processes_share_their_counts() -> None:
    """Two applications let three requests pass between them."""
    with running_redis() as port:
        async with limited(port) as one, limited(port) as other:
            assert await statuses(one, 2) == [200, 200]
            assert await statuses(other, 2) == [200, 429]
            assert await statuses(one, 1) == [429]


async def test_requests_pass_when_the_counts_cannot_be_reached(caplog: pytest.LogCaptureFixture) -> None:
    """A limiter that fails must not take the application with it; that it did not look is counted."""
    with ExitStack() as redis:
        async with limited(redis.enter_context(running_redis())) as app:
            assert await statuses(app, 4) == [200, 200, 200, 429]
            redis.close()
            assert await statuses(app, 2) == [200, 200]
    assert counted()["shared", "unchecked"] == 2
    assert "sdk.rate_limit_not_checked" in caplog.text


async def test_request_does_not_wait_for_counts_that_hang() -> None:
    """Half a second, then it passes."""
    with silent_port() as port:
        async with limited(port) as app:
            began = time.monotonic()
            assert await statuses(app, 1) == [200]
            assert time.monotonic() - began < 2
    assert counted() == {("shared", "unchecked"): 1}
