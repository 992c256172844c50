"""Scores as the store keeps them and as lists and traces show them."""

from __future__ import annotations

from typing import Any, Final

from pitwall.traces.types import Score

SCORE_COLUMNS: Final = (
    "score_id, name, value, label, explanation, source, evaluator, error_type, session_id, trace_id, "
    "span_id, "
    "toUnixTimestamp64Nano(at) AS unix_nano"
)


def to_score(row: dict[str, Any]) -> Score:
    """Read a row of `SCORE_COLUMNS`."""
    texts = ("label", "explanation", "source", "evaluator", "error_type", "session_id")
    return Score(
        score_id=row["score_id"],
        name=row["name"],
        value=row["value"],
        unix_nano=row["unix_nano"],
        trace_id=row["trace_id"].hex() if any(row["trace_id"]) else None,
        span_id=row["span_id"].hex() if any(row["span_id"]) else None,
        **{name: row[name] or None for name in texts},
    )
