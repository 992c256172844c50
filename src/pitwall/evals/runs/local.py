"""Runs in the state store itself, for when no server runs; answers are in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.exporting.choosing import export_run
from pitwall.evals.runs.queries import case_query, run_query
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.wire import case_detail, cases_view, run_view, runs_view
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Language
from pitwall.stores.state import StateStore


class LocalRuns:
    """Runs in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock, project: str | None) -> None:
        self._clock = clock
        self._runs = EvalRuns(state, clock)
        self._reader = RunReader(state, Datasets(state, clock))
        self._details = RunDetails(state, clock)
        self._by = LOCAL_OPERATOR.on_project(project)

    def list(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return runs as `GET /api/v1/evals/runs` does."""
        page = self._runs.list(self._by.project_id, run_query(query), query.get("cursor"))
        return runs_view(page, self._clock.now())

    def get(self, run_id: str) -> dict[str, Any]:
        """Return a run as `GET /api/v1/evals/runs/{id}` does."""
        return self._details.of(self._runs.get(self._by.project_id, run_id))

    def cases(self, run_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return cases as `GET /api/v1/evals/runs/{id}/cases` does."""
        run = self._runs.get(self._by.project_id, run_id)
        return cases_view(run, self._reader.cases(run, case_query(query), query.get("cursor")))

    def case(self, run_id: str, position: int) -> dict[str, Any]:
        """Return a case as `GET /api/v1/evals/runs/{id}/cases/{position}` does."""
        return case_detail(self._reader.case(self._runs.get(self._by.project_id, run_id), position))

    def cancel(self, run_id: str) -> dict[str, Any]:
        """End a run as `POST /api/v1/evals/runs/{id}/cancel` does."""
        return run_view(self._runs.cancel(run_id, by=self._by), self._clock.now())

    def export(self, run_id: str, file_format: str, language: str, into: BinaryIO) -> None:
        """Write a file as `GET /api/v1/evals/runs/{id}/export` does."""
        run = self._runs.get(self._by.project_id, run_id)
        file = export_run(self._reader, run, self._details.of(run), file_format, Language(language))
        into.writelines(file.chunks)
