"""A protobuf request that does not parse as a whole still yields its good records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from pitwall.ingest.failures import BodyTooLarge, MalformedRequest, RejectReason
from pitwall.ingest.otlp_protobuf import parse_protobuf
from pitwall.ingest.wire import LOGS, METRICS, OTLP_STREAMS, TRACES, Parsed
from tests.unit.ingest.doors.factories import (
    add_attributes,
    body_of,
    make_gauge,
    make_logs,
    make_metrics,
    make_span,
    make_traces,
    with_raw_spans,
)

MAX_RECORDS = 100_000


def _parse(body: bytes) -> Parsed:
    return parse_protobuf(TRACES, body, max_records=MAX_RECORDS)


def _names(parsed: Parsed) -> list[str]:
    return [
        span.name
        for group in parsed.request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _span_with(text: bytes, replacement: bytes) -> bytes:
    """Return a span in which a marker was overwritten by bytes that are no UTF-8."""
    span = make_span(2)
    add_attributes(span, {"prompt": "MARKER"})
    raw = span.SerializeToString()
    assert text in raw
    assert len(text) == len(replacement)
    return raw.replace(text, replacement)


def test_invalid_utf8_in_an_attribute_is_repaired_and_said() -> None:
    """The span is kept with U+FFFD in place of the bad bytes; the answer will name span and attribute."""
    bad = _span_with(b"MARKER", b"MA\xff\xfeER")
    parsed = _parse(with_raw_spans([make_span(1).SerializeToString(), bad]))
    assert _names(parsed) == ["span 1", "span 2"]
    value = parsed.request.resource_spans[0].scope_spans[0].spans[1].attributes[0].value.string_value
    assert value == "MA��ER"
    [repair] = parsed.repairs
    assert repair == "span [1] 'span 2': invalid UTF-8 replaced in attributes['prompt'].value.string_value"
    assert parsed.raw is None


def test_invalid_utf8_in_a_name_rejects_the_record_alone() -> None:
    """A span whose name cannot be read is no dimension to chart by; its neighbours are kept."""
    bad = _span_with(b"span 2", b"sp\xffn 2")
    parsed = _parse(with_raw_spans([make_span(1).SerializeToString(), bad, make_span(3).SerializeToString()]))
    assert _names(parsed) == ["span 1", "span 3"]
    [rejected] = parsed.rejected
    assert (rejected.index, rejected.reason) == (1, RejectReason.INVALID_UTF8)
    assert rejected.name == "sp�n 2"
    assert parsed.positions == [0, 2]
    assert bad in body_of(rejected)


def test_garbage_in_place_of_a_record_is_rejected_alone() -> None:
    """One span of broken bytes does not take the good ones with it."""
    parsed = _parse(
        with_raw_spans([make_span(1).SerializeToString(), b"\xff\xff\xff", make_span(3).SerializeToString()])
    )
    assert _names(parsed) == ["span 1", "span 3"]
    assert [(record.index, record.reason) for record in parsed.rejected] == [(1, RejectReason.MALFORMED)]


def test_attribute_nested_too_deep_is_rejected_alone() -> None:
    """Lists in lists beyond what the parser follows reject the span that has them."""
    deep = AnyValue()
    inner = deep
    for _ in range(200):
        inner = inner.array_value.values.add()
    span = make_span(2)
    span.attributes.add(key="deep").value.CopyFrom(deep)
    parsed = _parse(with_raw_spans([make_span(1).SerializeToString(), span.SerializeToString()]))
    assert _names(parsed) == ["span 1"]
    [rejected] = parsed.rejected
    assert (rejected.name, rejected.reason) == ("span 2", RejectReason.NESTED_TOO_DEEP)
    assert rejected.message == "its values are nested too deep"


def test_broken_record_is_called_by_the_name_that_can_be_read() -> None:
    """What stands before the damage is read."""
    parsed = _parse(with_raw_spans([make_span(7).SerializeToString() + b"\xff\xff"]))
    [rejected] = parsed.rejected
    assert (rejected.name, rejected.reason) == ("span 7", RejectReason.MALFORMED)


def test_broken_resource_rejects_the_records_under_it() -> None:
    """Spans whose resource cannot be read would be of no service; those of the next resource are kept."""
    body = make_traces([make_span(1)]).SerializeToString()
    broken = bytes([0x0A, 0x0A, 0x0A, 0x02, 0xFF, 0xFF]) + b"\x12\x04\x12\x02\x4a\x00"
    parsed = _parse(broken + body)
    assert _names(parsed) == ["span 1"]
    assert [(record.index, record.reason) for record in parsed.rejected] == [(0, RejectReason.MALFORMED)]
    assert parsed.rejected[0].message.startswith("in its resource: ")


def test_repair_reaches_log_bodies_and_metrics() -> None:
    """All three streams are saved the same way."""
    log = make_logs([LogRecord(body=AnyValue(string_value="MARKER"))]).SerializeToString()
    parsed = parse_protobuf(LOGS, log.replace(b"MARKER", b"M\xffRKER"), max_records=MAX_RECORDS)
    record = parsed.request.resource_logs[0].scope_logs[0].log_records[0]
    assert record.body.string_value == "M�RKER"

    metrics = make_metrics(
        [make_gauge(1, 2, name="a"), make_gauge(3, name="MARKER"), make_gauge(4, name="c")]
    )
    broken = metrics.SerializeToString().replace(b"MARKER", b"M\xffRKER")
    parsed = parse_protobuf(METRICS, broken, max_records=MAX_RECORDS)
    assert parsed.positions == [0, 1, 3]
    assert [rejected.index for rejected in parsed.rejected] == [2]


def test_malformed_request_names_the_byte() -> None:
    """A cut request is refused whole, with the place where it stops making sense."""
    body = make_traces([make_span(1), make_span(2)]).SerializeToString()
    with pytest.raises(MalformedRequest, match=f"behind the end of its message at byte 0 of {len(body) - 3}"):
        _parse(body[:-3])
    with pytest.raises(MalformedRequest, match="field number 0 at byte 2"):
        _parse(b"\x0a\x00\x00\x00")


def test_request_of_millions_of_empty_records_is_refused_before_it_is_parsed() -> None:
    """Two bytes a record would grow a hundredfold in memory."""
    bomb = with_raw_spans([b""] * 600_000)
    with pytest.raises(BodyTooLarge, match="more than 100,000 records"):
        _parse(bomb)


def test_large_request_of_real_records_passes_the_count() -> None:
    """The count looks at records, not at bytes."""
    span = make_span(1)
    add_attributes(span, {"prompt": "x" * 20_000})
    raw = span.SerializeToString()
    assert len(_names(_parse(with_raw_spans([raw] * 200)))) == 200


@given(st.binary(max_size=300), st.sampled_from(list(OTLP_STREAMS.values())))
def test_any_bytes_are_parsed_or_refused(body: bytes, stream: object) -> None:
    """No input makes the parser fail in a way that the door does not know."""
    try:
        parsed = parse_protobuf(stream, body, max_records=MAX_RECORDS)  # type: ignore[arg-type]
    except MalformedRequest:
        return
    parsed.request.SerializeToString()


_GOOD = make_traces([make_span(1), make_span(2)]).SerializeToString()


@given(st.integers(0, len(_GOOD) - 1), st.integers(0, 255))
def test_any_flipped_byte_loses_no_more_than_it_must(position: int, value: int) -> None:
    """A damaged request is refused, or each of its records is kept or named."""
    body = _GOOD[:position] + bytes([value]) + _GOOD[position + 1 :]
    try:
        parsed = _parse(body)
    except MalformedRequest:
        return
    positions = parsed.positions if parsed.positions is not None else range(len(_names(parsed)))
    seen = sorted([*positions, *(record.index for record in parsed.rejected)])
    assert seen == list(range(len(seen)))
