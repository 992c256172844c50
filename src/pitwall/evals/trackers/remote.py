"""Waiting for a server to send a run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.access.client import ApiClient

RUNS: Final = "/api/v1/evals/runs"
_OPEN: Final = ("waiting", "sending")
_LOOK_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 120.0


def track_there(
    client: ApiClient, run_id: str, names: Sequence[str], project: Mapping[str, Any]
) -> dict[str, Any]:
    """Let a server send a run, and wait for it for a while.

    Raises:
        PitwallError: The server refuses, or does not answer.
    """
    asked: dict[str, Any] = client.post(f"{RUNS}/{run_id}/track", {"trackers": list(names)}, project)
    links = wait_for_links(client, asked["run_id"], project)
    return {**asked, "trackers": [link for link in links if link["tracker"] in names]}


def wait_for_links(client: ApiClient, run_id: str, project: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the links of a run once all have been sent or failed, or after two minutes as they are."""
    ends_at = time.monotonic() + _LONGEST_SECONDS
    while True:
        links: list[dict[str, Any]] = client.get(f"{RUNS}/{run_id}", project)["trackers"]
        if not any(link["state"] in _OPEN for link in links) or time.monotonic() > ends_at:
            return links
        time.sleep(_LOOK_SECONDS)
