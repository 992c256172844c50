"""How the command reaches whoever takes results in: a running server, or else the state store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.kit.cli_options import Target

_SECONDS = 600.0
Json = dict[str, Any]


class ResultsAccess(Protocol):
    """What the command needs, whoever does it."""

    def take(self, path: Path, query: Mapping[str, Any]) -> Json:
        """Take a file in as `POST /api/v1/evals/results` does."""
        ...


def open_results(target: Target) -> AbstractContextManager[ResultsAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    return reach_state(target, RemoteResults, _local)


def _local(state: LocalState) -> ResultsAccess:
    from pitwall.evals.foreign.local import LocalResults  # the packages of the state store are an extra

    return LocalResults(state.store, state.clock, state.project)


class RemoteResults:
    """Results through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._project = {"project": project}

    def take(self, path: Path, query: Mapping[str, Any]) -> Json:
        """Send the file."""
        with path.open("rb") as file:
            answer: Json = self._client.upload(
                "/api/v1/evals/results",
                file,
                {"file": path.name, **query, **self._project},
                timeout_seconds=_SECONDS,
            )
        return answer
