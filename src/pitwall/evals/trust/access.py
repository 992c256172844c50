"""How commands reach labels and calibrations: a running server, or else the state store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from pitwall.access.client import ApiClient
from pitwall.access.reach import LocalState, reach_state
from pitwall.evals.remote import EvalsApi, Json
from pitwall.kit.cli_options import Target


class TrustAccess(Protocol):
    """What the commands need, whoever does it."""

    def add(self, body: Mapping[str, Any]) -> Json:
        """Keep labels as `POST /api/v1/evals/labels` does."""
        ...

    def list(self, query: Mapping[str, Any]) -> Json:
        """Return labels as `GET /api/v1/evals/labels` does."""
        ...

    def measure(self, run_id: str, *, keep: bool) -> Json:
        """Hold a run against labels as `GET` or `POST /api/v1/evals/trust` does."""
        ...


def open_trust(target: Target) -> AbstractContextManager[TrustAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    return reach_state(target, RemoteTrust, _local)


def _local(state: LocalState) -> TrustAccess:
    from pitwall.evals.trust.local import LocalTrust  # the packages of the state store are an extra

    return LocalTrust(state.store, state.clock, state.project)


class RemoteTrust:
    """Labels and calibrations through the API."""

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._api = EvalsApi(client, project)

    def add(self, body: Mapping[str, Any]) -> Json:
        """Keep labels."""
        return self._api.ask("POST", "/labels", body=body)

    def list(self, query: Mapping[str, Any]) -> Json:
        """Return labels."""
        return self._api.ask("GET", "/labels", params=query)

    def measure(self, run_id: str, *, keep: bool) -> Json:
        """Hold a run against labels."""
        if keep:
            return self._api.ask("POST", "/trust", body={"run": run_id})
        return self._api.ask("GET", "/trust", params={"run": run_id})
