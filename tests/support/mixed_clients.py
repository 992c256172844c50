"""Clients that send every stream through its own door in turn, and what of it must be in the store."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.kit.clock import NANOS_PER_SECOND
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.support.pitwall_process import PROTOBUF, Clients, Refusal
from tests.support.telemetry import TraceBatch, assert_stored_once

_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_NO_ANSWER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
# How the records of each stream but spans are found again: the number that was sent with them.
_NUMBERS = {
    "logs": "toUInt64(substring(body, length('log ') + 1))",
    "points": "toUInt64(value)",
    "scores": "toUInt64(substring(score_id, length('score-') + 1))",
    "dead_letters": "toUInt64(substring(record_name, length('bad ') + 1))",
}
# Pitwall records the costs of a project as points of its own.
_SENT = {"points": " WHERE name NOT LIKE 'pitwall.%'"}


class MixedClients(Clients):
    """Clients whose requests are in turn: traces by HTTP and by gRPC, logs, points, scores, a bad span.

    Args:
        url: Address of the server.
        grpc_port: Of the same server.
        options: As for `Clients`.

    Attributes:
        records: Numbers of the records in requests that were acknowledged, by table; traces are in
            `acknowledged`.
    """

    def __init__(self, url: str, grpc_port: int, **options: Any) -> None:
        super().__init__(url, **options)
        self._grpc_address = f"127.0.0.1:{grpc_port}"
        self.records: defaultdict[str, set[int]] = defaultdict(set)

    def _send(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        doors: list[Callable[[httpx.Client, TraceBatch], Refusal | None]] = [
            super()._send,
            self._send_grpc,
            self._send_logs,
            self._send_points,
            self._send_scores,
            self._send_bad_span,
        ]
        return doors[batch.first // batch.traces % len(doors)](client, batch)

    def _send_grpc(self, _client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        with grpc.insecure_channel(self._grpc_address) as channel:
            export: Any = channel.unary_unary(_EXPORT)
            try:
                answer: bytes = export(batch.encode(), timeout=30)
            except grpc.RpcError as error:
                if error.code() not in _NO_ANSWER:
                    raise
                raise httpx.ConnectError("no answer by gRPC") from error
        assert not answer, "a partial success"
        self._acknowledge(batch)
        return None

    def _send_logs(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        at = str(_unix_nano(batch))
        records = [{"timeUnixNano": at, "body": {"stringValue": f"log {n}"}} for n in batch.numbers]
        body = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
        answer = client.post(f"{self._url}/v1/logs", json=body)
        return self._note(answer, "logs", batch)

    def _send_points(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        request = ExportMetricsServiceRequest()
        metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="numbers")
        for number in batch.numbers:
            metric.gauge.data_points.add(time_unix_nano=_unix_nano(batch), as_double=number)
        body = request.SerializeToString()
        answer = client.post(f"{self._url}/v1/metrics", content=body, headers=PROTOBUF)
        return self._note(answer, "points", batch)

    def _send_scores(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(batch.started_at))
        body = [
            {"id": f"score-{n}", "name": "taste", "value": 1, "sessionId": "s", "timestamp": timestamp}
            for n in batch.numbers
        ]
        answer = client.post(f"{self._url}/api/public/scores", json=body)
        return self._note(answer, "scores", batch)

    def _send_bad_span(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        """Send good traces and a span without ids: that one is told, and kept as a dead letter."""
        bad = ExportTraceServiceRequest()
        bad.resource_spans.add().scope_spans.add().spans.append(Span(name=f"bad {batch.first}"))
        body = batch.encode() + bad.SerializeToString()
        answer = client.post(f"{self._url}/v1/traces", content=body, headers=PROTOBUF)
        if answer.status_code == 200:
            told = ExportTraceServiceResponse.FromString(answer.content).partial_success
            assert told.rejected_spans == 1, told
            self._acknowledge(batch)
        return self._note(answer, "dead_letters", TraceBatch(batch.first, 1))

    def _note(self, answer: httpx.Response, table: str, batch: TraceBatch) -> Refusal | None:
        if not answer.is_success:
            return self._note_refusal(answer)
        with self._lock:
            self.records[table].update(batch.numbers)
        return None

    def _acknowledge(self, batch: TraceBatch) -> None:
        with self._lock:
            self.acknowledged.update(batch.numbers)


def _unix_nano(batch: TraceBatch) -> int:
    return int(batch.started_at * NANOS_PER_SECOND)


def assert_all_stored_once(
    engine: TelemetryEngine, traces: set[int], records: Mapping[str, set[int]]
) -> None:
    """Check that every acknowledged record of every stream is in the store, and no record is there twice."""
    assert_stored_once(engine, traces)
    for table, number in _NUMBERS.items():
        sent = f"(SELECT * FROM {table}{_SENT.get(table, '')})"
        rows = engine.query(f"SELECT {number} AS number, count() FROM {sent} GROUP BY number").rows
        stored = dict(rows)
        assert records[table] <= set(stored), table
        assert set(stored.values()) == {1}, table
