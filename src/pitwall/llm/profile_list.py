"""Model profiles as lists show them: what keeps one from being used stands beside the others that can be."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from pitwall.core.errors import PitwallError
from pitwall.llm.profiles import ModelProfiles


def profile_rows(profiles: ModelProfiles) -> list[dict[str, Any]]:
    """Return every profile, the built-in one last."""
    return [_row(profiles, name) for name in profiles.names]


def _row(profiles: ModelProfiles, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"profile": name, "problem": None}
    try:
        profile = profiles.get(name)
    except PitwallError as error:
        absent = dict.fromkeys(("judge", "judge_url", "embedding", "origin", "description"))
        return {**absent, **row, "thresholds": {}, "problem": error.message}
    embedding = profile.embedding
    return {
        **row,
        "judge": profile.judge.model,
        "judge_url": profile.judge.base_url or None,
        "embedding": None if embedding is None else embedding.model,
        "origin": PurePath(profile.origin).name,
        "description": profile.description,
        "thresholds": dict(profile.thresholds),
    }
