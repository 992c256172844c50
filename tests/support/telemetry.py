"""Telemetry whose totals are known: OTLP requests, and the log segments that carry them to the store."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.views import STAGES
from pitwall.kit.clock import NANOS_PER_SECOND
from pitwall.stores.telemetry.engine import SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.entries import Entry, encode_header, hash_request

SPANS_PER_TRACE = 3
INPUT_TOKENS = 40
OUTPUT_TOKENS = 12
ERROR_EVERY = 5


@dataclass(frozen=True)
class TraceBatch:
    """Traces of a RAG request each: chain, retriever, llm call; trace ids count up from `first`.

    Attributes:
        started_at: Unix seconds of the first trace; each next one begins `spacing_seconds` later.
        duration_ms: Of every span.
    """

    first: int = 1
    traces: int = 10
    started_at: float = 0.0
    spacing_seconds: float = 1.0
    duration_ms: int = 40

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.traces)

    @property
    def trace_ids(self) -> list[bytes]:
        return [number.to_bytes(16) for number in self.numbers]

    @property
    def span_count(self) -> int:
        return self.traces * SPANS_PER_TRACE

    def encode(self) -> bytes:
        """Encode the OTLP request."""
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        _set(group.resource, {"service.name": "voc"})
        scope = group.scope_spans.add()
        begin = self.started_at or time.time()
        for at in range(self.traces):
            started = begin + at * self.spacing_seconds
            scope.spans.extend(self._trace(self.first + at, int(started * NANOS_PER_SECOND)))
        return request.SerializeToString()

    def _trace(self, number: int, started: int) -> Iterable[Span]:
        root = self._span(number, 0, "chat", started)
        yield root
        retriever = self._span(number, 1, "search", started)
        _set(retriever, {"gen_ai.operation.name": "retrieval", "openinference.span.kind": "RETRIEVER"})
        yield retriever
        llm = self._span(number, 2, "answer", started)
        question = f"질문 {number}: 배터리 환불은 언제 되나요? " + "context " * 60
        _set(llm, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini"})
        _set(llm, {"gen_ai.provider.name": "openai", "gen_ai.input.messages": question})
        _set(llm, {"gen_ai.usage.input_tokens": INPUT_TOKENS, "gen_ai.usage.output_tokens": OUTPUT_TOKENS})
        if number % ERROR_EVERY == 0:
            llm.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="timeout"))
        yield llm

    def _span(self, number: int, at: int, name: str, started: int) -> Span:
        return Span(
            trace_id=number.to_bytes(16),
            span_id=(number * SPANS_PER_TRACE + at + 1).to_bytes(8),
            parent_span_id=b"" if at == 0 else (number * SPANS_PER_TRACE + 1).to_bytes(8),
            name=name,
            start_time_unix_nano=started,
            end_time_unix_nano=started + self.duration_ms * 1_000_000,
        )


def _set(target: object, attributes: dict[str, str | int]) -> None:
    for key, value in attributes.items():
        attribute = target.attributes.add(key=key)  # type: ignore[attr-defined]
        if isinstance(value, int):
            attribute.value.int_value = value
        else:
            attribute.value.string_value = value


def stored_totals(engine: TelemetryEngine, project: str) -> dict[str, tuple[int, ...]]:
    """Count what a project has in every table that traces end in."""
    raw = "count(), uniqExact(trace_id, span_id), sum(input_tokens), countIf(status = 'error')"
    queries = {
        "spans": f"{raw} FROM spans",
        "payloads": "count() FROM payloads",
        "minutes": "sum(spans), sum(input_tokens), sum(errors) FROM spans_by_minute",
        "hours": "sum(spans), sum(input_tokens), sum(errors) FROM spans_by_hour",
    }
    return {
        name: engine.query(f"SELECT {sql} WHERE project = {{project:String}}", {"project": project}).rows[0]
        for name, sql in queries.items()
    }


def expected_totals(traces: int) -> dict[str, tuple[int, ...]]:
    """What `stored_totals` should be after batches with the trace numbers 1 to `traces`."""
    spans, tokens, errors = SPANS_PER_TRACE * traces, INPUT_TOKENS * traces, traces // ERROR_EVERY
    raw, rollup = (spans, spans, tokens, errors), (spans, tokens, errors)
    return {"spans": raw, "payloads": (traces,), "minutes": rollup, "hours": rollup}


def assert_stored_once(engine: TelemetryEngine, acknowledged: set[int]) -> None:
    """Check that each `TraceBatch` trace in the store is there once and whole, and all acknowledged ones are.

    Traces that nobody acknowledged may be there too: their answer was lost, not they. All rollups must add up
    to the raw rows.
    """
    number = "reinterpretAsUInt128(reverse(trace_id))"
    rows = engine.query(
        f"SELECT {number} AS number, count(), uniqExact(span_id) FROM spans GROUP BY number"
    ).rows
    stored = {number: (spans, ids) for number, spans, ids in rows}
    assert acknowledged <= set(stored)
    assert set(stored.values()) <= {(SPANS_PER_TRACE, SPANS_PER_TRACE)}
    sums = "sum(input_tokens), sum(output_tokens)"
    raw = engine.query(f"SELECT count(), countIf(status = 'error'), {sums} FROM spans").rows
    assert raw[0][2:] == (INPUT_TOKENS * len(stored), OUTPUT_TOKENS * len(stored))
    for table in ("spans_by_minute", "spans_by_hour"):
        assert engine.query(f"SELECT sum(spans), sum(errors), {sums} FROM {table}").rows == raw
    assert engine.query("SELECT uniqExact(trace_id) FROM payloads").scalar() == len(stored)


def write_segment(path: Path, project: str, bodies: Iterable[bytes], *, first_position: int = 1) -> Path:
    """Write requests as the write-ahead log would."""
    received = time.time_ns()
    with path.open("wb") as file:
        for at, body in enumerate(bodies):
            digest = hash_request(TelemetryType.TRACES, project, body)
            entry = Entry(project, body, 1, "otlp_http", digest, received)
            file.write(encode_header(entry, first_position + at) + body)
    return path


def trace_segment(path: Path, token: str) -> SegmentInsert:
    """Describe the insert of a segment of traces."""
    stage = STAGES[TelemetryType.TRACES]
    return SegmentInsert(stage.table, path, token, stage.schema, stage.message)
