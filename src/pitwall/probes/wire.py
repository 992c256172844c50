"""The written form of what probes found, as the state store keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text
from pitwall.probes.types import Outcome, ProbeRecord, ProbeStatus, RecentResult, Result


def text_view(text: Text | None) -> dict[str, str] | None:
    """Both languages of a text."""
    return None if text is None else {"en": text.en, "ko": text.ko}


def result_view(result: Result) -> dict[str, Any]:
    """A result as a JSON object."""
    outcome = result.outcome
    return {
        "at": format_instant(result.at),
        "status": outcome.status.value,
        "latency_ms": outcome.latency_ms,
        "error": text_view(outcome.error),
        "detail": dict(outcome.detail),
    }


def recent_view(recent: RecentResult) -> dict[str, Any]:
    """An earlier result as a JSON object."""
    return {
        "at": format_instant(recent.at),
        "status": recent.status.value,
        "latency_ms": recent.latency_ms,
    }


def read_record(written: Mapping[str, Any], since: datetime) -> ProbeRecord:
    """The record of a JSON object that the store kept."""
    last = written["last"]
    error = last["error"]
    outcome = Outcome(
        ProbeStatus(last["status"]),
        last["latency_ms"],
        None if error is None else Text(error["en"], error["ko"]),
        last["detail"],
    )
    recent = tuple(
        RecentResult(_instant(one["at"]), ProbeStatus(one["status"]), one["latency_ms"])
        for one in written["recent"]
    )
    return ProbeRecord(Result(_instant(last["at"]), outcome), since, recent)


def record_view(record: ProbeRecord) -> dict[str, Any]:
    """A record as a JSON object; `since` stands in a column of its own."""
    return {"last": result_view(record.last), "recent": [recent_view(one) for one in record.recent]}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
