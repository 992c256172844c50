"""What Pitwall counts about itself: computed once, shown on `/metrics`, stored in the project `_pitwall`."""

from __future__ import annotations

import resource
import sys
import threading
from collections.abc import Callable, Iterable

import structlog
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from pitwall import __version__
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import DoorCounters, IngestMetrics
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import Clock
from pitwall.signals.openmetrics import Family, Sample
from pitwall.stores.telemetry.log_stats import LogStats, StreamStats

log = structlog.get_logger(__name__)

SELF_PROJECT = "_pitwall"
_DOOR = "self"
_INTERVAL_SECONDS = 15.0
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024

_StreamFact = Callable[[StreamStats], float]
_STREAM_GAUGES: tuple[tuple[str, str, str, _StreamFact], ...] = (
    (
        "pitwall_ingest_lag_seconds",
        "seconds",
        "Age of the oldest acknowledged entry that is not queryable yet.",
        lambda stream: stream.oldest_unapplied_age_seconds,
    ),
    (
        "pitwall_ingest_depth_bytes",
        "bytes",
        "Acknowledged bytes that are not in the store yet.",
        lambda stream: stream.depth_bytes,
    ),
    (
        "pitwall_ingest_depth_records",
        "",
        "Acknowledged records that are not in the store yet.",
        lambda stream: stream.depth_records,
    ),
)
_STREAM_COUNTERS: tuple[tuple[str, str, _StreamFact], ...] = (
    ("pitwall_ingest_applied_records", "Records stored.", lambda stream: stream.applied_records),
    (
        "pitwall_ingest_refused_entries",
        "Requests refused because the log was full or the disk failed.",
        lambda stream: stream.refused_entries,
    ),
    (
        "pitwall_ingest_rejected_records",
        "Records that the store refused; they are dead letters.",
        lambda stream: stream.rejected_records,
    ),
)
_DOOR_COUNTERS: tuple[tuple[str, str, Callable[[DoorCounters], float]], ...] = (
    ("pitwall_door_requests", "Answered requests.", lambda door: door.requests),
    ("pitwall_door_accepted_records", "Records made durable.", lambda door: door.accepted),
    (
        "pitwall_door_rejected_records",
        "Records refused; they are dead letters.",
        lambda door: door.rejected.total(),
    ),
    ("pitwall_door_failed_requests", "Requests refused whole.", lambda door: door.failed.total()),
    (
        "pitwall_door_repeated_requests",
        "Requests that were there already.",
        lambda door: door.repeated_requests,
    ),
)


class SelfMetrics:
    """Gathers the figures of this process.

    Args:
        log_stats: Figures of the write-ahead log.
        doors: Counters of the doors.
        uptime_seconds: Time since the start.
        others: What further parts count.
    """

    def __init__(
        self,
        log_stats: Callable[[], LogStats],
        doors: IngestMetrics,
        uptime_seconds: Callable[[], float],
        others: Callable[[], Iterable[Family]] = tuple,
    ) -> None:
        self._others = others
        self._log_stats = log_stats
        self._doors = doors
        self._uptime_seconds = uptime_seconds

    def families(self) -> list[Family]:
        """Return every metric with its samples now."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu_seconds = usage.ru_utime + usage.ru_stime
        peak_bytes = usage.ru_maxrss * _RSS_UNIT_BYTES
        return [
            _family(
                "pitwall_uptime_seconds", "gauge", "Time since the start.", self._uptime_seconds(), "seconds"
            ),
            _family("pitwall_cpu_seconds", "counter", "Processor time used.", cpu_seconds, "seconds"),
            _family("pitwall_peak_memory_bytes", "gauge", "Largest resident memory.", peak_bytes, "bytes"),
            *self._stream_families(),
            *self._door_families(),
            *self._others(),
        ]

    def _stream_families(self) -> Iterable[Family]:
        streams = self._log_stats().streams
        for name, unit, text, fact in _STREAM_GAUGES:
            samples = tuple(Sample(fact(stats), {"stream": stream}) for stream, stats in streams.items())
            yield Family(name, "gauge", text, unit, samples)
        for name, text, fact in _STREAM_COUNTERS:
            samples = tuple(
                Sample(fact(stats), {"stream": stream}, "_total") for stream, stats in streams.items()
            )
            yield Family(name, "counter", text, "", samples)

    def _door_families(self) -> Iterable[Family]:
        doors = self._doors.snapshot()
        for name, text, fact in _DOOR_COUNTERS:
            samples = tuple(
                Sample(fact(counters), {"door": door, "stream": stream}, "_total")
                for (door, stream), counters in doors.items()
            )
            yield Family(name, "counter", text, "", samples)


class SelfReporter:
    """Sends the figures through the ordinary ingest path every few seconds.

    Args:
        metrics: The figures.
        ingest: Where they go.
        clock: Time of the points.
    """

    name = "self_reporter"

    def __init__(self, metrics: SelfMetrics, ingest: IngestService, clock: Clock) -> None:
        self._metrics = metrics
        self._ingest = ingest
        self._clock = clock
        self._started_unix_nano = clock.unix_nano()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pitwall-self-reporter", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(timeout_seconds)

    def report(self) -> None:
        """Send the figures once.

        Raises:
            PitwallError: The log refuses them.
        """
        request = encode_families(self._metrics.families(), self._started_unix_nano, self._clock.unix_nano())
        parsed = Parsed(request, request.SerializeToString())
        self._ingest.accept_blocking(Submission(TelemetryType.METRICS, SELF_PROJECT, _DOOR, parsed))

    def _run(self) -> None:
        while not self._stopping.wait(_INTERVAL_SECONDS):
            try:
                self.report()
            except PitwallError as error:
                log.warning("self_reporter.failed", error=str(error))


def encode_families(
    families: Iterable[Family], started_unix_nano: int, now_unix_nano: int
) -> ExportMetricsServiceRequest:
    """Write metric families as OTLP; counters are cumulative since the start of the process."""
    request = ExportMetricsServiceRequest()
    resource_metrics = request.resource_metrics.add()
    for key, value in (("service.name", "pitwall"), ("service.version", __version__)):
        resource_metrics.resource.attributes.add(key=key).value.string_value = value
    scope_metrics = resource_metrics.scope_metrics.add()
    scope_metrics.scope.name = "pitwall"
    for family in families:
        metric = scope_metrics.metrics.add(name=family.name, description=family.help, unit=family.unit)
        if family.type == "counter":
            metric.sum.is_monotonic = True
            metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
            points = metric.sum.data_points
        else:
            points = metric.gauge.data_points
        for sample in family.samples:
            point = points.add(
                start_time_unix_nano=started_unix_nano,
                time_unix_nano=now_unix_nano,
                as_double=float(sample.value),
            )
            for key, value in sample.labels.items():
                point.attributes.add(key=key).value.string_value = value
    return request


def _family(name: str, type_: str, text: str, value: float, unit: str = "") -> Family:
    return Family(name, type_, text, unit, (Sample(value, {}, "_total" if type_ == "counter" else ""),))
