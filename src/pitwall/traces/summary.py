"""One row of a list out of the spans of a trace; the sums are those that the opened trace shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.traces.spans import LITE_COLUMNS, NO_SPAN_ID, preview, to_lite
from pitwall.traces.tree import sum_up
from pitwall.traces.types import SpanKey, TraceRow

SUMMARY_COLUMNS: Final = (
    f"{LITE_COLUMNS}, trace_id, name, error_class, environment, service, version, session_id, user_id, "
    "input_preview, output_preview, received_at, log_position"
)

Row = Mapping[str, Any]


def summarise(rows: Iterable[Row]) -> dict[bytes, TraceRow | None]:
    """Sum up traces.

    Args:
        rows: Spans with `SUMMARY_COLUMNS` and `is_match`, of any traces in any order, copies included.

    Returns:
        By trace id; None for a trace none of whose spans matches in the copy that was received last.
    """
    traces: dict[bytes, dict[bytes, Row]] = {}
    for row in rows:
        spans = traces.setdefault(row["trace_id"], {})
        earlier = spans.get(row["span_id"])
        if earlier is None or _received(row) >= _received(earlier):
            spans[row["span_id"]] = row
    return {trace_id: _summarise_one(list(spans.values())) for trace_id, spans in traces.items()}


def span_key(row: Row) -> SpanKey:
    """Where a span stands in a list."""
    return SpanKey(row["unix_nano"], row["span_id"], row["trace_id"])


def _received(row: Row) -> tuple[Any, int]:
    return row["received_at"], row["log_position"]


def _summarise_one(rows: list[Row]) -> TraceRow | None:
    matches = [span_key(row) for row in rows if row["is_match"]]
    if not matches:
        return None
    rows.sort(key=lambda row: (row["unix_nano"], row["span_id"]))
    roots = [row for row in rows if row["parent_span_id"] == NO_SPAN_ID]
    head = roots[0] if roots else rows[0]
    sums = sum_up([to_lite(row) for row in rows])
    return TraceRow(
        trace_id=head["trace_id"].hex(),
        position=min(matches),
        has_root=bool(roots),
        name=head["name"],
        kind=head["kind"] or None,
        unix_nano=sums.start_nano,
        end_nano=sums.end_nano,
        duration_ms=head["duration_ms"] if roots else sums.total.duration_ms,
        status=head["status"],
        error_class=head["error_class"] or None,
        environment=head["environment"] or None,
        service=head["service"] or None,
        version=head["version"] or None,
        session_id=_first("session_id", head, rows),
        user_id=_first("user_id", head, rows),
        models=_by_weight(sums.by_model, rows),
        span_count=sums.total.span_count,
        error_count=sums.total.error_count,
        input_tokens=sums.total.input_tokens,
        output_tokens=sums.total.output_tokens,
        cost_usd=sums.total.cost_usd,
        unpriced_span_count=sums.total.unpriced_span_count,
        input_preview=preview(_first("input_preview", head, rows) or ""),
        output_preview=preview(_first("output_preview", head, rows[::-1]) or ""),
    )


def _by_weight(models: Iterable[str], rows: Iterable[Row]) -> list[str]:
    """Models that answer stand before those that embed or rank, however they are called."""
    answering = {row["model"] for row in rows if row["kind"] == SpanKind.LLM}
    return sorted(models, key=lambda model: (model not in answering, model))


def _first(column: str, head: Row, rows: Iterable[Row]) -> str | None:
    """What the head says, or else the first span that says anything."""
    return head[column] or next((row[column] for row in rows if row[column]), None)
