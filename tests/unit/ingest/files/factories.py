"""Lines as users have them, and what they become without a store."""

from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.ingest.files.batch import Batch
from pitwall.ingest.files.column_map import parse_map
from pitwall.ingest.files.csv_files import read_csv
from pitwall.ingest.files.cutting import first_record, parse_header
from pitwall.ingest.files.jsonl import read_jsonl
from pitwall.ingest.files.types import Chunk, Reader

SOURCE = "5f" * 16


def llm_call(**fields: Any) -> dict[str, Any]:
    """Make an `llm.call` event with exactly the fields that users have."""
    event = {
        "ts": "2026-11-20T09:30:00.250Z",
        "event": "llm.call",
        "model": "qwen2.5:7b",
        "provider": "ollama",
        "success": True,
        "latency_ms": 812.5,
        "prompt_tokens": 420,
        "completion_tokens": 64,
        "error": None,
        "interaction_id": "req-1",
    }
    return {**event, **fields}


def rag_retrieve(**fields: Any) -> dict[str, Any]:
    """Make a `rag.retrieve` event."""
    event = {
        "ts": "2026-11-20T09:29:59Z",
        "event": "rag.retrieve",
        "query": "배터리 환불",
        "hits": 4,
        "topk": 8,
        "rerank_enabled": True,
        "rerank_model": "bge-reranker",
        "latency_ms": 35,
        "interaction_id": "req-1",
    }
    return {**event, **fields}


def ollama_usage(**fields: Any) -> dict[str, Any]:
    """Make an `ollama.usage` event."""
    event = {
        "ts": 1763631000.5,
        "event": "ollama.usage",
        "kind": "embed",
        "model": "nomic-embed-text",
        "count": 3,
        "latency_ms": 12,
        "interaction_id": "req-1",
    }
    return {**event, **fields}


def embed_cache(**fields: Any) -> dict[str, Any]:
    """Make an `embed.cache` event."""
    return {"ts": 1763631000500, "event": "embed.cache", "key": "sha:1", "hit": True, **fields}


def to_lines(*objects: dict[str, Any]) -> bytes:
    """Write objects as lines."""
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in objects)


def read_lines(data: bytes, *, mapping: tuple[str, ...] = (), **reader: Any) -> Batch:
    """Read lines as a chunk at the beginning of a source."""
    described = Reader("jsonl", mapping=mapping, **reader)
    chunk = Chunk(SOURCE, 0, 1, data, len(data), "calls.jsonl", "", True, described)
    batch = Batch(SOURCE, {"service": described.service, "environment": described.environment})
    column_map = parse_map(mapping, described.constants, timezone=described.timezone) if mapping else None
    read_jsonl(chunk, batch, column_map, max_records=1000)
    return batch


def read_table(data: bytes, *mapping: str, **reader: Any) -> Batch:
    """Read a whole CSV file."""
    delimiter = reader.get("delimiter", ",")
    columns = parse_header(first_record(data, delimiter), delimiter)
    described = Reader("csv", mapping=mapping, columns=columns, **reader)
    chunk = Chunk(SOURCE, 0, 1, data, len(data), "calls.csv", "", True, described)
    batch = Batch(SOURCE, {})
    read_csv(chunk, batch, parse_map(mapping, described.constants, timezone=described.timezone))
    return batch


def spans_of(batch: Batch) -> list[Span]:
    """Return the spans of a batch that has nothing else."""
    assert batch.problems == []
    return list(batch.spans())


def read_one(event: dict[str, Any]) -> Span:
    """Return the span of one event."""
    (span,) = spans_of(read_lines(to_lines(event)))
    return span


def attributes_of(span: Span) -> dict[str, Any]:
    """Return a span's attributes as plain values."""
    return {item.key: getattr(item.value, str(item.value.WhichOneof("value"))) for item in span.attributes}
