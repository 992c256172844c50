"""How requests reach model servers: what a transport does, and the errors that all of them raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

CONNECT_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoAnswer(Exception):
    """The connection failed, or ended before the answer was whole."""


class NoConnection(NoAnswer):
    """There was no connection within `CONNECT_SECONDS`."""


class NoAddress(Exception):
    """The address is none that can be called."""


class Transport(Protocol):
    """Carries requests to servers. How long an answer may take the caller decides."""

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """Send a request and read the whole answer.

        Raises:
            NoAnswer: Or `NoConnection`, a kind of it.
            NoAddress: Nothing was sent.
        """

    async def aclose(self) -> None:
        """Close all connections."""
