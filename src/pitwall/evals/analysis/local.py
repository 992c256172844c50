"""Analyses in the state store itself, for when no server runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.analysis.service import Analyses
from pitwall.evals.datasets.service import Datasets
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import StateStore


@contextmanager
def open_local_analyses(state_url: str, project: str | None) -> Iterator[LocalAnalyses]:
    """Open the analyses of a project in a state store.

    Raises:
        StateUnavailable: It cannot be reached.
        StateStoreTooNew: A newer version of Pitwall has used it.
    """
    clock = SystemClock()
    store = StateStore(state_url, clock=clock).open()
    try:
        yield LocalAnalyses(Analyses(store, Datasets(store, clock), clock), project)
    finally:
        store.close()


class LocalAnalyses:
    """Analyses in the state store; whoever may write to it is the operator."""

    def __init__(self, analyses: Analyses, project: str | None) -> None:
        self._analyses = analyses
        self._project = LOCAL_OPERATOR.on_project(project).project_id

    def get(self, run_id: str) -> Mapping[str, Any]:
        """Return an analysis as `GET /api/v1/evals/runs/{id}/analysis` does."""
        return self._analyses.get(self._project, run_id)
