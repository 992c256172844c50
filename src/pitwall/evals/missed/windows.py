"""How often something happened over a time range, in windows of equal length; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WINDOWS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """A time range, cut into equal windows.

    Attributes:
        since_nano, until_nano: The range.
        seen_since_nano: What happened before was not looked at.
    """

    since_nano: int
    until_nano: int
    seen_since_nano: int

    @property
    def starts_nano(self) -> list[int]:
        """Where each window begins."""
        return [self.since_nano + at * self._length // WINDOWS for at in range(WINDOWS)]

    @property
    def step_seconds(self) -> float:
        """How long a window is."""
        return self._length / WINDOWS / 1e9

    def count(self, times_nano: Iterable[int]) -> list[int | None]:
        """Count what happened in each window; None for windows that were not looked at as a whole."""
        counts = [0] * WINDOWS
        for time in times_nano:
            counts[min(max((time - self.since_nano) * WINDOWS // self._length, 0), WINDOWS - 1)] += 1
        starts = self.starts_nano
        return [
            count if start >= self.seen_since_nano else None
            for start, count in zip(starts, counts, strict=True)
        ]

    @property
    def _length(self) -> int:
        return max(self.until_nano - self.since_nano, 1)
