"""A run that is looked at by itself: for the API, commands, exports and the end of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pitwall.evals.runs.types import EvalRun
from pitwall.evals.runs.wire import run_detail
from pitwall.evals.trackers.repository import TrackerLinks
from pitwall.evals.trust.standing import Standings
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore


@dataclass(frozen=True, slots=True)
class RunDetails:
    """Writes runs with what is known of their judges, and where they were sent; calls block."""

    state: StateStore
    clock: Clock

    def of(self, run: EvalRun) -> dict[str, Any]:
        """Return a run as `GET /api/v1/evals/runs/{id}` does."""
        now = self.clock.now()
        with self.state.session(read_only=True) as session:
            links = TrackerLinks(session).seen_at(run.id, now)
        return run_detail(run, now, Standings(self.state, self.clock).of(run), links)
