"""Stored spans as the API shows them: times have nanoseconds, and what nobody measured is null, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pitwall.ingest.mapping.messages import listed_messages
from pitwall.traces.types import NANOS_PER_MS, SpanLite, StoredSpan

_TEXTS: Final = (
    "environment service version kind operation component error_class error_type status_message provider "
    "request_model response_model model price_version finish_reason session_id user_id company request_id "
    "response_id agent workflow tool_name tool_call_id prompt_name prompt_version experiment variant run_id "
    "scope_name scope_version dialect"
).split()
_TOKENS: Final = (
    "input_tokens uncached_input_tokens cache_read_tokens cache_write_tokens cache_write_1h_tokens "
    "output_tokens reasoning_tokens"
).split()
_PREVIEWS: Final = ("input_preview", "output_preview")
_COSTS: Final = ("cost_usd", "reported_cost_usd")
_NOT_ZERO: Final = ("embedding_count", "embedding_dimensions", "http_status", "input_bytes", "output_bytes")
_PLAIN: Final = (
    "name duration_ms status token_source is_usage_rollup cost_source ttft_ms top_k document_count "
    "rerank_enabled rerank_input_count cache_hit parse_ok is_fallback retry_count masked_count "
    "mapping_version"
).split()
_TOKENS_KNOWN: Final = frozenset({"provider", "estimated"})
NO_SPAN_ID: Final = bytes(8)

LITE_COLUMNS: Final = (
    "span_id, parent_span_id, toUnixTimestamp64Nano(started_at) AS unix_nano, duration_ms, status, kind, "
    "model, input_tokens, output_tokens, token_source, is_usage_rollup, cost_usd, cost_source"
)
STORED_COLUMNS: Final = ", ".join(
    [
        "trace_id, span_id, parent_span_id, toUnixTimestamp64Nano(started_at) AS unix_nano",
        "toUnixTimestamp64Milli(received_at) AS received_ms, log_position",
        *_PLAIN,
        *_TEXTS,
        *_PREVIEWS,
        *_TOKENS,
        *_COSTS,
        *_NOT_ZERO,
        "document_ids, document_scores, attributes, resource_attributes",
        "arrayMap(e -> (toUnixTimestamp64Nano(e.1), e.2, e.3), events) AS event_rows",
        "links.trace_id AS link_trace_ids, links.span_id AS link_span_ids",
    ]
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def format_nano(unix_nano: int) -> str:
    """Write nanoseconds since 1970 as ISO 8601 in UTC; a fraction only if there is one."""
    seconds, nanos = divmod(unix_nano, 1_000_000_000)
    fraction = f".{nanos:09d}".rstrip("0").rstrip(".")
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def to_lite(row: Mapping[str, Any]) -> SpanLite:
    """Read a row that has `LITE_COLUMNS`."""
    has_tokens = row["token_source"] in _TOKENS_KNOWN
    return SpanLite(
        span_id=row["span_id"].hex(),
        parent_span_id=hex_or_none(row["parent_span_id"]),
        unix_nano=row["unix_nano"],
        duration_ms=row["duration_ms"],
        is_error=row["status"] == "error",
        kind=row["kind"] or "other",
        model=row["model"] or None,
        tokens=(row["input_tokens"], row["output_tokens"]) if has_tokens else None,
        cost_usd=None if row["cost_usd"] is None else float(row["cost_usd"]),
        is_unpriced=row["cost_source"] == "unpriced",
        is_usage_rollup=row["is_usage_rollup"],
    )


def to_span(row: Mapping[str, Any], *, copies: int = 1) -> StoredSpan:
    """Read a row that has `STORED_COLUMNS`."""
    return StoredSpan(
        lite=to_lite(row),
        columns=_columns(row),
        attributes=row["attributes"],
        copies=copies,
    )


def hex_or_none(value: bytes) -> str | None:
    """Write an id in hexadecimal; all zero is none."""
    return value.hex() if any(value) else None


def preview(text: str) -> str | None:
    """A beginning of a text as people read it; None for no text."""
    return listed_messages(text) or None


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    has_tokens = row["token_source"] in _TOKENS_KNOWN
    columns = {name: row[name] for name in _PLAIN}
    columns |= {name: row[name] or None for name in _TEXTS}
    columns |= {name: preview(row[name]) for name in _PREVIEWS}
    columns |= {name: row[name] if has_tokens else None for name in _TOKENS}
    columns |= {name: None if row[name] is None else float(row[name]) for name in _COSTS}
    columns |= {name: row[name] or None for name in _NOT_ZERO}
    unix_nano = row["unix_nano"]
    return {
        "trace_id": row["trace_id"].hex(),
        "span_id": row["span_id"].hex(),
        "parent_span_id": hex_or_none(row["parent_span_id"]),
        "started_at": format_nano(unix_nano),
        "ended_at": _end(unix_nano, row["duration_ms"]),
        "received_at": format_nano(row["received_ms"] * NANOS_PER_MS),
        **columns,
        "documents": _documents(row["document_ids"], row["document_scores"]),
        "resource_attributes": row["resource_attributes"],
        "events": [
            {"at": format_nano(at), "name": name, "attributes": attributes}
            for at, name, attributes in row["event_rows"]
        ],
        "links": [
            {"trace_id": trace.hex(), "span_id": span.hex()}
            for trace, span in zip(row["link_trace_ids"], row["link_span_ids"], strict=True)
        ],
    }


def _end(unix_nano: int, duration_ms: float | None) -> str | None:
    return None if duration_ms is None else format_nano(unix_nano + round(duration_ms * NANOS_PER_MS))


def _documents(ids: list[str], scores: list[float]) -> list[dict[str, Any]]:
    """Ids with their scores, in the order of retrieval; either may be missing."""
    count = max(len(ids), len(scores))
    return [
        {
            "id": ids[index] if index < len(ids) else None,
            "score": round(scores[index], 7) if index < len(scores) else None,
        }
        for index in range(count)
    ]
