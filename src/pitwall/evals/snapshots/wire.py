"""The written form of what is known of a run."""

from __future__ import annotations

from typing import Any

from pitwall.evals.runs.stored import summary_json
from pitwall.evals.snapshots.service import RunSnapshot
from pitwall.kit.durations import format_instant

Json = dict[str, Any]


def snapshot_view(found: RunSnapshot) -> Json:
    """What is known of a run, in the API's shape."""
    run = found.run
    return {
        "run": {
            "id": run.id,
            "name": run.name,
            "state": run.state.value,
            "where": run.where.value,
            "created_at": format_instant(run.created_at),
            "created_by": run.created_by,
            "started_at": None if run.started_at is None else format_instant(run.started_at),
            "finished_at": None if run.finished_at is None else format_instant(run.finished_at),
            "summary": None if run.summary is None else summary_json(run.summary),
        },
        "kept": None if found.kept is None else dict(found.kept),
        "facts": dict(found.facts),
    }
