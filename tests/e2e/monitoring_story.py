"""What the story of the pages leaves out and dashboards ask for: figures of an SDK, rare events."""

from __future__ import annotations

import time
from typing import Any

import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

_SECOND = 10**9
_PROTOBUF = {"content-type": "application/x-protobuf"}
_GAUGES = {
    "pitwall.requests.in_progress": 3.0,
    "pitwall.uptime": 7200.0,
    "pitwall.cost.month_to_date": 12.5,
    "pitwall.cost.projected_month": 40.0,
    "pitwall.budget.used": 0.3,
    "pitwall.budget.projected": 0.8,
    "pitwall.eval.judge.moved": 0.0,
    "pitwall.eval.judge.anchor_agreement": 0.95,
    "pitwall.eval.judge.anchor_shift": 0.01,
    "pitwall.probe.up": 1.0,
    "pitwall.probe.latency": 12.0,
    "pitwall.probe.free_ratio": 0.4,
    "pitwall.probe.memory_bytes": 8e9,
    "pitwall.probe.models_loaded": 2.0,
    "pitwall.probe.collection_size": 20.0,
    "pitwall.probe.certificate_days": 60.0,
}
_SUMS: tuple[tuple[str, dict[str, Any], float], ...] = (
    ("pitwall.sdk.spans.exported", {}, 990.0),
    ("pitwall.sdk.spans.dropped", {}, 10.0),
    ("pitwall.rate_limit.requests", {"outcome": "refused"}, 4.0),
    ("pitwall.rate_limit.requests", {"outcome": "admitted"}, 96.0),
)
_MODEL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.provider.name": "openai",
}
_SPANS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("answer", {**_MODEL, "pitwall.fallback": True}, ""),
    ("answer", {**_MODEL, "error.type": "timeout"}, "The model did not answer in time."),
    (
        "embed",
        {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.request.model": "bge-m3",
            "pitwall.embedding.count": 8,
        },
        "",
    ),
    ("search", {"openinference.span.kind": "RETRIEVER", "pitwall.rerank.enabled": True}, ""),
)


_FEEDBACK: dict[str, Any] = {
    "evaluations.0.evaluation.name": "user_thumb",
    "evaluations.0.evaluation.score": 1.0,
    "evaluations.1.evaluation.name": "user_satisfaction",
    "evaluations.1.evaluation.score": 4.0,
}


def tell_the_rest(url: str) -> None:
    """Send it as of two minutes ago."""
    at = time.time_ns() - 120 * _SECOND
    for stream, request in (("metrics", _metrics(at)), ("traces", _traces(at))):
        body = request.SerializeToString()
        httpx.post(f"{url}/v1/{stream}", content=body, headers=_PROTOBUF, trust_env=False).raise_for_status()


def _metrics(at: int) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    metrics = _shop(request.resource_metrics.add()).scope_metrics.add().metrics
    for name, value in _GAUGES.items():
        metrics.add(name=name).gauge.data_points.add(time_unix_nano=at, as_double=value)
    for name, attributes, value in _SUMS:
        total = metrics.add(name=name).sum
        total.is_monotonic = True
        total.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
        _write(total.data_points.add(time_unix_nano=at, as_double=value), attributes)
    return request


def _traces(at: int) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    spans = _shop(request.resource_spans.add()).scope_spans.add().spans
    for number, (name, attributes, error) in enumerate(_SPANS, 1):
        for kind, parent in (("request", b""), (name, number.to_bytes(8, "big"))):
            is_root = not parent
            span = spans.add(
                name=kind,
                trace_id=number.to_bytes(16, "big"),
                span_id=(number if is_root else number + 100).to_bytes(8, "big"),
                parent_span_id=parent,
                start_time_unix_nano=at,
                end_time_unix_nano=at + _SECOND,
            )
            _write(span, {"http.route": "/ask", **_FEEDBACK} if is_root else attributes)
            if error:
                span.status.code, span.status.message = 2, error
    return request


def _shop(group: Any) -> Any:
    _write(group.resource, {"service.name": "shop"})
    return group


def _write(target: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        written = target.attributes.add(key=key).value
        if isinstance(value, bool):
            written.bool_value = value
        elif isinstance(value, int):
            written.int_value = value
        elif isinstance(value, float):
            written.double_value = value
        else:
            written.string_value = str(value)
