"""A client without a server: what it writes is what `pitwall ingest` reads, and what it loses it tells."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import pitwall
from pitwall.sdk import Client, Limits
from tests.integration.sdk.receiver import Receiver
from tests.integration.server.processes import run_command

FILES = {"llm_calls.jsonl": 4, "rag_retrieval.jsonl": 2, "cost_usage.jsonl": 1, "cache.jsonl": 2}
QUESTION = "환불은 며칠 걸리나요?"


class TooBusy(Exception):
    """The application's own error."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "traces"


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    """A client that has a folder and no address."""
    limits = Limits(max_queue_spans=20, linger_seconds=0.01)
    started = pitwall.init(service="shop-chat", trace_dir=folder, limits=limits)
    yield started
    started.shutdown(1)


def record_requests() -> None:
    """Make all four kinds of events: answered calls, failed ones, Korean text, hits and misses."""
    with pitwall.request_context(request_id="요청-1"):
        with pitwall.cache_lookup(name="embedding", key=QUESTION) as look:
            look.hit(False)
        with pitwall.embedding(model="nomic-embed-text", provider="ollama", count=3):
            pass
        with pitwall.retrieval(query=QUESTION, top_k=5) as search:
            search.set_documents([{"id": "환불.md"}, {"id": "배송.md"}])
        for input_tokens in (100, 250):
            with pitwall.llm_call(model="qwen2.5:7b", provider="ollama", input=QUESTION) as call:
                call.set_usage(input_tokens=input_tokens, output_tokens=40)
    with pitwall.request_context(request_id="요청-2"):
        with pitwall.cache_lookup(name="embedding", key=QUESTION) as look:
            look.hit(True)
        with pitwall.retrieval(query=QUESTION, top_k=5) as search:
            search.set_documents([])
        for error in (TimeoutError("응답이 없습니다"), TooBusy("나중에")):
            pitwall.llm_call(model="qwen2.5:7b", provider="ollama").start().set_error(error).end()


def command_json(data_dir: Path, *arguments: str) -> Any:
    done = run_command(*arguments, "--data-dir", str(data_dir), "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def signal_values(data_dir: Path) -> dict[str, float | None]:
    """Every signal of the last hour that has one value, what came in just now included."""
    now = datetime.now(UTC)
    times = (
        "--since",
        f"{now - timedelta(hours=1):%FT%TZ}",
        "--until",
        f"{now + timedelta(minutes=1):%FT%TZ}",
    )
    results = command_json(data_dir, "signals", "show", *times)["results"]
    return {one["name"]: one["rows"][0]["value"] for one in results if len(one["rows"]) == 1}


def spans_of(data_dir: Path) -> list[dict[str, Any]]:
    """All spans, opened one trace after the other."""
    traces = command_json(data_dir, "traces", "list")["traces"]
    opened = [command_json(data_dir, "traces", "show", trace["trace_id"]) for trace in traces]
    return [span for trace in opened for span in trace["spans"]]


def test_written_files_are_imported_once_with_the_right_numbers(
    client: Client, folder: Path, tmp_path: Path
) -> None:
    """All four files, imported twice into a real store: every event is there once."""
    record_requests()
    assert client.flush(5)
    data_dir = tmp_path / "data"
    ingest = ("ingest", "jsonl", str(folder), "--service", "shop-chat")
    first, second = (command_json(data_dir, *ingest) for _ in range(2))
    assert {path.name: path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl")} == FILES
    total = sum(FILES.values())
    assert [(one["rows"], one["skipped"], one["rejected"]) for one in (first, second)] == [
        (total, 0, 0),
        (0, total, 0),
    ]
    expected = {
        "llm.requests": 4,
        "llm.success_rate": 0.5,
        "llm.input_tokens": 350,
        "llm.output_tokens": 80,
        "rag.hit_rate": 0.5,
        "rag.mean_hits": 1,
        "embedding.calls": 1,
        "embedding.texts": 3,
        "cache.embed_hit_rate": 0.5,
    }
    values = signal_values(data_dir)
    assert {name: values[name] for name in expected} == expected


def test_written_errors_and_texts_survive_the_import(client: Client, folder: Path, tmp_path: Path) -> None:
    """Type, message, class and Korean text of the spans are those that the application had."""
    record_requests()
    assert client.flush(5)
    data_dir = tmp_path / "data"
    assert run_command("ingest", "jsonl", str(folder), "--data-dir", str(data_dir)).returncode == 0
    spans = spans_of(data_dir)
    assert len(spans) == sum(FILES.values())
    errors = [[span[key] for key in ("error_type", "error_class", "status_message")] for span in spans]
    assert sorted(error for error in errors if error[0]) == [
        ["TimeoutError", "timeout", "TimeoutError: 응답이 없습니다"],
        ["TooBusy", "internal", "TooBusy: 나중에"],
    ]
    assert {span["input"] for span in spans if span["kind"] == "retriever"} == {QUESTION}
    assert {span["request_id"] for span in spans if span["kind"] == "llm"} == {"요청-1", "요청-2"}


def test_score_without_a_server_is_refused_and_told_once(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Trace files have no place for it: the caller gets False, and the log says once what to do."""
    for _ in range(3):
        assert not pitwall.score("thumb", 1, trace_id="ab" * 16)
    assert client.flush(5)
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("WARNING", "pitwall.sdk")
    assert "sdk.scores_not_sent" in record.getMessage()
    assert "PITWALL_ENDPOINT" in record.getMessage()


def test_score_goes_out_where_files_and_server_are_given(receiver: Receiver, folder: Path) -> None:
    """With an address there is somewhere to send it to."""
    client = pitwall.init(service="shop-chat", trace_dir=folder, endpoint=receiver.endpoint)
    assert pitwall.score("thumb", 1, trace_id="ab" * 16)
    assert client.flush(5)
    assert len(receiver.accepted("/v1/logs")) == 1
    client.shutdown(1)


def test_spans_lost_without_a_server_are_told_in_the_log(
    client: Client, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No server counts them, so the log has their number by reason, once for each growth."""
    (folder / "llm_calls.jsonl").mkdir(parents=True)  # nothing can be written there
    with caplog.at_level(logging.WARNING, logger="pitwall.sdk"):
        pitwall.llm_call(model="m").start().end()
        assert client.flush(5)
        assert client.flush(5)
    told = [record.getMessage() for record in caplog.records if "sdk.spans_dropped" in record.getMessage()]
    assert told == ["sdk.spans_dropped total=1 reasons={'export_failed': 1}"]
    assert client.tally().dropped_total == 1
