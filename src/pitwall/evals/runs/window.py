"""How much of a dataset is in memory at once."""

from __future__ import annotations

import asyncio


class Window:
    """Lets a producer wait until cases that are under way have made room.

    Args:
        cases: Under way at most.
        characters: Of their texts together at most; a longer case goes alone.
    """

    def __init__(self, cases: int, characters: int) -> None:
        self._most_cases = cases
        self._most_characters = characters
        self._cases = 0
        self._characters = 0
        self._freed = asyncio.Event()

    async def enter(self, size: int) -> None:
        """Wait for room and take it."""
        while self._cases >= self._most_cases or (
            self._cases and self._characters + size > self._most_characters
        ):
            self._freed.clear()
            await self._freed.wait()
        self._cases += 1
        self._characters += size

    def leave(self, size: int) -> None:
        """Give room back."""
        self._cases -= 1
        self._characters -= size
        self._freed.set()
