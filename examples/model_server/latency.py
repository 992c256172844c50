"""How long the simulated model takes: lognormal waits, seeded."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """Waits of the simulated model, all in milliseconds; a median of 0 is no wait.

    Args:
        first_token_ms: Median until the first token (lognormal).
        per_token_ms: Median between two tokens (lognormal).
        embedding_ms: Median of one embedding request (lognormal).
        sigma: Standard deviation of the logarithm; 0.35 puts p95 at 1.8 times the median.
    """

    first_token_ms: float = 220.0
    per_token_ms: float = 6.0
    embedding_ms: float = 12.0
    sigma: float = 0.35


class Latency:
    """Draws waits in seconds from a profile with its own random generator."""

    def __init__(self, profile: LatencyProfile, rng: random.Random) -> None:
        self._profile = profile
        self._rng = rng

    def first_token(self) -> float:
        return self._draw(self._profile.first_token_ms)

    def next_token(self) -> float:
        return self._draw(self._profile.per_token_ms)

    def embedding(self) -> float:
        return self._draw(self._profile.embedding_ms)

    def _draw(self, median_ms: float) -> float:
        if median_ms <= 0:
            return 0.0
        return self._rng.lognormvariate(math.log(median_ms), self._profile.sigma) / 1000.0
