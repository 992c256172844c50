"""Traces in the shape of the API, and questions out of it; shared by endpoints and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pitwall.core.errors import InvalidInput
from pitwall.kit.clock import to_unix_nano
from pitwall.kit.durations import InvalidInstant, parse_instant
from pitwall.kit.paging import Page
from pitwall.traces.content import decoded, with_content
from pitwall.traces.filters import MAX_FILTERS, Filter, FilterInvalid, parse_filter
from pitwall.traces.one_trace import MAX_LOGS
from pitwall.traces.opening import OpenSpan, OpenTrace
from pitwall.traces.profiles import STACKS
from pitwall.traces.span_wire import conversation_view, retrieved_view
from pitwall.traces.spans import format_nano
from pitwall.traces.tree import Totals
from pitwall.traces.types import (
    NANOS_PER_MS,
    ListQuery,
    OpenOwner,
    Owner,
    OwnerQuery,
    OwnerRow,
    PathStep,
    Score,
    Selection,
    StoredLog,
    StoredSpan,
    TraceRow,
    TreeNode,
)

MAX_ROWS: Final = 500
DEFAULT_ROWS: Final = 50
MAX_TEXT: Final = 1000
# In the year 2261: nanoseconds in 64 bits reach no further.
_LAST_NANO: Final = 9_200_000_000_000_000_000
_LEFT_OUT_OF_LISTS: Final = frozenset({"resource_attributes", "events", "links"})

View = dict[str, Any]


def read_filters(texts: Sequence[str], *, now: datetime) -> tuple[Filter, ...]:
    """Read filters in compact form.

    Raises:
        InvalidInput: One of them cannot be understood, or there are too many.
    """
    return checked_count([parse_filter(text, now=now) for text in texts])


def checked_count(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """Refuse more filters than anybody needs.

    Raises:
        FilterInvalid: There are more than `MAX_FILTERS`.
    """
    if len(filters) > MAX_FILTERS:
        raise FilterInvalid(
            f"{len(filters)} filters are more than {MAX_FILTERS}.",
            hint="Use in for several values of a column.",
        )
    return tuple(filters)


def read_selection(
    project: str,
    *,
    filters: tuple[Filter, ...] = (),
    text: str | None = None,
    since: str | None = None,
    until: str | None = None,
    now: datetime,
) -> Selection:
    """Make a selection of a written question.

    Raises:
        InvalidInput: A time cannot be read, the range is empty, or the text is too long.
    """
    begin, end = _read_time("since", since, now), _read_time("until", until, now)
    if begin is not None and end is not None and begin >= end:
        raise InvalidInput(
            f"The range from {since!r} to {until!r} is empty.", hint="Let since be before until."
        )
    if text and len(text) > MAX_TEXT:
        raise InvalidInput(f"A text of {len(text)} characters is longer than {MAX_TEXT}.")
    return Selection(project=project, filters=filters, text=text or "", since_nano=begin, until_nano=end)


def _read_time(name: str, text: str | None, now: datetime) -> int | None:
    if not text:
        return None
    try:
        moment = parse_instant(text, now=now)
    except InvalidInstant as error:
        raise InvalidInput(f"{name}: {error}.", details={"parameter": name, "value": text}) from error
    return min(max(to_unix_nano(moment), 0), _LAST_NANO)


def traces_page_view(query: ListQuery, page: Page[TraceRow]) -> View:
    """A page of traces."""
    return _page(query, "traces", [trace_row_view(row) for row in page.items], page.next_cursor)


def spans_page_view(query: ListQuery, page: Page[StoredSpan]) -> View:
    """A page of spans, without attributes, events and links."""
    rows = [_span_row(span) for span in page.items]
    return _page(query, "spans", rows, page.next_cursor)


def _page(query: ListQuery, name: str, rows: list[View], next_cursor: str | None) -> View:
    return {"level": query.level.value, name: rows, "next_cursor": next_cursor}


def _span_row(span: StoredSpan) -> View:
    return {name: value for name, value in span.columns.items() if name not in _LEFT_OUT_OF_LISTS}


def trace_row_view(row: TraceRow) -> View:
    """One trace of a list."""
    return {
        "trace_id": row.trace_id,
        "root": row.has_root,
        "name": row.name,
        "kind": row.kind,
        "started_at": format_nano(row.unix_nano),
        "duration_ms": row.duration_ms,
        "status": row.status,
        "error_class": row.error_class,
        "environment": row.environment,
        "service": row.service,
        "version": row.version,
        "session_id": row.session_id,
        "user_id": row.user_id,
        "models": row.models,
        "span_count": row.span_count,
        "error_count": row.error_count,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cost_usd": row.cost_usd,
        "unpriced_span_count": row.unpriced_span_count,
        "input_preview": row.input_preview,
        "output_preview": row.output_preview,
        "matched_span_id": row.position.span_id.hex(),
        "matched_at": format_nano(row.position.unix_nano),
        "scores": [score_view(score) for score in row.scores],
    }


def score_view(score: Score) -> View:
    """One score."""
    return {
        "score_id": score.score_id,
        "name": score.name,
        "value": score.value,
        "label": score.label,
        "explanation": score.explanation,
        "source": score.source,
        "evaluator": score.evaluator,
        "error_type": score.error_type,
        "at": format_nano(score.unix_nano),
        "trace_id": score.trace_id,
        "span_id": score.span_id,
        "session_id": score.session_id,
    }


def trace_view(trace: OpenTrace) -> View:
    """One trace, with a page of its spans in depth-first order."""
    start = trace.totals.start_nano
    root = trace.root
    name = next((s.columns["name"] for n, s in trace.page if n is root), None)
    return {
        "trace_id": trace.trace_id,
        "root_span_id": root.span.span_id if root else None,
        "name": name,
        "started_at": format_nano(start),
        "duration_ms": trace.totals.total.duration_ms,
        "totals": _totals(trace.totals.total),
        "by_kind": {kind: _totals(sums) for kind, sums in sorted(trace.totals.by_kind.items())},
        "by_model": {model: _totals(sums) for model, sums in sorted(trace.totals.by_model.items())},
        "missing_parent_ids": list(trace.missing_parents),
        "profiled_span_ids": [node.span.span_id for node, span in trace.page if STACKS in span.attributes],
        "duplicate_count": trace.duplicate_count,
        "is_cut": trace.is_cut,
        "critical_path": [_step(step, start) for step in trace.path],
        "spans": [_tree_span(node, span, trace) for node, span in trace.page],
        "logs": [_log(log) for log in trace.logs[:MAX_LOGS]],
        "has_more_logs": len(trace.logs) > MAX_LOGS,
        "scores": [score_view(score) for score in trace.scores],
        "next_cursor": trace.next_cursor,
    }


def span_view(opened: OpenSpan) -> View:
    """One span with its texts, logs and scores."""
    content = with_content(opened.span, opened.payload, opened.logged)
    return {
        **_whole_span(opened.span, content),
        "conversation": conversation_view(opened.span, content),
        "retrieved": retrieved_view(opened, content),
        "copies": opened.span.copies,
        "logs": [_log(log) for log in opened.logs[:MAX_LOGS]],
        "scores": [score_view(score) for score in opened.scores],
    }


def _tree_span(node: TreeNode, span: StoredSpan, trace: OpenTrace) -> View:
    offset = span.lite.unix_nano - trace.totals.start_nano
    span_id = span.lite.span_id
    return {
        **_whole_span(span, with_content(span, trace.payloads.get(span_id), trace.logged.get(span_id, {}))),
        "depth": node.depth,
        "placement": node.placement.value,
        "child_count": node.child_count,
        "offset_ms": offset / NANOS_PER_MS,
        "copies": span.copies,
    }


def _whole_span(span: StoredSpan, content: Mapping[str, Any]) -> View:
    columns = span.columns
    events = [{**event, "attributes": decoded(event["attributes"])} for event in columns["events"]]
    resource = decoded(columns["resource_attributes"])
    return {**columns, "events": events, "resource_attributes": resource, **content}


def _totals(sums: Totals) -> View:
    return {
        "span_count": sums.span_count,
        "error_count": sums.error_count,
        "duration_ms": sums.duration_ms,
        "input_tokens": sums.input_tokens,
        "output_tokens": sums.output_tokens,
        "cost_usd": sums.cost_usd,
        "unpriced_span_count": sums.unpriced_span_count,
    }


def _step(step: PathStep, start_nano: int) -> View:
    offset = (step.start_nano - start_nano) / NANOS_PER_MS
    return {"span_id": step.span_id, "offset_ms": offset, "duration_ms": step.duration_ms}


def _log(log: StoredLog) -> View:
    return {**log.columns, "attributes": decoded(log.attributes)}


def owners_page_view(query: OwnerQuery, page: Page[OwnerRow]) -> View:
    """A page of sessions or users."""
    rows = [owner_view(query.owner, row) for row in page.items]
    return {f"{query.owner.noun}s": rows, "next_cursor": page.next_cursor}


def owner_view(owner: Owner, row: OwnerRow) -> View:
    """Totals of a session, with its users, or of a user, with the number of sessions."""
    has_tokens = row.input_tokens is not None and row.output_tokens is not None
    specific = {"user_ids": row.user_ids} if owner is Owner.SESSION else {"session_count": row.session_count}
    return {
        owner.value: row.id,
        **specific,
        "first_at": format_nano(row.first_nano),
        "last_at": format_nano(row.last_nano),
        "trace_count": row.trace_count,
        "span_count": row.span_count,
        "error_count": row.error_count,
        "models": row.models,
        "services": row.services,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "total_tokens": (row.input_tokens or 0) + (row.output_tokens or 0) if has_tokens else None,
        "cost_usd": row.cost_usd,
        "unpriced_span_count": row.unpriced_span_count,
    }


def open_owner_view(owner: Owner, opened: OpenOwner) -> View:
    """One session or user with its newest traces."""
    return {
        **owner_view(owner, opened.row),
        "scores": [score_view(score) for score in opened.scores],
        "traces": [trace_row_view(row) for row in opened.traces.items],
        "has_more_traces": opened.traces.next_cursor is not None,
    }
