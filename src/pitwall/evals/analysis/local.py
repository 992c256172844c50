"""Analyses in the state store itself, for when no server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.analysis.service import Analyses
from pitwall.evals.datasets.service import Datasets
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore


class LocalAnalyses:
    """Analyses in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock, project: str | None) -> None:
        self._analyses = Analyses(state, Datasets(state, clock), clock)
        self._project = LOCAL_OPERATOR.on_project(project).project_id

    def get(self, run_id: str) -> Mapping[str, Any]:
        """Return an analysis as `GET /api/v1/evals/runs/{id}/analysis` does."""
        return self._analyses.get(self._project, run_id)
