"""What is written by hand is what the official OTLP classes read."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags

from pitwall.sdk.otlp import (
    LogEvent,
    Point,
    SpanEncoder,
    encode_attributes,
    encode_resource,
    logs_request,
    metrics_request,
    rejected_count,
    traces_request,
)
from pitwall.sdk.span import RecordingSpan, Scope
from pitwall.sdk.tracer import LeanTracerProvider
from pitwall.sdk.values import clean_value
from pitwall.sdk.wire import varint
from tests.unit.sdk.recording import Recorded

scalars = st.one_of(
    st.text(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=40),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
attribute_maps = st.dictionaries(st.text(min_size=1, max_size=30), values, max_size=12)


def _plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: _plain(item.value) for item in value.kvlist_value.values}
    return getattr(value, kind) if kind else None


def _as_dict(pairs: Any) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _decode_attributes(encoded: bytes) -> dict[str, Any]:
    return _as_dict(Span.FromString(encoded).attributes)


@given(attribute_maps)
def test_attributes_of_every_type_survive(attributes: dict[str, Any]) -> None:
    """Any attribute map reads back equal, nested lists and maps included."""
    cleaned = clean_value(attributes)
    assert _decode_attributes(encode_attributes(b"\x4a", cleaned)) == _listed(attributes)


@given(st.integers(0, 2**64 - 1))
def test_varint_is_what_protobuf_writes(value: int) -> None:
    """The smallest building block, over its whole range."""
    message = Span(dropped_attributes_count=1).SerializeToString()
    assert message[1:] == varint(1)
    assert AnyValue.FromString(b"\x18" + varint(value)).int_value % 2**64 == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\ud800x", "?x"),
        (2**63, str(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        (-1, -1),
        (math.inf, math.inf),
        ("x" * 5_000, "x" * 5_000),
        (StatusCode.ERROR, "StatusCode.ERROR"),
        (None, None),
    ],
)
def test_odd_values_are_written_not_refused(value: Any, expected: Any) -> None:
    """What OTLP cannot hold becomes text; nothing is lost and nothing raises."""
    assert _decode_attributes(encode_attributes(b"\x4a", {"key": clean_value(value)})) == {"key": expected}


def test_nan_stays_nan() -> None:
    """Not-a-number is not zero."""
    assert math.isnan(_decode_attributes(encode_attributes(b"\x4a", {"key": math.nan}))["key"])


def test_deep_nesting_ends_in_text() -> None:
    """A structure deeper than eight levels is cut by writing the rest as text."""
    value: Any = "bottom"
    for _ in range(40):
        value = [value]
    decoded = _decode_attributes(encode_attributes(b"\x4a", {"key": clean_value(value)}))
    text: Any = decoded["key"]
    while isinstance(text, list):
        text = text[0]
    assert text.count("[") == 40 - 8
    assert "bottom" in text


def _span(**bound: Any) -> RecordingSpan:
    spans = Recorded()
    span = LeanTracerProvider(spans).get_tracer("scope", "1.2").start_span("name", kind=SpanKind.CLIENT)
    assert isinstance(span, RecordingSpan)
    span.bound = bound
    return span


def _decode(span: RecordingSpan) -> Span:
    return ScopeSpans.FromString(SpanEncoder().encode(span)).spans[0]


def test_every_part_of_a_span_is_written() -> None:
    """Ids, kind, times, attributes, event, link, status and flags arrive as they were set."""
    span = _span()
    span.set_attribute("a", 1)
    span.add_event("happened", {"b": True}, timestamp=7)
    span.add_link(SpanContext(5, 6, is_remote=True, trace_flags=TraceFlags(1)), {"c": "d"})
    span.set_status(StatusCode.ERROR, "because")
    span.end()
    decoded = _decode(span)
    assert decoded.trace_id == span.trace_id.to_bytes(16, "big")
    assert decoded.span_id == span.span_id.to_bytes(8, "big")
    assert (decoded.name, decoded.kind, decoded.flags) == ("name", Span.SPAN_KIND_CLIENT, 0x101)
    assert (decoded.start_time_unix_nano, decoded.end_time_unix_nano) == (span.start_time, span.end_time)
    assert _as_dict(decoded.attributes) == {"a": 1}
    assert (decoded.events[0].name, decoded.events[0].time_unix_nano) == ("happened", 7)
    assert _as_dict(decoded.events[0].attributes) == {"b": True}
    assert decoded.links[0].trace_id == (5).to_bytes(16, "big")
    assert _as_dict(decoded.links[0].attributes) == {"c": "d"}
    assert (decoded.status.code, decoded.status.message) == (2, "because")


def test_request_attributes_are_written_below_own_ones() -> None:
    """Attributes bound to the request are on the span; the span's own value wins."""
    span = _span(**{"pitwall.request.id": "r-1", "user.id": "outer"})
    span.set_attribute("user.id", "own")
    span.end()
    pairs = _decode(span).attributes
    assert len(pairs) == 2
    assert _as_dict(pairs) == {"pitwall.request.id": "r-1", "user.id": "own"}


def test_bound_bytes_are_not_mixed_up_between_requests() -> None:
    """The encoder remembers the last request's attributes, and only the last."""
    encoder = SpanEncoder()
    spans = [_span(request="one"), _span(request="two"), _span(request="two"), _span()]
    found = [_as_dict(ScopeSpans.FromString(encoder.encode(span)).spans[0].attributes) for span in spans]
    assert found == [{"request": "one"}, {"request": "two"}, {"request": "two"}, {}]


def test_spans_are_grouped_by_scope() -> None:
    """One request holds the spans of several instrumentations under their names."""
    first, second = Scope("first", "1"), Scope("second", attributes={"k": "v"})
    spans = [(first, SpanEncoder().encode(_span())), (second, SpanEncoder().encode(_span())), (first, b"")]
    request = ExportTraceServiceRequest.FromString(
        traces_request(encode_resource({"service.name": "s"}), spans)
    )
    groups = request.resource_spans[0]
    assert _as_dict(groups.resource.attributes) == {"service.name": "s"}
    assert [(group.scope.name, len(group.spans)) for group in groups.scope_spans] == [
        ("first", 1),
        ("second", 1),
    ]
    assert _as_dict(groups.scope_spans[1].scope.attributes) == {"k": "v"}


def test_counters_are_cumulative_sums_and_the_rest_gauges() -> None:
    """A drop counter can be added up by the server; a gauge cannot."""
    points = [
        Point("dropped", "{span}", 3, 100, {"reason": "queue_full"}),
        Point("dropped", "{span}", 0, 100, {"reason": "export_failed"}),
        Point("uptime", "s", 1.5),
        Point("in_progress", "{request}", 2),
    ]
    body = metrics_request(encode_resource({}), Scope("sdk"), points, 200)
    dropped, uptime, in_progress = (
        ExportMetricsServiceRequest.FromString(body).resource_metrics[0].scope_metrics[0].metrics
    )
    assert (dropped.sum.is_monotonic, dropped.sum.aggregation_temporality) == (True, 2)
    assert [(_as_dict(point.attributes)["reason"], point.as_int) for point in dropped.sum.data_points] == [
        ("queue_full", 3),
        ("export_failed", 0),
    ]
    assert dropped.sum.data_points[0].start_time_unix_nano == 100
    assert uptime.gauge.data_points[0].as_double == 1.5
    assert (in_progress.gauge.data_points[0].as_int, in_progress.unit) == (2, "{request}")


def test_score_is_a_log_event_with_trace_and_span() -> None:
    """An evaluation result can be joined to its span."""
    event = LogEvent("gen_ai.evaluation.result", 5, {"gen_ai.evaluation.name": "x"}, trace_id=1, span_id=2)
    body = logs_request(encode_resource({}), Scope("sdk"), [event])
    record = ExportLogsServiceRequest.FromString(body).resource_logs[0].scope_logs[0].log_records[0]
    assert (record.event_name, record.time_unix_nano) == ("gen_ai.evaluation.result", 5)
    assert (record.trace_id, record.span_id) == ((1).to_bytes(16, "big"), (2).to_bytes(8, "big"))
    assert _as_dict(record.attributes) == {"gen_ai.evaluation.name": "x"}


@given(st.integers(0, 2**40), st.text())
def test_partial_success_is_read(rejected: int, message: str) -> None:
    """How many records a server refused is read from its answer, in any answer it may give."""
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
    answer = ExportTraceServiceResponse(partial_success=partial).SerializeToString()
    assert rejected_count(answer) == rejected


@given(st.binary(max_size=64))
def test_unreadable_answer_is_a_full_success(answer: bytes) -> None:
    """An answer of garbage never raises."""
    assert rejected_count(answer) >= 0


def test_key_value_of_any_key() -> None:
    """Keys beyond the cache of encoded keys are written as well."""
    attributes = {f"key-{number}": number for number in range(5_000)}
    assert _decode_attributes(encode_attributes(b"\x4a", attributes)) == attributes
