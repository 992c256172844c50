"""Which failures of the model are tried again, and when."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from examples.voc_chat.model_client import ModelFailure

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `max_attempts` tries; waits double from the first to the cap, with jitter."""

    max_attempts: int = 3
    first_wait_seconds: float = 0.3
    max_wait_seconds: float = 5.0
    rng: random.Random = field(default_factory=random.Random)

    async def run(self, attempt: Callable[[int], Awaitable[Result]]) -> Result:
        """Call `attempt(number)`, number from 0, until it succeeds or there is no point in going on.

        Raises:
            ModelFailure: Of the last attempt.
        """
        for number in range(self.max_attempts - 1):
            try:
                return await attempt(number)
            except ModelFailure as failure:
                if not failure.is_retryable:
                    raise
                await asyncio.sleep(self.wait_seconds(number, failure))
        return await attempt(self.max_attempts - 1)

    def wait_seconds(self, number: int, failure: ModelFailure) -> float:
        """The server's Retry-After, or a jittered exponential wait; never above the cap."""
        backoff = self.first_wait_seconds * 2**number * self.rng.uniform(0.5, 1.5)
        return min(self.max_wait_seconds, backoff if failure.retry_after is None else failure.retry_after)
