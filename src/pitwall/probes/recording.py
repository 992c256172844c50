"""What probes found as points of their project, through the ordinary door."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import to_unix_nano
from pitwall.probes.types import Probe, ProbeStatus, Result

log = structlog.get_logger(__name__)

_DOOR = "probe"
_MAX_WAITING = 10_000
_UNITS = {"latency": "ms", "memory_bytes": "By", "certificate_days": "d", "free_ratio": "1"}


@dataclass(frozen=True, slots=True)
class _Waiting:
    project_id: str
    body: bytes


class ResultRecorder:
    """Sends results to the telemetry of their projects, oldest first.

    Results that the log refuses are kept in memory and sent with the next one.

    Args:
        ingest: Where they go.
    """

    def __init__(self, ingest: IngestService) -> None:
        self._ingest = ingest
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()

    def record(self, project_id: str, probe: Probe, result: Result) -> None:
        """Record a result; one that says nothing about the service leaves no point."""
        if result.outcome.status is ProbeStatus.UNKNOWN:
            return
        body = encode_result(probe, result).SerializeToString()
        with self._lock:
            self._waiting.append(_Waiting(project_id, body))
            if len(self._waiting) > _MAX_WAITING:
                self._waiting.popleft()
                log.error("probe.result_lost", waiting=_MAX_WAITING)
            self._send()

    def _send(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            request = ExportMetricsServiceRequest.FromString(first.body)
            parsed = Parsed(request, first.body)
            try:
                self._ingest.accept_blocking(
                    Submission(TelemetryType.METRICS, first.project_id, _DOOR, parsed)
                )
            except PitwallError as error:
                log.warning("probe.result_waits", waiting=len(self._waiting), error=str(error))
                return
            self._waiting.popleft()


def encode_result(probe: Probe, result: Result) -> ExportMetricsServiceRequest:
    """Write a result as OTLP gauges that carry the name and kind of their probe."""
    request = ExportMetricsServiceRequest()
    resource_metrics = request.resource_metrics.add()
    for key, value in (("service.name", probe.service), ("deployment.environment.name", probe.environment)):
        if value:
            resource_metrics.resource.attributes.add(key=key).value.string_value = value
    scope_metrics = resource_metrics.scope_metrics.add()
    scope_metrics.scope.name = "pitwall.probes"
    for name, number in _values(result):
        metric = scope_metrics.metrics.add(name=f"pitwall.probe.{name}", unit=_UNITS.get(name, ""))
        point = metric.gauge.data_points.add(time_unix_nano=to_unix_nano(result.at), as_double=number)
        for key, text in (
            ("probe", probe.name),
            ("probe.kind", probe.kind),
            ("probe.status", result.outcome.status.value),
        ):
            point.attributes.add(key=key).value.string_value = text
    return request


def _values(result: Result) -> Iterator[tuple[str, float]]:
    outcome = result.outcome
    yield "up", float(outcome.status is not ProbeStatus.DOWN)
    if outcome.latency_ms is not None:
        yield "latency", outcome.latency_ms
    yield from outcome.measures.items()
