"""OTLP/JSON becomes the same messages as protobuf, and what does not fit is named by its path."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.ingest.failures import BodyTooLarge, MalformedRequest, RejectReason
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.wire import LOGS, METRICS, OTLP_STREAMS, TRACES, OtlpStream, Parsed
from tests.support.data_sets import figures_of, own_and_public
from tests.unit.ingest.doors.factories import body_of, make_span, make_traces
from tests.unit.ingest.doors.messages import messages, to_otlp_json

EXAMPLES = own_and_public("otlp", "agent_traces/otlp_json_examples")
MAX_RECORDS = 100_000


def _parse(document: Any, stream: OtlpStream = TRACES) -> Parsed:
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return parse_json(stream, body, max_records=MAX_RECORDS)


def _span_json(**fields: Any) -> dict[str, Any]:
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat",
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": "1544712661000000000",
    }
    return {**span, **fields}


def _request_json(*spans: Any) -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "voc"}}]}
    return {
        "resourceSpans": [
            {"resource": resource, "scopeSpans": [{"scope": {"name": "s"}, "spans": list(spans)}]}
        ]
    }


def _spans(parsed: Parsed) -> Any:
    return parsed.request.resource_spans[0].scope_spans[0].spans


@pytest.mark.parametrize("stream", OTLP_STREAMS.values(), ids=lambda stream: stream.telemetry_type)
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)
@given(data=st.data())
def test_any_request_survives_its_way_through_json(stream: OtlpStream, data: st.DataObject) -> None:
    """Protobuf's own JSON writer is the oracle: what it writes is read back equal, in both spellings."""
    request = data.draw(messages(stream.request_type.DESCRIPTOR))
    as_numbers = data.draw(st.booleans())
    document = to_otlp_json(
        request, preserving_proto_field_name=data.draw(st.booleans()), use_integers_for_enums=as_numbers
    )
    parsed = _parse(document, stream)
    assert parsed.rejected == ()
    assert parsed.request == request


def test_what_protobufs_own_reader_reads_is_read_alike() -> None:
    """Its forms (base64 ids, numbers for 64-bit integers) give the same message."""
    request = make_traces([make_span(1), make_span(2)])
    document = json_format.MessageToDict(request)
    for span in document["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        span["startTimeUnixNano"] = int(span["startTimeUnixNano"])
    expected = json_format.Parse(orjson.dumps(document).decode(), TRACES.request_type())
    assert _parse(document).request == expected


@pytest.mark.parametrize("folder", EXAMPLES)
@pytest.mark.parametrize(
    ("file", "stream"),
    [("trace.json", TRACES), ("metrics.json", METRICS), ("logs.json", LOGS), ("events.json", LOGS)],
)
def test_example_is_read(folder: Path, file: str, stream: OtlpStream) -> None:
    """Our own files and the examples of the OTLP specification are read whole and written back the same."""
    path = folder / file
    parsed = _parse(path.read_bytes(), stream)
    assert parsed.rejected == ()
    records = sum(len(group.records) for group in stream.groups(parsed.request))
    assert records == figures_of(path)["records"]
    assert _parse(to_otlp_json(parsed.request), stream).request == parsed.request


def test_values_of_every_type_keep_their_type() -> None:
    """0, false and "" are values; lists and maps nest."""
    values = {
        "text": {"stringValue": ""},
        "yes": {"boolValue": False},
        "whole": {"intValue": "0"},
        "number": {"intValue": 7},
        "real": {"doubleValue": 1},
        "bytes": {"bytesValue": "aGk="},
        "list": {
            "arrayValue": {
                "values": [{"stringValue": "a"}, {"arrayValue": {"values": [{"boolValue": True}]}}]
            }
        },
        "map": {"kvlistValue": {"values": [{"key": "k", "value": {"doubleValue": 0.5}}]}},
        "none": {},
    }
    span = _span_json(attributes=[{"key": key, "value": value} for key, value in values.items()])
    found = {
        attribute.key: attribute.value for attribute in _spans(_parse(_request_json(span)))[0].attributes
    }
    kinds = {key: value.WhichOneof("value") for key, value in found.items()}
    assert kinds == {
        "text": "string_value",
        "yes": "bool_value",
        "whole": "int_value",
        "number": "int_value",
        "real": "double_value",
        "bytes": "bytes_value",
        "list": "array_value",
        "map": "kvlist_value",
        "none": None,
    }
    assert found["bytes"].bytes_value == b"hi"
    assert found["list"].array_value.values[1].array_value.values[0].bool_value is True


@pytest.mark.parametrize(
    ("text", "check"), [("NaN", math.isnan), ("Infinity", math.isinf), ("-Infinity", math.isinf)]
)
def test_special_doubles_are_strings(text: str, check: Any) -> None:
    """JSON has no NaN, so OTLP writes it as text."""
    span = _span_json(attributes=[{"key": "x", "value": {"doubleValue": text}}])
    assert check(_spans(_parse(_request_json(span)))[0].attributes[0].value.double_value)


def test_upper_case_ids_and_enum_names_are_read() -> None:
    """Both are legal spellings."""
    span = _span_json(
        spanId="EEE19B7EC3C1B174", kind="SPAN_KIND_CLIENT", status={"code": "STATUS_CODE_ERROR"}
    )
    [found] = _spans(_parse(_request_json(span)))
    assert (found.span_id.hex(), found.kind, found.status.code) == ("eee19b7ec3c1b174", 3, 2)


def test_unknown_fields_and_nulls_are_ignored() -> None:
    """A newer client's fields do no harm."""
    document = _request_json(_span_json(futureField={"x": [1]}, attributes=None))
    document["somethingElse"] = 1
    assert len(_spans(_parse(document))) == 1


BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": 5}, ".name: expected a string, got a number"),
    ({"traceId": "xyz!"}, ".traceId: expected a hexadecimal string"),
    ({"traceId": 12}, ".traceId: expected a hexadecimal string, got a number"),
    ({"startTimeUnixNano": "soon"}, ".startTimeUnixNano: expected an integer or a string that holds one"),
    ({"startTimeUnixNano": 1.5}, ".startTimeUnixNano: expected an integer"),
    ({"startTimeUnixNano": "-1"}, ".startTimeUnixNano: the number is out of range"),
    ({"endTimeUnixNano": "99999999999999999999"}, ".endTimeUnixNano: the number is out of range"),
    ({"kind": "SPAN_KIND_UNHEARD_OF"}, ".kind: expected a number or a name of the enumeration"),
    ({"attributes": {"key": "v"}}, ".attributes: expected a list, got an object"),
    ({"attributes": ["x"]}, ".attributes[0]: expected an object, got a string"),
    (
        {"attributes": [{"key": "a", "value": {"intValue": "1e3"}}]},
        ".attributes[0].value.intValue: expected an integer",
    ),
    (
        {"attributes": [{"key": "a", "value": {"boolValue": "yes"}}]},
        ".attributes[0].value.boolValue: expected true",
    ),
    ({"attributes": [{"key": 1, "value": {"stringValue": "x"}}]}, ".attributes[0].key: expected a string"),
    ({"events": [{"name": "e"}, {"timeUnixNano": {}}]}, ".events[1].timeUnixNano: expected an integer"),
    ({"status": "ok"}, ".status: expected an object, got a string"),
]


@pytest.mark.parametrize(("fields", "words"), BAD_FIELDS)
def test_wrong_type_rejects_the_record_with_its_path(fields: dict[str, Any], words: str) -> None:
    """The span is left out and named by its JSON path; its neighbours are read."""
    good = _span_json(name="good")
    parsed = _parse(_request_json(good, _span_json(**fields), good))
    assert [span.name for span in _spans(parsed)] == ["good", "good"]
    [rejected] = parsed.rejected
    assert (rejected.index, rejected.reason) == (1, RejectReason.WRONG_TYPE)
    assert f"$.resourceSpans[0].scopeSpans[0].spans[1]{words}" in rejected.message
    assert parsed.positions == [0, 2]


def test_rejected_record_keeps_its_json_and_its_resource() -> None:
    """The dead letter holds an OTLP/JSON request of the one record, as it came."""
    bad = _span_json(name=5)
    [rejected] = _parse(_request_json(_span_json(), bad)).rejected
    assert rejected.content_type == "application/json"
    assert orjson.loads(body_of(rejected)) == _request_json(bad)


def test_bad_point_rejects_the_point_not_its_metric() -> None:
    """Of two points of a gauge the good one is kept."""
    points = [{"timeUnixNano": "1", "asDouble": 1.0}, {"timeUnixNano": "1", "asDouble": "much"}]
    metric = {"name": "queue", "gauge": {"dataPoints": points}}
    document = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    parsed = _parse(document, METRICS)
    assert len(parsed.request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points) == 1
    [rejected] = parsed.rejected
    assert (rejected.index, rejected.name) == (1, "queue")
    assert "metrics[0].gauge.dataPoints[1].asDouble: expected a number" in rejected.message
    alone = {
        "resourceMetrics": [
            {"scopeMetrics": [{"metrics": [{"name": "queue", "gauge": {"dataPoints": points[1:]}}]}]}
        ]
    }
    assert orjson.loads(body_of(rejected)) == alone


@pytest.mark.parametrize(
    "broken",
    [
        {"resource": "voc", "scopeSpans": [{"spans": [{}, {}]}]},
        {"scopeSpans": [{"scope": [], "spans": [{}, {}]}]},
    ],
)
def test_broken_surroundings_reject_every_record_in_them(broken: Any) -> None:
    """Spans of an unreadable resource or scope are named one by one; other groups are read."""
    document = _request_json(_span_json())
    document["resourceSpans"].insert(0, broken)
    parsed = _parse(document)
    assert [record.index for record in parsed.rejected] == [0, 1]
    assert parsed.positions == [2]


@pytest.mark.parametrize(
    "broken", [5, {"scopeSpans": 5}, {"scopeSpans": [5]}, {"scopeSpans": [{"spans": {}}]}]
)
def test_group_without_a_list_counts_as_one_record(broken: Any) -> None:
    """Nobody knows how many there were; one rejection says where."""
    document = _request_json(_span_json())
    document["resourceSpans"].append(broken)
    parsed = _parse(document)
    assert len(parsed.rejected) == 1
    assert parsed.rejected[0].message.startswith("$.resourceSpans[1]")
    assert len(_spans(parsed)) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"resourceSpans": NaN}', "line 1 column 19"),
        (b"[]", r"\$: expected an object, got a list"),
        (b'{"resourceSpans": {}}', r"\$\.resourceSpans: expected a list, got an object"),
        (b"[" * 5_000, "not valid JSON"),
    ],
)
def test_no_request_at_all_is_refused(body: bytes, words: str) -> None:
    """What is no OTLP document is a 400 that says where it stops being one."""
    with pytest.raises(MalformedRequest, match=words) as refusal:
        _parse(body)
    assert refusal.value.http_status == 400


def test_deep_nesting_rejects_the_record() -> None:
    """Forty lists in each other are nobody's attribute."""
    value: dict[str, Any] = {"stringValue": "x"}
    for _ in range(40):
        value = {"arrayValue": {"values": [value]}}
    deep = _span_json(attributes=[{"key": "deep", "value": value}])
    parsed = _parse(_request_json(_span_json(), deep))
    assert len(_spans(parsed)) == 1
    assert [record.reason for record in parsed.rejected] == [RejectReason.NESTED_TOO_DEEP]


def test_invalid_utf8_is_replaced_and_said() -> None:
    """JSON text with broken bytes is read with U+FFFD in their place."""
    body = orjson.dumps(_request_json(_span_json(name="MARKER"))).replace(b"MARKER", b"M\xffRKER")
    parsed = _parse(body)
    assert _spans(parsed)[0].name == "M�RKER"
    assert parsed.repairs == (f"invalid UTF-8 replaced from byte {body.index(0xFF)} on",)


def test_half_an_emoji_costs_one_character_and_no_record() -> None:
    """A text that JavaScript cut in the middle of a pair is read, and its neighbours with it."""
    body = orjson.dumps(_request_json(_span_json(), _span_json(name="MARKER"))).replace(
        b"MARKER", rb"hi \ud83d"
    )
    parsed = _parse(body)
    assert [span.name for span in _spans(parsed)] == ["chat", "hi �"]
    assert parsed.rejected == ()
    assert parsed.repairs == (f"half of a surrogate pair replaced at byte {body.index(b'ud83d') - 1}",)


def test_too_many_records_are_refused() -> None:
    """The limit on records holds for JSON too."""
    body = orjson.dumps(_request_json(*[{}] * 11))
    with pytest.raises(BodyTooLarge, match="more than 10 records"):
        parse_json(TRACES, body, max_records=10)
    assert len(parse_json(TRACES, body, max_records=11).request.resource_spans) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceSpans",
                    "scopeSpans",
                    "spans",
                    "resource",
                    "attributes",
                    "key",
                    "value",
                    "stringValue",
                    "traceId",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_JSON)
def test_any_json_is_read_or_refused(document: Any) -> None:
    """No document makes the builder fail in a way that the door does not know."""
    body = (
        orjson.dumps({"resourceSpans": [document]}, default=str, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        if (_is_small(document))
        else b"{}"
    )
    try:
        parsed = _parse(body)
    except MalformedRequest:
        return
    positions = parsed.positions if parsed.positions is not None else []
    indices = [record.index for record in parsed.rejected]
    assert sorted([*positions, *indices]) == list(range(len(positions) + len(indices)))


def _is_small(value: Any) -> bool:
    """Whether every integer fits the JSON writer."""
    if isinstance(value, dict):
        return all(_is_small(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_small(item) for item in value)
    return not isinstance(value, int) or -(2**63) <= value < 2**64
