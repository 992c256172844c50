"""One trace: all that belongs to it, whole, and nothing that does not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from pitwall.kit.clock import to_unix_nano
from pitwall.kit.i18n import Language
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.cursors import CursorRefused
from pitwall.traces.opening import SpanNotFound, TraceNotFound
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.render import Style, tree_lines
from pitwall.traces.schemas import SpanAnswer, TraceAnswer, TraceSearch
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import (
    NOON,
    as_hex,
    insert,
    insert_log,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    stored_map,
    trace_id,
)
from tests.support.telemetry import trace_segment, write_segment

ONE = as_hex(trace_id(1))


def _by_id(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {span["span_id"]: span for span in answer["spans"]}


def test_trace_is_a_tree_with_sums(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Depth-first order, depth, offsets, totals of leaves, critical path; the shape is the described one."""
    spans = [
        make_span(1, 1, name="request", duration_ms=1000.0),
        make_span(1, 2, 1, kind="retriever", started_at=NOON + timedelta(milliseconds=10)),
        make_llm_span(
            1, 3, 1, started_at=NOON + timedelta(milliseconds=200), duration_ms=700.0, status="error"
        ),
    ]
    insert_spans(telemetry_engine, project, spans)
    answer = questions.trace(ONE)
    TraceAnswer.model_validate(answer)
    assert [(s["name"], s["depth"], s["offset_ms"]) for s in answer["spans"]] == [
        ("request", 0, 0.0),
        ("span 2", 1, 10.0),
        ("span 3", 1, 200.0),
    ]
    assert answer["totals"] == {
        "span_count": 3,
        "error_count": 1,
        "duration_ms": 1000.0,
        "input_tokens": 40,
        "output_tokens": 12,
        "cost_usd": 0.002,
        "unpriced_span_count": 0,
    }
    assert [(s["span_id"], s["duration_ms"]) for s in answer["critical_path"]][1] == (
        as_hex(span_id(2)),
        100.0,
    )


def test_list_and_opened_trace_agree(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """One number, one function: what a row says of a trace is what the trace says of itself."""
    insert_spans(
        telemetry_engine, project, [make_span(1, 1), make_llm_span(), make_llm_span(number=3, status="error")]
    )
    (row,) = questions.search(TraceSearch())["traces"]
    totals = questions.trace(ONE)["totals"]
    assert {name: row[name] for name in totals if name != "duration_ms"} == {
        name: value for name, value in totals.items() if name != "duration_ms"
    }


def test_id_is_read_as_people_paste_it(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Upper case and the hyphens of a UUID are fine."""
    insert_spans(telemetry_engine, project, [make_span()])
    pasted = f"{ONE[:8]}-{ONE[8:12]}-{ONE[12:16]}-{ONE[16:20]}-{ONE[20:]}".upper()
    assert questions.trace(pasted)["trace_id"] == ONE


@pytest.mark.parametrize("text", [as_hex(trace_id(404)), "nonsense", "", "0" * 32])
def test_unknown_trace_is_named(questions: TraceQuestions, text: str) -> None:
    """A trace that is not there, or an id that is none, is not found by name."""
    with pytest.raises(TraceNotFound) as caught:
        questions.trace(text)
    assert text in caught.value.message


def test_trace_of_another_project_is_not_found(
    telemetry_engine: TelemetryEngine, project: str, traces: Traces
) -> None:
    """Knowing an id opens nothing."""
    insert_spans(telemetry_engine, project, [make_span()])
    with pytest.raises(TraceNotFound):
        TraceQuestions(traces, "someone-else").trace(ONE)


def test_orphans_circles_and_copies_are_marked(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Nothing is dropped: what has no way to the root says why; of copies the last one is shown."""
    spans = [
        make_span(1, 1),
        make_span(1, 2, 77),
        make_span(1, 3, 4),
        make_span(1, 4, 3),
        make_span(1, 1, name="renamed", received_at=NOON + timedelta(seconds=9)),
    ]
    insert_spans(telemetry_engine, project, spans)
    answer = questions.trace(ONE)
    placements = {span_id(n): _by_id(answer)[as_hex(span_id(n))]["placement"] for n in (1, 2, 3, 4)}
    assert placements == {span_id(1): "root", span_id(2): "orphan", span_id(3): "cycle", span_id(4): "child"}
    assert answer["missing_parent_ids"] == [as_hex(span_id(77))]
    assert (answer["name"], answer["duplicate_count"], answer["spans"][0]["copies"]) == ("renamed", 1, 2)
    assert answer["totals"]["span_count"] == 4
    (row,) = questions.search(TraceSearch())["traces"]
    assert (row["name"], row["span_count"]) == ("renamed", 4)


def test_absent_values_are_null(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A span that nobody measured more of than its time has no zeros and no empty texts."""
    insert_spans(telemetry_engine, project, [make_span()])
    (span,) = questions.trace(ONE)["spans"]
    absent = (
        "model",
        "input_tokens",
        "cost_usd",
        "http_status",
        "retry_count",
        "embedding_count",
        "ttft_ms",
        "input",
        "session_id",
    )
    assert {name: span[name] for name in absent} == dict.fromkeys(absent)


def test_length_of_time_that_nobody_gave_is_null(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Of the span, its end and the trace; the other spans of a trace still say how long it took."""
    silent = make_span(duration_ms=None)
    insert_spans(telemetry_engine, project, [silent, make_span(trace=2, duration_ms=None)])
    insert_spans(telemetry_engine, project, [make_span(trace=2, number=2, parent=1, duration_ms=30.0)])
    alone, child_known = questions.trace(ONE), questions.trace(as_hex(trace_id(2)))
    (span,) = alone["spans"]
    assert (span["duration_ms"], span["ended_at"], alone["duration_ms"]) == (None, None, None)
    assert alone["critical_path"] == []
    assert child_known["duration_ms"] == 30.0
    rows = questions.search(TraceSearch())["traces"]
    assert [row["duration_ms"] for row in rows] == [None, None]
    assert "–" in "\n".join(tree_lines(alone, Style(100, False, False, Language.ENGLISH)))
    assert questions.search(TraceSearch(), ["duration_ms:lte:0"])["traces"] == []


def test_real_request_comes_back_whole(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions, tmp_path: Path
) -> None:
    """Through stage and views: a 2 MB input, a long attribute and a structured one are what was sent."""
    long_text = "환불 규정 " * 150_000
    structured = AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="k", value=AnyValue(int_value=7))]))
    request = ExportTraceServiceRequest()
    span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=trace_id(1).encode(),
            span_id=span_id(1).encode(),
            name="chat",
            start_time_unix_nano=to_unix_nano(NOON) + 123,
            end_time_unix_nano=to_unix_nano(NOON) + 2_000_123,
        )
    )
    for key, value in {
        "gen_ai.input.messages": AnyValue(string_value=long_text),
        "retrieved.context": AnyValue(string_value="문서 " * 200),
        "settings": structured,
        "temperature": AnyValue(double_value=0.25),
    }.items():
        span.attributes.add(key=key, value=value)
    segment = write_segment(tmp_path / "segment", project, [request.SerializeToString()])
    telemetry_engine.insert_segment(trace_segment(segment, project))
    (view,) = questions.trace(ONE)["spans"]
    assert view["input"] == long_text
    assert view["attributes"]["retrieved.context"] == "문서 " * 200
    assert view["attributes"]["settings"] == {"k": 7}
    assert view["attributes"]["temperature"] == "0.25"
    assert view["started_at"] == "2026-11-20T12:00:00.000000123Z"
    assert (view["input_source"], view["absent_texts"]) == ("span", [])
    without = questions.trace(ONE, payloads=False)["spans"][0]
    assert (without["input"], without["input_preview"]) == (None, long_text[:100])
    assert set(without["absent_texts"]) >= {"input", "attributes.retrieved.context"}


def test_text_removed_by_retention_is_said_to_be_absent(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Payloads live shorter than spans; a text that is gone is not an empty text."""
    insert_spans(telemetry_engine, project, [make_span(input="question", output="answer")])
    telemetry_engine.command(
        f"ALTER TABLE payloads DELETE WHERE project = '{project}' SETTINGS mutations_sync = 2"
    )
    (span,) = questions.trace(ONE)["spans"]
    assert (span["input"], span["absent_texts"]) == (None, ["input", "output"])
    assert span["input_preview"] == "question"


def test_content_of_log_events_joins_its_span(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Instrumentation may send prompts as log events; they are the span's input and output then."""
    insert_spans(telemetry_engine, project, [make_span(1, 1, output="own answer"), make_llm_span()])
    insert_log(
        telemetry_engine,
        project,
        event_name="gen_ai.client.inference.operation.details",
        attributes={"gen_ai.input.messages": "[question]", "gen_ai.output.messages": "[logged]"},
    )
    answer = questions.trace(ONE)
    span = _by_id(answer)[as_hex(span_id(1))]
    assert (span["input"], span["input_source"]) == ("[question]", "log")
    assert (span["output"], span["output_source"]) == ("own answer", "span")
    assert _by_id(answer)[as_hex(span_id(2))]["input"] is None


def test_messages_of_log_events_are_the_texts_of_their_span(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """One record a message, one an answer; those without a content say nothing."""
    insert_spans(telemetry_engine, project, [make_span(1, 1), make_llm_span(), make_llm_span(1, 3, 1)])
    call = {"name": "search", "arguments": "{}"}
    records: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.system.message", {"content": "간결하게"}),
        ("gen_ai.user.message", {"content": "환불은 며칠 걸리나요?"}),
        ("gen_ai.assistant.message", {"tool_calls": [{"id": "c1", "function": call}]}),
        ("gen_ai.tool.message", {"id": "c1", "content": "3일"}),
        ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"content": "3일입니다"}}),
    ]
    for second, (name, body) in enumerate(records):
        at = NOON + timedelta(seconds=second)
        insert_log(
            telemetry_engine, project, at=at, span_id=span_id(2), event_name=name, body=stored_map(body)
        )
    silent = stored_map({"index": 0, "finish_reason": "stop", "message": {"role": "assistant"}})
    insert_log(telemetry_engine, project, span_id=span_id(3), event_name="gen_ai.choice", body=silent)
    answer = questions.trace(ONE)
    span = _by_id(answer)[as_hex(span_id(2))]
    assert json.loads(span["input"]) == [
        {"role": "system", "content": "간결하게"},
        {"role": "user", "content": "환불은 며칠 걸리나요?"},
        {"role": "assistant", "tool_calls": [{"id": "c1", "function": call}]},
        {"role": "tool", "id": "c1", "content": "3일"},
    ]
    assert json.loads(span["output"]) == [
        {"role": "assistant", "content": "3일입니다", "finish_reason": "stop"}
    ]
    assert (span["input_source"], span["output_source"]) == ("log", "log")
    assert _by_id(answer)[as_hex(span_id(3))]["output"] is None


def test_body_of_a_log_record_is_what_was_sent(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """An object or a list as such, a text as a text."""
    insert_spans(telemetry_engine, project, [make_span()])
    body = {"content": "안녕", "count": 2, "parts": [{"ok": True}]}
    insert_log(telemetry_engine, project, body=stored_map(body))
    insert_log(telemetry_engine, project, at=NOON + timedelta(seconds=1), body='{"a": 1}')
    answer = questions.span(ONE, as_hex(span_id(1)))
    SpanAnswer.model_validate(answer)
    assert [log["body"] for log in answer["logs"]] == [body, '{"a": 1}']


def test_numbered_messages_are_shown_as_messages(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """In the opened span, in previews of lists, and as far as they go in those that were cut."""
    long_text = "긴 답 " * 100
    flat = f'{{"0.role":"user","0.content":"환불?","1.role":"tool","1.content":"{long_text}"}}'
    short = '{"0.role":"user","0.content":"환불?"}'
    insert_spans(telemetry_engine, project, [make_span(input=short, output=flat)])
    (span,) = questions.trace(ONE)["spans"]
    asked = [{"role": "user", "content": "환불?"}]
    assert json.loads(span["input"]) == json.loads(span["input_preview"]) == asked
    assert json.loads(span["output"]) == [*asked, {"role": "tool", "content": long_text}]
    (row,) = questions.search(TraceSearch())["traces"]
    assert json.loads(row["input_preview"]) == asked
    shown = json.loads(row["output_preview"])
    assert (shown[0], shown[1]["role"]) == (asked[0], "tool")
    assert long_text.startswith(shown[1]["content"])


def test_logs_and_scores_of_the_trace_are_joined(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """In time order; a score sent again replaces the earlier one; those of other traces stay away."""
    insert_spans(telemetry_engine, project, [make_span(), make_llm_span(), make_span(2, 9)])
    insert_log(telemetry_engine, project, at=NOON + timedelta(seconds=1), body="second")
    insert_log(telemetry_engine, project, body="first")
    insert_log(telemetry_engine, project, body="other", trace_id=trace_id(2))
    score = {
        "name": "faithful",
        "at": NOON,
        "trace_id": trace_id(1),
        "span_id": span_id(2),
        "source": "human",
    }
    received = {"received_at": NOON}
    insert(telemetry_engine, "scores_in", project, [{**score, **received, "score_id": "a", "value": 0.2}])
    later = {"received_at": NOON + timedelta(seconds=5)}
    insert(telemetry_engine, "scores_in", project, [{**score, **later, "score_id": "a", "value": 0.9}])
    answer = questions.trace(ONE)
    assert [log["body"] for log in answer["logs"]] == ["first", "second"]
    assert [(item["score_id"], item["value"]) for item in answer["scores"]] == [("a", 0.9)]
    rows = {row["trace_id"]: row for row in questions.search(TraceSearch())["traces"]}
    assert [item["value"] for item in rows[ONE]["scores"]] == [0.9]
    assert rows[as_hex(trace_id(2))]["scores"] == []
    span = questions.span(ONE, as_hex(span_id(2)))
    SpanAnswer.model_validate(span)
    assert (len(span["scores"]), span["logs"]) == (1, [])


def test_unknown_span_is_named(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The trace is there, the span is not."""
    insert_spans(telemetry_engine, project, [make_span()])
    with pytest.raises(SpanNotFound, match=f"Trace {ONE} has no span {as_hex(span_id(9))}"):
        questions.span(ONE, as_hex(span_id(9)))


def test_pages_of_a_large_trace_are_the_whole_trace(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Three thousand spans in pages of 700: the order, sums and path of one page that holds them all."""
    spans = [make_span(1, 1, duration_ms=60_000.0)]
    spans += [
        make_llm_span(1, n, max(1, n // 3), started_at=NOON + timedelta(milliseconds=n), input=f"input {n}")
        for n in range(2, 3001)
    ]
    insert_spans(telemetry_engine, project, spans)
    whole = questions.trace(ONE, limit=5000)
    paged: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = questions.trace(ONE, limit=700, cursor=cursor)
        assert page["totals"] == whole["totals"]
        assert page["critical_path"] == whole["critical_path"]
        paged += page["spans"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole["spans"]
    assert len(paged) == 3000


def test_cursor_of_another_trace_is_refused(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Pages of one trace do not continue in another."""
    insert_spans(telemetry_engine, project, [make_span(t, n) for t in (1, 2) for n in (1, 2)])
    cursor = questions.trace(ONE, limit=1)["next_cursor"]
    with pytest.raises(CursorRefused):
        questions.trace(as_hex(trace_id(2)), limit=1, cursor=cursor)


def test_trace_without_its_root_is_listed_and_opened(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """While the root is on its way, the earliest span stands for the trace, and it says so."""
    late = make_llm_span(1, 3, 1, started_at=NOON + timedelta(seconds=2))
    insert_spans(telemetry_engine, project, [make_span(1, 2, 1, name="first"), late])
    (row,) = questions.search(TraceSearch())["traces"]
    assert (row["root"], row["name"], row["duration_ms"]) == (False, "first", 2100.0)
    answer = questions.trace(ONE)
    assert (answer["root_span_id"], answer["critical_path"]) == (None, [])
    insert_spans(telemetry_engine, project, [make_span(1, 1, name="request", duration_ms=2500.0)])
    (row,) = questions.search(TraceSearch())["traces"]
    assert (row["root"], row["name"], row["duration_ms"]) == (True, "request", 2500.0)
