"""Requests serialised once and filled many times, in a few microseconds a span.

A template knows at which bytes of a serialised request ids, times and marks stand. Filling copies the bytes
and writes other ids, the wanted times and other marks over them, so that no two filled requests share a
trace, a span or a text. That keeps the generator's own work small beside a server on the same cores.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from google.protobuf.json_format import MessageToDict, ParseDict
from numpy.typing import NDArray
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.harness.traffic import ANCHOR_UNIX_NANO, MARK_LENGTH, SPANS_PER_TRACE, Traffic

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]

_MARK: Final = re.compile(rb"Q\d{%d}" % (MARK_LENGTH - 1))
_VARIED_BYTES: Final = 8
_HEX: Final = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_POWERS: Final = 10 ** np.arange(18, -1, -1, dtype=np.int64)


class Encoding(Protocol):
    """How requests, ids and times are written."""

    content_type: str

    def serialize(self, request: ExportTraceServiceRequest) -> bytes:
        """Write a request."""

    def parse(self, body: bytes) -> ExportTraceServiceRequest:
        """Read a request."""

    def ids(self, ids: Bytes) -> Bytes:
        """Write ids, (n, 8) bytes, as (n, width) bytes."""

    def times(self, unix_nano: NDArray[np.int64]) -> Bytes:
        """Write (n,) times as (n, width) bytes."""


class ProtobufEncoding:
    """OTLP protobuf, for HTTP and gRPC."""

    content_type = "application/x-protobuf"

    def serialize(self, request: ExportTraceServiceRequest) -> bytes:
        """Write a request."""
        return bytes(request.SerializeToString())

    def parse(self, body: bytes) -> ExportTraceServiceRequest:
        """Read a request."""
        return ExportTraceServiceRequest.FromString(body)

    def ids(self, ids: Bytes) -> Bytes:
        """Ids stand as they are."""
        return ids

    def times(self, unix_nano: NDArray[np.int64]) -> Bytes:
        """Times are little-endian fixed64."""
        return unix_nano.astype("<u8").view(np.uint8).reshape(-1, 8)


class JsonEncoding:
    """OTLP JSON: ids in hexadecimal, times as strings of digits."""

    content_type = "application/json"

    def serialize(self, request: ExportTraceServiceRequest) -> bytes:
        """Write a request as OTLP wants it, which is not quite protobuf's own JSON."""
        written = MessageToDict(request, use_integers_for_enums=True)
        _rewrite_ids(written, lambda text: base64.b64decode(text).hex())
        return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()

    def parse(self, body: bytes) -> ExportTraceServiceRequest:
        """Read a request."""
        written = json.loads(body)
        _rewrite_ids(written, lambda text: base64.b64encode(bytes.fromhex(text)).decode())
        return ParseDict(written, ExportTraceServiceRequest())

    def ids(self, ids: Bytes) -> Bytes:
        """Two digits a byte."""
        digits = np.stack([_HEX[ids >> 4], _HEX[ids & 15]], axis=-1)
        return digits.reshape(len(ids), -1)

    def times(self, unix_nano: NDArray[np.int64]) -> Bytes:
        """Nineteen digits."""
        return (unix_nano[:, None] // _POWERS % 10 + ord("0")).astype(np.uint8)


def _rewrite_ids(request: dict[str, Any], rewrite: Callable[[str], str]) -> None:
    for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in span:
                span[name] = rewrite(span[name])


@dataclass(frozen=True, slots=True)
class _Spot:
    """Same-sized places in the body, (n, width) positions."""

    positions: Positions

    def write(self, body: Bytes, values: Bytes) -> None:
        body[self.positions.reshape(-1)] = values.reshape(-1)


def _spot(starts: list[int], width: int) -> _Spot:
    return _Spot(np.array(starts, dtype=np.int64)[:, None] + np.arange(width, dtype=np.int64))


class Template:
    """One serialised request that can be filled.

    Args:
        traffic: Makes the request.
        spans: How many spans it has, whole traces.
    """

    def __init__(self, traffic: Traffic, encoding: Encoding, spans: int) -> None:
        request = traffic.request(spans)
        self.span_count = spans
        self._encoding = encoding
        self._body: Bytes = np.frombuffer(encoding.serialize(request), dtype=np.uint8)
        finder = _Finder(self._body.tobytes(), encoding)
        found = _spans(request)
        for span in found:
            finder.find_span(span)
        self._ids = _spot(finder.id_starts, len(encoding.ids(np.zeros((1, 8), np.uint8))[0]))
        self._id_values: Bytes = np.frombuffer(b"".join(finder.ids), dtype=np.uint8).reshape(
            -1, _VARIED_BYTES
        )
        self._times = _spot(finder.time_starts, len(encoding.times(np.array([ANCHOR_UNIX_NANO]))[0]))
        self._after_begin = np.array(finder.times, dtype=np.int64) - ANCHOR_UNIX_NANO
        self._trace_of_time = np.arange(len(finder.times)) // (2 * SPANS_PER_TRACE)
        marks = [(match.start(), match.group()) for match in _MARK.finditer(finder.body)]
        self._marks = _spot([start for start, _ in marks], MARK_LENGTH)
        distinct = {mark: index for index, mark in enumerate(dict.fromkeys(mark for _, mark in marks))}
        self._mark_of = np.array([distinct[mark] for _, mark in marks])
        self._mark_count = len(distinct)
        self.trace_ids = [span.trace_id for span in found[::SPANS_PER_TRACE]]
        self._check(request)

    def __len__(self) -> int:
        """Size of a filled request in bytes."""
        return len(self._body)

    def fill(self, rng: np.random.Generator, end_unix_nano: int, spread_nano: int) -> memoryview:
        """Make a request whose traces began in the `spread_nano` before a time."""
        body = self._body.copy()
        self._ids.write(body, self._encoding.ids(self._id_values ^ _mask(rng)))
        begins = end_unix_nano - rng.integers(0, spread_nano, self.span_count // SPANS_PER_TRACE)
        self._times.write(body, self._encoding.times(begins[self._trace_of_time] + self._after_begin))
        digits = rng.integers(ord("0"), ord("9") + 1, (self._mark_count, MARK_LENGTH), dtype=np.uint8)
        self._marks.write(body, digits[self._mark_of])
        return body.data

    def filled_trace_ids(self, rng: np.random.Generator) -> list[str]:
        """Name the traces that `fill` makes with a generator in the same state."""
        mask = _mask(rng).tobytes()
        return [
            (trace_id[:8] + bytes(a ^ b for a, b in zip(trace_id[8:], mask, strict=True))).hex()
            for trace_id in self.trace_ids
        ]

    def _check(self, request: ExportTraceServiceRequest) -> None:
        """Make sure that filling makes a fresh copy: other ids, times and texts, and all else as it was."""
        end = ANCHOR_UNIX_NANO + 10**18
        filled = self._encoding.parse(bytes(self.fill(np.random.default_rng(1), end, 1)))
        before, after = _spans(request), _spans(filled)
        is_fresh = len({span.span_id for span in before + after}) == 2 * len(before)
        is_fresh &= not _texts(before) & _texts(after)
        for old, new in zip(before, after, strict=True):
            moved = {_times(new)[0] - _times(old)[0], _times(new)[1] - _times(old)[1]}
            is_fresh &= moved == {10**18} and _outline(new) == _outline(old)
        if not is_fresh:
            raise RuntimeError("a filled request is not a fresh copy of its template")


def _spans(request: ExportTraceServiceRequest) -> list[Any]:
    return list(request.resource_spans[0].scope_spans[0].spans)


def _times(span: Any) -> tuple[int, int]:
    return span.start_time_unix_nano, span.end_time_unix_nano


def _texts(spans: list[Any]) -> set[str]:
    values = (item.value.string_value for span in spans for item in span.attributes)
    return {value for value in values if len(value) > 40}


def _outline(span: Any) -> list[tuple[str, Any]]:
    """What filling must not change: names, numbers and lengths of texts."""
    items = [(item.key, item.value) for item in span.attributes]
    values = [(key, len(value.string_value) or value.SerializeToString()) for key, value in items]
    return [(span.name, span.status.code), *values]


def _mask(rng: np.random.Generator) -> Bytes:
    return rng.integers(0, 256, _VARIED_BYTES, dtype=np.uint8)


class _Finder:
    """Walks through a serialised request, span by span, and notes where things stand."""

    def __init__(self, body: bytes, encoding: Encoding) -> None:
        self.body = body
        self._encoding = encoding
        self._offset = 0
        self.id_starts: list[int] = []
        self.ids: list[bytes] = []
        self.time_starts: list[int] = []
        self.times: list[int] = []

    def find_span(self, span: Any) -> None:
        """Note the ids and times of the next span."""
        for span_id in filter(None, (span.trace_id, span.span_id, span.parent_span_id)):
            varied = span_id[-_VARIED_BYTES:]
            self.id_starts.append(self._find(self._encoding.ids(np.frombuffer(varied, np.uint8)[None, :])))
            self.ids.append(varied)
        for unix_nano in (span.start_time_unix_nano, span.end_time_unix_nano):
            self.time_starts.append(self._find(self._encoding.times(np.array([unix_nano]))))
            self.times.append(unix_nano)

    def _find(self, needle: Bytes) -> int:
        start = self.body.index(needle.tobytes(), self._offset)
        self._offset = start + needle.size
        return start


@dataclass(frozen=True, slots=True)
class Pool:
    """Templates by turns; request number n is the same whenever it is made from the same pool.

    Attributes:
        spread_seconds: Over how long the traces of a request began.
    """

    templates: list[Template]
    seed: int
    spread_seconds: float = 60.0

    @property
    def spans_per_request(self) -> int:
        """Spans in each request."""
        return self.templates[0].span_count

    @property
    def bytes_per_span(self) -> float:
        """Bytes as sent."""
        return sum(map(len, self.templates)) / sum(template.span_count for template in self.templates)

    def body(self, number: int, end_unix_nano: int) -> memoryview:
        """Make request `number`, whose traces began before a time."""
        spread_nano = int(self.spread_seconds * 1e9)
        return self._template(number).fill(self._rng(number), end_unix_nano, spread_nano)

    def trace_ids(self, number: int) -> list[str]:
        """Name the traces of request `number`."""
        return self._template(number).filled_trace_ids(self._rng(number))

    def _template(self, number: int) -> Template:
        return self.templates[number % len(self.templates)]

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, number))


def make_pool(*, requests: int, spans: int, seed: int, encoding: Encoding | None = None) -> Pool:
    """Serialise a few requests to be filled."""
    return make_pool_of(Traffic(seed), requests=requests, spans=spans, encoding=encoding)


def make_pool_of(
    traffic: Traffic,
    *,
    requests: int,
    spans: int,
    encoding: Encoding | None = None,
    spread_seconds: float = 60.0,
) -> Pool:
    """Serialise a few requests of some traffic to be filled."""
    templates = [Template(traffic, encoding or ProtobufEncoding(), spans) for _ in range(requests)]
    return Pool(templates, traffic.seed, spread_seconds)
