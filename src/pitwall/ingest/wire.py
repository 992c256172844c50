"""The three OTLP streams as protobuf: where records stand in a request, and how a record stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import RejectedRecord, RepairedRecord

_NAME_CHARACTERS = 200
AnyRecord = TypeVar("AnyRecord", RejectedRecord, RepairedRecord)


class RecordGroup(NamedTuple):
    """Neighbouring records of a request that share resource and scope (and metric).

    Attributes:
        records: The repeated field that holds them; it may be emptied and filled again.
        name: The name all of them carry; empty if each has its own.
        isolate: Makes a request that holds nothing but one of the records, and all that it belongs to.
        resource, scope: What they share.
    """

    records: Any
    name: str
    isolate: Callable[[Message], Message]
    resource: Any
    scope: Any


@dataclass(frozen=True, slots=True)
class OtlpStream:
    """One of the three kinds of OTLP request.

    Attributes:
        item_type: The message that stands in a scope: span, metric or log record.
        noun: What a record is called in messages.
        resources, scopes, items: Field names from the request down.
        rejected: Field of the partial success that counts rejected records.
        rpc: Full name of the gRPC method.
    """

    telemetry_type: TelemetryType
    request_type: type[Any]
    response_type: type[Any]
    item_type: type[Any]
    noun: str
    resources: str
    scopes: str
    items: str
    rejected: str
    rpc: str

    def groups(self, request: Message) -> Iterator[RecordGroup]:
        """Yield every group of records in the order of the request."""
        is_metrics = self.telemetry_type is TelemetryType.METRICS
        for resource_group in getattr(request, self.resources):
            for scope_group in getattr(resource_group, self.scopes):
                if is_metrics:
                    yield from self._metric_groups(resource_group, scope_group)
                else:
                    yield self._scope_group(resource_group, scope_group)

    def _scope_group(self, resource_group: Any, scope_group: Any) -> RecordGroup:
        def isolate(record: Message) -> Message:
            request, items = self._shell(resource_group, scope_group)
            items.add().CopyFrom(record)
            return request

        records = getattr(scope_group, self.items)
        return RecordGroup(records, "", isolate, resource_group.resource, scope_group.scope)

    def _metric_groups(self, resource_group: Any, scope_group: Any) -> Iterator[RecordGroup]:
        for metric in scope_group.metrics:
            kind = metric.WhichOneof("data")
            if kind is not None:
                yield self._metric_group(resource_group, scope_group, metric, kind)

    def _metric_group(self, resource_group: Any, scope_group: Any, metric: Any, kind: str) -> RecordGroup:
        def isolate(record: Message) -> Message:
            request, items = self._shell(resource_group, scope_group)
            alone = items.add(name=metric.name, unit=metric.unit, description=metric.description)
            alone.metadata.extend(metric.metadata)
            source, target = getattr(metric, kind), getattr(alone, kind)
            for setting in ("aggregation_temporality", "is_monotonic"):
                if setting in source.DESCRIPTOR.fields_by_name:
                    setattr(target, setting, getattr(source, setting))
            target.data_points.add().CopyFrom(record)
            return request

        points = getattr(metric, kind).data_points
        return RecordGroup(points, metric.name, isolate, resource_group.resource, scope_group.scope)

    def _shell(self, resource_group: Any, scope_group: Any) -> tuple[Message, Any]:
        request = self.request_type()
        resource_shell = getattr(request, self.resources).add(schema_url=resource_group.schema_url)
        resource_shell.resource.CopyFrom(resource_group.resource)
        scope_shell = getattr(resource_shell, self.scopes).add(schema_url=scope_group.schema_url)
        scope_shell.scope.CopyFrom(scope_group.scope)
        return request, getattr(scope_shell, self.items)


TRACES = OtlpStream(
    telemetry_type=TelemetryType.TRACES,
    request_type=ExportTraceServiceRequest,
    response_type=ExportTraceServiceResponse,
    item_type=Span,
    noun="span",
    resources="resource_spans",
    scopes="scope_spans",
    items="spans",
    rejected="rejected_spans",
    rpc="/opentelemetry.proto.collector.trace.v1.TraceService/Export",
)
METRICS = OtlpStream(
    telemetry_type=TelemetryType.METRICS,
    request_type=ExportMetricsServiceRequest,
    response_type=ExportMetricsServiceResponse,
    item_type=Metric,
    noun="data point",
    resources="resource_metrics",
    scopes="scope_metrics",
    items="metrics",
    rejected="rejected_data_points",
    rpc="/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
)
LOGS = OtlpStream(
    telemetry_type=TelemetryType.LOGS,
    request_type=ExportLogsServiceRequest,
    response_type=ExportLogsServiceResponse,
    item_type=LogRecord,
    noun="log record",
    resources="resource_logs",
    scopes="scope_logs",
    items="log_records",
    rejected="rejected_log_records",
    rpc="/opentelemetry.proto.collector.logs.v1.LogsService/Export",
)
OTLP_STREAMS = {stream.telemetry_type: stream for stream in (TRACES, METRICS, LOGS)}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A request as a message, whatever form it came in.

    Attributes:
        request: What could be parsed.
        raw: The bytes it was parsed from if they say the same; None if only the message does.
        rejected: Records that could not be parsed.
        positions: For each record of `request` its position in what was sent; None if they are the same.
        repairs: A clause for each record whose invalid text was replaced.
    """

    request: Any
    raw: bytes | None = None
    rejected: tuple[RejectedRecord, ...] = ()
    positions: Sequence[int] | None = None
    repairs: tuple[str, ...] = ()

    def relocate(self, record: AnyRecord) -> AnyRecord:
        """Give a record of `request` the position it has for the client."""
        return record if self.positions is None else replace(record, index=self.positions[record.index])


def record_name(record: Any, group_name: str = "") -> str:
    """Return what people call a record: its group's name, its own, or a log's event name."""
    name = group_name or getattr(record, "name", "") or getattr(record, "event_name", "")
    return str(name)[:_NAME_CHARACTERS]


def has_unknown_outer_fields(request: Message) -> bool:
    """Tell whether the outermost message has fields that OTLP does not know.

    They would stand beside the header fields of the write-ahead log, so such a request is written anew
    without them.
    """
    return len(UnknownFieldSet(request)) > 0
