"""One client of a live stream: a short queue that never holds anybody up."""

from __future__ import annotations

import asyncio
from typing import Final

from pitwall.live.types import Audience

QUEUE_EVENTS: Final = 16


class Listener:
    """Takes the events for one client, and is dropped when they are not fetched; used on the event loop.

    Attributes:
        over: Set when nothing more comes.
    """

    def __init__(self, project: str, audience: Audience) -> None:
        self.project = project
        self.audience = audience
        self.over = asyncio.Event()
        self._events: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_EVENTS)

    def put(self, event: bytes) -> bool:
        """Add an event; False if there is no room, and then the client has fallen too far behind."""
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self.over.set()
            return False
        return True

    async def get(self) -> bytes:
        """Wait for the next event."""
        return await self._events.get()

    def end(self) -> None:
        """Let the client go."""
        self.over.set()
