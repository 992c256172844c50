"""OTLP request bodies: traces, metrics and logs as the collector services take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pitwall.sdk.span import RecordingSpan, Scope, SpanEvent
from pitwall.sdk.wire import (
    double_field,
    fixed64_field,
    length_delimited,
    text_field,
    varint,
    write_attributes,
)

_KIND_FIELD = tuple(b"\x30" + varint(kind + 1) for kind in range(5))
_FLAGS_SAMPLED = b"\x85\x01\x01\x01\x00\x00"  # fixed32: sampled, and whether the parent is remote is known
_FLAGS_SAMPLED_REMOTE = b"\x85\x01\x01\x03\x00\x00"
_SEVERITY_INFO = 9


@dataclass(frozen=True, slots=True)
class Point:
    """One number to export: a monotonic sum since `start_unix_nano`, or a gauge without it."""

    name: str
    unit: str
    value: int | float
    start_unix_nano: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One OTLP log record that is an event; ids are 0 when it belongs to no span."""

    name: str
    time_unix_nano: int
    attributes: Mapping[str, Any]
    trace_id: int = 0
    span_id: int = 0


def encode_attributes(tag: bytes, attributes: Mapping[str, Any]) -> bytes:
    """Every attribute as a repeated KeyValue field."""
    parts: list[bytes] = []
    write_attributes(parts, tag, attributes)
    return b"".join(parts)


def encode_resource(attributes: Mapping[str, Any]) -> bytes:
    """The resource field, the same number in all three requests."""
    return length_delimited(b"\x0a", encode_attributes(b"\x0a", attributes))


def encode_scope(scope: Scope) -> bytes:
    """The scope field, the same number in all three requests."""
    body = text_field(b"\x0a", scope.name) + text_field(b"\x12", scope.version)
    return length_delimited(b"\x0a", body + encode_attributes(b"\x1a", scope.attributes))


class SpanEncoder:
    """Encodes spans; remembers the attributes of the last request, which its other spans share."""

    def __init__(self) -> None:
        self._bound: Mapping[str, Any] = {}
        self._bound_bytes = b""

    def encode(self, span: RecordingSpan) -> bytes:
        """One Span message under the field number it has in ScopeSpans."""
        parts: list[bytes] = [
            b"\x0a\x10",
            span.trace_id.to_bytes(16, "big"),
            b"\x12\x08",
            span.span_id.to_bytes(8, "big"),
        ]
        if span.trace_state:
            parts.append(text_field(b"\x1a", span.trace_state.to_header()))
        if span.parent_span_id:
            parts += (b"\x22\x08", span.parent_span_id.to_bytes(8, "big"))
        parts += (
            text_field(b"\x2a", str(span.name)),
            _KIND_FIELD[span.kind.value],
            fixed64_field(b"\x39", span.start_time),
            fixed64_field(b"\x41", span.end_time or 0),
        )
        own = span.own_attributes
        write_attributes(parts, b"\x4a", own)
        if span.bound:
            parts.append(self._bound_attributes(span.bound, own))
        if span.dropped_attributes:
            parts.append(b"\x50" + varint(span.dropped_attributes))
        if span.events or span.links or span.dropped_events or span.dropped_links:
            parts.append(_encode_rare(span))
        if span.status_code:
            body = text_field(b"\x12", span.status_message or "") + b"\x18" + varint(span.status_code)
            parts += (b"\x7a", varint(len(body)), body)
        parts.append(_FLAGS_SAMPLED_REMOTE if span.parent_is_remote else _FLAGS_SAMPLED)
        return length_delimited(b"\x12", b"".join(parts))

    def _bound_attributes(self, bound: Mapping[str, Any], own: Mapping[str, Any]) -> bytes:
        if not own.keys().isdisjoint(bound):
            return encode_attributes(b"\x4a", {key: value for key, value in bound.items() if key not in own})
        if bound is not self._bound:
            self._bound, self._bound_bytes = bound, encode_attributes(b"\x4a", bound)
        return self._bound_bytes


def _encode_rare(span: RecordingSpan) -> bytes:
    """What few spans have: events, links and the counts of those left out."""
    parts = [_encode_event(event) for event in span.events]
    if span.dropped_events:
        parts.append(b"\x60" + varint(span.dropped_events))
    for link in span.links:
        context = link.context
        body = (
            b"\x0a\x10"
            + context.trace_id.to_bytes(16, "big")
            + b"\x12\x08"
            + context.span_id.to_bytes(8, "big")
        )
        parts.append(length_delimited(b"\x6a", body + encode_attributes(b"\x22", link.attributes or {})))
    if span.dropped_links:
        parts.append(b"\x70" + varint(span.dropped_links))
    return b"".join(parts)


def _encode_event(event: SpanEvent) -> bytes:
    body = fixed64_field(b"\x09", event.timestamp) + text_field(b"\x12", str(event.name))
    return length_delimited(b"\x5a", body + encode_attributes(b"\x1a", event.attributes))


def traces_request(resource: bytes, spans: Iterable[tuple[Scope, bytes]]) -> bytes:
    """An ExportTraceServiceRequest of encoded spans, grouped by scope."""
    groups: dict[int, tuple[Scope, list[bytes]]] = {}
    for scope, encoded in spans:
        groups.setdefault(id(scope), (scope, []))[1].append(encoded)
    body = [resource]
    for scope, members in groups.values():
        inner = encode_scope(scope) + b"".join(members) + text_field(b"\x1a", scope.schema_url)
        body.append(length_delimited(b"\x12", inner))
    return length_delimited(b"\x0a", b"".join(body))


def metrics_request(resource: bytes, scope: Scope, points: Sequence[Point], now_unix_nano: int) -> bytes:
    """An ExportMetricsServiceRequest; points of the same name become one metric."""
    by_name: dict[str, list[Point]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    metrics = b"".join(_encode_metric(members, now_unix_nano) for members in by_name.values())
    return length_delimited(b"\x0a", resource + length_delimited(b"\x12", encode_scope(scope) + metrics))


def _encode_metric(points: Sequence[Point], now_unix_nano: int) -> bytes:
    first = points[0]
    data = b"".join(length_delimited(b"\x0a", _encode_point(point, now_unix_nano)) for point in points)
    if first.start_unix_nano is None:
        kind = length_delimited(b"\x2a", data)
    else:
        kind = length_delimited(b"\x3a", data + b"\x10\x02\x18\x01")  # cumulative, monotonic
    return length_delimited(b"\x12", text_field(b"\x0a", first.name) + text_field(b"\x1a", first.unit) + kind)


def _encode_point(point: Point, now_unix_nano: int) -> bytes:
    body = encode_attributes(b"\x3a", point.attributes)
    if point.start_unix_nano is not None:
        body += fixed64_field(b"\x11", point.start_unix_nano)
    body += fixed64_field(b"\x19", now_unix_nano)
    if isinstance(point.value, float):
        return body + double_field(b"\x21", point.value)
    return body + b"\x31" + (point.value % 2**64).to_bytes(8, "little")


def logs_request(resource: bytes, scope: Scope, events: Sequence[LogEvent]) -> bytes:
    """An ExportLogsServiceRequest of events."""
    records = b"".join(length_delimited(b"\x12", _encode_log(event)) for event in events)
    return length_delimited(b"\x0a", resource + length_delimited(b"\x12", encode_scope(scope) + records))


def _encode_log(event: LogEvent) -> bytes:
    parts = [
        fixed64_field(b"\x09", event.time_unix_nano),
        b"\x10" + varint(_SEVERITY_INFO),
        text_field(b"\x1a", "INFO"),
        encode_attributes(b"\x32", event.attributes),
    ]
    if event.trace_id:
        parts += (b"\x4a\x10", event.trace_id.to_bytes(16, "big"))
    if event.span_id:
        parts += (b"\x52\x08", event.span_id.to_bytes(8, "big"))
    parts += (fixed64_field(b"\x59", event.time_unix_nano), text_field(b"\x62", event.name))
    return b"".join(parts)


def rejected_count(response: bytes) -> int:
    """How many records a partial success refused; 0 for a full success or an answer that cannot be read.

    Reads field 1 (partial_success) and in it field 1 (rejected_*), the same in all three services.
    """
    try:
        position, message = 0, b""
        while position < len(response):
            tag, position = _read_varint(response, position)
            size, position = _read_varint(response, position)
            if tag == 0x0A:
                message = response[position : position + size]
            position += size
        if message[:1] != b"\x08":
            return 0
        return _read_varint(message, 1)[0]
    except IndexError:
        return 0


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
