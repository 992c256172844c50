"""What mapping costs: CPU microseconds a span for a stage insert, by part of the pipeline, and the fixed cost
of one.

    python benchmarks/bench_mapping.py [--spans 40000] [--rounds 3] [--json]

Requests are RAG traces of 5 spans, about 1.5 kB a span, 500 spans a request. The parts are measured by taking
views away from the end; a row says what the pipeline up to and including that part costs. Background merges
that fall into the measured time are counted. Other load on the machine raises the figures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping import views
from pitwall.ingest.mapping.stages import STAGES
from pitwall.kit.protobuf_fields import bytes_field, varint
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.engine import SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate

_SPANS_PER_REQUEST = 500
# From the end of the pipeline to its beginning: the view to drop, and what its part does.
_PARTS = (
    ("spans_in_to_payloads", "payloads"),
    ("spans_in_to_minute", "rollups"),
    ("spans_in_to_spans", "spans table"),
    ("map_spans", "normal form, cost"),
    ("map_span_facts", "kinds, counts, texts"),
    ("map_span_rows", "flatten, masking, wrappers"),
)
_WORDS = [f"w{i}" if i % 3 else f"단어{i}" for i in range(5000)]
_WEIGHTS = list(itertools.accumulate(1 / (i + 1) for i in range(5000)))


def _text(rng: random.Random, size: int) -> str:
    words: list[str] = []
    length = 0
    while length < size:
        word = rng.choices(_WORDS, cum_weights=_WEIGHTS)[0]
        words.append(word)
        length += len(word.encode()) + 1
    return " ".join(words)


def _set(span: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        item = span.attributes.add(key=key)
        match value:
            case bool():
                item.value.bool_value = value
            case int():
                item.value.int_value = value
            case float():
                item.value.double_value = value
            case list():
                for part in value:
                    item.value.array_value.values.add().string_value = part
            case _:
                item.value.string_value = value


def _trace(rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    common = {
        "session.id": f"s{rng.randrange(5000)}",
        "user.id": f"u{rng.randrange(2000)}",
        "request.id": f"r{rng.randrange(10**9)}",
    }
    model = rng.choice(["qwen2.5:7b", "gpt-4o-mini", "gemini-2.0-flash", "claude-sonnet-4-5"])

    def documents(prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {"input.value": _text(rng, 80)}
        for number in range(3):
            found[f"{prefix}.{number}.document.id"] = f"doc{rng.randrange(999)}"
            found[f"{prefix}.{number}.document.score"] = rng.random()
            found[f"{prefix}.{number}.document.content"] = _text(rng, 330)
        return found

    yield (
        "CHAIN",
        {
            **common,
            "input.value": _text(rng, 500),
            "output.value": _text(rng, 900),
            "http.route": "/voc/chat",
        },
    )
    yield (
        "EMBEDDING",
        {
            **common,
            "gen_ai.request.model": "bge-m3",
            "gen_ai.usage.input_tokens": 20,
            "input.value": _text(rng, 500),
            "pitwall.cache.hit": rng.random() < 0.5,
            "x.a": _text(rng, 100),
            "x.b": 3.5,
        },
    )
    yield "RETRIEVER", {**common, **documents("retrieval.documents")}
    yield "RERANKER", {**common, **documents("reranker.output_documents")}
    yield (
        "LLM",
        {
            **common,
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": rng.randrange(100, 4000),
            "gen_ai.usage.output_tokens": rng.randrange(10, 900),
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "content": _text(rng, 900)}], ensure_ascii=False
            ),
            "gen_ai.output.messages": json.dumps(
                [{"role": "assistant", "content": _text(rng, 400)}], ensure_ascii=False
            ),
        },
    )


def make_request(rng: random.Random, now: int) -> bytes:
    """One request of 100 traces."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    _set(
        group.resource,
        {"service.name": "voc", "deployment.environment.name": "prod", "service.version": "1.2"},
    )
    scope = group.scope_spans.add()
    scope.scope.name = "bench"
    for _ in range(_SPANS_PER_REQUEST // 5):
        trace_id, root = rng.randbytes(16), rng.randbytes(8)
        start = now - rng.randrange(60_000_000_000)
        for kind, attributes in _trace(rng):
            span = scope.spans.add(trace_id=trace_id, name=kind.lower(), start_time_unix_nano=start)
            span.span_id = root if kind == "CHAIN" else rng.randbytes(8)
            span.parent_span_id = b"" if kind == "CHAIN" else root
            span.end_time_unix_nano = start + rng.randrange(10**6, 3 * 10**9)
            _set(span, {"openinference.span.kind": kind, **attributes})
            if kind == "LLM" and rng.random() < 0.02:
                span.status.code = Status.STATUS_CODE_ERROR
                span.status.message = "timeout"
    return request.SerializeToString()


def _record(body: bytes) -> bytes:
    header = bytes_field(1000, b"bench")
    return varint(len(header) + len(body)) + header + body


class _Bench:
    def __init__(self, engine: TelemetryEngine, large: Path, small: Path, spans: int) -> None:
        self._engine = engine
        self._large, self._small, self._spans = large, small, spans
        self._tokens = itertools.count()

    def _insert(self, path: Path) -> None:
        stage = STAGES[TelemetryType.TRACES]
        token = f"bench-{next(self._tokens)}"
        self._engine.insert_segment(SegmentInsert(stage.table, path, token, stage.schema, stage.message))

    def measure(self, rounds: int) -> tuple[float, float]:
        """CPU microseconds a span of a large insert (mean), CPU milliseconds of a small one (least)."""
        self._insert(self._large)
        started = time.process_time()
        for _ in range(rounds):
            self._insert(self._large)
        per_span = (time.process_time() - started) / rounds / self._spans * 1e6
        time.sleep(1.0)  # merges of the large inserts are not the small ones' cost
        small = []
        for _ in range(8):
            started = time.process_time()
            self._insert(self._small)
            small.append(time.process_time() - started)
        return per_span, min(small) * 1e3


def run(spans: int, rounds: int) -> list[dict[str, Any]]:
    """Measure every part, the whole pipeline first."""
    rng = random.Random(1)
    records = [_record(make_request(rng, time.time_ns())) for _ in range(spans // _SPANS_PER_REQUEST)]
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.seg", Path(folder) / "small.seg"
        large.write_bytes(b"".join(records))
        small.write_bytes(records[0])
        engine = open_embedded(Path(folder) / "store" / "telemetry")
        migrate(engine)
        views.install(engine)
        bench = _Bench(engine, large, small, len(records) * _SPANS_PER_REQUEST)
        results = []
        for view, part in (*_PARTS, ("", "parse")):
            per_span, small_ms = bench.measure(rounds)
            results.append({"up_to": part, "cpu_us_per_span": per_span, "cpu_ms_500_span_insert": small_ms})
            if view:
                engine.command(f"DROP VIEW {view}")
        engine.close()
    return results


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = run(options.spans, options.rounds)
    if options.json:
        print(json.dumps(results))
        return
    print(f"{'pipeline up to':30} {'CPU us/span':>12} {'CPU ms / 500 spans':>20}")
    for row in results:
        print(f"{row['up_to']:30} {row['cpu_us_per_span']:12.2f} {row['cpu_ms_500_span_insert']:20.1f}")


if __name__ == "__main__":
    main()
