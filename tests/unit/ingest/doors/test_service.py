"""What the service makes durable, where, and what it says about it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.errors import LimitExceeded
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import RejectedRecord, RejectReason
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.masker import Masker
from pitwall.ingest.service import Submission, explain
from pitwall.ingest.wire import METRICS, TRACES, Parsed
from tests.unit.ingest.doors.factories import (
    PROJECT,
    Bench,
    add_attributes,
    make_gauge,
    make_metrics,
    make_span,
    make_traces,
)


def _bad_span(number: int) -> Span:
    return make_span(number, trace_id=b"")


def test_good_and_bad_records_part_ways() -> None:
    """The good spans go to their stream, the bad ones to the dead letters with reason, position and body."""
    bench = Bench()
    result = bench.accept(TRACES, make_traces([make_span(1), _bad_span(2), make_span(3)]))
    assert (result.accepted, len(result.rejected)) == (2, 1)
    good = ExportTraceServiceRequest.FromString(bench.log.bodies(TelemetryType.TRACES)[0])
    assert [span.name for span in good.resource_spans[0].scope_spans[0].spans] == ["span 1", "span 3"]
    [letter] = bench.log.letters()
    assert (letter.reason, letter.record_index, letter.record_name) == ("invalid_trace_id", 1, "span 2")
    assert (letter.telemetry_type, letter.door) == ("traces", "test")
    alone = ExportTraceServiceRequest.FromString(letter.body)
    assert alone.resource_spans[0].scope_spans[0].spans[0].name == "span 2"


def test_record_counts_and_project_go_with_the_entries() -> None:
    """The log learns whose the records are and how many, for its statistics."""
    bench = Bench()
    bench.accept(TRACES, make_traces([make_span(1), _bad_span(2), _bad_span(3)]))
    assert [(entry.stream, entry.project, entry.record_count) for entry in bench.log.appended] == [
        (TelemetryType.TRACES, PROJECT, 1),
        (TelemetryType.DEAD_LETTERS, PROJECT, 2),
    ]


def test_nothing_good_appends_no_empty_request() -> None:
    """A request of bad records only leaves nothing but letters."""
    bench = Bench()
    bench.accept(TRACES, make_traces([_bad_span(1)]))
    assert [entry.stream for entry in bench.log.appended] == [TelemetryType.DEAD_LETTERS]


def test_empty_request_is_fine_and_leaves_nothing() -> None:
    """OTLP allows a request without records."""
    bench = Bench()
    assert bench.accept(TRACES, ExportTraceServiceRequest()).accepted == 0
    assert bench.log.appended == []


def test_reserved_field_in_the_request_cannot_choose_the_project() -> None:
    """A field numbered like the log's own header is dropped, so nobody names another tenant's project."""
    bench = Bench()
    foreign = b"\xc2\x3e\x06victim"  # field 1000, the project of the log's header
    raw = make_traces([make_span(1)]).SerializeToString() + foreign
    result = bench.accept(TRACES, ExportTraceServiceRequest.FromString(raw), raw=raw)
    assert result.accepted == 1
    [entry] = bench.log.appended
    assert entry.project == PROJECT
    assert b"victim" not in entry.body


def test_project_named_in_attributes_stays_an_attribute() -> None:
    """Only the credential decides the project."""
    bench = Bench()
    request = make_traces([make_span(1)])
    named = {
        "pitwall.project": "victim",
        "openinference.project.name": "victim",
        "langwatch.project": "victim",
    }
    add_attributes(request.resource_spans[0].resource, named)
    bench.accept(TRACES, request)
    assert bench.log.appended[0].project == PROJECT
    assert b"victim" in bench.log.appended[0].body


def test_same_bad_record_sent_again_makes_the_same_letter() -> None:
    """A client that repeats its request does not fill the dead letters: the log sees the same bytes."""
    bench = Bench()
    for _ in range(2):
        bench.accept(TRACES, make_traces([_bad_span(1)]))
    first, second = bench.log.bodies(TelemetryType.DEAD_LETTERS)
    assert first == second


def test_secrets_are_hidden_in_letters_and_the_request_can_still_be_read() -> None:
    """A pattern that would run on into the next field's bytes does not, and names are masked too."""
    masker = Masker(text=lambda text: text.replace("hunter2", "[masked]"), raw=lambda body: b"")
    bench = Bench(masker=masker)
    span = make_span(1, trace_id=b"", name="login hunter2")
    add_attributes(span, {"password": "hunter2", "after": "kept"})
    bench.accept(TRACES, make_traces([span]))
    [letter] = bench.log.letters()
    assert letter.record_name == "login [masked]"
    kept = ExportTraceServiceRequest.FromString(letter.body).resource_spans[0].scope_spans[0].spans[0]
    assert [attribute.value.string_value for attribute in kept.attributes] == ["[masked]", "kept"]


def test_letters_of_one_request_are_bounded_and_the_rest_is_counted() -> None:
    """Three letters are kept, the fourth says how many are not and why."""
    bench = Bench(limits=IngestLimits(max_letters=3))
    result = bench.accept(TRACES, make_traces([_bad_span(number) for number in range(1, 11)]))
    assert len(result.rejected) == 10
    letters = bench.log.letters()
    assert [letter.reason for letter in letters] == ["invalid_trace_id"] * 3 + ["overflow"]
    assert "7 more spans" in letters[3].message
    assert "7 invalid_trace_id" in letters[3].message


def test_request_whose_letters_would_grow_without_end_is_bounded() -> None:
    """Each letter repeats the resource: a large one times many bad spans must not fill memory or log."""
    request = make_traces([_bad_span(number) for number in range(1, 2_001)])
    add_attributes(request.resource_spans[0].resource, {"blob": "x" * 3_000_000})
    bench = Bench()
    bench.accept(TRACES, request)
    letters = bench.log.letters()
    assert len(letters) == 4  # three of 3 MB reach the limit of 8 MB
    assert "1,997 more spans" in letters[3].message


def test_long_body_is_cut_and_its_length_is_kept() -> None:
    """A letter holds at most 256 KB and says how long the record was."""
    bench = Bench()
    span = _bad_span(1)
    add_attributes(span, {"prompt": "가" * 200_000})
    bench.accept(TRACES, make_traces([span]))
    [letter] = bench.log.letters()
    assert len(letter.body) == 256 * 1024
    assert letter.body_bytes > 600_000


def test_full_log_refuses_the_whole_request() -> None:
    """Back-pressure reaches the caller with its retry time, and nothing is half kept."""
    bench = Bench()
    bench.log.error = LimitExceeded("full", details={"retry_after_seconds": 2})
    with pytest.raises(LimitExceeded):
        bench.accept(TRACES, make_traces([make_span(1), _bad_span(2)]))
    assert bench.service.metrics.snapshot() == {}


def test_repeated_request_is_counted_once() -> None:
    """A request the log knows already is accepted again and counted as a repeat."""
    bench = Bench()
    bench.log.is_duplicate = True
    result = bench.accept(TRACES, make_traces([make_span(1)]))
    assert result.is_repeated
    [counters] = bench.service.metrics.snapshot().values()
    assert (counters.accepted, counters.repeated_requests) == (0, 1)


async def test_async_and_blocking_ways_do_the_same() -> None:
    """A door on the event loop and one on a thread append the same bytes."""
    one, two = Bench(), Bench()
    spans = [make_span(1), _bad_span(2)]
    one.accept(TRACES, make_traces(spans))
    submission = Submission(TelemetryType.TRACES, PROJECT, "test", Parsed(make_traces(spans)))
    await asyncio.wait_for(two.service.accept(submission), 5)
    assert one.log.appended == two.log.appended


def test_explanation_names_the_first_records_and_says_where_the_rest_is() -> None:
    """Five records are named, the others counted; the text says which command lists them."""
    result = Bench().accept(TRACES, make_traces([_bad_span(number) for number in range(1, 8)]))
    text = explain(TRACES, result)
    assert text.startswith("7 of 7 spans were rejected: span [0] 'span 1': the trace id is missing; span [1]")
    assert "; and 2 more. See `pitwall telemetry dead-letters list`." in text
    assert "[5]" not in text


def test_explanation_of_a_copy_names_no_letters() -> None:
    """An exact copy is in no dead letter, so nobody is sent to look for it there."""
    text = explain(TRACES, Bench().accept(TRACES, make_traces([make_span(1), make_span(1)])))
    assert text.startswith("1 of 2 spans were rejected: ")
    assert "dead-letters" not in text


def test_positions_of_records_lost_in_parsing_are_kept() -> None:
    """A record rejected by the check is named by its place in what the client sent."""
    bench = Bench()
    lost = RejectedRecord(0, "", RejectReason.WRONG_TYPE, "not a span")
    parsed = Parsed(make_traces([make_span(1), _bad_span(2)]), rejected=(lost,), positions=[1, 2])
    result = bench.service.accept_blocking(Submission(TelemetryType.TRACES, PROJECT, "test", parsed))
    assert [record.index for record in result.rejected] == [0, 2]


@pytest.mark.parametrize("stream", [TRACES, METRICS])
def test_counters_add_up(stream: Any) -> None:
    """Accepted, skipped and rejected records of a request are its records."""
    bench = Bench()
    if stream is TRACES:
        bench.accept(TRACES, make_traces([make_span(1), _bad_span(2), make_span(1)]))
        expected: tuple[int, int, dict[str, int]] = (1, 0, {"invalid_trace_id": 1, "duplicate": 1})
    else:
        metric = make_gauge(1.0, float("nan"), 2.0)
        metric.gauge.data_points[0].flags = 1
        bench.accept(METRICS, make_metrics([metric]))
        expected = (1, 1, {"not_a_number": 1})
    counters = bench.service.metrics.snapshot()["test", stream.telemetry_type]
    assert (counters.accepted, counters.skipped, dict(counters.rejected)) == expected
