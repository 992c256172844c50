"""Counting how far a run is, on top of what its earlier attempts did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pitwall.evals.runs.types import Progress
from pitwall.kit.clock import Clock
from pitwall.llm.counters import CallCounts


class Tracker:
    """Knows how far a run is.

    Args:
        before: Progress of earlier attempts.
        counts: What the models of this attempt were asked so far; None for a run that asks none.
    """

    def __init__(self, before: Progress, clock: Clock, counts: Callable[[], CallCounts] | None) -> None:
        self._before = before
        self._clock = clock
        self._counts = counts
        self._started = clock.monotonic()
        self.cases_done = 0

    def progress(self) -> Progress:
        """Return how far the run is now."""
        before = self._before
        seconds = before.seconds + self._clock.monotonic() - self._started
        done = replace(before, cases_done=self.cases_done, seconds=round(seconds, 3))
        if self._counts is None:
            return done
        counts = self._counts()
        return replace(
            done,
            calls_made=before.calls_made + counts.made,
            calls_from_store=before.calls_from_store + counts.from_store,
            failed_calls=before.failed_calls + counts.failed_calls,
            cost_usd=_add(before.cost_usd, _cost(counts)),
            tokens=before.tokens + counts.input_tokens + counts.output_tokens,
        )


def _cost(counts: CallCounts) -> float | None:
    """What calls cost; None if there is one whose price is not known, and none whose is."""
    return None if counts.unpriced and not counts.cost_usd else float(counts.cost_usd)


def _add(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other
