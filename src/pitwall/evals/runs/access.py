"""How commands reach runs: a running server, or else the state store; answers are in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.kit.cli_options import Target

RUNS = "/api/v1/evals/runs"
_EXPORT_SECONDS = 600.0


class RunsAccess(Protocol):
    """What the commands need, whoever does it."""

    def list(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return runs as `GET /api/v1/evals/runs` does."""
        ...

    def get(self, run_id: str) -> dict[str, Any]:
        """Return a run as `GET /api/v1/evals/runs/{id}` does."""
        ...

    def cases(self, run_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return cases as `GET /api/v1/evals/runs/{id}/cases` does."""
        ...

    def case(self, run_id: str, position: int) -> dict[str, Any]:
        """Return a case as `GET /api/v1/evals/runs/{id}/cases/{position}` does."""
        ...

    def cancel(self, run_id: str) -> dict[str, Any]:
        """End a run as `POST /api/v1/evals/runs/{id}/cancel` does."""
        ...

    def export(self, run_id: str, file_format: str, language: str, into: BinaryIO) -> None:
        """Write a file as `GET /api/v1/evals/runs/{id}/export` does."""
        ...


def open_runs(target: Target) -> AbstractContextManager[RunsAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    return reach_state(target, RemoteRuns, _local)


def _local(state: LocalState) -> RunsAccess:
    from pitwall.evals.runs.local import LocalRuns  # the packages of the state store are an extra

    return LocalRuns(state.store, state.clock, state.project)


class RemoteRuns:
    """Runs through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._project = {"project": project}

    def list(self, query: Mapping[str, Any]) -> dict[str, Any]:
        return self._get("", query)

    def get(self, run_id: str) -> dict[str, Any]:
        return self._get(f"/{run_id}")

    def cases(self, run_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
        return self._get(f"/{run_id}/cases", query)

    def case(self, run_id: str, position: int) -> dict[str, Any]:
        return self._get(f"/{run_id}/cases/{position}")

    def cancel(self, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.post(f"{RUNS}/{run_id}/cancel", {}, self._project)
        return answer

    def export(self, run_id: str, file_format: str, language: str, into: BinaryIO) -> None:
        params = {"format": file_format, "language": language, **self._project}
        path = f"{RUNS}/{run_id}/export"
        self._client.download(path, params, into, timeout_seconds=_EXPORT_SECONDS)

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.get(f"{RUNS}{path}", {**(query or {}), **self._project})
        return answer
