"""Analysing runs, once for each; calls block, for large runs for seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.evals.analysis.errors import RunNotOver
from pitwall.evals.analysis.repository import KeptAnalyses
from pitwall.evals.analysis.wire import VERSION, analysis_json
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.clock import Clock
from pitwall.kit.hashing import json_hash
from pitwall.stores.state import StateStore


class Analyses:
    """Analyses of the runs of all projects."""

    def __init__(self, state: StateStore, datasets: Datasets, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._datasets = datasets

    def get(self, project_id: str, run_id: str) -> Mapping[str, Any]:
        """Return the analysis of a run that is over, made now if there is none of how it ended.

        Raises:
            RunNotFound: The project has no such run.
            RunNotOver: It goes on.
        """
        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
            _refuse_unfinished(run, run.seen_at(self._clock.now()).is_over)
            kept = KeptAnalyses(session, project_id).find(run.id, _key(run))
        return kept if kept is not None else self._make(run)

    def _make(self, run: EvalRun) -> Mapping[str, Any]:
        from pitwall.evals.analysis.graph import run_graph  # numpy: a server starts without it
        from pitwall.evals.analysis.plan import NODES
        from pitwall.evals.analysis.reading import AnalysisReader

        material = AnalysisReader(self._state, self._datasets, self._clock).read(run)
        content = analysis_json(run_graph(NODES, material))
        with self._state.session() as session:
            KeptAnalyses(session, run.project_id).put(run.id, _key(run), content, self._clock.now())
        return content


def _refuse_unfinished(run: EvalRun, is_over: bool) -> None:
    if not is_over:
        raise RunNotOver(
            f"The run {run.id} is {run.state.value}; an analysis needs all of its scores.",
            hint=f"Wait for it; `pitwall eval show {run.id}` tells how far it is.",
        )


def _key(run: EvalRun) -> str:
    ended = None if run.finished_at is None else run.finished_at.isoformat()
    return json_hash([VERSION, run.state.value, ended])
