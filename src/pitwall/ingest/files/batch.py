"""The records of one chunk on their way in, each with the line it came from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import RejectedRecord
from pitwall.ingest.files.errors import LineReason
from pitwall.ingest.files.fields import RESOURCE
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.validate import validate
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream, Parsed

LINE = "application/x-ndjson"
POSITION_KEY = "pitwall.source.position"
"""Resource attribute of points and log records: they have no ids by which they could be found again."""


class Line(NamedTuple):
    """A line of a source.

    Attributes:
        number: From 1.
        offset: Of its first byte.
        raw: Its bytes, without the line end.
    """

    number: int
    offset: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """A line, or a record in it, that is put aside.

    Attributes:
        stream: The stream it was meant for.
        body: What is kept of it.
        is_malformed: Whether the line is at fault; otherwise it is only not known here.
    """

    line: Line
    stream: TelemetryType
    reason: str
    message: str
    body: bytes
    content_type: str = LINE
    is_malformed: bool = True


class Batch:
    """What a chunk holds, as requests by stream, and what is wrong with the rest.

    Args:
        source_id: The source.
        defaults: Resource attributes by field name, for records that do not have the field.

    Attributes:
        copies: Exact copies of records that the chunk holds already; they are kept once.
        repaired: Records kept after something in them was repaired.
    """

    def __init__(self, source_id: str, defaults: Mapping[str, str]) -> None:
        self.requests: dict[TelemetryType, Any] = {}
        self.problems: list[Problem] = []
        self.copies = 0
        self.repaired = 0
        self._source_id = source_id
        self._defaults = defaults
        self._groups: dict[tuple[str, ...], tuple[Any, list[Line]]] = {}
        # The group of records that name no resource: nearly all of them.
        self._unnamed: tuple[Any, list[Line]] | None = None
        # For each stream the lines behind its resource groups, record by record.
        self._origins: dict[TelemetryType, list[list[Line]]] = {}

    def add_span(self, line: Line, record: Mapping[str, Any], fill: Callable[[Span, str], None]) -> None:
        """Add a span under the resource that its record names.

        Args:
            fill: Writes the span, given where it stands; if it raises, the span is not added.
        """
        spans, origins = self._group(record)
        span = spans.add()
        try:
            fill(span, self.position(line.offset))
        except Exception:
            del spans[-1]
            raise
        origins.append(line)

    def add_otlp(self, line: Line, stream: OtlpStream, parsed: Parsed) -> None:
        """Add a line that holds an OTLP request."""
        self.repaired += len(parsed.repairs)
        for rejected in parsed.rejected:
            self._add_rejected(line, stream, rejected)
        request = self._request(stream.telemetry_type)
        for resource_group in getattr(parsed.request, stream.resources):
            if stream.telemetry_type is not TelemetryType.TRACES:
                position = self.position(line.offset)
                resource_group.resource.attributes.add(key=POSITION_KEY).value.string_value = position
            group = stream.request_type()
            getattr(group, stream.resources).append(resource_group)
            count = sum(len(records.records) for records in stream.groups(group))
            request.MergeFrom(group)
            self._origins[stream.telemetry_type].append([line] * count)

    def add_problem(self, line: Line, reason: LineReason, message: str) -> None:
        """Put a whole line aside."""
        is_malformed = reason is not LineReason.UNKNOWN_EVENT
        problem = Problem(line, TelemetryType.TRACES, reason, message, line.raw, is_malformed=is_malformed)
        self.problems.append(problem)

    def sift(self, rules: RecordRules) -> None:
        """Put aside the records that may not be stored."""
        for telemetry_type, request in self.requests.items():
            stream = OTLP_STREAMS[telemetry_type]
            verdict = validate(stream, request, rules)
            self.repaired += len(verdict.repaired)
            if verdict.rejected:
                origins = [line for group in self._origins[telemetry_type] for line in group]
                for rejected in verdict.rejected:
                    self._add_rejected(origins[rejected.index], stream, rejected)
        self.problems.sort(key=lambda problem: problem.line.offset)

    def position(self, offset: int) -> str:
        """Name a place in the source."""
        return f"{self._source_id}:{offset}"

    def spans(self) -> Iterator[Span]:
        """Yield all spans."""
        request = self.requests.get(TelemetryType.TRACES)
        if request is not None:
            for group in OTLP_STREAMS[TelemetryType.TRACES].groups(request):
                yield from group.records

    def keep_spans(self, is_wanted: Callable[[Span], bool]) -> int:
        """Drop the spans that are not wanted; return how many."""
        dropped = 0
        for group in OTLP_STREAMS[TelemetryType.TRACES].groups(self.requests[TelemetryType.TRACES]):
            kept = [span for span in group.records if is_wanted(span)]
            dropped += len(group.records) - len(kept)
            if len(kept) < len(group.records):
                del group.records[:]
                group.records.extend(kept)
        return dropped

    def positions(self) -> dict[TelemetryType, set[str]]:
        """Return the positions of the lines that points and log records come from, by stream."""
        return {
            stream: {_position_of(group) for group in getattr(request, OTLP_STREAMS[stream].resources)}
            for stream, request in self.requests.items()
            if stream is not TelemetryType.TRACES
        }

    def drop_positions(self, telemetry_type: TelemetryType, positions: Collection[str]) -> int:
        """Drop the points or log records of some lines; return how many."""
        stream = OTLP_STREAMS[telemetry_type]
        dropped = stream.request_type()
        groups = getattr(self.requests[telemetry_type], stream.resources)
        kept = [group for group in groups if _position_of(group) not in positions]
        getattr(dropped, stream.resources).extend(g for g in groups if _position_of(g) in positions)
        del groups[:]
        groups.extend(kept)
        return sum(len(records.records) for records in stream.groups(dropped))

    def _request(self, telemetry_type: TelemetryType) -> Any:
        if telemetry_type not in self.requests:
            self.requests[telemetry_type] = OTLP_STREAMS[telemetry_type].request_type()
            self._origins[telemetry_type] = []
        return self.requests[telemetry_type]

    def _group(self, record: Mapping[str, Any]) -> tuple[Any, list[Line]]:
        if self._unnamed is not None and record.keys().isdisjoint(RESOURCE):
            return self._unnamed
        key = tuple(str(record.get(name) or self._defaults.get(name, "")) for name in RESOURCE)
        group = self._groups.get(key)
        if group is None:
            request: ExportTraceServiceRequest = self._request(TelemetryType.TRACES)
            resource_spans = request.resource_spans.add()
            for attribute, value in zip(RESOURCE.values(), key, strict=True):
                if value:
                    resource_spans.resource.attributes.add(key=attribute).value.string_value = value
            scope_spans = resource_spans.scope_spans.add()
            scope_spans.scope.name = "pitwall.files"
            origins: list[Line] = []
            self._origins[TelemetryType.TRACES].append(origins)
            group = self._groups[key] = (scope_spans.spans, origins)
        if record.keys().isdisjoint(RESOURCE):
            self._unnamed = group
        return group

    def _add_rejected(self, line: Line, stream: OtlpStream, rejected: RejectedRecord) -> None:
        if rejected.isolate is None:
            self.copies += 1
            return
        name = f"{stream.noun} {rejected.name!r}: " if rejected.name else ""
        self.problems.append(
            Problem(
                line,
                stream.telemetry_type,
                rejected.reason,
                name + rejected.message,
                rejected.isolate(),
                rejected.content_type,
            )
        )


def _position_of(resource_group: Any) -> str:
    attributes = resource_group.resource.attributes
    return next((item.value.string_value for item in attributes if item.key == POSITION_KEY), "")
