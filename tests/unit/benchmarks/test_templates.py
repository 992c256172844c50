"""The benchmarks' traffic: what is sent again and again must not be the same twice."""

import json
import time
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.harness.templates import JsonEncoding, Pool, make_pool


@pytest.fixture(scope="module")
def pool() -> Pool:
    return make_pool(requests=2, spans=50, seed=5)


def spans_of(pool: Pool, number: int, end: int) -> list[Any]:
    request = ExportTraceServiceRequest.FromString(bytes(pool.body(number, end)))
    return list(request.resource_spans[0].scope_spans[0].spans)


def texts_of(spans: list[Any]) -> set[str]:
    values = [item.value.string_value for span in spans for item in span.attributes]
    return {value for value in values if len(value) > 40}


def test_requests_of_one_template_share_nothing(pool: Pool) -> None:
    """Requests 0 and 2 come from one template, yet no trace, span, request id or text is in both."""
    first, second = spans_of(pool, 0, time.time_ns()), spans_of(pool, 2, time.time_ns())
    assert not {span.trace_id for span in first} & {span.trace_id for span in second}
    assert not {span.span_id for span in first} & {span.span_id for span in second}
    assert not texts_of(first) & texts_of(second)


def test_same_number_is_same_request(pool: Pool) -> None:
    """A request can be made again, so that a test data set can be asked for what is in it."""
    assert bytes(pool.body(7, 10**18)) == bytes(pool.body(7, 10**18))


def test_traces_stay_whole(pool: Pool) -> None:
    """Five spans share a trace and a request id, and children name their root."""
    spans = spans_of(pool, 3, time.time_ns())
    for begin in range(0, 50, 5):
        root, *children = spans[begin : begin + 5]
        assert {span.trace_id for span in children} == {root.trace_id}
        assert {span.parent_span_id for span in children} == {root.span_id}
        ids = {a.value.string_value for s in (root, *children) for a in s.attributes if a.key == "request.id"}
        assert len(ids) == 1


def test_traces_begin_within_the_spread(pool: Pool) -> None:
    """Every root begins in the minute before the end, and no span ends before it begins."""
    end = time.time_ns()
    spans = spans_of(pool, 4, end)
    assert all(0 <= end - root.start_time_unix_nano < 60 * 10**9 for root in spans[::5])
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in spans)


def test_trace_ids_are_told_without_making_the_request(pool: Pool) -> None:
    """`trace_ids` names the traces of a body, in order."""
    assert pool.trace_ids(9) == [span.trace_id.hex() for span in spans_of(pool, 9, 10**18)[::5]]


def test_json_has_ids_in_hexadecimal_and_times_as_digits() -> None:
    """The JSON form is OTLP's, not protobuf's own."""
    pool = make_pool(requests=1, spans=10, seed=6, encoding=JsonEncoding())
    end = time.time_ns()
    spans = json.loads(bytes(pool.body(1, end)))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert [span["traceId"] for span in spans[::5]] == pool.trace_ids(1)
    assert spans[1]["parentSpanId"] == spans[0]["spanId"]
    assert 0 <= end - int(spans[0]["startTimeUnixNano"]) < 60 * 10**9
