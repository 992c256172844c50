"""Stage events as EvalVault writes them: what is read, and how what is none is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.evals.stages.canonical import event_json, read_stored
from pitwall.evals.stages.errors import StageEventsInvalid
from pitwall.evals.stages.files import read_file, read_relevance
from pitwall.evals.stages.reading import MAX_EVENT_BYTES, EventInvalid, read_event
from tests.support.data_sets import public_file

EVENT = {
    "run_id": "run-1",
    "stage_id": "stg-1",
    "parent_stage_id": "stg-0",
    "stage_type": "retrieval",
    "stage_name": "hybrid",
    "status": "success",
    "attempt": 2,
    "started_at": "2026-01-03T09:00:00+00:00",
    "finished_at": "2026-01-03T09:00:00.120000+00:00",
    "duration_ms": 120.0,
    "input_ref": {"store": "s3", "id": "in-1", "type": "json"},
    "output_ref": None,
    "attributes": {"doc_ids": ["d1"], "scores": [0.9]},
    "metadata": {"test_case_id": "tc-1"},
    "trace": {"trace_id": "0AF76519-16CD43DD8448EB211C80319C", "span_id": "B7AD6B7169203331"},
}


def test_event_as_evalvault_writes_it() -> None:
    """Every field arrives, the ids of the trace in the form of OpenTelemetry."""
    event = read_event(EVENT)
    assert (event.run_id, event.key, event.stage_type) == ("run-1", ("stg-1", 2), "retrieval")
    assert event.started_at == datetime(2026, 1, 3, 9, tzinfo=UTC)
    assert event.input_ref is not None
    assert event.input_ref.store == "s3"
    assert (event.trace_id, event.span_id) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert event.case_id == "tc-1"


def test_stored_form_gives_the_event_back() -> None:
    """What is kept is what was read."""
    event = read_event(EVENT)
    assert read_stored(json.loads(json.dumps(event_json(event)))) == event


def test_short_event_has_defaults() -> None:
    """Run and stage are enough; an id comes from the content, so that the same event is known again."""
    event = read_event({"run_id": "r", "stage_type": "input", "attributes": {"query": "보험 약관"}})
    again = read_event({"attributes": {"query": "보험 약관"}, "stage_type": "input", "run_id": "r"})
    other = read_event({"run_id": "r", "stage_type": "input", "attributes": {"query": "다른 질문"}})
    assert (event.status, event.attempt, event.duration_ms) == ("success", 1, None)
    assert event.stage_id == again.stage_id != other.stage_id


def test_duration_from_the_times() -> None:
    """Without a duration the times give it."""
    event = read_event({**EVENT, "duration_ms": None})
    assert event.duration_ms == pytest.approx(120.0)


def test_unknown_fields_are_kept_in_metadata() -> None:
    """Nothing that a file says is lost."""
    event = read_event({"run_id": "r", "stage_type": "input", "tenant": "a", "metadata": {"x": 1}})
    assert event.metadata == {"tenant": "a", "x": 1}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"run_id": None}, "run_id", "no_run_id"),
        ({"run_id": "  "}, "run_id", "no_run_id"),
        ({"stage_type": None}, "stage_type", "no_stage_type"),
        ({"stage_type": ["x"]}, "stage_type", "bad_stage_type"),
        ({"stage_id": "a\nb"}, "stage_id", "bad_stage_id"),
        ({"stage_id": "x" * 201}, "stage_id", "bad_stage_id"),
        ({"attempt": 0}, "attempt", "bad_attempt"),
        ({"attempt": "2"}, "attempt", "bad_attempt"),
        ({"duration_ms": -1}, "duration_ms", "bad_duration_ms"),
        ({"duration_ms": True}, "duration_ms", "bad_duration_ms"),
        ({"started_at": "yesterday"}, "started_at", "bad_started_at"),
        ({"started_at": 5}, "started_at", "bad_started_at"),
        ({"finished_at": "2026-01-03T08:00:00Z"}, "finished_at", "before_start"),
        ({"input_ref": {"store": "s3"}}, "input_ref", "bad_input_ref"),
        ({"attributes": [1]}, "attributes", "bad_attributes"),
        ({"attributes": {"a": "\x00"}}, "attributes", "bad_attributes"),
        ({"metadata": "x"}, "metadata", "bad_metadata"),
        ({"trace": "x"}, "trace", "bad_trace"),
        ({"attributes": {"a": "x" * MAX_EVENT_BYTES}}, None, "too_large"),
        ({"attributes": {"a": 1 << 70}}, None, "not_storable"),
    ],
)
def test_refusal_names_the_field(change: dict[str, Any], field: str | None, code: str) -> None:
    """What does not fit is told in both languages with the field."""
    with pytest.raises(EventInvalid) as caught:
        read_event({**EVENT, **change}, 4)
    problem = caught.value.problem
    assert (problem.field, problem.code) == (field, code)
    assert problem.say().en.startswith("event 5")
    assert problem.say().ko.startswith("5번째 이벤트")


@pytest.mark.parametrize("value", [None, 3, "x", [EVENT]])
def test_no_object_is_no_event(value: Any) -> None:
    """Only objects are events."""
    with pytest.raises(EventInvalid) as caught:
        read_event(value)
    assert caught.value.problem.code == "no_object"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.dictionaries(st.sampled_from(sorted(EVENT)), _JSON))
def test_anything_is_read_or_refused(value: dict[str, Any]) -> None:
    """Whatever an object holds: an event that can be kept and given back, or a refusal."""
    try:
        event = read_event(value)
    except EventInvalid:
        return
    assert read_stored(event_json(event)) == event


@pytest.mark.parametrize("path", [public_file("rag_eval_ko/evalvault/stage_events.jsonl")])
def test_fixture_of_evalvault_loads(path: Path) -> None:
    """All five events, each with its line."""
    read = read_file(path)
    assert [line for line, _ in read.events] == [1, 2, 3, 4, 5]
    assert [read_event(event).stage_type for _, event in read.events] == [
        "system_prompt",
        "input",
        "retrieval",
        "rerank",
        "output",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[{"run_id": "r", "stage_type": "a"},\n {"run_id": "r", "stage_type": "b"}]',
        '{"by": "x", "stage_events":\n[{"run_id": "r", "stage_type": "a"}, {"run_id":"r","stage_type":"b"}]}',
        '{"run_id": "r", "stage_type": "a"}\n{"run_id": "r", "stage_type": "b"}\n',
    ],
)
def test_forms_of_a_file(tmp_path: Path, text: str) -> None:
    """A list, an object that holds one, and lines, whatever the suffix says."""
    path = tmp_path / "events.json"
    path.write_text(text)
    assert [event["stage_type"] for _, event in read_file(path).events] == ["a", "b"]


def test_single_event_is_a_file(tmp_path: Path) -> None:
    """An object without a list is an event itself."""
    path = tmp_path / "event.json"
    path.write_text('{"run_id": "r", "stage_type": "a"}')
    assert read_file(path).events == [(1, {"run_id": "r", "stage_type": "a"})]


def test_wrong_line_is_named(tmp_path: Path) -> None:
    """One wrong event refuses the file, by its line; `--skip-invalid` leaves it out."""
    path = tmp_path / "events.jsonl"
    path.write_text('{"run_id": "r", "stage_type": "a"}\n{"run_id": "r"}\n{broken\n[1]\n')
    with pytest.raises(StageEventsInvalid) as caught:
        read_file(path)
    assert caught.value.message.startswith("events.jsonl, line 2, stage_type: is missing")
    assert [one["line"] for one in caught.value.details["problems"]] == [2, 3, 4]
    read = read_file(path, skip_invalid=True)
    assert (len(read.events), read.problem_count) == (1, 3)


def test_nan_is_no_number(tmp_path: Path) -> None:
    """Python writes NaN where it has no number; it is absent, not 0."""
    path = tmp_path / "events.jsonl"
    path.write_text('{"run_id": "r", "stage_type": "a", "duration_ms": NaN}\n')
    assert read_file(path).events[0][1]["duration_ms"] is None


@pytest.mark.parametrize(("name", "text"), [("a.json", ""), ("a.json", "[]"), ("a.csv", "a,b\n1,2\n")])
def test_file_without_events(tmp_path: Path, name: str, text: str) -> None:
    """A file that holds no event says so."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(StageEventsInvalid):
        read_file(path)


def test_relevance_file(tmp_path: Path) -> None:
    """Ids by test case; anything else is refused by the case."""
    path = tmp_path / "labels.json"
    path.write_text('{"tc-1": ["d1", 7], "tc-2": "d2"}')
    assert read_relevance(path) == {"tc-1": ["d1", "7"], "tc-2": ["d2"]}
    path.write_text('{"tc-1": {"d1": 1}}')
    with pytest.raises(StageEventsInvalid, match="tc-1"):
        read_relevance(path)
