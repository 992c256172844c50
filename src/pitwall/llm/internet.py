"""HTTP to servers on other machines: certificates, and the proxies of the environment."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Final

import httpx

from pitwall.llm.transports import (
    CONNECT_SECONDS,
    KEEP_ALIVE_SECONDS,
    Answer,
    NoAddress,
    NoAnswer,
    NoConnection,
)

# How long an answer may take the caller decides.
_TIMEOUT: Final = httpx.Timeout(None, connect=CONNECT_SECONDS)
_LIMITS: Final = httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE_SECONDS)


class InternetTransport:
    """Carries requests with httpx, with a client for each request under way.

    One client for all of them would look at every open connection several times a request: of sixteen that
    takes longer than the request itself.
    """

    def __init__(self) -> None:
        self._free: list[httpx.AsyncClient] = []

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """As `Transport` says."""
        try:
            async with self._client() as client:
                answer = await client.request(method, url, content=content, headers=headers)
        except httpx.ConnectTimeout as error:
            raise NoConnection from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise NoAddress(str(error)) from error
        except httpx.HTTPError as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        return Answer(answer.status_code, answer.headers, answer.content)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        """The free client that was used last, so few connections stay open; a new one if none is free."""
        client = self._free.pop() if self._free else self._new()
        try:
            yield client
        finally:
            self._free.append(client)

    def _new(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, verify=self._certificates)

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._free:
            await self._free.pop().aclose()
