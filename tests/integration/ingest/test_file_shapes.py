"""What stored rows look like, and the figures of public data sets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pitwall.ingest.files.types import Reader
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.file_store import FileStore, open_file_store
from tests.unit.ingest.files.factories import embed_cache, llm_call, ollama_usage, rag_retrieve, to_lines

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("PITWALL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "llm_traces"


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[FileStore]:
    with open_file_store(tmp_path / "data", telemetry_engine, project) as opened:
        yield opened


def shared(name: str) -> Path:
    """Return a public file, or skip the test by its name."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name} of the shared data")
    return path


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


def test_azure_code_trace_has_its_published_figures(store: FileStore) -> None:
    """Rows, tokens, quantiles and the busiest minute of the 2023 trace."""
    path = shared("azure_llm_2023/AzureLLMInferenceTrace_code.csv.gz")
    mapping = ("started_at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens",)
    progress = store.import_file(path, Reader("csv", mapping=mapping, constants={"model": "gpt-code"}))
    assert (progress.rows, progress.rejected) == (8_819, 0)
    assert store.query("sum(input_tokens), sum(output_tokens), any(kind), any(model)") == [
        (18_059_974, 245_896, "llm", "gpt-code")
    ]
    ((quantiles,),) = store.query("quantilesExactInclusive(0.5, 0.95, 0.99)(input_tokens)")
    assert quantiles == pytest.approx([1469, 7303.3, 7436])
    ((quantiles,),) = store.query("quantilesExactInclusive(0.5, 0.95, 0.99)(output_tokens)")
    assert quantiles == pytest.approx([13, 90, 251.46])
    busiest = store.query(
        "toStartOfMinute(started_at) AS minute, count() AS calls",
        rest="GROUP BY minute ORDER BY calls DESC LIMIT 1",
    )
    assert busiest[0][1] == 585
    assert busiest[0][0].replace(tzinfo=UTC) == datetime(2023, 11, 16, 18, 31, tzinfo=UTC)


def test_mooncake_trace_has_its_published_totals(store: FileStore) -> None:
    """JSON lines of another form, with times counted from an origin and many of them equal."""
    path = shared("mooncake/conversation_trace.jsonl.gz")
    mapping = (
        "started_at=timestamp:ms@2026-01-01T00:00:00Z,input_tokens=input_length,output_tokens=output_length",
    )
    assert store.import_file(path, Reader("jsonl", mapping=mapping)).rows == 6_848
    assert store.query("sum(input_tokens), sum(output_tokens), toString(min(started_at))") == [
        (86_051_706, 2_376_697, "2026-01-01 00:00:00.000000000")
    ]


@pytest.mark.parametrize(
    ("name", "rows", "gpt4_cost_usd"),
    [("PRIME_FULL", 4_000, 13.827 + 1.074), ("SENSITIVEQ", 400, None)],
)
def test_llmdrift_keeps_cost_and_latency(
    store: FileStore, name: str, rows: int, gpt4_cost_usd: float | None
) -> None:
    """Quoted fields over several lines, a time format of its own, seconds, reported cost."""
    mapping = (
        "started_at=timestamp:%m/%d/%Y, %H:%M:%S,model=model,duration_ms=latency:s,cost_usd=cost",
        "input=query,output=answer,attributes.dataset=dataset",
    )
    progress = store.import_file(shared(f"llmdrift/{name}_EVAL.csv.gz"), Reader("csv", mapping=mapping))
    assert (progress.rows, progress.rejected) == (rows, 0)
    if gpt4_cost_usd is not None:
        ((cost, slowest),) = store.query(
            "toFloat64(sumIf(reported_cost_usd, model LIKE '%gpt-4%')), max(duration_ms)"
        )
        assert cost == pytest.approx(gpt4_cost_usd, abs=0.01)
        assert slowest == pytest.approx(1_622_900, rel=1e-3)
