"""The written form of changes: the same in lists, in incidents and on the command line."""

from __future__ import annotations

from typing import Any

from pitwall.changes.types import ListedChange, ToldChange
from pitwall.kit.durations import format_instant
from pitwall.traces.changes import Change
from pitwall.traces.spans import format_nano


def listed_view(entry: ListedChange) -> dict[str, Any]:
    """A change of a list as a JSON object."""
    change = entry.change
    return told_view(change) if isinstance(change, ToldChange) else seen_view(change)


def told_view(change: ToldChange) -> dict[str, Any]:
    """A change that was told of."""
    return {**change.payload(), "origin": "told", "subject": change.facts.title}


def seen_view(change: Change) -> dict[str, Any]:
    """A change that telemetry shows for the first time."""
    return {
        "id": None,
        "origin": "seen",
        "at": format_nano(change.at_nano),
        "kind": change.kind.value,
        "title": None,
        "subject": change.subject,
        "environment": change.environment,
        "service": change.service,
        "before": change.before,
        "after": change.after,
        "link": None,
        "by": None,
    }


def recorded_view(change: ToldChange, *, is_new: bool) -> dict[str, Any]:
    """The answer to whoever told of a change."""
    recorded_at = format_instant(change.recorded_at)
    return {**told_view(change), "recorded_at": recorded_at, "is_new": is_new}
