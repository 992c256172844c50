"""What a snapshot says of each part, under the names people know. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

Json = Mapping[str, Any]

DIGEST: Final = " digest"
"""How the name of what a model is made of ends; before it stands the name of the model."""
PROMPTS: Final = "the prompts of "
DIRTY: Final = "uncommitted changes"


class Part(StrEnum):
    """What a snapshot speaks of."""

    DATASET = "dataset"
    JUDGE = "judge"
    PROMPTS = "prompts"
    METRICS = "metrics"
    TARGET = "target"
    RETRIEVERS = "retrievers"
    PLAN = "plan"
    GIT = "git"
    PITWALL = "pitwall"
    PACKAGES = "packages"
    SETTINGS = "settings"
    ENVIRONMENT = "environment"
    PYTHON = "python"
    SYSTEM = "system"


Reader = Callable[[Json], "dict[str, Any] | None"]
"""What a snapshot says of a part, by the names people know; None if it says nothing."""


def _member(name: str, labels: Mapping[str, str]) -> Reader:
    """Fields of one object, under the names people know."""

    def read(data: Json) -> dict[str, Any] | None:
        found = data.get(name)
        if not isinstance(found, Mapping):
            return None
        return {label: found.get(key) for key, label in labels.items()}

    return read


def _models(name: str, labels: Mapping[str, str]) -> Reader:
    """Fields of a model; a run that asks none says so by null."""

    def read(data: Json) -> dict[str, Any] | None:
        models = data.get("models")
        if not isinstance(models, Mapping):
            return None
        found = models.get(name) or {}
        return {label: found.get(key) for key, label in labels.items()}

    return read


def _metrics(data: Json) -> dict[str, Any] | None:
    found = data.get("metrics")
    if not isinstance(found, Sequence):
        return None
    told: dict[str, Any] = {}
    for metric in found:
        told[f"the metric {metric['name']}"] = metric["identity"]
        told[f"the threshold of {metric['name']}"] = metric["threshold"]
        told[f"the code of {metric['name']}"] = (metric.get("source") or {}).get("hash")
    return told


def _prompts(data: Json) -> dict[str, Any] | None:
    """Hashes of the prompts of each metric; None where they are not known."""
    found = data.get("metrics")
    if not isinstance(found, Sequence):
        return None
    return {f"{PROMPTS}{metric['name']}": _hashes(metric["prompts"]) for metric in found}


def _hashes(prompts: Mapping[str, str] | None) -> str | None:
    if prompts is None:
        return None
    return ", ".join(f"{name} {digest}" for name, digest in sorted(prompts.items()))


def _retrievers(data: Json) -> dict[str, Any] | None:
    """Parameters of each search by its name; of several in use all of them."""
    found = data.get("retrievers")
    if not isinstance(found, Sequence):
        return None
    told: dict[str, list[Any]] = {}
    for search in found:
        for name, value in search["parameters"].items():
            values = told.setdefault(
                f"{search['stage']} {search['name'] or ''} {name}".replace("  ", " "), []
            )
            if value not in values:
                values.append(value)
    return {what: values[0] if len(values) == 1 else sorted(values, key=str) for what, values in told.items()}


def _plan(data: Json) -> dict[str, Any] | None:
    """What the plan says besides metrics, judge and target; budgets change no score."""
    found = data.get("plan")
    if not isinstance(found, Mapping):
        return None
    names = ("mode", "profile", "limit", "seed", "repeats", "language")
    return {"the limit of cases" if name == "limit" else f"the {name}": found.get(name) for name in names}


def _plain(name: str) -> Reader:
    """An object of names and values."""

    def read(data: Json) -> dict[str, Any] | None:
        found = data.get(name)
        return dict(found) if isinstance(found, Mapping) else None

    return read


def _settings(data: Json) -> dict[str, Any] | None:
    found = data.get("settings")
    if not isinstance(found, Sequence):
        return None
    return {str(row["setting"]): row["value"] for row in found}


def _pitwall(data: Json) -> dict[str, Any] | None:
    found = data.get("pitwall")
    return None if found is None else {"Pitwall": found}


READERS: Final[Mapping[Part, Reader]] = {
    Part.DATASET: _member(
        "dataset",
        {
            "name": "the dataset",
            "content_hash": "the content of the dataset",
            "version": "the version of the dataset",
            "examples": "the number of examples",
        },
    ),
    Part.JUDGE: _models(
        "judge",
        {
            "model": "the judge",
            "digest": "the judge digest",
            "api": "the API of the judge",
            "embedding_model": "the embedding model",
            "embedding_digest": "the embedding model digest",
            "temperature": "the temperature of the judge",
            "seed": "the seed of the judge",
            "max_tokens": "the longest reply of the judge",
            "options": "the options of the judge",
        },
    ),
    Part.PROMPTS: _prompts,
    Part.METRICS: _metrics,
    Part.TARGET: _models(
        "target",
        {
            "kind": "the kind of target",
            "url": "the address of the target",
            "function": "the function of the target",
            "model": "the model of the target",
            "digest": "the model of the target digest",
        },
    ),
    Part.RETRIEVERS: _retrievers,
    Part.PLAN: _plan,
    Part.GIT: _member(
        "git",
        {"commit": "the commit", "branch": "the branch", "is_dirty": DIRTY},
    ),
    Part.PITWALL: _pitwall,
    Part.PACKAGES: _plain("packages"),
    Part.SETTINGS: _settings,
    Part.ENVIRONMENT: _plain("environment"),
    Part.PYTHON: _member(
        "python", {"version": "the Python version", "implementation": "the Python implementation"}
    ),
    Part.SYSTEM: _member(
        "system",
        {
            "os": "the operating system",
            "release": "the release of the operating system",
            "machine": "the architecture",
            "cpu": "the processor",
            "cpu_count": "the number of processors",
            "memory_bytes": "the memory in bytes",
            "gpus": "the graphics cards",
        },
    ),
}
