"""OTLP/JSON requests: built field by field into the same messages that the protobuf door parses.

A record whose JSON does not fit is left out with its path, the others are kept; protobuf's own JSON reader
would refuse the whole request, and takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import orjson

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import Flaw, MalformedRequest, RejectedRecord
from pitwall.ingest.json_fields import BadField, expected, fill, setters_of
from pitwall.ingest.json_text import load_json
from pitwall.ingest.structure import too_many_records
from pitwall.ingest.wire import OtlpStream, Parsed

_NAME_CHARACTERS = 200
_POINT_KINDS = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponentialHistogram": "exponential_histogram",
    "exponential_histogram": "exponential_histogram",
    "summary": "summary",
}


def parse_json(stream: OtlpStream, body: bytes, *, max_records: int) -> Parsed:
    """Build the request message of a JSON body.

    Raises:
        MalformedRequest: It is no JSON, or no object with a list of resources.
        BodyTooLarge: It has more than `max_records` records.
    """
    document, repairs = _load(body)
    builder = _Builder(stream, max_records)
    try:
        builder.build(document)
    except BadField as bad:
        raise MalformedRequest(f"The body is no OTLP request: ${bad.path}: {bad.message}.") from None
    return Parsed(
        request=builder.request,
        rejected=tuple(builder.rejected),
        positions=builder.positions if builder.rejected else None,
        repairs=repairs,
    )


def _load(body: bytes) -> tuple[Any, tuple[str, ...]]:
    try:
        return load_json(body)
    except orjson.JSONDecodeError as problem:
        raise MalformedRequest(f"The body is not valid JSON: {problem}.") from None


class _Level(NamedTuple):
    """The two spellings of the field that holds the members of one level."""

    camel: str
    snake: str


@dataclass(frozen=True, slots=True)
class _Context:
    """Where in the document a member stands.

    Attributes:
        path: Steps from the document's root.
        wrap: Puts a member into a document of its own, with all that stands around it.
        fault: Why nothing in here can be kept; None if nothing is wrong so far.
        name: What the records in here are called, if all have one name.
    """

    path: str
    wrap: Callable[[Any], Any]
    fault: Flaw | None = None
    name: str = ""


class _Builder:
    """Builds one request; what does not fit is collected in `rejected`."""

    def __init__(self, stream: OtlpStream, max_records: int) -> None:
        self.request = stream.request_type()
        self.rejected: list[RejectedRecord] = []
        self.positions: list[int] = []
        self._stream = stream
        self._max_records = max_records
        self._resources, self._scopes, self._items = (
            _level_of(stream.request_type.DESCRIPTOR, (stream.resources,)),
            _level_of(stream.request_type.DESCRIPTOR, (stream.resources, stream.scopes)),
            _level_of(stream.request_type.DESCRIPTOR, (stream.resources, stream.scopes, stream.items)),
        )

    def build(self, document: Any) -> None:
        """Read the whole document.

        Raises:
            BadField: It is no object, or its resources are no list.
            BodyTooLarge: It has too many records.
        """
        if type(document) is not dict:
            raise expected("an object", document)
        root = _Context("$", lambda resource: {self._resources.camel: [resource]})
        groups = getattr(self.request, self._stream.resources)
        for path, resource in _list_members(document, self._resources, root.path):
            self._build_resource(groups.add(), replace(root, path=path), resource)

    def _build_resource(self, group: Any, context: _Context, document: Any) -> None:
        inner = _enter(group, context, document, self._scopes)
        scopes = getattr(group, self._stream.scopes)
        for path, scope in self._members(document, self._scopes, context, inner):
            self._build_scope(scopes.add(), replace(inner, path=path), scope)

    def _build_scope(self, group: Any, context: _Context, document: Any) -> None:
        inner = _enter(group, context, document, self._items)
        items = getattr(group, self._stream.items)
        is_metrics = self._stream.telemetry_type is TelemetryType.METRICS
        build = self._build_metric if is_metrics else self._build_record
        for path, item in self._members(document, self._items, context, inner):
            build(items, replace(inner, path=path), item)

    def _build_metric(self, metrics: Any, context: _Context, document: Any) -> None:
        metric = metrics.add()
        kind = next((kind for kind in _POINT_KINDS if type(document) is dict and kind in document), None)
        if kind is None or type(document[kind]) is not dict:
            fault = context.fault or _try_fill(metric, document, context.path)
            if fault is not None:
                self._reject(replace(context, fault=fault), document)
            return
        series = _without(document[kind], _POINTS)
        shell = {**document, kind: series}
        inner = _Context(
            path=f"{context.path}.{kind}",
            wrap=lambda point: context.wrap({**shell, kind: {**series, _POINTS.camel: [point]}}),
            fault=context.fault or _try_fill(metric, shell, context.path),
            name=_name_of(document),
        )
        points = getattr(metric, _POINT_KINDS[kind]).data_points
        for path, point in self._members(document[kind], _POINTS, context, inner):
            self._build_record(points, replace(inner, path=path), point)

    def _build_record(self, records: Any, context: _Context, document: Any) -> None:
        if context.fault is not None:
            self._reject(context, document)
            return
        record = records.add()
        fault = _try_fill(record, document, context.path)
        if fault is None:
            self.positions.append(self._next_index())
            return
        del records[-1]
        self._reject(replace(context, fault=fault), document)

    def _members(
        self, document: Any, level: _Level, outer: _Context, inner: _Context
    ) -> Iterator[tuple[str, Any]]:
        """Yield the members of a group; a group without a proper list counts as one rejected record."""
        try:
            yield from _list_members(document, level, inner.path)
        except BadField as bad:
            fault = inner.fault or _fault(inner.path, bad)
            self._reject(replace(outer, path=inner.path, fault=fault, name=inner.name), document)

    def _reject(self, context: _Context, document: Any) -> None:
        assert context.fault is not None
        self.rejected.append(
            RejectedRecord(
                index=self._next_index(),
                name=context.name or _name_of(document),
                reason=context.fault.reason,
                message=context.fault.message,
                isolate=partial(_isolate, context, document),
                content_type="application/json",
            )
        )

    def _next_index(self) -> int:
        index = len(self.positions) + len(self.rejected)
        if index >= self._max_records:
            raise too_many_records(self._max_records)
        return index


def _isolate(context: _Context, document: Any) -> bytes:
    return orjson.dumps(context.wrap(document))


def _enter(group: Any, context: _Context, document: Any, level: _Level) -> _Context:
    """Fill in what stands around the members of a group, and say how to go on inside it."""
    if type(document) is not dict:
        return replace(context, fault=context.fault or _fault(context.path, expected("an object", document)))
    shell = _without(document, level)
    return _Context(
        path=context.path,
        wrap=lambda member: context.wrap({**shell, level.camel: [member]}),
        fault=context.fault or _try_fill(group, shell, context.path),
    )


def _list_members(document: Any, level: _Level, path: str) -> Iterator[tuple[str, Any]]:
    if type(document) is not dict:
        raise expected("an object", document)
    members = document.get(level.camel)
    if members is None:
        members = document.get(level.snake)
    if members is None:
        return
    if type(members) is not list:
        raise expected("a list", members).within(f".{level.camel}")
    for index, member in enumerate(members):
        yield f"{path}.{level.camel}[{index}]", member


def _try_fill(message: Any, document: Any, path: str) -> Flaw | None:
    try:
        fill(message, document, setters_of(message.DESCRIPTOR))
    except BadField as bad:
        return _fault(path, bad)
    return None


def _name_of(document: Any) -> str:
    members = document if type(document) is dict else {}
    name = members.get("name") or members.get("eventName") or members.get("event_name")
    return name[:_NAME_CHARACTERS] if type(name) is str else ""


def _fault(path: str, bad: BadField) -> Flaw:
    return Flaw(bad.reason, f"{path}{bad.path}: {bad.message}")


def _without(document: dict[str, Any], level: _Level) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in level}


def _level_of(descriptor: Any, path: Sequence[str]) -> _Level:
    *outer, last = path
    for name in outer:
        descriptor = descriptor.fields_by_name[name].message_type
    return _Level(descriptor.fields_by_name[last].json_name, last)


_POINTS = _Level("dataPoints", "data_points")
