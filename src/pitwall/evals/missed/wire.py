"""Missed questions as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.missed.types import Cluster, MissedQuestions, MissedTrace, Reason
from pitwall.traces.spans import format_nano

EXAMPLES: Final = 5


def missed_view(found: MissedQuestions, limit: int) -> dict[str, Any]:
    """The missed questions of a time range."""
    return {
        "since": format_nano(found.since_nano),
        "until": format_nano(found.until_nano),
        "requests": found.looked_at,
        "missed": found.missed,
        "reasons": _counts(found.reasons),
        "without_question": found.without_question,
        "is_cut": found.is_cut,
        "question_count": len(found.clusters),
        "questions": [_cluster_view(one) for one in found.clusters[:limit]],
    }


def _cluster_view(one: Cluster) -> dict[str, Any]:
    times = [trace.unix_nano for trace in one.traces]
    return {
        "id": one.id,
        "question": one.question,
        "count": len(one.traces),
        "wordings": one.wordings,
        "reasons": _counts(one.reasons),
        "first_at": format_nano(min(times)),
        "last_at": format_nano(max(times)),
        "examples": [_trace_view(trace) for trace in one.traces[:EXAMPLES]],
    }


def _counts(reasons: Mapping[Reason, int]) -> dict[str, int]:
    return {reason.value: count for reason, count in reasons.items()}


def _trace_view(one: MissedTrace) -> dict[str, Any]:
    return {
        "trace_id": one.trace_id,
        "at": format_nano(one.unix_nano),
        "question": one.question,
        "reasons": sorted(one.reasons),
    }
