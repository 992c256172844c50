"""Model calls that come as log records become spans beside them."""

from __future__ import annotations

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.logged_calls import find_calls
from pitwall.ingest.wire import LOGS
from tests.unit.ingest.doors.factories import Bench, add_attributes, make_logs, seconds_ago

CALL = {
    "event.name": "api_request",
    "session.id": "s",
    "prompt.id": "question 1",
    "event.sequence": "3",
    "model": "claude-sonnet-4-5",
    "duration_ms": "1500",
    "input_tokens": "2",
    "cache_creation_tokens": "400",
}


def _record(attributes: dict[str, str], **fields: Any) -> LogRecord:
    record = LogRecord(time_unix_nano=seconds_ago(5), **fields)
    record.body.string_value = "claude_code.api_request"
    add_attributes(record, attributes)
    return record


def _logs(*records: LogRecord, scope: str = "com.anthropic.claude_code.events") -> ExportLogsServiceRequest:
    request = make_logs(records)
    request.resource_logs[0].scope_logs[0].scope.name = scope
    return request


def _spans(request: ExportTraceServiceRequest | None) -> list[Span]:
    assert request is not None
    return list(request.resource_spans[0].scope_spans[0].spans)


def test_call_of_claude_code_is_kept_as_record_and_span() -> None:
    """The span ends when the record was written and began its duration earlier."""
    bench = Bench()
    assert bench.accept(LOGS, _logs(_record(CALL))).accepted == 1
    assert len(bench.log.bodies(TelemetryType.LOGS)) == 1
    [body] = bench.log.bodies(TelemetryType.TRACES)
    [span] = _spans(ExportTraceServiceRequest.FromString(body))
    attributes = {item.key: item.value.string_value for item in span.attributes}
    assert (span.name, span.end_time_unix_nano) == ("claude_code.api_request", seconds_ago(5))
    assert span.start_time_unix_nano == seconds_ago(6.5)
    assert attributes["span.type"] == "llm_request"
    assert "prompt.id" not in attributes


def test_calls_of_one_question_are_one_trace_and_the_same_again() -> None:
    """Ids follow from the records: another question is another trace, the same request the same spans."""
    request = _logs(
        _record(CALL), _record({**CALL, "event.sequence": "4"}), _record({**CALL, "prompt.id": "question 2"})
    )
    first, second, third = _spans(find_calls(request))
    assert first.trace_id == second.trace_id != third.trace_id
    assert first.span_id != second.span_id
    assert find_calls(request) == find_calls(request)


def test_failed_call_is_an_error() -> None:
    """With the message and the HTTP status that it had."""
    given = {**CALL, "event.name": "api_error", "error": "overloaded", "status_code": "529"}
    [span] = _spans(find_calls(_logs(_record(given))))
    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "overloaded")
    assert {"529"} == {i.value.string_value for i in span.attributes if i.key == "http.response.status_code"}


def test_other_records_stay_records() -> None:
    """Other events, other programs, and records of a trace whose spans come by themselves."""
    prompt = _record({**CALL, "event.name": "user_prompt"})
    traced = _record(CALL, trace_id=b"t" * 16, span_id=b"s" * 8)
    assert find_calls(_logs(prompt, traced)) is None
    assert find_calls(_logs(_record(CALL), scope="my.app")) is None
