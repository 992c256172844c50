"""Requests as clients would send them, and a log that only remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.letter import DeadLetter
from pitwall.ingest.failures import RejectedRecord
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.masker import Masker
from pitwall.ingest.mirrors import envelope_type
from pitwall.ingest.service import AcceptResult, IngestService, Submission
from pitwall.ingest.wire import OtlpStream, Parsed
from pitwall.kit.clock import NANOS_PER_SECOND, ManualClock, to_unix_nano
from pitwall.stores.telemetry.acks import Ack

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW_NANO = to_unix_nano(NOW)
PROJECT = "shop"
NO_MASKING = Masker(text=lambda text: text, raw=lambda body: body)


def seconds_ago(seconds: float) -> int:
    """Return a time before `NOW` in nanoseconds since 1970."""
    return NOW_NANO - round(seconds * NANOS_PER_SECOND)


def make_span(number: int = 1, **fields: Any) -> Span:
    """Make a sound span; `number` makes its ids."""
    defaults = {
        "trace_id": number.to_bytes(16),
        "span_id": number.to_bytes(8),
        "name": f"span {number}",
        "start_time_unix_nano": seconds_ago(10),
        "end_time_unix_nano": seconds_ago(9),
    }
    return Span(**{**defaults, **fields})


def make_traces(spans: Sequence[Span], *, service: str = "voc") -> ExportTraceServiceRequest:
    """Put spans into one request."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    add_attributes(group.resource, {"service.name": service})
    scope = group.scope_spans.add()
    scope.scope.name = "tests"
    scope.spans.extend(spans)
    return request


def make_metrics(metrics: Sequence[Metric]) -> ExportMetricsServiceRequest:
    """Put metrics into one request."""
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.extend(metrics)
    return request


def make_gauge(*values: float, name: str = "queue.depth") -> Metric:
    """Make a gauge with one point for each value."""
    metric = Metric(name=name)
    for value in values:
        metric.gauge.data_points.add(time_unix_nano=seconds_ago(1), as_double=value)
    return metric


def make_logs(records: Sequence[LogRecord]) -> ExportLogsServiceRequest:
    """Put log records into one request."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(records)
    return request


def add_attributes(holder: Any, attributes: Mapping[str, str]) -> None:
    """Add text attributes to anything that has attributes."""
    for key, value in attributes.items():
        holder.attributes.add(key=key).value.string_value = value


class Appended(NamedTuple):
    """One call of the log."""

    stream: TelemetryType
    project: str
    body: bytes
    record_count: int
    door: str


@dataclass
class RecordingLog:
    """A write-ahead log that keeps what it is given in memory, or fails when told to."""

    appended: list[Appended] = field(default_factory=list)
    error: PitwallError | None = None
    is_duplicate: bool = False

    def append(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> Future[Ack]:
        if self.error is not None:
            raise self.error
        self.appended.append(Appended(stream, project, body, record_count, door))
        future: Future[Ack] = Future()
        future.set_result(Ack(len(self.appended), self.is_duplicate))
        return future

    def append_async(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> asyncio.Future[Ack]:
        return asyncio.wrap_future(self.append(stream, project, body, record_count, door))

    def bodies(self, stream: TelemetryType) -> list[bytes]:
        """Return what was appended to a stream."""
        return [entry.body for entry in self.appended if entry.stream is stream]

    def letters(self) -> list[DeadLetter]:
        """Return the dead letters that were appended."""
        return [letter for body in self.bodies(TelemetryType.DEAD_LETTERS) for letter in read_letters(body)]


@dataclass
class Bench:
    """An ingest service on a recording log."""

    limits: IngestLimits = field(default_factory=IngestLimits)
    masker: Masker = NO_MASKING
    log: RecordingLog = field(default_factory=RecordingLog)

    def __post_init__(self) -> None:
        self.service = IngestService(self.log, ManualClock(NOW), masker=self.masker, limits=self.limits)

    def accept(self, stream: OtlpStream, request: Any, *, raw: bytes | None = None) -> AcceptResult:
        """Submit a request as a door would."""
        submission = Submission(stream.telemetry_type, PROJECT, "test", Parsed(request, raw=raw))
        return self.service.accept_blocking(submission)


def read_letters(body: bytes) -> list[DeadLetter]:
    """Decode a request of the dead-letter stream, field by field."""
    return [_read_letter(raw) for number, raw in _fields(body) if number == 1]


def _read_letter(raw: bytes | int) -> DeadLetter:
    assert isinstance(raw, bytes)
    values = dict(_fields(raw))

    def text(number: int) -> str:
        value = values.get(number, b"")
        assert isinstance(value, bytes)
        return value.decode()

    body = values.get(8, b"")
    index, size = values.get(5, 0), values.get(9, 0)
    assert isinstance(body, bytes)
    assert isinstance(index, int)
    assert isinstance(size, int)
    return DeadLetter(
        telemetry_type=text(2),
        reason=text(3),
        message=text(4),
        record_index=index,
        record_name=text(6),
        content_type=text(7),
        body=body,
        body_bytes=size,
        door=text(10),
    )


def _fields(body: bytes) -> list[tuple[int, bytes | int]]:
    offset, found = 0, list[tuple[int, bytes | int]]()
    while offset < len(body):
        tag, offset = _varint(body, offset)
        value, offset = _varint(body, offset)
        if tag & 7 == 2:
            found.append((tag >> 3, body[offset : offset + value]))
            offset += value
        else:
            found.append((tag >> 3, value))
    return found


def _varint(body: bytes, offset: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[offset]
        value |= (byte & 0x7F) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 0x80:
            return value, offset


def body_of(record: RejectedRecord) -> bytes:
    """Return the request that a rejected record's letter would hold."""
    assert record.isolate is not None
    return record.isolate()


def with_raw_spans(raw_spans: Sequence[bytes]) -> bytes:
    """Write a request whose spans are any bytes."""
    envelope = envelope_type()()
    envelope.resources.add().scopes.add().items.extend(raw_spans)
    return bytes(envelope.SerializeToString())
