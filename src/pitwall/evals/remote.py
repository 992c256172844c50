"""Evaluations of a running server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pitwall.access.client import ApiClient

_API: Final = "/api/v1/evals"
_SECONDS: Final = 300.0
"""What looks at all scores of large runs may take so long."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EvalsApi:
    """`/api/v1/evals` of a server as one project asks it; None is the key's own."""

    client: ApiClient
    project: str | None

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Json:
        """Return what the server answers."""
        query = {**(params or {}), "project": self.project}
        answer: Json = self.client.request(
            method, f"{_API}{path}", params=query, body=body, timeout_seconds=_SECONDS
        )
        return answer
