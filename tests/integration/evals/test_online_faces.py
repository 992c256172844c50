"""Rules and missed questions on the command line and over HTTP, with the shapes that the API promises."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from click.testing import Result

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.from_traces import ProductionExamples
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.traced_examples import trace_example
from pitwall.evals.metrics.registry import load
from pitwall.evals.missed.endpoints import missed_router
from pitwall.evals.missed.repository import MissedRepository
from pitwall.evals.missed.schemas import MissedView
from pitwall.evals.missed.service import Missed
from pitwall.evals.online.changing import plan_adoption
from pitwall.evals.online.endpoints import online_router
from pitwall.evals.online.repository import OnlineRules
from pitwall.evals.online.schemas import OnlineRuleDetail, OnlineRuleList
from pitwall.evals.online.service import OnlineEvaluation
from pitwall.evals.online.types import PackRule, RuleContent
from pitwall.incidents.service import IncidentDesk
from pitwall.kit.clock import ManualClock
from pitwall.llm.profiles import SIMULATED_PROFILE
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.opening import OpenQuery
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import NOON, as_hex, insert_spans, make_span, trace_id
from tests.support.in_process import InProcess, run_command

FORMULA = '=HYPERLINK("http://127.0.0.1")'


@pytest.fixture
def transport(store: StateStore, access: AccessService, telemetry_engine: TelemetryEngine) -> InProcess:
    clock = ManualClock(NOON + timedelta(hours=1))
    online = OnlineEvaluation(store, clock, registry=load, profile=lambda _: SIMULATED_PROFILE)
    traces = Traces(telemetry_engine, clock)
    production = ProductionExamples(Datasets(store, clock), traces, cast(IncidentDesk, None))
    missed = Missed(MissedRepository(telemetry_engine), traces, load, production)
    routers = [online_router(online), missed_router(missed)]
    return InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )


@pytest.fixture
def token(access: AccessService, project: str) -> str:
    scopes = frozenset({Scope.READ, Scope.ACT})
    return access.create_key(KeyRequest("k", project, scopes), by=LOCAL_OPERATOR).token


@pytest.fixture
def api(transport: InProcess, token: str) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(transport=transport, base_url="http://127.0.0.1/api/v1", headers=headers) as client:
        yield client


def run(transport: InProcess, token: str, *arguments: str, language: str = "en") -> Result:
    environ = {"PITWALL_API_KEY": token}
    return run_command(transport, "eval", *arguments, language=language, environ=environ)


def test_rule_is_set_shown_and_deleted_on_the_command_line(transport: InProcess, token: str) -> None:
    """What was set is what is shown, and people read their language."""
    options = ("--metrics", "faithfulness,offline_groundedness", "--sample", "0.25", "--max-cost", "1.5")
    saved = run(transport, token, "online", "set", "judged", *options, language="ko")
    assert saved.exit_code == 0, saved.stderr
    assert "규칙 judged" in saved.stderr
    shown = run(transport, token, "online", "show", "judged", "--output", "json")
    rule = json.loads(shown.stdout)
    assert (rule["sample_rate"], rule["max_cost_usd_per_day"]) == (0.25, "1.5")
    assert rule["metrics"] == ["faithfulness", "offline_groundedness"]
    table = run(transport, token, "online", "list")
    assert "judged" in table.stdout
    assert run(transport, token, "online", "show", "judged").exit_code == 0
    assert "paused" in run(transport, token, "online", "disable", "judged").stderr
    switched = run(transport, token, "online", "enable", "judged", "--output", "json")
    assert json.loads(switched.stdout)["enabled"] is True
    assert run(transport, token, "online", "delete", "judged", "--yes").exit_code == 0
    assert "No rule scores live traces" in run(transport, token, "online", "list").stderr
    unknown = run(transport, token, "online", "show", "judged")
    assert unknown.exit_code == 1
    assert "pitwall eval online list" in str(unknown.exception)


@pytest.mark.parametrize(
    "body",
    [
        {"metrics": []},
        {"metrics": ["exact_match"]},
        {"metrics": ["no_such_metric"]},
        {"metrics": ["offline_groundedness"], "sample_rate": 0},
        {"metrics": ["offline_groundedness"], "sample_rate": 1.1},
        {"metrics": ["offline_groundedness"], "settle_seconds": 0},
        {"metrics": ["offline_groundedness"], "max_calls_per_day": -1},
        {"metrics": ["offline_groundedness"], "max_cost_usd_per_day": "-1"},
        {"metrics": ["offline_groundedness"], "filters": ["no:such:filter"]},
        {"metrics": ["offline_groundedness"], "surprise": 1},
    ],
)
def test_rule_that_makes_no_sense_is_refused(api: httpx.Client, body: dict[str, object]) -> None:
    """With the status of what the caller can mend."""
    assert api.put("/evals/online/rules/mine", json=body).status_code in (404, 422)
    assert api.get("/evals/online/rules").json() == {"rules": []}


def test_answers_have_the_shapes_that_the_api_promises(api: httpx.Client) -> None:
    """Every field of the schema is there, and no other."""
    detail = api.put("/evals/online/rules/mine", json={"metrics": ["offline_groundedness"]}).json()
    assert set(detail) == set(OnlineRuleDetail.model_validate(detail).model_dump())
    rules = api.get("/evals/online/rules").json()
    assert set(rules["rules"][0]) == set(OnlineRuleList.model_validate(rules).rules[0].model_dump())
    missed = api.get("/evals/missed").json()
    assert set(missed) == set(MissedView.model_validate(missed).model_dump())


def test_rule_of_a_pack_can_be_paused_and_nothing_else(
    api: httpx.Client, store: StateStore, project: str
) -> None:
    """Its file is the place to change it; the answer says so."""
    pack = PackRule("shop", project, "grounded", RuleContent(metrics=("offline_groundedness",)))
    (rule,) = plan_adoption([], [pack], {project}, ManualClock()).saved
    with store.session() as session:
        OnlineRules(session, project).save(rule)
    path = "/evals/online/rules/grounded"
    for refused in (api.put(path, json={"metrics": ["offline_groundedness"]}), api.delete(path)):
        assert (refused.status_code, refused.json()["code"]) == (409, "online_rule.from_pack")
        assert "shop" in refused.json()["detail"]
    paused = api.post(f"{path}/switch", json={"is_enabled": False}).json()
    assert (paused["pack"], paused["enabled"]) == ("shop", False)


def test_missed_questions_go_to_a_file_and_a_dataset(
    transport: InProcess, token: str, telemetry_engine: TelemetryEngine, project: str, tmp_path: Path
) -> None:
    """As CSV that no spreadsheet takes for a formula, as JSON lines, and as examples."""
    asked: dict[str, Any] = {"status": "error", "status_message": "down", "output": ""}
    spans = [make_span(number, 1, input="환불은 언제 되나요?", **asked) for number in (1, 2)]
    spans += [make_span(3, 1, input=FORMULA, **asked), make_span(4, 1, input="hello", output="hi")]
    insert_spans(telemetry_engine, project, spans)
    as_csv, as_lines = tmp_path / "missed.csv", tmp_path / "missed.jsonl"
    done = run(transport, token, "missed", "--since", "2h", "-o", str(as_csv), "--dataset", "to-fix")
    assert done.exit_code == 0, done.stderr
    assert "3 of 4 requests were missed; 2 different questions." in done.stderr
    assert "Added 2 examples to the dataset to-fix." in done.stderr
    rows = list(csv.DictReader(as_csv.read_text("utf-8-sig").splitlines()))
    assert [(row["question"], row["count"], row["reasons"]) for row in rows] == [
        ("환불은 언제 되나요?", "2", "error=2"),
        ("'" + FORMULA, "1", "error=1"),
    ]
    run(transport, token, "missed", "--since", "2h", "-o", str(as_lines))
    (first, _) = map(json.loads, as_lines.read_text("utf-8").splitlines())
    assert {one["trace_id"] for one in first["examples"]} == {as_hex(trace_id(n)) for n in (1, 2)}
    assert run(transport, token, "missed", "-o", str(tmp_path / "missed.txt")).exit_code == 1


def test_missed_questions_have_a_course_and_can_be_downloaded(
    api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Every request is in one window of the course, and in the file all traces of a question."""
    failed: dict[str, Any] = {"status": "error", "output": "자료를 찾지 못했습니다."}
    spans = [make_span(number, 1, input="환불은 언제 되나요?", **failed) for number in range(1, 8)]
    insert_spans(telemetry_engine, project, [*spans, make_span(9, 1, input="hello", output="hi")])
    found = api.get("/evals/missed", params={"since": "now-2h", "examples": 6}).json()
    assert (sum(found["course"]["requests"]), sum(found["course"]["missed"])) == (8, 7)
    (question,) = found["questions"]
    assert (sum(question["course"]), len(question["examples"])) == (7, 6)
    assert question["examples"][0]["answer"] == "자료를 찾지 못했습니다."
    file = api.get("/evals/missed/export", params={"since": "now-2h", "format": "csv"})
    assert file.headers["content-disposition"] == 'attachment; filename="missed.csv"'
    (row,) = csv.DictReader(file.content.decode("utf-8-sig").splitlines())
    assert len(row["trace_ids"].split()) == 7
    lines = api.get(
        "/evals/missed/export", params={"since": "now-2h", "format": "jsonl", "reason": "no_hits"}
    )
    assert (lines.status_code, lines.content) == (200, b"")


def test_questions_read_from_roots_are_those_of_examples(
    api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Texts of roots are read at once; whatever they do not say plainly is looked for in the whole trace."""
    talk = json.dumps([{"role": "user", "content": "Where is it?"}])
    inputs = {
        1: "plain  question",
        2: '{"question": "inside", "top_k": 3}',
        3: '"quoted"',
        4: '{"k": 1}',
        5: talk,
    }
    failed: dict[str, Any] = {"status": "error", "output": "찾지 못했습니다."}
    spans = [make_span(number, 1, input=text, **failed) for number, text in inputs.items()]
    spans += [make_span(6, 1, kind="llm", input=talk, **failed), make_span(7, 1, input="", status="error")]
    spans += [make_span(7, 2, 1, kind="llm", input=talk, output="")]
    insert_spans(telemetry_engine, project, spans)
    found = api.get("/evals/missed", params={"since": "now-2h", "examples": 50}).json()
    asked = {one["trace_id"]: one["question"] for many in found["questions"] for one in many["examples"]}
    traces = Traces(telemetry_engine, ManualClock(NOON + timedelta(hours=1)))
    for number in range(1, 8):
        trace = traces.open_trace(OpenQuery(project=project, trace_id=as_hex(trace_id(number))))
        example = trace_example(trace)
        assert not isinstance(example, str)
        assert asked[trace.trace_id] == example.question
