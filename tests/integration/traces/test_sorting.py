"""Lists by duration, cost and tokens: the same rows as newest first, greatest first, each once."""

from __future__ import annotations

import uuid
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
from pitwall.traces.types import Level, TraceSort
from tests.integration.traces.telemetry import NOON, Row, as_hex, insert_spans, make_llm_span, make_span

_SHARED_STORE = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_RANGE: Row = {"since": "2026-11-20T11:30:00Z", "until": "2026-11-20T12:00:00.500Z"}


def _pages(
    questions: TraceQuestions, limit: int, sort: str, level: str = "trace", filters: Any = (), **search: Any
) -> list[Row]:
    rows: list[Row] = []
    cursor = None
    while True:
        asked = TraceSearch(
            limit=limit, cursor=cursor, sort=TraceSort(sort), level=Level(level), **{**_RANGE, **search}
        )
        page = questions.search(asked, filters)
        rows += page[f"{level}s"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def _value(row: Row, sort: str) -> float:
    if sort == "tokens":
        known = row["input_tokens"] is not None
        return row["input_tokens"] + row["output_tokens"] if known else -1
    value = row["duration_ms" if sort == "duration" else "cost_usd"]
    return -1 if value is None else value


@st.composite
def stored_spans(draw: st.DrawFn) -> list[Row]:
    """Traces with equal values, without roots, tokens or durations; wrappers, spans received again."""
    spans = []
    numbers = iter(range(1, 200))
    for trace in range(1, draw(st.integers(1, 10)) + 1):
        for place in range(draw(st.integers(1, 4))):
            make = draw(st.sampled_from([make_span, make_llm_span]))
            spans.append(
                make(
                    trace,
                    next(numbers),
                    draw(st.sampled_from([None, 1])) if place else draw(st.sampled_from([None, None, 1])),
                    started_at=NOON + timedelta(milliseconds=draw(st.integers(0, 700))),
                    duration_ms=draw(st.sampled_from([None, 10.0, 20.5, 1234.125])),
                    is_usage_rollup=draw(st.sampled_from([0, 0, 0, 1])),
                    status=draw(st.sampled_from(["ok", "error"])),
                )
            )
    again = draw(st.lists(st.sampled_from(spans), max_size=4))
    return spans + [{**span, "received_at": NOON + timedelta(seconds=9)} for span in again]


@pytest.mark.parametrize("sort", ["duration", "cost", "tokens"])
@given(spans=stored_spans(), limit=st.integers(1, 5), level=st.sampled_from(["trace", "span"]))
@_SHARED_STORE
def test_every_order_has_the_rows_of_the_newest_first_list(
    telemetry_engine: TelemetryEngine, traces: Traces, sort: str, spans: list[Row], limit: int, level: str
) -> None:
    """Whatever the page size, equal values and copies; with and without a filter."""
    project = f"sorting-{uuid.uuid4().hex}"
    insert_spans(telemetry_engine, project, spans)
    questions = TraceQuestions(traces, project)
    for filters in ([], ["status:eq:error"]):
        newest = _pages(questions, 500, "newest", level, filters)
        shown = _pages(questions, limit, sort, level, filters)
        assert sorted(map(_id, shown)) == sorted(map(_id, newest))
        values = [_value(row, sort) for row in shown]
        assert values == pytest.approx(sorted(values, reverse=True))
        assert {_id(row): _without_order(row) for row in shown} == {
            _id(row): _without_order(row) for row in newest
        }


def _id(row: Row) -> str:
    return f"{row['trace_id']}-{row.get('span_id')}"


def _without_order(row: Row) -> Row:
    return {**row, "scores": sorted(score["score_id"] for score in row.get("scores", []))}


def test_value_is_of_the_whole_trace(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Not of the spans that match, and with what lies just outside the time asked for."""
    before = NOON - timedelta(minutes=40)
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, started_at=before, duration_ms=2_400_500.0),
            make_llm_span(1, 2, 1, started_at=before, cost_usd="9"),
            make_span(1, 3, 1, status="error"),
            make_span(2, 4, status="error", duration_ms=5000.0),
            make_llm_span(2, 5, 4, cost_usd="1"),
            make_span(3, 6, started_at=before, duration_ms=9_999_999.0),
        ],
    )
    for sort in ("duration", "cost"):
        for filters in ([], ["status:eq:error"]):
            rows = _pages(questions, 50, sort, filters=filters)
            assert [row["trace_id"][-2:] for row in rows] == ["31", "32"], (sort, filters)
    assert _pages(questions, 50, "cost")[0]["cost_usd"] == 9.0


def test_replaced_copy_stands_where_its_last_value_belongs(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A span that was received again with another duration is listed once, with the newer one."""
    slow = make_span(1, 1, duration_ms=9000.0)
    later = NOON + timedelta(seconds=8)
    insert_spans(
        telemetry_engine,
        project,
        [slow, {**slow, "duration_ms": 5.0, "received_at": later}, make_span(2, 2, duration_ms=50.0)],
    )
    rows = _pages(questions, 1, "duration", "span")
    assert [(row["span_id"], row["duration_ms"]) for row in rows] == [
        (as_hex("sp000002"), 50.0),
        (as_hex("sp000001"), 5.0),
    ]


def test_text_narrows_an_ordered_list(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The text is looked for in the whole range."""
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, duration_ms=10.0, input="환불해 주세요"),
            make_span(2, 2, duration_ms=20.0, input="환불 언제"),
            make_span(3, 3, duration_ms=30.0, input="배송"),
        ],
    )
    assert [row["duration_ms"] for row in _pages(questions, 1, "duration", q="환불")] == [20.0, 10.0]


def test_later_pages_keep_time_and_spans_of_the_first(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions, clock: ManualClock
) -> None:
    """`now-24h` means the first page's, and what comes in between waits."""
    insert_spans(telemetry_engine, project, [make_span(n, n, duration_ms=float(n)) for n in (1, 2, 3)])
    asked = TraceSearch(sort=TraceSort.DURATION, limit=2)
    first = questions.search(asked)
    assert [row["duration_ms"] for row in first["traces"]] == [3.0, 2.0]
    clock.advance(86_400)
    late: Row = {"received_at": NOON + timedelta(days=1)}
    insert_spans(telemetry_engine, project, [make_span(4, 4, duration_ms=1.5, **late)])
    second = questions.search(asked.model_copy(update={"cursor": first["next_cursor"]}))
    assert [row["duration_ms"] for row in second["traces"]] == [1.0]


def test_without_a_start_an_ordered_list_covers_a_day(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The greatest of everything ever received is no question a screen asks by accident."""
    insert_spans(
        telemetry_engine,
        project,
        [make_span(1, 1), make_span(2, 2, started_at=NOON - timedelta(days=2), duration_ms=9e9)],
    )
    page = questions.search(TraceSearch(sort=TraceSort.DURATION))
    assert [row["trace_id"][-2:] for row in page["traces"]] == ["31"]


def test_cursor_belongs_to_its_order(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A page by cost does not go on by tokens."""
    insert_spans(telemetry_engine, project, [make_span(n, n) for n in (1, 2)])
    cursor = questions.search(TraceSearch(sort=TraceSort.COST, limit=1))["next_cursor"]
    for sort in (TraceSort.TOKENS, TraceSort.NEWEST):
        with pytest.raises(CursorRefused):
            questions.search(TraceSearch(sort=sort, limit=1, cursor=cursor))
