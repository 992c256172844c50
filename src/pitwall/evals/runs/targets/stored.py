"""Answers that are stored with the examples."""

from __future__ import annotations

from pitwall.evals.metrics.types import Needs
from pitwall.evals.types import Answer, Example


class StoredAnswers:
    """Answers each example with what it holds."""

    gives: frozenset[Needs] = frozenset()

    async def answer(self, example: Example) -> Answer:
        """Return the stored answer; an example without one has an answer that says nothing."""
        return example.answer or Answer()

    async def close(self) -> None:
        """Nothing is open."""
