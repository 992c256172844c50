"""The stored form of a stage event: the JSON object that EvalVault writes, ids of its trace at the top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitwall.evals.stages.types import PayloadRef, StageEvent

Json = dict[str, Any]


def event_json(event: StageEvent) -> Json:
    """Write an event."""
    return {
        "run_id": event.run_id,
        "stage_id": event.stage_id,
        "parent_stage_id": event.parent_stage_id,
        "stage_type": event.stage_type,
        "stage_name": event.stage_name,
        "status": event.status,
        "attempt": event.attempt,
        "started_at": _instant(event.started_at),
        "finished_at": _instant(event.finished_at),
        "duration_ms": event.duration_ms,
        "input_ref": _ref(event.input_ref),
        "output_ref": _ref(event.output_ref),
        "attributes": dict(event.attributes),
        "metadata": dict(event.metadata),
        "trace_id": event.trace_id,
        "span_id": event.span_id,
    }


def read_stored(content: Mapping[str, Any]) -> StageEvent:
    """Return the event of its stored form."""
    return StageEvent(
        **{
            **content,
            "started_at": _read_instant(content["started_at"]),
            "finished_at": _read_instant(content["finished_at"]),
            "input_ref": _read_ref(content["input_ref"]),
            "output_ref": _read_ref(content["output_ref"]),
        }
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _read_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _ref(ref: PayloadRef | None) -> Json | None:
    return None if ref is None else {"store": ref.store, "id": ref.id, "type": ref.type}


def _read_ref(content: Mapping[str, Any] | None) -> PayloadRef | None:
    return None if content is None else PayloadRef(**content)
