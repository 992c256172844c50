"""What runs say that have no summary of their own yet: under way, cancelled, or killed with their process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.summary import summarise
from pitwall.evals.runs.types import EvalRun, RunSummary
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore

MOST_IN_LISTS: Final = 20_000
"""Scores of a run that a list adds up; of a larger one under way only the run itself tells."""
_KEPT: Final = 64
_REST: Final = 10
"""A summary that took a second is good for so many, however fast the run goes on."""


@dataclass(frozen=True, slots=True)
class _Told:
    mark: Hashable
    summary: RunSummary | None
    at: float
    took: float


class SoFar:
    """Adds up the scores that are kept; calls block."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._datasets = Datasets(state, clock)
        self._lock = threading.Lock()
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def fill(self, run: EvalRun, *, most_scores: int | None = None) -> EvalRun:
        """Return the run with a summary of what is judged so far, if it has none that is its last word.

        Args:
            most_scores: Leave a run alone that has more.
        """
        if run.started_at is None or (run.state.is_over and run.summary is not None):
            return run
        scores = run.progress.cases_done * len(run.plan.metrics) * run.plan.repeats
        if most_scores is not None and scores > most_scores:
            return run
        return replace(run, summary=self._summary(run))

    def _summary(self, run: EvalRun) -> RunSummary | None:
        mark, now = (run.state, run.finished_at, run.heartbeat_at), self._clock.monotonic()
        with self._lock:
            told = self._told.get(run.id)
        if told is not None and (told.mark == mark or now < told.at + _REST * told.took):
            return told.summary
        summary = self._add_up(run)
        done = self._clock.monotonic()
        with self._lock:
            self._told[run.id] = _Told(mark, summary, done, done - now)
            self._told.move_to_end(run.id)
            while len(self._told) > _KEPT:
                self._told.popitem(last=False)
        return summary

    def _add_up(self, run: EvalRun) -> RunSummary | None:
        with self._state.session(read_only=True) as session:
            runs = Runs(session, run.project_id)
            columns = {metric.name: runs.scores(run.id, metric.name) for metric in run.plan.metrics}
        if not any(map(len, columns.values())):
            return None
        return summarise(run.plan, columns, self._groups(run), run.progress)

    def _groups(self, run: EvalRun) -> Mapping[int, str]:
        """The group of each case that has one, by position; without any, no example is read."""
        version = run.dataset_version_id
        if version is None:
            return {}
        with self._state.session(read_only=True) as session:
            if not StoredDatasets(session, run.project_id).has_groups(version):
                return {}
        numbered = self._datasets.iterate(run.project_id, version)
        return {position: example.group for position, example in numbered if example.group is not None}
