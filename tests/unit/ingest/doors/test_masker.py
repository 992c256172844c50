"""Dead letters are masked without becoming unreadable."""

from __future__ import annotations

import orjson
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from pitwall.ingest.mapping.masking import mask_bytes, mask_text
from pitwall.ingest.masker import PROTOBUF, Masker
from pitwall.ingest.wire import LOGS, TRACES
from tests.unit.ingest.doors.factories import (
    add_attributes,
    make_logs,
    make_span,
    make_traces,
    with_raw_spans,
)

MASKER = Masker(mask_text, mask_bytes)
SECRET = "sk-" + "aZ9x" * 10


def test_secret_at_the_end_of_a_value_leaves_the_next_field_alone() -> None:
    """In protobuf the next field's tag would fit the pattern of a key: only the text itself may change."""
    span = make_span(1)
    add_attributes(span, {"first": SECRET, "second": "keep me"})
    request = make_traces([span])
    masked = TRACES.request_type.FromString(
        MASKER.mask_request(TRACES, request.SerializeToString(), PROTOBUF)
    )
    first, second = masked.resource_spans[0].scope_spans[0].spans[0].attributes
    assert SECRET not in first.value.string_value
    assert first.value.string_value.startswith("[masked:")
    assert second.value.string_value == "keep me"


def test_every_kind_of_value_is_reached() -> None:
    """Bodies, lists, maps and bytes hold secrets too."""
    record = LogRecord()
    record.body.kvlist_value.values.add(key="k").value.string_value = SECRET
    listed = record.attributes.add(key="list").value.array_value
    listed.values.add(string_value=SECRET)
    listed.values.add(bytes_value=SECRET.encode())
    body = MASKER.mask_request(LOGS, make_logs([record]).SerializeToString(), PROTOBUF)
    assert SECRET.encode() not in body
    assert b"aZ9x" not in body


def test_request_without_secrets_does_not_change() -> None:
    """Ids, numbers and Korean text stay as they are."""
    span = make_span(1)
    add_attributes(span, {"질문": "환불은 언제 되나요?"})
    body = make_traces([span]).SerializeToString()
    assert MASKER.mask_request(TRACES, body, PROTOBUF) == body


def test_broken_protobuf_is_masked_in_place() -> None:
    """What cannot be parsed keeps its length, so that its structure can still be looked at."""
    body = with_raw_spans([b"\xff\xff " + SECRET.encode() + b" \xff"])
    masked = MASKER.mask_request(TRACES, body, PROTOBUF)
    assert len(masked) == len(body)
    assert SECRET.encode() not in masked


def test_json_is_masked_and_stays_json() -> None:
    """The same for letters of the JSON door."""
    body = orjson.dumps({"resourceSpans": [{"name": f"key {SECRET}", "next": 1}]})
    masked = MASKER.mask_request(TRACES, body, "application/json")
    assert SECRET.encode() not in masked
    assert orjson.loads(masked)["resourceSpans"][0]["next"] == 1
