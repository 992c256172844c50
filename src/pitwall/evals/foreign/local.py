"""Results into the state store itself, for when no server runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.foreign.importing import ForeignResults, ImportOptions
from pitwall.evals.foreign.reading import read_results
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.wire import run_view
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore


class LocalResults:
    """Takes results in; whoever may write to the state store is the operator."""

    def __init__(self, state: StateStore, clock: Clock, project: str | None) -> None:
        self._results = ForeignResults(state, Datasets(state, clock), clock, load)
        self._by = LOCAL_OPERATOR.on_project(project)

    def take(self, path: Path, query: Mapping[str, Any]) -> dict[str, Any]:
        """Take a file in as `POST /api/v1/evals/results` does."""
        options = ImportOptions(file=path.name, name=query["name"], lower=query["lower"] or ())
        run = self._results.take(read_results(path.name, path.read_bytes()), options, by=self._by)
        return run_view(run, self._results.clock.now())
