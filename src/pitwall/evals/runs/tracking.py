"""Counting how far a run is, on top of what its earlier attempts did."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from pitwall.evals.runs.types import Progress
from pitwall.kit.clock import Clock


class CallCounts(Protocol):
    """What the models of this attempt were asked so far."""

    @property
    def calls_made(self) -> int:
        """Sent to a model."""
        ...

    @property
    def calls_from_store(self) -> int:
        """Answered before and not sent again."""
        ...

    @property
    def failed_calls(self) -> int:
        """That gave nothing."""
        ...

    @property
    def cost_usd(self) -> float | None:
        """Of calls with a known price."""
        ...

    @property
    def tokens(self) -> int:
        """In and out."""
        ...


class Tracker:
    """Knows how far a run is.

    Args:
        before: Progress of earlier attempts.
        counts: Of the models; None for a run that asks none.
    """

    def __init__(self, before: Progress, clock: Clock, counts: CallCounts | None) -> None:
        self._before = before
        self._clock = clock
        self._counts = counts
        self._started = clock.monotonic()
        self.cases_done = 0

    def progress(self) -> Progress:
        """Return how far the run is now."""
        before, counts = self._before, self._counts
        seconds = before.seconds + self._clock.monotonic() - self._started
        done = replace(before, cases_done=self.cases_done, seconds=round(seconds, 3))
        if counts is None:
            return done
        return replace(
            done,
            calls_made=before.calls_made + counts.calls_made,
            calls_from_store=before.calls_from_store + counts.calls_from_store,
            failed_calls=before.failed_calls + counts.failed_calls,
            cost_usd=_add(before.cost_usd, counts.cost_usd),
            tokens=before.tokens + counts.tokens,
        )


def _add(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other
