"""Missed questions as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.missed.types import Cluster, MissedQuestions, MissedReason, MissedTrace
from pitwall.evals.missed.windows import Windows
from pitwall.traces.spans import format_nano

EXAMPLES: Final = 5
_ANSWER_SHOWN: Final = 400


def missed_view(found: MissedQuestions, limit: int, examples: int = EXAMPLES) -> dict[str, Any]:
    """The missed questions of a time range.

    Args:
        found: All of them.
        limit: Questions at most, the most frequent first.
        examples: Traces of each at most, the newest first.
    """
    windows = found.windows
    return {
        "since": format_nano(windows.since_nano),
        "until": format_nano(windows.until_nano),
        "requests": found.looked_at,
        "missed": found.missed,
        "reasons": _counts(found.reasons),
        "without_question": found.without_question,
        "is_cut": found.is_cut,
        "question_count": len(found.clusters),
        "course": {
            "starts": [format_nano(start) for start in windows.starts_nano],
            "step_seconds": windows.step_seconds,
            "requests": list(found.requests_by_window),
            "missed": list(found.missed_by_window),
        },
        "questions": [_cluster_view(one, windows, examples) for one in found.clusters[:limit]],
    }


def _cluster_view(one: Cluster, windows: Windows, examples: int) -> dict[str, Any]:
    times = [trace.unix_nano for trace in one.traces]
    return {
        "id": one.id,
        "question": one.question,
        "count": len(one.traces),
        "wordings": one.wordings,
        "reasons": _counts(one.reasons),
        "first_at": format_nano(min(times)),
        "last_at": format_nano(max(times)),
        "course": windows.count(times),
        "examples": [_trace_view(trace) for trace in one.traces[:examples]],
    }


def _counts(reasons: Mapping[MissedReason, int]) -> dict[str, int]:
    return {reason.value: count for reason, count in reasons.items()}


def _trace_view(one: MissedTrace) -> dict[str, Any]:
    return {
        "trace_id": one.trace_id,
        "at": format_nano(one.unix_nano),
        "question": one.question,
        "answer": one.answer[:_ANSWER_SHOWN],
        "reasons": sorted(one.reasons),
    }
