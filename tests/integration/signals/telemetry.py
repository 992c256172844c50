"""Spans and points as plain rows, and their way into the store."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pitwall.stores.telemetry.engine import TelemetryEngine

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

Row = dict[str, Any]


def make_span(**columns: Any) -> Row:
    """A successful model call at noon, unless columns say otherwise."""
    span: Row = {
        "trace_id": "0123456789abcdef",
        "span_id": "01234567",
        "parent_span_id": "",
        "kind": "llm",
        "service": "voc-chat",
        "model": "qwen2.5:7b",
        "started_at": NOON,
        "duration_ms": 100.0,
        "status": "ok",
        "error_class": "",
        "token_source": "none",
        "cost_source": "none",
    }
    return {**span, **columns}


def make_point(name: str, value: float, **columns: Any) -> Row:
    """A gauge point at noon, unless columns say otherwise."""
    point: Row = {
        "name": name,
        "service": "voc-chat",
        "type": "gauge",
        "temporality": "unspecified",
        "at": NOON,
        "value": value,
    }
    return {**point, **columns}


def insert_spans(engine: TelemetryEngine, project: str, spans: Sequence[Row]) -> None:
    """Store spans the way the doors do, through `spans_in`."""
    _insert(engine, "spans_in", project, spans)


def insert_points(engine: TelemetryEngine, project: str, points: Sequence[Row]) -> None:
    """Store points through `points_in`."""
    _insert(engine, "points_in", project, points)


def insert_logs(engine: TelemetryEngine, project: str, logs: Sequence[Row]) -> None:
    """Store log records through `logs_in`."""
    _insert(engine, "logs_in", project, logs)


def insert_scores(engine: TelemetryEngine, project: str, scores: Sequence[Row]) -> None:
    """Store scores through `scores_in`, each with an id of its own."""
    rows = [
        {"score_id": f"score-{number}", "at": NOON, "received_at": NOON, **score}
        for number, score in enumerate(scores)
    ]
    _insert(engine, "scores_in", project, rows)


def random_spans(seed: int, count: int, *, length: timedelta = timedelta(hours=1)) -> list[Row]:
    """Spans of a RAG service from noon on, with every column known on some and unknown on others."""
    source = random.Random(seed)
    return [_random_span(source, length) for _ in range(count)]


def _random_span(source: random.Random, length: timedelta) -> Row:
    kind = source.choice(
        ["llm", "llm", "llm", "retriever", "reranker", "embedding", "cache", "parser", "http"]
    )
    is_error = source.random() < 0.1
    known = source.choice(["provider", "estimated", "missing"]) if kind in ("llm", "embedding") else "none"
    has_tokens = known in ("provider", "estimated")
    model = source.choice(["qwen2.5:7b", "gpt-4o"]) if kind in ("llm", "embedding") else ""
    input_tokens = source.randrange(10, 4000) if has_tokens else 0
    cache_read_tokens = source.randrange(10) if has_tokens else 0
    return make_span(
        kind=kind,
        service=source.choice(["voc-chat", "search"]),
        model=model,
        provider="openai" if model == "gpt-4o" else "",
        component="embedding" if kind == "cache" else "",
        started_at=NOON + timedelta(microseconds=source.randrange(length // timedelta(microseconds=1))),
        parent_span_id="" if kind == "http" else "parent00",
        duration_ms=round(source.lognormvariate(6, 1), 3) if source.random() < 0.9 else None,
        status="error" if is_error else "ok",
        error_class=source.choice(["timeout", "rate_limit", "provider", "parse"]) if is_error else "",
        ttft_ms=source.choice([None, round(source.uniform(50, 900), 2)]) if kind == "llm" else None,
        token_source=known,
        is_usage_rollup=kind == "llm" and source.random() < 0.05,
        input_tokens=input_tokens,
        uncached_input_tokens=input_tokens - cache_read_tokens,
        cache_read_tokens=cache_read_tokens,
        output_tokens=source.randrange(5, 800) if has_tokens else 0,
        cost_usd=f"{source.uniform(0.0001, 0.05):.9f}" if has_tokens and source.random() < 0.8 else None,
        cost_source=source.choice(["unpriced", "none"]) if kind == "llm" and not has_tokens else "none",
        document_count=source.choice([None, 0, 1, 3, 7]) if kind in ("retriever", "reranker") else None,
        rerank_enabled=source.choice([None, True, False]) if kind == "retriever" else None,
        cache_hit=source.choice([None, True, False]) if kind == "cache" else None,
        parse_ok=source.choice([True, True, False]) if kind == "parser" else None,
        is_fallback=source.choice([None, True, False]) if kind in ("llm", "http") else None,
        retry_count=source.choice([None, 0, 0, 1, 2]) if kind == "llm" else None,
        embedding_count=source.choice([0, 1, 3, 8]) if kind == "embedding" else 0,
    )


def _insert(engine: TelemetryEngine, table: str, project: str, rows: Sequence[Row]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    values = [[_written(row.get(name)) for name in columns] for row in rows]
    engine.insert_rows(table, ["project", *columns], [[project, *row] for row in values])


def _written(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
