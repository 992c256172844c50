"""How commands reach analyses: a running server, or else the state store; both answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol
from urllib.parse import quote

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.kit.cli_options import Target

_SECONDS: Final = 300.0
"""An analysis of a large run may take so long."""


class AnalysesAccess(Protocol):
    """What the command needs, whoever does it."""

    def get(self, run_id: str) -> Mapping[str, Any]:
        """Return an analysis as `GET /api/v1/evals/runs/{id}/analysis` does."""
        ...


def open_analyses(target: Target) -> AbstractContextManager[AnalysesAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    return reach_state(target, RemoteAnalyses, _local)


def _local(state: LocalState) -> AnalysesAccess:
    from pitwall.evals.analysis.local import LocalAnalyses  # the packages of the state store are an extra

    return LocalAnalyses(state.store, state.clock, state.project)


class RemoteAnalyses:
    """Analyses through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._project = {"project": project}

    def get(self, run_id: str) -> Mapping[str, Any]:
        """Return the analysis of a run."""
        path = f"/api/v1/evals/runs/{quote(run_id, safe='')}/analysis"
        answer: Mapping[str, Any] = self._client.request(
            "GET", path, params=self._project, timeout_seconds=_SECONDS
        )
        return answer
