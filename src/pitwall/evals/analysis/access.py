"""How commands reach analyses: a running server, or else the state store; both answer alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol
from urllib.parse import quote

from pitwall.access.client import ApiClient
from pitwall.kit.cli_options import Target
from pitwall.settings import load_settings

_SECONDS: Final = 300.0
"""An analysis of a large run may take so long."""


class AnalysesAccess(Protocol):
    """What the command needs, whoever does it."""

    def get(self, run_id: str) -> Mapping[str, Any]:
        """Return an analysis as `GET /api/v1/evals/runs/{id}/analysis` does."""
        ...


@contextmanager
def open_analyses(target: Target) -> Iterator[AnalysesAccess]:
    """Use the running server; without one, the state store, which anybody may open."""
    settings = None
    if not target.url:
        settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    data_dir = None if settings is None else settings.data_dir
    client = ApiClient.find(url=target.url, data_dir=data_dir, api_key=target.api_key)
    if client is not None:
        with client:
            yield RemoteAnalyses(client, target.project)
        return
    assert settings is not None
    from pitwall.evals.analysis.local import open_local_analyses  # numpy and the store are an extra

    with open_local_analyses(settings.state_url, target.project) as local:
        yield local


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
