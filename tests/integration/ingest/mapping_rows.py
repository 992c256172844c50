"""Runs requests through the real views and hands back what they made, beside what the oracle says."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.oracle import Context, map_request
from pitwall.ingest.mapping.stages import STAGES
from pitwall.ingest.mapping.values import INPUT_REFERENCE, OUTPUT_REFERENCE, PAYLOAD_MARK, decode_value
from pitwall.kit.protobuf_fields import FIXED64, VARINT, bytes_field, tag, varint
from pitwall.stores.telemetry.engine import SegmentInsert, TelemetryEngine

RECEIVED = 1_790_000_000_123_000_000
_COMPARED_ELSEWHERE = ("started_at", "received_at", "long_attributes", "events", "links")


def stage_record(project: str, body: bytes, *, position: int = 1) -> bytes:
    """One length-delimited record of a segment: header fields, then the request."""
    header = bytes_field(1000, project.encode()) + tag(1001, VARINT) + varint(position)
    header += tag(1002, FIXED64) + RECEIVED.to_bytes(8, "little")
    return varint(len(header) + len(body)) + header + body


class Stages:
    """Writes segments and inserts them, as the writer of the log does."""

    def __init__(self, engine: TelemetryEngine, folder: Path, project: str) -> None:
        self.engine = engine
        self.project = project
        self._folder = folder

    def insert(
        self, stream: TelemetryType, *bodies: bytes, token: str | None = None, position: int = 1
    ) -> None:
        stage = STAGES[stream]
        path = self._folder / f"{uuid.uuid4().hex}.seg"
        path.write_bytes(b"".join(stage_record(self.project, body, position=position) for body in bodies))
        token = token or uuid.uuid4().hex
        self.engine.insert_segment(SegmentInsert(stage.table, path, token, stage.schema, stage.message))

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.engine.query(
            f"SELECT * FROM {table} WHERE project = {{p:String}}", {"p": self.project}
        ).dicts()


def any_value(value: Any) -> AnyValue:
    """An OTLP value of a plain Python one."""
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))
        case _:
            return AnyValue(string_value=value)


def key_values(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def make_request(
    *spans: Mapping[str, Any],
    resource: Mapping[str, Any] | None = None,
    scope: tuple[str, str] = ("lib", "1.0"),
) -> ExportTraceServiceRequest:
    """A request of spans given as dicts: attributes, name, events, status, start, end, ids; all optional."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(key_values(resource or {"service.name": "shop"}))
    scope_group = group.scope_spans.add()
    scope_group.scope.name, scope_group.scope.version = scope
    for number, given in enumerate(spans, start=1):
        span = scope_group.spans.add()
        span.trace_id = given.get("trace_id", b"t" * 16)
        span.span_id = given.get("span_id", number.to_bytes(8, "big"))
        span.parent_span_id = given.get("parent", b"")
        span.name = given.get("name", "work")
        span.start_time_unix_nano = given.get("start", RECEIVED - 2_000_000_000)
        span.end_time_unix_nano = given.get("end", span.start_time_unix_nano + 1_500_000)
        span.attributes.extend(key_values(given.get("attributes", {})))
        span.status.code = given.get("code", 0)
        span.status.message = given.get("message", "")
        for name, at, attributes in given.get("events", ()):
            event = span.events.add(name=name, time_unix_nano=at)
            event.attributes.extend(key_values(attributes))
        for trace_id, span_id in given.get("links", ()):
            span.links.add(trace_id=trace_id, span_id=span_id)
    return request


class SpanMapping:
    """Maps requests with the store's views; `map` gives the rows of `spans_in` in the order of the spans."""

    def __init__(self, stages: Stages, context: Context) -> None:
        self._stages = stages
        self.context = context

    def map(self, *requests: ExportTraceServiceRequest) -> list[dict[str, Any]]:
        self._stages.engine.command("TRUNCATE TABLE captured_spans")
        bodies = [request.SerializeToString() for request in requests]
        self._stages.insert(TelemetryType.TRACES, *bodies)
        return [_readable(row) for row in self._stages.rows("captured_spans")]

    def expect(self, *requests: ExportTraceServiceRequest) -> list[dict[str, Any]]:
        return [_readable(row) for request in requests for row in map_request(request, self.context)]

    def assert_agrees(self, *requests: ExportTraceServiceRequest) -> list[dict[str, Any]]:
        """The views and the oracle make the same rows; returns them."""
        rows, expected = self.map(*requests), self.expect(*requests)
        assert len(rows) == len(expected)
        for row, wanted in zip(rows, expected, strict=True):
            differing = {
                name: (row[name], value)
                for name, value in wanted.items()
                if name in row and not same(row[name], value)
            }
            assert not differing, f"{row['name']}: (view, oracle) differ: {differing}"
        return rows


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Comparable values: long attributes in place of references, encoded values decoded, ids as bytes."""
    row = dict(row)
    kept = {INPUT_REFERENCE: row["input"], OUTPUT_REFERENCE: row["output"]}
    row["attributes"] = {
        key: decode_value(row["long_attributes"][key] if text == PAYLOAD_MARK else kept.get(text, text))
        for key, text in row["attributes"].items()
    }
    row["resource_attributes"] = {key: decode_value(text) for key, text in row["resource_attributes"].items()}
    row["input"], row["output"] = decode_value(row["input"]), decode_value(row["output"])
    row["event_attributes"] = [
        {key: decode_value(text) for key, text in _part(event, "attributes", 2).items()}
        for event in row["events"]
    ]
    row["event_names"] = [_part(event, "name", 1) for event in row["events"]]
    row["link_ids"] = [(_part(link, "trace_id", 0), _part(link, "span_id", 1)) for link in row["links"]]
    for name in _COMPARED_ELSEWHERE:
        row.pop(name, None)
    return row


def _part(item: Any, name: str, position: int) -> Any:
    return item[name] if isinstance(item, dict) else item[position]


def same(left: Any, right: Any) -> bool:
    """Equality that lets NaN equal itself and forgives the last digit of a float."""
    if isinstance(left, float) or isinstance(right, float):
        if left is None or right is None:
            return left is right
        return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=1e-6)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return abs(left - right) <= Decimal("0.000000000001")
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


Attributes = Mapping[str, Any]
MapSpans = Callable[[Sequence[Attributes]], list[dict[str, Any]]]
