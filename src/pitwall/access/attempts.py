"""Slowing down those who guess keys."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from pitwall.core.errors import LimitExceeded
from pitwall.kit.clock import Clock

_MAX_ADDRESSES: Final = 10_000


class TooManyAttempts(LimitExceeded):
    """Too many wrong keys came from one address; wait, then try again."""

    default_code = "access.too_many_attempts"


class FailedAttempts:
    """Counts failures by address, in memory; a full minute begins with the first of them.

    Args:
        clock: Its monotonic time counts.
        limit: Failures in one period, after which even a good attempt is refused.
        seconds: Length of a period.
    """

    def __init__(self, clock: Clock, *, limit: int = 10, seconds: float = 60.0) -> None:
        self._clock = clock
        self._limit = limit
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many

    def check(self, address: str) -> None:
        """Refuse an address that has failed too often.

        Raises:
            TooManyAttempts: With the seconds to wait.
        """
        with self._lock:
            since, count = self._current(address)
        if count >= self._limit:
            left = max(1, round(since + self._seconds - self._clock.monotonic()))
            raise TooManyAttempts(
                f"{count} wrong keys came from {address or 'one caller'} in {self._seconds:.0f} seconds.",
                hint=f"Try again in {left} seconds.",
                details={"retry_after_seconds": left},
            )

    def note(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            since, count = self._current(address)
            self._failures[address] = (since, count + 1)
            while len(self._failures) > _MAX_ADDRESSES:
                self._failures.popitem(last=False)

    def _current(self, address: str) -> tuple[float, int]:
        now = self._clock.monotonic()
        since, count = self._failures.get(address, (now, 0))
        return (since, count) if now < since + self._seconds else (now, 0)
