"""A request without the fields that OTLP does not know, for a store that cannot read past them.

Protobuf allows more in unknown fields than ClickHouse's reader does (groups, for one). Senders that are ahead
of our version of OTLP, or have fields of their own, may send such.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pitwall.core.vocabulary import TelemetryType

# Message, and the names of what leads to its records.
_REQUESTS: dict[TelemetryType, tuple[type[Any], str, str, str]] = {
    TelemetryType.TRACES: (ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans"),
    TelemetryType.METRICS: (ExportMetricsServiceRequest, "resource_metrics", "scope_metrics", "metrics"),
    TelemetryType.LOGS: (ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records"),
}


def without_unknown_fields(stream: TelemetryType, body: bytes) -> bytes | None:
    """Write a request anew with what OTLP knows of it; the same request always gives the same bytes.

    Returns:
        None if that would change nothing or leave no record, and if the body is no such request.
    """
    if stream not in _REQUESTS:
        return None
    message_type, resources, scopes, records = _REQUESTS[stream]
    try:
        request = message_type.FromString(body)
    except DecodeError:
        return None
    request.DiscardUnknownFields()
    groups = (scope for resource in getattr(request, resources) for scope in getattr(resource, scopes))
    if not any(len(getattr(scope, records)) for scope in groups):
        return None
    written = bytes(request.SerializeToString(deterministic=True))
    return None if written == body else written
