"""Stages over HTTP and on the command line, with the spans of the same run beside the events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import Result

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.core.vocabulary import Scope
from pitwall.evals.stages.endpoints import stages_router
from pitwall.evals.stages.pack_files import load_rules
from pitwall.evals.stages.schemas import (
    IngestedStages,
    StageEventsPage,
    StageReportView,
    StageRuns,
    StageRunView,
)
from pitwall.evals.stages.service import Stages
from pitwall.evals.stages.spans import StageSpans
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.signals.catalogue import core_pack
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.traces.telemetry import (
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    trace_id,
)
from tests.support.data_sets import public_file
from tests.support.in_process import InProcess, run_command

RUN = "run_20260103_001"
FIXTURE = [public_file("rag_eval_ko/evalvault/stage_events.jsonl")]
SEARCH = {
    "run_id": RUN,
    "stage_id": "stg-search",
    "stage_type": "retrieval",
    "duration_ms": 720,
    "attributes": {"doc_ids": ["d1", "d2"], "scores": [0.4, 0.9]},
    "metadata": {"test_case_id": "tc-1"},
    "trace": {"trace_id": as_hex(trace_id(1)), "span_id": as_hex(span_id(2))},
}
ANSWER = {
    "run_id": RUN,
    "stage_id": "stg-answer",
    "stage_type": "output",
    "duration_ms": 900,
    "trace_id": as_hex(trace_id(1)),
}


@pytest.fixture
def transport(store: StateStore, access: AccessService, telemetry_engine: TelemetryEngine) -> InProcess:
    stages = Stages(
        store,
        ManualClock(),
        find_spans=StageSpans(telemetry_engine).find,
        rules=load_rules([core_pack()]),
    )
    parts = WebParts(access=access, version="0", is_started=lambda: True, routers=[stages_router(stages)])
    return InProcess(create_app(parts))


@pytest.fixture
def api(transport: InProcess, access: AccessService, project: str) -> Iterator[httpx.Client]:
    """A client whose key may do everything in the test's own project."""
    scopes = frozenset({Scope.READ, Scope.ACT})
    token = access.create_key(KeyRequest("k", project, scopes), by=LOCAL_OPERATOR).token
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(transport=transport, base_url="http://127.0.0.1/api/v1", headers=headers) as client:
        yield client


def run(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    return run_command(transport, "stage", *arguments, language=language)


def insert_run(engine: TelemetryEngine, project: str) -> None:
    """A search, a rerank and an answer that carry the run, a judge's call, and a span of another run."""
    search = {
        "kind": "retriever",
        "duration_ms": 700.0,
        "top_k": 3,
        "document_count": 2,
        "document_ids": ["d1", "d2"],
        "document_scores": [0.9, 0.4],
    }
    rerank = {"kind": "reranker", "rerank_input_count": 8, "document_count": 2, "duration_ms": 90.0}
    insert_spans(
        engine,
        project,
        [
            make_span(1, 1, run_id=RUN),
            make_span(1, 2, 1, run_id=RUN, **search),
            make_span(1, 3, 1, run_id=RUN, **rerank),
            make_llm_span(1, 4, 1, run_id=RUN, duration_ms=880.0),
            make_span(1, 5, 1, run_id=RUN, kind="evaluator"),
            make_llm_span(1, 6, 5, run_id=RUN, duration_ms=99_999.0),
            make_llm_span(2, 7, None, run_id="another"),
            make_span(3, 8, None, run_id=RUN, kind="retriever", duration_ms=50.0),
        ],
    )


def test_answers_have_the_shapes_they_promise(api: httpx.Client) -> None:
    """Every answer of the API is of its model."""
    kept = api.post("/stages", json={"events": [SEARCH, ANSWER]})
    assert kept.status_code == 200, kept.text
    assert IngestedStages.model_validate(kept.json()).added == 2
    assert StageRuns.model_validate(api.get("/stages").json()).runs[0].event_count == 2
    events = api.get("/stages/events", params={"run_id": RUN, "limit": 1}).json()
    assert StageEventsPage.model_validate(events).next_cursor is not None
    labelled = api.put("/stages/relevance", json={"run_id": RUN, "relevance": {"tc-1": ["d2"]}})
    assert StageRunView.model_validate(labelled.json()).labelled_cases == 1
    StageReportView.model_validate(api.get("/stages/report").json())


def test_events_and_spans_stand_side_by_side(
    api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Spans of the run are the same stages; a step is matched by span id, else by trace and stage."""
    insert_run(telemetry_engine, project)
    api.post("/stages", json={"events": [SEARCH, ANSWER]})
    report = api.get("/stages/report", params={"run_id": RUN}).json()
    side = report["side_by_side"]
    found = {
        step["event"]["stage_id"]: (step["span"]["span_id"], step["matched_by"], step["span"]["duration_ms"])
        for step in side["steps"]
        if step["event"]
    }
    assert found == {
        "stg-search": (as_hex(span_id(2)), "span_id", 700.0),
        "stg-answer": (as_hex(span_id(4)), "trace_id", 880.0),
    }
    assert (side["only_events"], side["only_spans"]) == (0, 2)
    assert {stage["stage_type"]: stage["events"] for stage in report["spans"]} == {
        "retrieval": 2,
        "rerank": 1,
        "output": 1,
    }


def test_metrics_of_spans(api: httpx.Client, telemetry_engine: TelemetryEngine, project: str) -> None:
    """What spans measured has values with counts; a search without documents has no data, not 0."""
    insert_run(telemetry_engine, project)
    report = api.get("/stages/report", params={"run_id": RUN}).json()
    numbers = {one["metric"]: one for stage in report["spans"] for one in stage["metrics"]}
    assert (numbers["rerank.keep_rate"]["mean"], numbers["rerank.keep_rate"]["verdict"]) == (0.25, "passed")
    assert numbers["output.token_ratio"]["mean"] == pytest.approx(0.3)
    assert numbers["retrieval.latency_ms"]["verdict"] == "failed"
    count = numbers["retrieval.result_count"]
    assert (count["mean"], count["n_scored"], count["n_total"]) == (2.0, 1, 2)
    assert count["reasons"] == {"no_doc_ids": 1}
    assert [one["rule"] for one in report["guide"]] == ["labels_missing", "retrieval_slow"]
    assert report["run"] is None


def test_thresholds_can_be_given(api: httpx.Client) -> None:
    """A threshold of the caller stands before the metric's own; wrong ones are refused by name."""
    api.post("/stages", json={"events": [ANSWER]})
    report = api.get("/stages/report", params={"threshold": "output.latency_ms=100"}).json()
    latency = report["events"][0]["metrics"][-1]
    assert (latency["threshold"], latency["verdict"]) == (100.0, "failed")
    for wrong, code in (("output.latency_ms", "stage.bad_threshold"), ("x=1", "stage.unknown_metric")):
        answer = api.get("/stages/report", params={"threshold": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_who_may_do_what(transport: InProcess, access: AccessService, project: str) -> None:
    """Looking needs the scope read, taking events in and labelling the scope act."""
    tokens = {
        scope: access.create_key(
            KeyRequest(scope.value, project, frozenset({scope})), by=LOCAL_OPERATOR
        ).token
        for scope in Scope
    }
    calls = [
        ("GET", "", None, Scope.READ, 200),
        ("GET", "/events?run_id=r", None, Scope.READ, 200),
        ("GET", "/report?run_id=r", None, Scope.READ, 200),
        ("POST", "", {"events": [{**ANSWER, "run_id": "r"}]}, Scope.ACT, 200),
        ("PUT", "/relevance", {"run_id": "r", "relevance": {}}, Scope.ACT, 200),
    ]
    with httpx.Client(transport=transport, base_url="http://127.0.0.1/api/v1") as client:
        first = {"authorization": f"Bearer {tokens[Scope.ACT]}"}
        client.post("/stages", json={"events": [{**ANSWER, "run_id": "r"}]}, headers=first)
        for method, path, body, needed, status in calls:
            for scope, token in tokens.items():
                headers = {"authorization": f"Bearer {token}"}
                answer = client.request(method, f"/stages{path}", json=body, headers=headers)
                assert answer.status_code == (status if scope is needed else 403), (method, path, scope)


def test_refusal_is_a_problem_with_its_places(api: httpx.Client) -> None:
    """Details have every problem in both languages."""
    answer = api.post("/stages", json={"events": [ANSWER, {"run_id": "r"}]})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "stage.invalid")
    (told,) = problem["details"]["problems"]
    assert (told["event"], told["field"]) == (2, "stage_type")
    assert told["text"]["ko"].startswith("2번째 이벤트, stage_type: ")
    assert api.get("/stages").json()["runs"] == []


@pytest.mark.parametrize("path", FIXTURE)
def test_fixture_on_the_command_line(transport: InProcess, path: Path) -> None:
    """Taken in once, summed up with the numbers of the file."""
    assert "Events added: 5; kept before: 0." in run(transport, "ingest", str(path)).stderr
    assert "Events added: 0; kept before: 5." in run(transport, "ingest", str(path)).stderr
    listed = json.loads(run(transport, "list", "--output", "json").stdout)
    assert [(one["run_id"], one["event_count"]) for one in listed["runs"]] == [(RUN, 5)]
    summary = json.loads(run(transport, "summary", RUN, "--output", "json").stdout)
    assert {stage["stage_type"]: stage["mean_ms"] for stage in summary["stages"]} == {
        "system_prompt": 18.0,
        "input": 6.0,
        "retrieval": 120.0,
        "rerank": 220.0,
        "output": 1400.0,
    }
    assert summary["missing"] == []
    answer = run(transport, "compute-metrics", RUN, "--output", "json")
    numbers = {one["metric"]: one for one in json.loads(answer.stdout)["metrics"]}
    assert numbers["rerank.keep_rate"]["mean"] == pytest.approx(2 / 3)
    assert numbers["output.token_ratio"]["mean"] == pytest.approx(210 / 900)
    assert numbers["output.citation_count"]["mean"] == 2.0
    assert numbers["retrieval.score_gap"]["mean"] == pytest.approx(0.46)
    assert numbers["retrieval.recall_at_k"]["verdict"] == "no_data"


@pytest.mark.parametrize("path", FIXTURE)
def test_report_is_markdown_in_both_languages(transport: InProcess, path: Path, tmp_path: Path) -> None:
    """The newest run without an id; labels are kept, and the guide quotes the measured number."""
    run(transport, "ingest", str(path))
    report = run(transport, "report")
    assert report.exit_code == 0, report.stderr
    assert f"# Stages of run {RUN}" in report.stdout
    assert "| retrieval.recall_at_k | events | – | – | 0.6 | no data | 0/1 (no_labels 1) |" in report.stdout
    assert "none of 1 searches has labels" in report.stdout
    korean = run(transport, "report", RUN, language="ko").stdout
    assert "## 개선할 점" in korean
    assert "데이터 없음" in korean


def test_labels_from_a_file(transport: InProcess, tmp_path: Path) -> None:
    """`--relevance` keeps the labels with the run."""
    events, labels = tmp_path / "events.json", tmp_path / "labels.json"
    events.write_text(json.dumps([SEARCH]))
    labels.write_text('{"tc-1": ["d2", "d7"]}')
    run(transport, "ingest", str(events))
    answer = run(transport, "compute-metrics", RUN, "--relevance", str(labels))
    assert answer.exit_code == 0, answer.stderr
    assert "labelled for 1 case." in answer.stderr
    assert [line.split()[2] for line in answer.stdout.splitlines() if "recall_at_k" in line] == ["0.5"]


def test_wrong_line_of_a_file_is_named(transport: InProcess, tmp_path: Path) -> None:
    """Also where only the server sees it: an event that is kept already and says something else."""
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(SEARCH) + "\n" + json.dumps({"run_id": RUN}) + "\n")
    refused = run(transport, "ingest", str(path))
    assert refused.exit_code != 0
    assert "events.jsonl, line 2, stage_type: is missing" in str(refused.exception)
    skipped = run(transport, "ingest", str(path), "--skip-invalid", language="ko")
    assert "events.jsonl, 2번째 줄, stage_type: 값이 없습니다" in skipped.stderr
    path.write_text("\n" + json.dumps({**SEARCH, "duration_ms": 1}) + "\n")
    conflict = run(transport, "ingest", str(path))
    assert "events.jsonl, line 2, stage_id: attempt 1 of stage 'stg-search'" in str(conflict.exception)


def test_large_file_comes_in_parts(
    transport: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal in a later part names the line, and says that what came before it is kept."""
    monkeypatch.setattr("pitwall.evals.stages.sending._AT_ONCE", 2)
    path = tmp_path / "events.jsonl"
    events = [{**ANSWER, "stage_id": f"s{number}"} for number in range(5)]
    path.write_text("\n".join(map(json.dumps, events)))
    assert "Events added: 5;" in run(transport, "ingest", str(path)).stderr
    events = [*({**ANSWER, "stage_id": f"t{number}"} for number in range(3)), {**events[0], "attempt": 1}]
    events[-1]["duration_ms"] = 1
    path.write_text("\n".join(map(json.dumps, events)))
    refused = str(run(transport, "ingest", str(path)).exception)
    assert "events.jsonl, line 4, stage_id: attempt 1 of stage 's0'" in refused
    assert "2 events before these lines are kept" in refused
    skipped = run(transport, "ingest", str(path), "--skip-invalid", "--output", "json").stdout
    told = json.loads(skipped)
    assert (told["added"], told["known"], told["skipped_count"], told["skipped"][0]["line"]) == (1, 2, 1, 4)


def test_events_of_a_run_are_listed(transport: InProcess, tmp_path: Path) -> None:
    """With their stage, name and time; of one stage alone."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps([SEARCH, ANSWER]))
    run(transport, "ingest", str(path))
    listed = run(transport, "list", RUN, "--stage-type", "output").stdout
    assert "stg-answer" in listed
    assert "stg-search" not in listed
    assert run(transport, "list", "--stage-type", "output").exit_code == 2
