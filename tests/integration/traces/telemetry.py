"""Spans, logs and scores as plain rows, and their way into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pitwall.ingest.mapping.values import value_text
from pitwall.kit.clock import to_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.mapping_rows import any_value

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

Row = dict[str, Any]


def trace_id(number: int) -> str:
    """A trace id of sixteen ASCII bytes, which JSON can carry."""
    return f"trace{number:011d}"


def span_id(number: int) -> str:
    """A span id of eight ASCII bytes."""
    return f"sp{number:06d}"


def as_hex(identifier: str) -> str:
    """An id as the API writes it."""
    return identifier.encode().hex()


def make_span(trace: int = 1, number: int = 1, parent: int | None = None, **columns: Any) -> Row:
    """A successful span at noon, received three seconds later, unless columns say otherwise."""
    span: Row = {
        "trace_id": trace_id(trace),
        "span_id": span_id(number),
        "parent_span_id": "" if parent is None else span_id(parent),
        "name": f"span {number}",
        "kind": "chain",
        "service": "voc-chat",
        "started_at": NOON,
        "duration_ms": 100.0,
        "received_at": NOON + timedelta(seconds=3),
        "status": "ok",
        "token_source": "none",
        "cost_source": "none",
    }
    return {**span, **columns}


def make_llm_span(trace: int = 1, number: int = 2, parent: int | None = 1, **columns: Any) -> Row:
    """A model call with tokens and cost."""
    call = {
        "kind": "llm",
        "model": "qwen2.5:7b",
        "token_source": "provider",
        "input_tokens": 40,
        "output_tokens": 12,
        "cost_usd": "0.002",
        "cost_source": "computed",
    }
    return make_span(trace, number, parent, **{**call, **columns})


def insert_spans(engine: TelemetryEngine, project: str, spans: Sequence[Row]) -> None:
    """Store spans the way the doors do, through `spans_in`; payloads and rollups follow."""
    insert(engine, "spans_in", project, spans)


def insert_log(engine: TelemetryEngine, project: str, **columns: Any) -> None:
    """Store a log record of the first span at noon, unless columns say otherwise."""
    log: Row = {
        "at": NOON,
        "trace_id": trace_id(1),
        "span_id": span_id(1),
        "severity": "info",
        "body": "hello",
    }
    insert(engine, "logs_in", project, [{**log, **columns}])


def stored_map(value: Mapping[str, Any]) -> str:
    """A structured value the way the mapping stores it."""
    return value_text(any_value(dict(value)))


def insert(engine: TelemetryEngine, table: str, project: str, rows: Sequence[Row]) -> None:
    """Store rows of any table; columns that a row lacks take the column's default."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    values = [[_written(row.get(name)) for name in columns] for row in rows]
    engine.insert_rows(table, ["project", *columns], [[project, *row] for row in values])


def unix_nano(row: Mapping[str, Any]) -> int:
    """When a span started."""
    return to_unix_nano(row["started_at"])


def _written(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
