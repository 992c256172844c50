"""How commands reach comparisons: a running server, or else the state store; both answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import quote

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.evals.remote import EvalsApi, Json
from pitwall.kit.cli_options import Target


class ComparisonAccess(Protocol):
    """What the commands need, whoever does it."""

    def compare(self, query: Mapping[str, Any]) -> Json:
        """Compare two runs as `GET /api/v1/evals/compare` does."""
        ...

    def gate(self, body: Mapping[str, Any]) -> Json:
        """Judge a run as `POST /api/v1/evals/gate` does."""
        ...

    def baselines(self, dataset: str) -> Json:
        """Return baselines as `GET /api/v1/evals/baselines/{dataset}` does."""
        ...

    def set_baseline(self, run_id: str, name: str) -> Json:
        """Set a baseline as `PUT /api/v1/evals/baselines/{dataset}` does."""
        ...


def open_comparisons(target: Target) -> AbstractContextManager[ComparisonAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    return reach_state(target, RemoteComparisons, _local)


def _local(state: LocalState) -> ComparisonAccess:
    from pitwall.evals.comparison.local import (
        LocalComparisons,  # the packages of the state store are an extra
    )

    return LocalComparisons(state.store, state.clock, state.project)


class RemoteComparisons:
    """Comparisons through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._api = EvalsApi(client, project)

    def compare(self, query: Mapping[str, Any]) -> Json:
        """Compare two runs."""
        return self._api.ask("GET", "/compare", params=query)

    def gate(self, body: Mapping[str, Any]) -> Json:
        """Judge a run."""
        return self._api.ask("POST", "/gate", body=body)

    def baselines(self, dataset: str) -> Json:
        """Return the baselines of a dataset."""
        return self._api.ask("GET", _of(dataset))

    def set_baseline(self, run_id: str, name: str) -> Json:
        """Make a run a baseline of its dataset."""
        run = self._api.ask("GET", f"/runs/{quote(run_id, safe='')}")
        body = {"run": run["id"], "name": name}
        return self._api.ask("PUT", _of(run["dataset"]), body=body)


def _of(dataset: str) -> str:
    return f"/baselines/{quote(dataset, safe='')}"
