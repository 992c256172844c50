"""What a target is."""

from __future__ import annotations

from typing import Protocol

from pitwall.evals.metrics.types import Needs
from pitwall.evals.types import Answer, Example


class Target(Protocol):
    """Answers examples."""

    @property
    def gives(self) -> frozenset[Needs]:
        """Fields that its answers may have; empty for answers that are stored with the examples."""
        ...

    async def answer(self, example: Example) -> Answer:
        """Answer an example; whatever goes wrong with it is the answer's `error`.

        Raises:
            CallFailed: The budget is spent, or what every answer needs could not be had.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
