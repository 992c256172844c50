"""The log in front of the real engine: its files are the engine's input as they are."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.views import STAGES
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.salvage import RejectedEntry
from pitwall.stores.telemetry.sink import EngineSink
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions
from tests.unit.stores.telemetry.log_doubles import abandon, encode_letter

TRACES = TelemetryType.TRACES


def make_request(number: int, spans: int = 5) -> bytes:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    now = time.time_ns()
    for at in range(spans):
        span = scope.spans.add()
        span.trace_id = number.to_bytes(16, "big")
        span.span_id = (number * 1000 + at + 1).to_bytes(8, "big")
        span.name = f"span {number}/{at}"
        span.start_time_unix_nano, span.end_time_unix_nano = now - 10**6, now
    return request.SerializeToString()


class LosingSink(EngineSink):
    """The real sink with a network that loses the first answer to each insert."""

    def __init__(self, engine: TelemetryEngine) -> None:
        super().__init__(engine, STAGES)
        self.seen: set[str] = set()

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        super().insert_segment(stream, path, token)
        if token not in self.seen:
            self.seen.add(token)
            raise StoreUnavailable("the answer was lost")


def open_log(directory: Path) -> WriteAheadLog:
    return WriteAheadLog(directory, LogOptions(max_segment_bytes=4000, min_free_bytes=0))


def drain(log: WriteAheadLog, sink: EngineSink) -> None:
    options = WriterOptions(policy=SealPolicy(0, 0), first_retry_seconds=0.01)
    writer = TelemetryWriter(log, sink, encode_letter, options=options)
    writer.start()
    assert writer.drain(60)
    assert writer.stop()


def count(engine: TelemetryEngine, project: str) -> tuple[int, int, int]:
    """Rows, distinct spans and log positions of a project."""
    columns = "count(), uniqExact(span_id), uniqExact(log_position)"
    sql = f"SELECT {columns} FROM spans WHERE project = {{project:String}}"
    row = engine.query(sql, {"project": project}).rows[0]
    return row[0], row[1], row[2]


def rollup_count(engine: TelemetryEngine, project: str) -> int:
    sql = "SELECT sum(spans) FROM spans_by_minute WHERE project = {project:String}"
    return int(engine.query(sql, {"project": project}).scalar())


@pytest.mark.slow
def test_engine_stores_each_span_once_although_answers_are_lost(
    tmp_path: Path, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Every segment is inserted twice, the first again after a crash: rows and rollups count once."""
    sink = LosingSink(telemetry_engine)
    log = open_log(tmp_path / "wal")
    for number in range(20):
        log.append(TRACES, project, make_request(number), 5, "otlp_http")
    log.flush()
    log.seal_due(SealPolicy(0, 0))
    segment = log.next_sealed(TRACES)
    assert segment is not None
    with pytest.raises(StoreUnavailable):
        sink.insert_segment(TRACES, segment.path, log.token(segment))
    abandon(log)
    log = open_log(tmp_path / "wal")
    log.start()
    drain(log, sink)
    log.close()
    assert count(telemetry_engine, project) == (100, 100, 20)
    assert rollup_count(telemetry_engine, project) == 100


@pytest.mark.slow
def test_engine_refuses_one_request_and_stores_the_others(
    tmp_path: Path, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A request that the engine cannot parse becomes a dead letter; its neighbours are stored once."""
    log = open_log(tmp_path / "wal")
    log.start()
    letters: list[bytes] = []
    broken = b"\x0a\x05\x0a\xff\x01ab"  # sound outside, broken inside
    bodies = [make_request(number) for number in range(1000, 1006)]
    for body in [*bodies[:3], broken, *bodies[3:]]:
        log.append(TRACES, project, body, 5, "otlp_http").result(10)

    def bury(rejected: RejectedEntry) -> bytes:
        letters.append(rejected.body)
        return b""

    options = WriterOptions(policy=SealPolicy(3600, 3600))
    writer = TelemetryWriter(log, EngineSink(telemetry_engine, STAGES), bury, options=options)
    log.seal_due(SealPolicy(0, 0))
    while log.next_sealed(TRACES) is not None:
        writer.step()
    log.close()
    assert count(telemetry_engine, project) == (30, 30, 6)
    assert letters == [broken]
    assert rollup_count(telemetry_engine, project) == 30
