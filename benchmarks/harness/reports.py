"""What an application's instances report of themselves: points under the SDK's names, as OTLP metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from benchmarks.harness.load import send_one_by_one
from benchmarks.harness.server import PitwallServer
from pitwall.sdk.names import (
    METRIC_IN_PROGRESS,
    METRIC_RATE_LIMITED,
    METRIC_SPANS_DROPPED,
    METRIC_SPANS_EXPORTED,
    METRIC_UPTIME,
)

INSTANCES: Final = ("voc-0", "voc-1")
_POINTS_PER_REPORT: Final = 6
_REPORTS_PER_REQUEST: Final = 500
_DAY_NANO: Final = 86_400 * 10**9
_SPANS_PER_REPORT: Final = 20
_REQUESTS_PER_REPORT: Final = {"allowed": 4, "refused": 1}
"""What the application's rate limiter let through and refused."""
_REPORTS_PER_LOSS: Final = 1000
"""A span is lost once in so many reports."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of some days, one every few seconds from each instance; the last one ends them."""

    end_unix_nano: int
    days: int
    every_seconds: int

    @property
    def points(self) -> int:
        """Points in all of them."""
        return len(INSTANCES) * self._per_instance * _POINTS_PER_REPORT

    @property
    def _per_instance(self) -> int:
        return self.days * 86_400 // self.every_seconds

    def requests(self) -> Iterator[ExportMetricsServiceRequest]:
        """Yield all reports, oldest first, several to a request."""
        for first in range(0, self._per_instance, _REPORTS_PER_REQUEST):
            numbers = range(first, min(first + _REPORTS_PER_REQUEST, self._per_instance))
            yield from (self._request(instance, numbers) for instance in INSTANCES)

    def send(self, server: PitwallServer, timeout_seconds: float) -> None:
        """Send all of them and wait until they are queryable.

        Raises:
            RuntimeError: They are not, in time, or a report was refused.
        """
        send_one_by_one(server.port, "/v1/metrics", self.requests())
        server.wait_applied(self.points, timeout_seconds, what="points")

    def _request(self, instance: str, numbers: range) -> ExportMetricsServiceRequest:
        request = ExportMetricsServiceRequest()
        group = request.resource_metrics.add()
        for key, value in (("service.name", "voc"), ("service.instance.id", instance)):
            group.resource.attributes.add(key=key).value.string_value = value
        target = group.scope_metrics.add()
        gauges = {
            METRIC_IN_PROGRESS: lambda number: number % 7,
            METRIC_UPTIME: lambda number: number * self.every_seconds,
        }
        counters = {
            METRIC_SPANS_EXPORTED: lambda number: number * _SPANS_PER_REPORT,
            METRIC_SPANS_DROPPED: lambda number: number // _REPORTS_PER_LOSS,
        }
        for name, value_at in gauges.items():
            self._add_points(target.metrics.add(name=name).gauge, numbers, value_at)
        for name, value_at in counters.items():
            metric = target.metrics.add(name=name)
            metric.sum.is_monotonic = True
            metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
            self._add_points(metric.sum, numbers, value_at)
        limited = target.metrics.add(name=METRIC_RATE_LIMITED).sum
        limited.is_monotonic = True
        limited.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
        for outcome, each in _REQUESTS_PER_REPORT.items():
            self._add_points(limited, numbers, lambda number, each=each: number * each, outcome)
        return request

    def _add_points(self, data: Any, numbers: range, value_at: Any, outcome: str = "") -> None:
        step = self.every_seconds * 10**9
        begin = self.end_unix_nano - self.days * _DAY_NANO
        for number in numbers:
            point = data.data_points.add(
                start_time_unix_nano=begin, time_unix_nano=begin + (number + 1) * step
            )
            point.as_double = float(value_at(number + 1))
            if outcome:
                point.attributes.add(key="outcome").value.string_value = outcome
