"""Records that cannot be are rejected with a reason each, and the good ones beside them are kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Exemplar, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import RejectReason
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.validate import validate
from pitwall.ingest.wire import LOGS, METRICS, TRACES, OtlpStream
from tests.unit.ingest.doors.factories import (
    NOW_NANO,
    Bench,
    body_of,
    make_gauge,
    make_logs,
    make_metrics,
    make_span,
    make_traces,
    seconds_ago,
)

DAY = 86_400
RULES = IngestLimits().rules(NOW_NANO)

BAD_SPANS: list[tuple[dict[str, Any], RejectReason, str]] = [
    ({"trace_id": bytes(16)}, RejectReason.INVALID_TRACE_ID, "all zero"),
    ({"trace_id": b""}, RejectReason.INVALID_TRACE_ID, "missing"),
    ({"trace_id": b"12345"}, RejectReason.INVALID_TRACE_ID, "5 bytes instead of 16"),
    ({"span_id": bytes(8)}, RejectReason.INVALID_SPAN_ID, "all zero"),
    ({"span_id": b"x" * 9}, RejectReason.INVALID_SPAN_ID, "9 bytes instead of 8"),
    ({"parent_span_id": b"x"}, RejectReason.INVALID_PARENT_SPAN_ID, "1 bytes"),
    ({"start_time_unix_nano": 0}, RejectReason.TIME_OUT_OF_RANGE, "missing"),
    ({"start_time_unix_nano": 1}, RejectReason.TIME_OUT_OF_RANGE, "1970"),
    (
        {"start_time_unix_nano": 4_102_444_800 * 10**9, "end_time_unix_nano": 4_102_444_801 * 10**9},
        RejectReason.TIME_OUT_OF_RANGE,
        "2100",
    ),
    ({"end_time_unix_nano": 2**64 - 1}, RejectReason.TIME_OUT_OF_RANGE, "future"),
    ({"end_time_unix_nano": seconds_ago(12)}, RejectReason.NEGATIVE_DURATION, "ends 2 s before"),
    ({"start_time_unix_nano": seconds_ago(8 * DAY)}, RejectReason.DURATION_TOO_LONG, "8.0 days"),
]


@pytest.mark.parametrize(("fields", "reason", "words"), BAD_SPANS)
def test_bad_span_is_rejected_and_its_neighbours_are_kept(
    fields: dict[str, Any], reason: RejectReason, words: str
) -> None:
    """Of three spans the one in the middle is taken out, named with its position, reason and a clause."""
    request = make_traces([make_span(1), make_span(2, **fields), make_span(3)])
    verdict = validate(TRACES, request, RULES)
    [rejected] = verdict.rejected
    assert (rejected.index, rejected.name, rejected.reason) == (1, "span 2", reason)
    assert words in rejected.message
    assert verdict.kept == 2
    assert [span.name for span in request.resource_spans[0].scope_spans[0].spans] == ["span 1", "span 3"]


def test_span_at_the_bounds_is_sound() -> None:
    """A root with a zero parent, a span without duration and one that ends a day ahead may be stored."""
    ahead = NOW_NANO + DAY * 10**9
    spans = [
        make_span(1, parent_span_id=bytes(8)),
        make_span(2, end_time_unix_nano=seconds_ago(10)),
        make_span(3, end_time_unix_nano=ahead),
        make_span(4, name=""),
    ]
    assert validate(TRACES, make_traces(spans), RULES).kept == 4


def test_too_many_attributes_reject_the_span() -> None:
    """10,000 attributes are above the limit, 1,000 are not; the message names the setting."""
    good, bad = make_span(1), make_span(2)
    for number in range(1_000):
        good.attributes.add(key=f"k{number}")
    for number in range(10_000):
        bad.attributes.add(key=f"k{number}")
    verdict = validate(TRACES, make_traces([good, bad]), RULES)
    assert verdict.kept == 1
    assert verdict.rejected[0].reason is RejectReason.TOO_MANY_ATTRIBUTES
    assert (
        "10000 attributes; the limit is 1000 (setting ingest.max_attributes_per_span)"
        in verdict.rejected[0].message
    )


def _many(count: int) -> list[KeyValue]:
    return [KeyValue(key=f"k{number}") for number in range(count)]


TOO_MUCH: list[tuple[dict[str, Any], RejectReason, str]] = [
    ({"events": [Span.Event(time_unix_nano=seconds_ago(9))] * 1_001}, RejectReason.TOO_MANY_EVENTS,
     "it has 1001 events; the limit is 1000 (setting ingest.max_events_per_span)"),
    ({"links": [Span.Link()] * 1_001}, RejectReason.TOO_MANY_LINKS, "it has 1001 links"),
    ({"events": [Span.Event(name="e", time_unix_nano=seconds_ago(9), attributes=_many(1_001))]},
     RejectReason.TOO_MANY_ATTRIBUTES, "its event 'e' has 1001 attributes"),
    ({"links": [Span.Link(attributes=_many(1_001))]}, RejectReason.TOO_MANY_ATTRIBUTES,
     "one of its links has 1001 attributes"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "reason", "words"), TOO_MUCH)
def test_span_with_too_much_in_it_is_rejected_alone(
    fields: dict[str, Any], reason: RejectReason, words: str
) -> None:
    """Events, links and their attributes are bounded like the attributes of the span."""
    verdict = validate(TRACES, make_traces([make_span(1), make_span(2, **fields)]), RULES)
    [rejected] = verdict.rejected
    assert (rejected.index, rejected.reason, verdict.kept) == (1, reason, 1)
    assert words in rejected.message


def test_events_and_links_up_to_the_limit_are_sound() -> None:
    """Their number is counted each for itself."""
    event = Span.Event(time_unix_nano=seconds_ago(9), attributes=_many(1_000))
    span = make_span(1, events=[event] * 1_000, links=[Span.Link()] * 1_000)
    verdict = validate(TRACES, make_traces([span]), RULES)
    assert (verdict.kept, verdict.is_untouched) == (1, True)


@pytest.mark.parametrize("stream", [TRACES, METRICS, LOGS], ids=lambda stream: stream.noun)
@pytest.mark.parametrize("what", ["resource", "scope"])
def test_resource_with_too_many_attributes_rejects_its_records(stream: OtlpStream, what: str) -> None:
    """The records of the next resource are kept."""
    request = stream.request_type()
    for number in (1, 2):
        made = {
            TelemetryType.TRACES: make_traces([make_span(number)]),
            TelemetryType.METRICS: make_metrics([make_gauge(1.0)]),
            TelemetryType.LOGS: make_logs([LogRecord()]),
        }
        request.MergeFrom(made[stream.telemetry_type])
    group = next(iter(stream.groups(request)))
    getattr(group, what).attributes.extend(_many(10_000))
    verdict = validate(stream, request, RULES)
    assert verdict.kept == 1
    [rejected] = verdict.rejected
    assert (rejected.index, rejected.reason) == (0, RejectReason.TOO_MANY_ATTRIBUTES)
    assert f"its {what} has 1" in rejected.message


@pytest.mark.parametrize(
    ("at", "expected", "words"),
    [
        (0, seconds_ago(10), "moved to the span's start, the time is missing"),
        (1, seconds_ago(10), "moved to the span's start, the time 1970-01-01T00:00:00+00:00 is before"),
        (2**64 - 1, seconds_ago(9), "moved to the span's end, the time 2554-07-21T23:34:33+00:00 is in the"),
    ],
)
def test_impossible_time_of_an_event_is_put_right_and_said(at: int, expected: int, words: str) -> None:
    """The span is worth more than the time of one event: both are kept, and the answer names them."""
    events = [Span.Event(name="first token", time_unix_nano=at), Span.Event(time_unix_nano=at)]
    bench = Bench()
    request = make_traces([make_span(1), make_span(2, events=events), make_span(2, events=events)])
    result = bench.accept(TRACES, request, raw=request.SerializeToString())
    assert result.accepted == 2
    assert [record.reason for record in result.rejected] == [RejectReason.DUPLICATE]
    [repair] = result.repairs
    assert repair.startswith("span [1] 'span 2': event 'first token' ")
    assert words in repair
    assert repair.endswith("(and 1 more)")
    stored = TRACES.request_type.FromString(bench.log.bodies(TelemetryType.TRACES)[0])
    span = stored.resource_spans[0].scope_spans[0].spans[1]
    assert [event.time_unix_nano for event in span.events] == [expected, expected]


def test_exemplars_are_bounded_and_their_times_put_right() -> None:
    """A point keeps its exemplar at its own time; too many of them reject the point."""
    metric = make_gauge(1.0, 2.0)
    metric.gauge.data_points[0].exemplars.add(time_unix_nano=2**64 - 1)
    metric.gauge.data_points[1].exemplars.extend([Exemplar(time_unix_nano=seconds_ago(1))] * 1_001)
    verdict = validate(METRICS, make_metrics([metric]), RULES)
    assert [record.reason for record in verdict.rejected] == [RejectReason.TOO_MANY_EXEMPLARS]
    assert [record.message for record in verdict.repaired] == [
        "an exemplar moved to the point's time, the time 2554-07-21T23:34:33+00:00 is in the future"
    ]


def test_copy_of_a_span_is_dropped_and_needs_no_letter() -> None:
    """The same span twice is kept once; nothing is lost, so no body goes to the dead letters."""
    verdict = validate(TRACES, make_traces([make_span(1), make_span(1)]), RULES)
    assert verdict.kept == 1
    assert verdict.rejected[0].reason is RejectReason.DUPLICATE
    assert verdict.rejected[0].isolate is None


def test_other_span_with_the_same_ids_is_rejected() -> None:
    """Two different spans with one id: the first is kept, the second goes to the dead letters."""
    verdict = validate(TRACES, make_traces([make_span(1), make_span(1, name="other")]), RULES)
    assert verdict.kept == 1
    assert verdict.rejected[0].reason is RejectReason.DUPLICATE_ID
    assert verdict.rejected[0].isolate is not None


def test_same_span_id_in_two_traces_is_no_copy() -> None:
    """Span ids need to be unique within their trace only."""
    spans = [make_span(1), make_span(1, trace_id=b"t" * 16)]
    assert validate(TRACES, make_traces(spans), RULES).kept == 2


def test_rejected_span_stands_alone_with_its_resource() -> None:
    """What a dead letter keeps is a request of its own that can be sent again."""
    verdict = validate(TRACES, make_traces([make_span(1), make_span(2, trace_id=b"")], service="shop"), RULES)
    alone = ExportTraceServiceRequest.FromString(body_of(verdict.rejected[0]))
    [group] = alone.resource_spans
    assert group.resource.attributes[0].value.string_value == "shop"
    assert group.scope_spans[0].scope.name == "tests"
    assert [span.name for span in group.scope_spans[0].spans] == ["span 2"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_gauge_that_is_not_a_number_is_rejected(value: float) -> None:
    """NaN and infinities are no measurements; the number beside them is kept."""
    request = make_metrics([make_gauge(1.0, value)])
    verdict = validate(METRICS, request, RULES)
    assert verdict.kept == 1
    assert verdict.rejected[0].reason is RejectReason.NOT_A_NUMBER
    assert verdict.rejected[0].name == "queue.depth"


def test_staleness_marker_is_skipped_quietly() -> None:
    """A point that says it has no value is neither stored nor the client's fault."""
    metric = make_gauge(1.0, float("nan"))
    metric.gauge.data_points[1].flags = 1
    request = make_metrics([metric])
    verdict = validate(METRICS, request, RULES)
    assert (verdict.kept, verdict.skipped, verdict.rejected) == (1, 1, [])
    assert len(request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points) == 1


def _histogram(**fields: Any) -> Metric:
    metric = Metric(name="latency")
    defaults = {
        "time_unix_nano": seconds_ago(1),
        "start_time_unix_nano": seconds_ago(60),
        "count": 3,
        "sum": 6.0,
        "explicit_bounds": [1.0, 2.0],
        "bucket_counts": [1, 1, 1],
    }
    metric.histogram.data_points.add(**{**defaults, **fields})
    return metric


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"bucket_counts": [1, 2]}, RejectReason.INVALID_BUCKETS),
        ({"explicit_bounds": [2.0, 1.0]}, RejectReason.INVALID_BUCKETS),
        ({"explicit_bounds": [1.0, float("nan")]}, RejectReason.NOT_A_NUMBER),
        ({"sum": float("nan")}, RejectReason.NOT_A_NUMBER),
        ({"max": float("inf")}, RejectReason.NOT_A_NUMBER),
        ({"time_unix_nano": 0}, RejectReason.TIME_OUT_OF_RANGE),
        ({"start_time_unix_nano": seconds_ago(0)}, RejectReason.NEGATIVE_DURATION),
        ({"start_time_unix_nano": 5}, RejectReason.TIME_OUT_OF_RANGE),
    ],
)
def test_histogram_that_does_not_fit_is_rejected(fields: dict[str, Any], reason: RejectReason) -> None:
    """Buckets must fit their bounds, bounds increase, sums be numbers and times be possible."""
    verdict = validate(METRICS, make_metrics([_histogram(), _histogram(**fields)]), RULES)
    assert verdict.kept == 1
    assert [record.reason for record in verdict.rejected] == [reason]


def test_histogram_without_buckets_is_sound() -> None:
    """Only count and sum is a legal histogram."""
    bare = _histogram(explicit_bounds=[], bucket_counts=[])
    assert validate(METRICS, make_metrics([bare]), RULES).kept == 1


def test_summary_quantile_may_be_nan_but_not_outside_of_its_range() -> None:
    """A summary that saw nothing lately says NaN; a quantile of 1.5 is nonsense."""
    metric = Metric(name="rpc")
    for quantile in (0.5, 1.5):
        point = metric.summary.data_points.add(time_unix_nano=seconds_ago(1))
        point.quantile_values.add(quantile=quantile, value=float("nan"))
    verdict = validate(METRICS, make_metrics([metric]), RULES)
    assert verdict.kept == 1
    assert verdict.rejected[0].reason is RejectReason.INVALID_QUANTILE


def test_point_of_a_nameless_metric_is_rejected() -> None:
    """A number nobody can ask for is not kept."""
    verdict = validate(METRICS, make_metrics([make_gauge(1.0, name="")]), RULES)
    assert [record.reason for record in verdict.rejected] == [RejectReason.MISSING_NAME]


def test_rejected_point_keeps_the_shape_of_its_metric() -> None:
    """The letter of a point holds name, unit and temporality of its metric."""
    metric = Metric(name="sent", unit="By")
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.is_monotonic = True
    metric.sum.data_points.add(time_unix_nano=0, as_int=5)
    verdict = validate(METRICS, make_metrics([metric]), RULES)
    alone = METRICS.request_type.FromString(body_of(verdict.rejected[0]))
    assert alone.resource_metrics[0].scope_metrics[0].metrics[0] == metric


def test_log_without_time_and_trace_is_sound() -> None:
    """Time and trace context are optional in logs, and zero ids mean none."""
    records = [LogRecord(), LogRecord(trace_id=bytes(16), span_id=bytes(8), observed_time_unix_nano=NOW_NANO)]
    assert validate(LOGS, make_logs(records), RULES).kept == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b"short"}, RejectReason.INVALID_TRACE_ID),
        ({"span_id": b"short"}, RejectReason.INVALID_SPAN_ID),
        ({"time_unix_nano": 7}, RejectReason.TIME_OUT_OF_RANGE),
        ({"observed_time_unix_nano": 2**63}, RejectReason.TIME_OUT_OF_RANGE),
        ({"severity_number": 25}, RejectReason.INVALID_SEVERITY),
    ],
)
def test_log_that_cannot_be_is_rejected(fields: dict[str, Any], reason: RejectReason) -> None:
    """What a log does say has to be possible."""
    verdict = validate(LOGS, make_logs([LogRecord(), LogRecord(**fields)]), RULES)
    assert verdict.kept == 1
    assert [record.reason for record in verdict.rejected] == [reason]


_SOUND: st.SearchStrategy[dict[str, Any]] = st.just({})
_BAD = st.sampled_from([fields for fields, _, _ in BAD_SPANS])


@given(st.lists(st.one_of(_SOUND, _BAD), max_size=20))
def test_exactly_the_good_spans_of_a_mixed_request_are_kept(plans: list[dict[str, Any]]) -> None:
    """Whatever the mixture, the good ones are kept in order and the bad ones named by position."""
    spans = [make_span(number, **fields) for number, fields in enumerate(plans, 1)]
    request = make_traces(spans)
    verdict = validate(TRACES, request, RULES)
    good = [span.name for span, fields in zip(spans, plans, strict=True) if not fields]
    assert [span.name for span in request.resource_spans[0].scope_spans[0].spans] == good
    assert verdict.kept == len(good)
    assert [record.index for record in verdict.rejected] == [i for i, fields in enumerate(plans) if fields]


_ID = st.sampled_from([b"", bytes(8), b"12345678", b"87654321", b"x"])
_TIME = st.one_of(st.sampled_from([0, seconds_ago(1), seconds_ago(2)]), st.integers(0, 2**64 - 1))


@given(st.lists(st.tuples(_ID, _ID, _TIME, _TIME), max_size=6))
def test_fast_check_agrees_with_the_careful_one(plans: list[tuple[bytes, bytes, int, int]]) -> None:
    """The tight loop calls a request sound exactly if no span of it has a flaw."""
    spans = [
        Span(
            trace_id=b"t" * 16,
            span_id=own,
            parent_span_id=parent,
            start_time_unix_nano=start,
            end_time_unix_nano=end,
        )
        for own, parent, start, end in plans
    ]
    fast = validate(TRACES, make_traces(spans), RULES)
    slow = validate(TRACES, make_traces([*spans, Span()]), RULES)  # the empty span forces the careful check
    assert fast.kept == slow.kept
    assert [record.index for record in fast.rejected] == [record.index for record in slow.rejected][:-1]


def test_sound_request_is_appended_untouched() -> None:
    """Not a byte of a good request changes on its way to the log."""
    bench = Bench()
    raw = make_traces([make_span(1)]).SerializeToString()
    bench.accept(TRACES, ExportTraceServiceRequest.FromString(raw), raw=raw)
    assert bench.log.bodies(TelemetryType.TRACES)[0] is raw
