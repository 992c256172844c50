"""What stored rows look like, and the figures of real files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pitwall.ingest.files.types import Reader
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.file_store import FileStore, open_file_store
from tests.support.data_sets import figures_of, own_and_public, own_file, public_file
from tests.unit.ingest.files.factories import embed_cache, llm_call, ollama_usage, rag_retrieve, to_lines

REQUEST_LOGS = own_and_public(
    "request_log.csv", "llm_traces/azure_llm_2023/AzureLLMInferenceTrace_code.csv.gz"
)
REQUEST_LENGTHS = own_and_public("request_lengths.jsonl", "llm_traces/mooncake/conversation_trace.jsonl.gz")
ANSWERS = [
    own_file("answers.csv"),
    public_file("llm_traces/llmdrift/PRIME_FULL_EVAL.csv.gz"),
    public_file("llm_traces/llmdrift/SENSITIVEQ_EVAL.csv.gz"),
]


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[FileStore]:
    with open_file_store(tmp_path / "data", telemetry_engine, project) as opened:
        yield opened


def test_trace_directory_becomes_spans(store: FileStore, tmp_path: Path) -> None:
    """The four events with the columns that signals ask for; the call is counted once."""
    path = tmp_path / "all.jsonl"
    path.write_bytes(
        to_lines(
            rag_retrieve(),
            ollama_usage(),
            ollama_usage(kind="chat", count=1, model="qwen2.5:7b"),
            embed_cache(),
            llm_call(success=False, error="TimeoutError: no answer"),
        )
    )
    assert store.import_file(path, Reader("jsonl", service="voc", environment="prod")).rows == 5
    columns = (
        "kind, component, model, provider, status::String, error_class, duration_ms, input_tokens, "
        "document_count, top_k, rerank_enabled, embedding_count, cache_hit, request_id, service, environment"
    )
    rest = ("req-1", "voc", "prod")
    assert store.query(columns, rest="ORDER BY kind") == [
        ("cache", "embedding", "", "", "unset", "", None, 0, None, None, None, 0, True, "", "voc", "prod"),
        (
            "embedding",
            "",
            "nomic-embed-text",
            "ollama",
            "unset",
            "",
            12.0,
            0,
            None,
            None,
            None,
            3,
            None,
            *rest,
        ),
        ("llm", "", "qwen2.5:7b", "ollama", "error", "timeout", 812.5, 420, None, None, None, 0, None, *rest),
        ("other", "usage", "qwen2.5:7b", "ollama", "unset", "", 12.0, 0, None, None, None, 0, None, *rest),
        ("retriever", "", "bge-reranker", "", "unset", "", 35.0, 0, 4, 8, True, 0, None, *rest),
    ]
    assert store.query("uniqExact(trace_id), countIf(parent_span_id = toFixedString('', 8))") == [(2, 1)]


@pytest.mark.parametrize("path", REQUEST_LOGS)
def test_request_log_has_its_figures(store: FileStore, path: Path) -> None:
    """Rows, tokens, quantiles and the busiest minute of a log of model calls."""
    figures = figures_of(path)
    mapping = ("started_at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens",)
    progress = store.import_file(path, Reader("csv", mapping=mapping, constants={"model": "gpt-code"}))
    assert (progress.rows, progress.rejected) == (figures["rows"], 0)
    assert store.query("sum(input_tokens), sum(output_tokens), any(kind), any(model)") == [
        (figures["input_tokens"], figures["output_tokens"], "llm", "gpt-code")
    ]
    for side in ("input", "output"):
        ((quantiles,),) = store.query(f"quantilesExactInclusive(0.5, 0.95, 0.99)({side}_tokens)")
        assert quantiles == pytest.approx(figures[f"{side}_quantiles"])
    ((minute, calls),) = store.query(
        "toStartOfMinute(started_at) AS minute, count() AS calls",
        rest="GROUP BY minute ORDER BY calls DESC LIMIT 1",
    )
    assert calls == figures["busiest_minute_requests"]
    assert minute.replace(tzinfo=UTC) == datetime.fromisoformat(figures["busiest_minute"])


@pytest.mark.parametrize("path", REQUEST_LENGTHS)
def test_request_lengths_have_their_totals(store: FileStore, path: Path) -> None:
    """JSON lines of another form, with times counted from an origin and many of them equal."""
    figures = figures_of(path)
    mapping = (
        "started_at=timestamp:ms@2026-01-01T00:00:00Z,input_tokens=input_length,output_tokens=output_length",
    )
    assert store.import_file(path, Reader("jsonl", mapping=mapping)).rows == figures["rows"]
    assert store.query("sum(input_tokens), sum(output_tokens), toString(min(started_at))") == [
        (figures["input_tokens"], figures["output_tokens"], "2026-01-01 00:00:00.000000000")
    ]


@pytest.mark.parametrize("path", ANSWERS)
def test_answers_keep_cost_and_latency(store: FileStore, path: Path) -> None:
    """Quoted fields over several lines, a time format of its own, seconds, reported cost."""
    figures = figures_of(path)
    mapping = (
        "started_at=timestamp:%m/%d/%Y, %H:%M:%S,model=model,duration_ms=latency:s,cost_usd=cost",
        "input=query,output=answer,attributes.dataset=dataset",
    )
    progress = store.import_file(path, Reader("csv", mapping=mapping))
    assert (progress.rows, progress.rejected) == (figures["rows"], 0)
    if "gpt4_cost_usd" in figures:
        ((cost, slowest),) = store.query(
            "toFloat64(sumIf(reported_cost_usd, model LIKE '%gpt-4%')), max(duration_ms)"
        )
        assert cost == pytest.approx(figures["gpt4_cost_usd"], abs=0.01)
        assert slowest == pytest.approx(figures["slowest_ms"], rel=1e-3)
