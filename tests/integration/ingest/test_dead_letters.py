"""From a bad record at a door to its dead letter in the store, and back through the door."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.letter import DeadLetter, encode_letters, encode_rejected_entry
from pitwall.ingest.dead_letters.repository import DeadLetters
from pitwall.ingest.dead_letters.schemas import WholeLetterView
from pitwall.ingest.dead_letters.service import DeadLetterService
from pitwall.ingest.dead_letters.types import LetterFilter, LetterHead, RetryResult
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.mapping.masking import mask_bytes, mask_text
from pitwall.ingest.mapping.stages import STAGES
from pitwall.ingest.masker import Masker
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.service import AcceptResult, IngestService, Submission
from pitwall.ingest.wire import TRACES, Parsed
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import AuditLog, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.salvage import RejectedEntry
from pitwall.stores.telemetry.sink import EngineSink
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter
from tests.unit.ingest.doors.factories import add_attributes, make_span, make_traces, with_raw_spans

MASKER = Masker(mask_text, mask_bytes)
ALL = LetterFilter()


class Pipeline:
    """A door's service, a real log and a writer that brings it to the shared store."""

    def __init__(self, directory: Path, engine: TelemetryEngine, project: str) -> None:
        self.engine, self.project = engine, project
        self.log = WriteAheadLog(directory / "wal", LogOptions(min_free_bytes=1 << 20))
        self.writer = TelemetryWriter(
            self.log, EngineSink(engine, STAGES), partial(encode_rejected_entry, masker=MASKER)
        )
        self.ingest = IngestService(self.log, SystemClock(), masker=MASKER)
        self.state = StateStore.in_directory(directory).open()
        self.operator = LOCAL_OPERATOR.on_project(project)
        self.letters = DeadLetterService(DeadLetters(engine), self.ingest, self.state, SystemClock())

    def send(self, *spans: Span) -> AcceptResult:
        """Take spans in and wait until they are in the store."""
        return self.send_parsed(Parsed(make_traces(spans)))

    def send_parsed(self, parsed: Parsed, door: str = "otlp_http") -> AcceptResult:
        """Take a parsed request in and wait until it is in the store."""
        submission = Submission(TelemetryType.TRACES, self.project, door, parsed)
        result = self.ingest.accept_blocking(submission)
        assert self.writer.drain(20)
        return result

    def bury(self, body: bytes, *, record_count: int) -> list[LetterHead]:
        """Make the letter of a request that the store refused, as the writer does; return the letters."""
        entry = RejectedEntry(
            stream=TelemetryType.TRACES,
            project=self.project,
            door="otlp_http",
            log_position=7,
            received_unix_nano=time.time_ns(),
            record_count=record_count,
            body=body,
            body_bytes=len(body),
            reason="refused_by_store",
            message="no such column",
        )
        encoded = encode_rejected_entry(entry, masker=MASKER)
        self.log.append(TelemetryType.DEAD_LETTERS, self.project, encoded, 1, "writer").result(10)
        assert self.writer.drain(20)
        return self.listed()

    def retry(self, letter_id: str) -> RetryResult:
        """Send a letter again and wait until what was accepted is in the store."""
        result = self.letters.retry(letter_id, by=self.operator)
        assert self.writer.drain(20)
        return result

    def listed(self, **wanted: str) -> list[LetterHead]:
        """List the project's letters, newest first."""
        return list(self.letters.list(self.project, LetterFilter(**wanted), limit=500).items)

    def span_names(self) -> list[str]:
        """Return the names of the project's stored spans."""
        rows = self.engine.query(
            "SELECT name FROM spans WHERE project = {project:String} ORDER BY name", {"project": self.project}
        )
        return [name for (name,) in rows.rows]


@pytest.fixture
def pipeline(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[Pipeline]:
    """A running pipeline into a project of its own."""
    pipeline = Pipeline(tmp_path, telemetry_engine, project)
    pipeline.log.start()
    pipeline.writer.start()
    yield pipeline
    pipeline.writer.stop()
    pipeline.log.close()
    pipeline.state.close()


def present_span(number: int, **fields: Any) -> Span:
    """Make a span of this moment."""
    now = time.time_ns()
    times = {"start_time_unix_nano": now - 10**9, "end_time_unix_nano": now}
    return make_span(number, **{**times, **fields})


def _crowded_span(number: int) -> Span:
    span = present_span(number)
    for index in range(1_500):
        span.attributes.add(key=f"k{index}").value.int_value = index
    return span


def test_bad_span_is_a_letter_with_all_that_is_known(pipeline: Pipeline) -> None:
    """Beside the good span in the store stands the reason why the other is not there."""
    pipeline.send(present_span(1), present_span(2, trace_id=bytes(16)))
    assert pipeline.span_names() == ["span 1"]
    [head] = pipeline.listed()
    assert (head.telemetry_type, head.door, head.reason) == ("traces", "otlp_http", "invalid_trace_id")
    assert (head.record_index, head.record_name) == (1, "span 2")
    assert head.message == "the trace id is all zero"
    letter = pipeline.letters.get(pipeline.project, head.id)
    assert letter.is_whole
    request: Any = WholeLetterView.of_letter(letter).request
    [span] = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (span["spanId"], span["name"]) == ("0000000000000002", "span 2")


def test_secret_in_a_bad_span_never_reaches_the_store(pipeline: Pipeline) -> None:
    """Dead letters are masked like everything else, and can be read all the same."""
    span = present_span(1, trace_id=b"")
    secret = "sk-" + "a1B2" * 10
    add_attributes(span, {"prompt": f"my key is {secret}", "note": "비밀 아님"})
    pipeline.send(span)
    letter = pipeline.letters.get(pipeline.project, pipeline.listed()[0].id)
    assert secret.encode() not in letter.body
    assert "비밀 아님".encode() in letter.body
    assert WholeLetterView.of_letter(letter).request is not None


def test_retry_after_a_limit_was_raised_stores_the_span_and_removes_the_letter(pipeline: Pipeline) -> None:
    """What was too large yesterday is accepted when the setting allows it."""
    pipeline.send(_crowded_span(1))
    [head] = pipeline.listed(reason="too_many_attributes")
    pipeline.ingest.limits = IngestLimits(max_attributes=2_000)
    result = pipeline.retry(head.id)
    assert (result.accepted, result.rejected, result.is_removed) == (1, (), True)
    assert pipeline.writer.drain(20)
    assert pipeline.span_names() == ["span 1"]
    assert pipeline.listed() == []


def test_retry_that_fails_again_keeps_the_letter_as_it_is(pipeline: Pipeline) -> None:
    """Nothing changed, so nothing changes: one letter, no second one."""
    pipeline.send(present_span(1, trace_id=b""))
    [head] = pipeline.listed()
    result = pipeline.retry(head.id)
    assert (result.accepted, result.is_removed) == (0, False)
    assert [record.reason for record in result.rejected] == ["invalid_trace_id"]
    assert pipeline.writer.drain(20)
    assert pipeline.listed() == [head]


def test_json_letter_goes_through_the_json_door_again(pipeline: Pipeline) -> None:
    """A record whose JSON did not fit is kept as JSON and read as JSON."""
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":5}]}]}]}'
    pipeline.send_parsed(parse_json(TRACES, body, max_records=10), door="otlp_json")
    [head] = pipeline.listed()
    assert (head.door, head.content_type, head.reason) == ("otlp_json", "application/json", "wrong_type")
    assert pipeline.letters.get(pipeline.project, head.id).body == body
    [rejected] = pipeline.retry(head.id).rejected
    assert "spans[0].name: expected a string" in rejected.message


def test_cut_letter_cannot_be_sent_again(pipeline: Pipeline) -> None:
    """Half a request would be another request."""
    span = present_span(1, trace_id=b"")
    add_attributes(span, {"prompt": "x" * 300_000})
    pipeline.send(span)
    [head] = pipeline.listed()
    assert head.body_bytes > 300_000
    assert WholeLetterView.of_letter(pipeline.letters.get(pipeline.project, head.id)).request is None
    with pytest.raises(Conflict, match="cut to 262,144 of"):
        pipeline.retry(head.id)


def test_letter_of_the_store_can_be_sent_again_in_part(pipeline: Pipeline) -> None:
    """A whole request the store refused: its good spans are stored, its bad ones get letters of their own."""
    spans = [present_span(1), present_span(2, trace_id=b""), present_span(3)]
    [head] = pipeline.bury(make_traces(spans).SerializeToString(), record_count=3)
    assert (head.reason, head.message) == ("refused_by_store", "3 records at log position 7: no such column")
    result = pipeline.retry(head.id)
    assert (result.accepted, len(result.rejected), result.is_removed) == (2, 1, True)
    assert pipeline.writer.drain(20)
    assert pipeline.span_names() == ["span 1", "span 3"]
    assert [letter.reason for letter in pipeline.listed()] == ["invalid_trace_id"]


def test_field_the_store_cannot_read_is_dropped_by_a_retry(pipeline: Pipeline) -> None:
    """Protobuf allows groups in unknown fields, the engine does not; without them the spans can be stored."""
    group = b"\x9b\x06\x08\x01\x9c\x06"  # field 99 as a group
    body = with_raw_spans([present_span(1).SerializeToString() + group, present_span(2).SerializeToString()])
    [head] = pipeline.bury(body, record_count=2)
    result = pipeline.retry(head.id)
    assert (result.accepted, result.is_removed) == (2, True)
    assert pipeline.writer.drain(20)
    assert pipeline.span_names() == ["span 1", "span 2"]


def test_field_the_store_cannot_read_costs_no_record(pipeline: Pipeline) -> None:
    """The engine refuses the request, and what OTLP knows of it is stored without anybody's help."""
    group = b"\x9b\x06\x08\x01\x9c\x06"  # field 99 as a group
    body = with_raw_spans([present_span(1).SerializeToString() + group, present_span(2).SerializeToString()])
    pipeline.send_parsed(Parsed(TRACES.request_type.FromString(body), raw=body))
    assert pipeline.span_names() == ["span 1", "span 2"]
    assert pipeline.listed() == []


def test_retry_of_what_was_just_acknowledged_is_refused_and_keeps_the_letter(pipeline: Pipeline) -> None:
    """The log would take it for a repeat and drop it; removing the letter then would lose it."""
    request = make_traces([present_span(1)])
    pipeline.send_parsed(Parsed(request))
    [head] = pipeline.bury(request.SerializeToString(), record_count=1)
    with pytest.raises(Conflict, match="counts as a repeat"):
        pipeline.retry(head.id)
    assert pipeline.listed() == [head]


CALL = b'{"ts": "%s", "event": "llm.call", "model": "m", "success": true, "interaction_id": "r-1"}'


def _put_line_aside(pipeline: Pipeline, body: bytes, door: str = "jsonl") -> LetterHead:
    """Make the letter of a line of a file, as the file doors do."""
    letter = DeadLetter(
        telemetry_type="traces",
        door=door,
        reason="unknown_event",
        message="its event is not known here",
        record_index=7,
        record_name=f"calls.{door}:7",
        content_type="application/x-ndjson",
        body=body,
        body_bytes=len(body),
    )
    encoded = encode_letters(pipeline.project, [letter])
    pipeline.log.append(TelemetryType.DEAD_LETTERS, pipeline.project, encoded, 1, door).result(10)
    assert pipeline.writer.drain(20)
    [head] = pipeline.listed()
    return head


def test_line_of_jsonl_is_read_as_an_import_would(pipeline: Pipeline) -> None:
    """A line that this version understands becomes its span, and the letter goes."""
    head = _put_line_aside(pipeline, CALL % datetime.now(UTC).isoformat().encode())
    result = pipeline.retry(head.id)
    assert (result.accepted, result.is_removed) == (1, True)
    assert pipeline.span_names() == ["llm.call"]
    assert pipeline.listed() == []


def test_line_that_is_still_not_understood_stays(pipeline: Pipeline) -> None:
    """The reason is said again, and the letter is as it was."""
    head = _put_line_aside(pipeline, b'{"event": "someone.elses"}')
    [rejected] = pipeline.retry(head.id).rejected
    assert "someone.elses" in rejected.message
    assert (rejected.index, rejected.name) == (7, "calls.jsonl:7")
    assert pipeline.listed() == [head]


def test_line_of_csv_wants_its_map(pipeline: Pipeline) -> None:
    """Without the columns nobody can tell what its fields are; the way out is another import."""
    head = _put_line_aside(pipeline, b"1,2,3", door="csv")
    with pytest.raises(Conflict, match="column map is not kept") as refused:
        pipeline.retry(head.id)
    assert "calls.csv:7" in str(refused.value.hint)


def test_retries_are_in_the_audit_log(pipeline: Pipeline) -> None:
    """Who tried which letter, and what came of it; also when nothing did."""
    pipeline.send(present_span(1, trace_id=b""))
    [head] = pipeline.listed()
    pipeline.retry(head.id)
    with pipeline.state.session(read_only=True) as connection:
        [entry] = AuditLog(connection).list(project_id=pipeline.project)
    assert (entry.action, entry.object) == ("dead_letter.retried", f"dead_letter {head.id}")
    assert entry.actor == LOCAL_OPERATOR.actor
    assert entry.details == {"accepted": 0, "rejected": 1}


def test_pages_cover_every_letter_once(pipeline: Pipeline) -> None:
    """Going from cursor to cursor shows each letter exactly once, newest first."""
    for first in (1, 11):
        pipeline.send(*(present_span(number, trace_id=b"") for number in range(first, first + 10)))
    seen: list[LetterHead] = []
    cursor = None
    while True:
        page = pipeline.letters.list(pipeline.project, ALL, cursor=cursor, limit=7)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 20
    assert len({head.id for head in seen}) == 20
    assert [head.received_at for head in seen] == sorted((head.received_at for head in seen), reverse=True)


def test_filters_choose_by_stream_and_reason(pipeline: Pipeline) -> None:
    """Only what was asked for."""
    pipeline.send(present_span(1, trace_id=b""), present_span(2, span_id=b""))
    assert [head.reason for head in pipeline.listed(reason="invalid_span_id")] == ["invalid_span_id"]
    assert len(pipeline.listed(telemetry_type="traces")) == 2
    assert pipeline.listed(telemetry_type="logs") == []


def test_letter_of_another_project_is_not_found(pipeline: Pipeline) -> None:
    """Ids do not open other tenants' letters, and nonsense is no letter either."""
    pipeline.send(present_span(1, trace_id=b""))
    [head] = pipeline.listed()
    for project, letter_id in (("somebody-else", head.id), (pipeline.project, "' OR 1=1 --")):
        with pytest.raises(NotFound):
            pipeline.letters.get(project, letter_id)
        with pytest.raises(NotFound):
            pipeline.letters.retry(letter_id, by=LOCAL_OPERATOR.on_project(project))


def test_foreign_cursor_is_refused(pipeline: Pipeline) -> None:
    """A cursor of another list does not page through this one."""
    with pytest.raises(InvalidInput, match="cursor"):
        pipeline.letters.list(pipeline.project, ALL, cursor="abc")
