"""What a command runs on itself, for runs that kept nothing of what they ran on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.evals.snapshots.digests import ollama_digests
from pitwall.evals.snapshots.taking import digest_of, surrounding_facts
from pitwall.kit.cli_options import Target
from pitwall.settings import load

_OLLAMA = "ollama"


def look_around(target: Target, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return surroundings of this command, and the models of a run with their digests of now."""
    loaded = load(environ=target.environ, config=target.config, flags=target.setting_flags())
    around = surrounding_facts(loaded, Path.cwd(), target.environ)
    return {**around, "models": with_digests(facts["models"], facts["plan"])}


def with_digests(models: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the Ollama of a run's judge what its models are; what it does not know stays null."""
    judge, target = models["judge"], models["target"]
    if judge is None or judge["api"] != _OLLAMA:
        return dict(models)
    digests = ollama_digests(plan["judge"]["base_url"])
    return {
        "judge": {
            **judge,
            "digest": judge["digest"] or digest_of(judge["model"], digests),
            "embedding_digest": judge["embedding_digest"] or digest_of(judge["embedding_model"], digests),
        },
        "target": {**target, "digest": target["digest"] or digest_of(target["model"], digests)},
    }
