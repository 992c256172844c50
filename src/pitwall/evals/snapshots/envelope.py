"""A snapshot as `pitwall ops snapshot` writes it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pitwall.evals.snapshots.redaction import Redaction
from pitwall.kit.durations import format_instant

COMMAND: Final = "ops.snapshot"
VERSION: Final = 1
AT_START: Final = "start"
"""The run itself kept what it ran on."""
LATER: Final = "later"
"""Somebody looked afterwards, where the command ran; the run may have run on something else."""

_SURROUNDINGS: Final = ("pitwall", "git", "python", "packages", "settings", "environment", "system")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of a snapshot is shown.

    Attributes:
        keys: Further names whose values are left out.
    """

    model_config: bool = False
    environment: bool = False
    keys: tuple[str, ...] = ()


def assemble(
    answer: Mapping[str, Any], around: Mapping[str, Any] | None, shown: Shown, now: datetime
) -> Json:
    """Put together what is told of a run.

    What the run kept when it began comes first; what is only known now is beside it, and said to be.

    Args:
        answer: Of the API.
        around: What the command itself runs on, for a run that kept nothing.
    """
    kept, facts = answer["kept"], answer["facts"]
    if kept is not None:
        # Searches are known only once they were made, and digests only where they were asked for.
        data = {
            **facts,
            **kept,
            "retrievers": kept.get("retrievers") or facts["retrievers"],
            "taken": AT_START,
        }
    else:
        empty = dict.fromkeys(_SURROUNDINGS)
        data = {**empty, **facts, **(around or {}), "taken": LATER, "taken_at": format_instant(now)}
    if not shown.environment:
        data.pop("environment", None)
    if not shown.model_config:
        data.pop("model_config", None)
    redaction = Redaction(shown.keys)
    told: Json = redaction.apply({"run": answer["run"], **data})
    return {**told, "redacted": redaction.count + int(data.get("redacted") or 0)}


def data_of(answer: Mapping[str, Any]) -> Json:
    """Everything that is told of a run itself, without looking at anything else."""
    kept, facts = answer["kept"] or {}, answer["facts"]
    empty = dict.fromkeys(_SURROUNDINGS)
    data = {**empty, **facts, **kept, "retrievers": kept.get("retrievers") or facts["retrievers"]}
    told: Json = Redaction().apply(data)
    return told


def envelope(
    data: Mapping[str, Any], started: datetime, finished: datetime, artifacts: Iterable[str]
) -> Json:
    """Put the envelope around it that commands of operations share."""
    return {
        "command": COMMAND,
        "version": VERSION,
        "status": "ok" if data["taken"] == AT_START else "partial",
        "started_at": format_instant(started),
        "finished_at": format_instant(finished),
        "duration_ms": round((finished - started).total_seconds() * 1000),
        "artifacts": list(artifacts),
        "data": dict(data),
    }
