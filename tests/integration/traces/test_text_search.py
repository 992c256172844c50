"""Full text: a substring of a whole input or output, in Korean too, whatever SQL thinks of its characters."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta

import pytest

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import TraceSearch
from pitwall.traces.service import Traces
from pitwall.traces.types import Level
from tests.integration.traces.telemetry import (
    NOON,
    as_hex,
    insert_log,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    stored_map,
    trace_id,
)

LONG = "가나다 " * 2000
TEXTS = {
    1: ("매트리스를 환불하고 싶어요", "환불 절차를 안내합니다"),
    2: ("Where is my ORDER?", "50% of orders ship today"),
    3: (f"{LONG} 바늘 {LONG}", ""),
    4: ("100 percent, a_b", "it's back\\slash"),
}


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> None:
    """One trace per text, three hours apart; the text is in a child of the root."""
    spans = []
    for number, (question, answer) in TEXTS.items():
        at = NOON - timedelta(hours=3 * number)
        spans.append(make_span(number, number * 10, started_at=at, name="request"))
        spans.append(
            make_llm_span(number, number * 10 + 1, number * 10, started_at=at, input=question, output=answer)
        )
    insert_spans(telemetry_engine, project, spans)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("환불", [1]),
        ("절차를 안내", [1]),
        ("order", [2]),
        ("바늘", [3]),
        ("0%", [2]),
        ("a_b", [4]),
        ("axb", []),
        ("it's back\\s", [4]),
        ("없는 말", []),
        ("e", [2, 4]),
        (unicodedata.normalize("NFD", "환불"), [1]),
    ],
)
def test_text_is_found_as_written(questions: TraceQuestions, text: str, expected: list[int]) -> None:
    """Substrings of either side, far beyond the preview; `%` and `_` are letters; ASCII in either case."""
    found = questions.search(TraceSearch(q=text))["traces"]
    assert [row["trace_id"] for row in found] == [as_hex(trace_id(number)) for number in expected]
    assert all(row["name"] == "request" for row in found)


@pytest.mark.usefixtures("filled")
def test_text_and_filters_hold_for_the_same_span(questions: TraceQuestions) -> None:
    """The root has no text; asking for the text in a root finds nothing."""
    assert questions.search(TraceSearch(q="환불"), ["is_root:eq:true"])["traces"] == []
    assert len(questions.search(TraceSearch(q="환불"), ["kind:eq:llm"])["traces"]) == 1


@pytest.mark.usefixtures("filled")
def test_pages_of_a_text_search_follow_each_other(questions: TraceQuestions) -> None:
    """One by one, over stretches of hours that hold nothing, each match comes once."""
    shown, cursor = [], None
    while True:
        page = questions.search(TraceSearch(q="e", limit=1, cursor=cursor))
        shown += [row["trace_id"] for row in page["traces"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert shown == [as_hex(trace_id(number)) for number in (2, 4)]


@pytest.mark.usefixtures("filled")
def test_time_range_bounds_the_search(questions: TraceQuestions) -> None:
    """What lies outside the range is not found, even within the hour of its edge."""
    assert questions.search(TraceSearch(q="환불", since="2026-11-20T09:00:01Z"))["traces"] == []
    assert len(questions.search(TraceSearch(q="환불", since="2026-11-20T09:00:00Z"))["traces"]) == 1
    assert questions.search(TraceSearch(q="환불", until="2026-11-20T09:00:00Z"))["traces"] == []


def test_no_hour_is_left_out(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A rare text is found wherever it stands in two days, at the edges of hours too."""
    minutes = range(1, 48 * 60, 20)
    spans = [
        make_span(minute, minute, started_at=NOON - timedelta(minutes=minute), input=f"needle {minute}")
        for minute in minutes
    ]
    insert_spans(telemetry_engine, project, spans)
    found = questions.search(TraceSearch(q="needle", limit=500))["traces"]
    assert [row["input_preview"] for row in found] == [f"needle {minute}" for minute in minutes]
    for minute in (1, 61, 121, 2861):
        (row,) = questions.search(TraceSearch(q=f"needle {minute}", since="2026-11-01"), ["name:ne:x"])[
            "traces"
        ][:1]
        assert row["input_preview"].startswith(f"needle {minute}")


def test_texts_years_ago_and_beyond_now_are_found(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The search begins at the newest span and ends at the oldest, wherever the present is."""
    days = [-1, 0, 5, 400, 2000]
    spans = [
        make_span(n, n, started_at=NOON - timedelta(days=ago), input=f"needle {n}")
        for n, ago in enumerate(days, 1)
    ]
    insert_spans(telemetry_engine, project, spans)
    found = questions.search(TraceSearch(q="needle"))["traces"]
    assert [row["trace_id"] for row in found] == [as_hex(trace_id(n)) for n in range(1, len(days) + 1)]
    (row,) = questions.search(TraceSearch(q="needle 5"), ["name:eq:span 5"])["traces"]
    assert row["trace_id"] == as_hex(trace_id(5))


@pytest.mark.parametrize("text", ['say "yes" / "no"', "line\none", "a/b", 'say \\"yes', "c:\\temp"])
def test_text_is_found_however_json_writes_it(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions, text: str
) -> None:
    """Quotes, line ends, slashes and backslashes are escaped in JSON; people search for what it says."""
    said = 'please say "yes" / "no" line\none a/b c:\\temp'
    message = json.dumps([{"content": said}])
    by_engine = json.dumps({"0.content": said}).replace("/", "\\/")
    insert_spans(
        telemetry_engine, project, [make_span(1, 1, input=message), make_span(2, 2, output=by_engine)]
    )
    assert len(questions.search(TraceSearch(q=text))["traces"]) == 2


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(
    ("text", "expected"), [("영업일 3일", [1]), ("며칠", [1, 2]), ("system prompt", [2]), ("없는 말", [])]
)
def test_text_of_log_events_finds_their_span(
    telemetry_engine: TelemetryEngine,
    project: str,
    questions: TraceQuestions,
    level: Level,
    text: str,
    expected: list[int],
) -> None:
    """Whatever the record holds it in; plain logs of a span are none of its texts."""
    insert_spans(
        telemetry_engine, project, [make_span(1, 1), make_span(2, 2, started_at=NOON - timedelta(hours=5))]
    )
    question = stored_map({"content": "환불은 며칠 걸리나요?"})
    insert_log(telemetry_engine, project, event_name="gen_ai.user.message", body=question)
    answer = stored_map({"index": 0, "message": {"content": "영업일 3일입니다"}})
    insert_log(telemetry_engine, project, event_name="gen_ai.choice", body=answer)
    insert_log(
        telemetry_engine,
        project,
        at=NOON - timedelta(hours=5),
        trace_id=trace_id(2),
        span_id=span_id(2),
        event_name="gen_ai.client.inference.operation.details",
        attributes={"gen_ai.input.messages": '["며칠"]', "gen_ai.system_instructions": "System Prompt"},
    )
    insert_log(telemetry_engine, project, body="없는 말")
    page = questions.search(TraceSearch(q=text, level=level))
    found = page["traces"] if level is Level.TRACE else page["spans"]
    assert [row["trace_id"] for row in found] == [as_hex(trace_id(number)) for number in expected]


@pytest.mark.usefixtures("filled")
def test_spans_are_found_by_text(questions: TraceQuestions) -> None:
    """On the level of spans the span that says it is the row."""
    (row,) = questions.search(TraceSearch(q="바늘", level=Level.SPAN))["spans"]
    assert row["kind"] == "llm"


@pytest.mark.usefixtures("filled")
def test_text_of_another_project_is_not_found(traces: Traces) -> None:
    """Payloads are looked up within the project."""
    assert TraceQuestions(traces, "someone-else").search(TraceSearch(q="환불"))["traces"] == []
