"""A span that arrives again in another request is kept once; nothing else is taken for a copy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.errors import LimitExceeded
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import RejectReason
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.recent_spans import RecentSpans, span_key
from pitwall.ingest.service import AcceptResult, Submission
from pitwall.ingest.validate_spans import sound_span_keys
from pitwall.ingest.wire import Parsed
from tests.unit.ingest.doors.factories import NOW_NANO, PROJECT, Bench, add_attributes, make_span, make_traces


def _send(bench: Bench, *spans: Span, project: str = PROJECT, drops_copies: bool = True) -> AcceptResult:
    request = make_traces(list(spans))
    parsed = Parsed(request, raw=request.SerializeToString())
    submission = Submission(TelemetryType.TRACES, project, "test", parsed, drops_copies=drops_copies)
    return bench.service.accept_blocking(submission)


def _kept_ids(bench: Bench) -> list[bytes]:
    return [
        span.span_id
        for body in bench.log.bodies(TelemetryType.TRACES)
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def test_copy_in_another_request_is_left_out_and_named() -> None:
    """A collector that sends A and then A with B has A stored once and is told which record was left out."""
    bench = Bench()
    _send(bench, make_span(1))
    result = _send(bench, make_span(1), make_span(2))
    assert result.accepted == 1
    assert [(record.index, record.reason) for record in result.rejected] == [(0, RejectReason.DUPLICATE)]
    assert _kept_ids(bench) == [make_span(1).span_id, make_span(2).span_id]
    assert bench.log.letters() == []


def test_request_of_copies_only_is_a_repeat() -> None:
    """There is nothing to complain about: everything is stored, and the sender is told so."""
    bench = Bench()
    _send(bench, make_span(1), make_span(2))
    result = _send(bench, make_span(2), make_span(1))
    assert (result.accepted, result.rejected, result.is_repeated) == (2, (), True)
    assert len(bench.log.appended) == 1
    [counters] = bench.service.metrics.snapshot().values()
    assert (counters.accepted, counters.repeated_requests) == (2, 1)


@pytest.mark.parametrize(
    "change", [{"end_time_unix_nano": NOW_NANO}, {"span_id": b"another!"}, {"trace_id": b"another trace id"}]
)
def test_span_with_other_ids_or_end_is_no_copy(change: dict[str, Any]) -> None:
    """An update of a span is kept, and so is a span with the ids of another trace."""
    bench = Bench()
    _send(bench, make_span(1))
    assert _send(bench, make_span(1, **change)).accepted == 1
    assert len(_kept_ids(bench)) == 2


def test_span_with_more_attributes_is_no_copy() -> None:
    """What was added to a span after it was sent is kept."""
    bench = Bench()
    _send(bench, make_span(1))
    more = make_span(1)
    add_attributes(more, {"late": "yes"})
    assert not _send(bench, more).is_repeated
    assert len(_kept_ids(bench)) == 2


def test_projects_do_not_know_each_others_spans() -> None:
    """The same span in two projects is two spans."""
    bench = Bench()
    _send(bench, make_span(1))
    assert not _send(bench, make_span(1), project="other").is_repeated
    assert len(_kept_ids(bench)) == 2


def test_span_that_was_not_made_durable_is_taken_when_it_comes_again() -> None:
    """Only what was acknowledged is remembered, or a second try would be lost."""
    bench = Bench()
    bench.log.error = LimitExceeded("full")
    with pytest.raises(LimitExceeded):
        _send(bench, make_span(1))
    bench.log.error = None
    assert _send(bench, make_span(1)).accepted == 1
    assert _kept_ids(bench) == [make_span(1).span_id]


def test_doors_that_do_not_ask_for_it_keep_copies() -> None:
    """A dead letter that is sent again goes in whatever came before."""
    bench = Bench()
    _send(bench, make_span(1))
    assert _send(bench, make_span(1), drops_copies=False).accepted == 1
    assert len(_kept_ids(bench)) == 2


def test_fast_check_and_judge_use_the_same_key() -> None:
    """The key that is computed in line is the key of a span."""
    spans = [make_span(number) for number in range(1, 6)]
    rules = IngestLimits().rules(NOW_NANO)
    assert sound_span_keys(make_traces(spans), rules) == [span_key(span) for span in spans]


@given(st.lists(st.integers(-(2**63), 2**63 - 1).filter(bool)), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_only_keys_that_were_added_are_known(added: list[int], asked: list[int]) -> None:
    """Forgetting is allowed, inventing is not."""
    recent = RecentSpans()
    recent.add(PROJECT, added)
    assert recent.known(PROJECT, asked) <= set(added)
    assert not added or added[-1] in recent.known(PROJECT, added)
