"""Pages of traces: each trace once, in order, whatever happens in between."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.cursors import CursorRefused
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import TraceSearch
from pitwall.traces.service import Traces
from pitwall.traces.types import Level
from tests.integration.traces.telemetry import (
    NOON,
    Row,
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    trace_id,
    unix_nano,
)

# Every example writes to the shared store; looking for the smallest failing one would fill it.
_SHARED_STORE = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _all_pages(
    questions: TraceQuestions, limit: int, filters: Sequence[str] = (), **search: Any
) -> list[Row]:
    rows: list[Row] = []
    cursor = None
    while True:
        page = questions.search(TraceSearch(limit=limit, cursor=cursor, **search), filters)
        found = page.get("traces", page.get("spans"))
        assert found is not None
        assert len(found) <= limit
        rows += found
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


@st.composite
def stored_spans(draw: st.DrawFn) -> list[Row]:
    """Traces with ties, without roots, with several roots, with spans received again at another time."""
    spans = []
    numbers = iter(draw(st.permutations(range(1, 14 * 7 + 1))))
    for trace in range(1, draw(st.integers(1, 14)) + 1):
        for _ in range(draw(st.integers(1, 7))):
            number = next(numbers)
            spans.append(
                make_span(
                    trace,
                    number,
                    draw(st.sampled_from([None, 1, number + 1])),
                    started_at=NOON + timedelta(milliseconds=draw(st.integers(0, 4))),
                    status=draw(st.sampled_from(["ok", "error"])),
                )
            )
    copies = draw(st.lists(st.sampled_from(spans), max_size=6))
    for at, copy in enumerate(copies):
        started_at = NOON + timedelta(milliseconds=draw(st.integers(0, 4)))
        received_at = NOON + timedelta(seconds=4 + at)
        status = draw(st.sampled_from(["ok", "error"]))
        spans.append({**copy, "received_at": received_at, "started_at": started_at, "status": status})
    return spans


def _last_copies(spans: list[Row]) -> list[Row]:
    """Each span once, as it was received last."""
    by_received = sorted(spans, key=lambda span: span["received_at"])
    return list({(span["trace_id"], span["span_id"]): span for span in by_received}.values())


def _key(span: Row) -> tuple[int, str, str]:
    return unix_nano(span), span["span_id"], span["trace_id"]


def _expected(spans: list[Row]) -> list[str]:
    """Trace ids by their earliest span, newest first."""
    keys: dict[str, tuple[int, str, str]] = {}
    for span in spans:
        keys[span["trace_id"]] = min(_key(span), keys.get(span["trace_id"], _key(span)))
    return [as_hex(trace) for trace in sorted(keys, key=lambda trace: keys[trace], reverse=True)]


@given(spans=stored_spans(), limit=st.integers(1, 9))
@_SHARED_STORE
def test_paging_visits_every_trace_exactly_once(
    telemetry_engine: TelemetryEngine, traces: Traces, spans: list[Row], limit: int
) -> None:
    """Whatever the page size and however many spans start at one instant, with and without a filter."""
    project = f"paging-{uuid.uuid4().hex}"
    insert_spans(telemetry_engine, project, spans)
    questions = TraceQuestions(traces, project)
    shown = [row["trace_id"] for row in _all_pages(questions, limit)]
    assert shown == _expected(_last_copies(spans))
    failed = [row["trace_id"] for row in _all_pages(questions, limit, ["status:eq:error"])]
    assert failed == _expected([span for span in _last_copies(spans) if span["status"] == "error"])


@given(spans=stored_spans(), limit=st.integers(4, 20))
@_SHARED_STORE
def test_paging_visits_every_span_exactly_once(
    telemetry_engine: TelemetryEngine, traces: Traces, spans: list[Row], limit: int
) -> None:
    """A span received twice is one row, where its last copy stands."""
    project = f"paging-{uuid.uuid4().hex}"
    insert_spans(telemetry_engine, project, spans)
    shown = [
        (row["trace_id"], row["span_id"])
        for row in _all_pages(TraceQuestions(traces, project), limit, level=Level.SPAN)
    ]
    keys = sorted(map(_key, _last_copies(spans)), reverse=True)
    assert shown == [(as_hex(trace), as_hex(span)) for _, span, trace in keys]


def test_many_spans_at_one_instant_are_paged_by_id(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """An import with whole seconds may hold more spans at one instant than a page does."""
    spans = [make_span(number, number) for number in range(1, 301)]
    random.Random(5).shuffle(spans)
    insert_spans(telemetry_engine, project, spans)
    shown = [row["trace_id"] for row in _all_pages(questions, 20)]
    assert shown == [as_hex(trace_id(number)) for number in range(300, 0, -1)]


def test_trace_with_more_spans_than_a_scan_is_listed_once(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A long trace between two short ones keeps its place."""
    spans = [
        make_span(1, 1, started_at=NOON - timedelta(seconds=1)),
        make_span(3, 3, started_at=NOON + timedelta(minutes=2)),
    ]
    spans += [make_span(2, 10)]
    spans += [make_span(2, n, 10, started_at=NOON + timedelta(milliseconds=n)) for n in range(11, 900)]
    insert_spans(telemetry_engine, project, spans)
    assert [row["trace_id"] for row in _all_pages(questions, 1)] == [as_hex(trace_id(n)) for n in (3, 2, 1)]


def test_span_received_many_times_hides_nothing(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """More copies of the newest span than a scan takes, and the trace below is still found."""
    copies = [make_span(2, 2) for _ in range(40)]
    insert_spans(telemetry_engine, project, [*copies, make_span(1, 1, started_at=NOON - timedelta(hours=1))])
    assert [row["trace_id"] for row in _all_pages(questions, 1)] == [as_hex(trace_id(n)) for n in (2, 1)]


def test_span_received_again_with_another_start_moves_its_trace(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The last copy counts, however many traces stand between the two."""
    spans = [make_span(n, n, started_at=NOON + timedelta(milliseconds=n)) for n in range(2, 19)]
    moved: Row = {"started_at": NOON + timedelta(seconds=1), "received_at": NOON + timedelta(seconds=9)}
    insert_spans(telemetry_engine, project, [make_span(1, 1), *spans, make_span(1, 1, **moved)])
    shown = [row["trace_id"] for row in _all_pages(questions, 1)]
    assert shown == [as_hex(trace_id(n)) for n in (1, *range(18, 1, -1))]


def test_later_pages_leave_out_what_came_after_the_first(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions, clock: ManualClock
) -> None:
    """A root that arrives while someone pages neither repeats its trace nor moves it."""
    children = [
        make_span(number, 10 + number, number, started_at=NOON + timedelta(seconds=number))
        for number in range(1, 7)
    ]
    insert_spans(telemetry_engine, project, children)
    first = questions.search(TraceSearch(limit=2))
    clock.advance(60)
    late: Row = {"received_at": clock.now(), "started_at": NOON - timedelta(seconds=1)}
    insert_spans(telemetry_engine, project, [make_span(number, number, **late) for number in range(1, 7)])
    rest = []
    cursor = first["next_cursor"]
    while cursor is not None:
        page = questions.search(TraceSearch(limit=2, cursor=cursor))
        rest += page["traces"]
        cursor = page["next_cursor"]
    shown = [row["trace_id"] for row in [*first["traces"], *rest]]
    assert shown == [as_hex(trace_id(number)) for number in range(6, 0, -1)]
    assert not any(row["root"] for row in rest)


def test_root_that_starts_days_earlier_is_found(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A job of three days is one trace, whichever of its spans the list meets first."""
    begin = NOON - timedelta(days=3)
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, name="job", started_at=begin, duration_ms=3 * 86_400_000.0),
            make_span(1, 2, 1, started_at=NOON - timedelta(hours=30)),
            make_llm_span(1, 3, 1),
        ],
    )
    (row,) = _all_pages(questions, 5, ["kind:eq:llm"])
    assert (row["name"], row["root"], row["span_count"]) == ("job", True, 3)
    assert [row["name"] for row in _all_pages(questions, 1)] == ["job"]


def test_lists_reach_over_years_and_beyond_now(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Imports are old and clocks go ahead: no length of time between two traces hides one of them."""
    minutes = [-60, 0, 59, 60, 61, 1500, 1501, 40_000, 44_700, 60_000, 600_000, 6_000_000]
    insert_spans(
        telemetry_engine,
        project,
        [make_span(n, n, started_at=NOON - timedelta(minutes=ago)) for n, ago in enumerate(minutes, 1)],
    )
    expected = [as_hex(trace_id(number)) for number in range(1, len(minutes) + 1)]
    for limit in (1, 5, 50):
        assert [row["trace_id"] for row in _all_pages(questions, limit)] == expected
        found = _all_pages(questions, limit, ["status:eq:ok"], since="2000-01-01")
        assert [row["trace_id"] for row in found] == expected
    assert _all_pages(questions, 5, ["status:eq:error"]) == []


def test_cursor_of_another_question_is_refused(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A cursor belongs to its filters: with others it would skip or repeat rows."""
    insert_spans(telemetry_engine, project, [make_span(number, number) for number in (1, 2)])
    cursor = questions.search(TraceSearch(limit=1))["next_cursor"]
    with pytest.raises(CursorRefused, match="does not belong to this question"):
        questions.search(TraceSearch(limit=1, cursor=cursor), ["status:eq:error"])


def test_time_range_of_the_first_page_holds(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions, clock: ManualClock
) -> None:
    """`since` relative to now does not slide while someone pages."""
    spans = [make_span(n, n, started_at=NOON + timedelta(seconds=n)) for n in range(1, 4)]
    insert_spans(telemetry_engine, project, spans)
    first = questions.search(TraceSearch(limit=2, since="now-10m"))
    clock.advance(3600)
    second = questions.search(TraceSearch(limit=2, since="now-10m", cursor=first["next_cursor"]))
    assert [row["trace_id"] for row in second["traces"]] == [as_hex(trace_id(1))]
