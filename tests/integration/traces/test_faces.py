"""The API and the command line: who may ask, what wrong questions are told, and the same answer from both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.cli.main import root
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.endpoints import traces_router
from pitwall.traces.error_groups.endpoints import error_groups_router
from pitwall.traces.error_groups.schemas import ErrorGroupAnswer, ErrorGroupList
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.explore_endpoints import explore_router
from pitwall.traces.explore_schemas import (
    ChangeList,
    ColumnList,
    DimensionsAnswer,
    ErrorList,
    FacetList,
    HistogramAnswer,
)
from pitwall.traces.exploring import TraceExplorer
from pitwall.traces.failures import group_id
from pitwall.traces.schemas import SpanAnswer, SpanList, TraceAnswer, TraceList
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import (
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    trace_id,
)

ONE = as_hex(trace_id(1))
TIMEOUTS = group_id("timeout", "", "", "voc-chat")


class InProcess(httpx.BaseTransport):
    """Calls the application from a blocking client."""

    def __init__(self, app: Any) -> None:
        self._app = httpx.ASGITransport(app, client=("127.0.0.1", 1))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._app.handle_async_request(copy)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@pytest.fixture
def access(tmp_path: Path, clock: ManualClock) -> Iterator[AccessService]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield AccessService(store, clock, allow_anonymous=True)
    store.close()


@pytest.fixture
def transport(
    traces: Traces, explorer: TraceExplorer, groups: ErrorGroups, access: AccessService
) -> InProcess:
    """The web application with the endpoints of traces, for an anonymous caller on this machine."""
    routers = [explore_router(explorer), error_groups_router(groups), traces_router(traces)]
    parts = WebParts(access=access, version="0", is_started=lambda: True, routers=routers)
    return InProcess(create_app(parts))


@pytest.fixture
def api(transport: InProcess, project: str) -> Iterator[httpx.Client]:
    url = "http://127.0.0.1"
    with httpx.Client(transport=transport, base_url=url, params={"project": project}) as client:
        yield client


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> str:
    """Two traces, of which the second failed."""
    spans = [
        make_span(1, 1, name="환불 문의"),
        make_llm_span(input="언제 환불되나요?", output="삼 일 안에요"),
    ]
    spans += [make_span(2, 3, status="error", error_class="timeout"), make_llm_span(2, 4, 3, model="gpt-4o")]
    insert_spans(telemetry_engine, project, spans)
    return project


def _run(transport: InProcess, *arguments: str) -> Result:
    return _run_noun(transport, "traces", *arguments)


def _run_noun(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    runner = CliRunner(env={"PITWALL_LANG": language})
    return runner.invoke(root, arguments, obj=lambda *_: nullcontext(transport))


def _only_described(value: Any, model: type[BaseModel]) -> None:
    assert set(value) == set(model.model_fields)


@pytest.mark.usefixtures("filled")
def test_answers_have_the_described_shape(api: httpx.Client) -> None:
    """OpenAPI names exactly the members that are sent, in lists, traces and spans."""
    page = api.get("/api/v1/traces").json()
    TraceList.model_validate(page)
    _only_described(page["traces"][0], TraceList.model_fields["traces"].annotation.__args__[0])  # type: ignore[union-attr]
    spans = api.get("/api/v1/traces", params={"level": "span"}).json()
    SpanList.model_validate(spans)
    _only_described(spans["spans"][0], SpanList.model_fields["spans"].annotation.__args__[0])  # type: ignore[union-attr]
    trace = api.get(f"/api/v1/traces/{ONE}").json()
    _only_described(trace, TraceAnswer)
    _only_described(trace["spans"][0], TraceAnswer.model_fields["spans"].annotation.__args__[0])  # type: ignore[union-attr]
    span = api.get(f"/api/v1/traces/{ONE}/spans/{as_hex(span_id(2))}").json()
    _only_described(span, SpanAnswer)
    paths = api.get("/api/openapi.json").json()["paths"]
    assert {"/api/v1/traces", "/api/v1/traces/search", "/api/v1/traces/{trace_id}"} <= set(paths)


@pytest.mark.usefixtures("filled")
def test_filter_on_a_child_lists_its_trace(api: httpx.Client) -> None:
    """As a repeated parameter and as a body."""
    filters = ["model:eq:qwen2.5:7b", "input_tokens:gte:40"]
    page = api.get("/api/v1/traces", params={"filter": filters}).json()
    assert [(row["name"], row["matched_span_id"]) for row in page["traces"]] == [
        ("환불 문의", as_hex(span_id(2)))
    ]
    body = {
        "filters": [
            {"column": "model", "operator": "in", "value": ["qwen2.5:7b", "a,b"]},
            {"column": "input_tokens", "operator": "gte", "value": 40},
        ]
    }
    assert api.post("/api/v1/traces/search", json=body).json() == page


def test_wrong_filter_is_a_problem_that_names_the_way_out(api: httpx.Client) -> None:
    """422 with the column, the operator and the nearest valid ones."""
    answer = api.get("/api/v1/traces", params={"filter": "modle:eq:x"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "traces.unknown_column")
    assert problem["details"]["nearest"][0] == "model"
    answer = api.get("/api/v1/traces", params={"filter": "model:gt:x"})
    assert answer.status_code == 422
    assert "contains" in answer.json()["details"]["operators"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "someday"},
        {"since": "now", "until": "now-1h"},
        {"sort": "name"},
        {"limit": "0"},
        {"limit": "501"},
        {"cursor": "AAAA"},
        {"level": "session"},
        {"q": "x" * 1001},
        {"filter": ["name:eq:x"] * 33},
    ],
)
def test_wrong_question_is_a_422(api: httpx.Client, query: dict[str, Any]) -> None:
    """Never a 500, always a problem with a sentence."""
    answer = api.get("/api/v1/traces", params=query)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.usefixtures("filled")
def test_unknown_trace_is_a_404_that_names_it(api: httpx.Client) -> None:
    """Also one of another project."""
    answer = api.get(f"/api/v1/traces/{ONE}", params={"project": "someone-else"})
    assert answer.status_code == 404
    assert ONE in answer.json()["detail"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("path", "query", "model"),
    [
        ("/traces/columns", {}, ColumnList),
        ("/traces/facets", {"column": ["model", "status"]}, FacetList),
        ("/traces/histogram", {"level": "span"}, HistogramAnswer),
        ("/dimensions", {}, DimensionsAnswer),
        ("/errors", {"since": "now-1h"}, ErrorList),
        ("/errors/groups", {"since": "now-1h"}, ErrorGroupList),
        ("/traces/changes", {"since": "now-1h"}, ChangeList),
    ],
)
def test_answers_around_lists_have_the_described_shape(
    api: httpx.Client, path: str, query: dict[str, Any], model: type[BaseModel]
) -> None:
    """And none of their names is taken for the id of a trace."""
    answer = api.get(f"/api/v1{path}", params=query).json()
    model.model_validate(answer)
    _only_described(answer, model)
    for name, field in model.model_fields.items():
        if isinstance(answer[name], list) and answer[name] and isinstance(answer[name][0], dict):
            _only_described(answer[name][0], field.annotation.__args__[0])  # type: ignore[union-attr]
    described = api.get("/api/openapi.json").json()["paths"][f"/api/v1{path}"]["get"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["$ref"].endswith(f"/{model.__name__}")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/traces/facets", {}),
        ("/traces/facets", {"column": "duration_ms"}),
        ("/traces/facets", {"column": "model", "limit": 0}),
        ("/traces/histogram", {"buckets": 501}),
        ("/traces/histogram", {"since": "now", "until": "now-1h"}),
        ("/dimensions", {"since": "someday"}),
        ("/errors", {"filter": "modle:eq:x"}),
        ("/errors/groups", {"filter": "modle:eq:x"}),
        ("/errors/groups", {"status": "old"}),
        ("/errors/groups", {"cursor": "AAAA"}),
        ("/traces/changes", {"limit": 501}),
    ],
)
def test_wrong_question_around_lists_is_a_422(api: httpx.Client, path: str, query: dict[str, Any]) -> None:
    """With a sentence, as of lists."""
    answer = api.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "path",
    ["/traces", "/traces/facets", "/traces/histogram", "/errors", "/errors/groups", "/traces/changes"],
)
@pytest.mark.parametrize(
    "limits", [{"since": "0001-01-01"}, {"since": "2100-01-01", "until": "9999-12-31"}, {"since": "now+1h"}]
)
def test_times_far_away_are_answered(api: httpx.Client, path: str, limits: dict[str, str]) -> None:
    """The beginning of time, the end of it, and a range in the future without an end."""
    query = {"column": "model"} if path.endswith("facets") else {}
    answer = api.get(f"/api/v1{path}", params={**query, **limits})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/traces",
        "/traces/columns",
        "/traces/histogram",
        "/dimensions",
        "/errors",
        "/errors/groups",
        f"/errors/groups/{TIMEOUTS}",
        "/traces/changes",
        f"/traces/{ONE}",
        f"/traces/{ONE}/spans/{as_hex(span_id(2))}",
        f"/traces/{ONE}/profiles",
        "/sessions",
        "/users/u1",
    ],
)
def test_reading_needs_the_scope_and_the_project(
    api: httpx.Client, access: AccessService, filled: str, path: str
) -> None:
    """An ingest key reads nothing, and a key of one project nothing of another."""

    def status(scope: Scope, asked_project: str) -> int:
        request = KeyRequest(name="k", project_id="shop", scopes=frozenset({scope}))
        token = access.create_key(request, by=LOCAL_OPERATOR).token
        headers = {"authorization": f"Bearer {token}"}
        return api.get(f"/api/v1{path}", params={"project": asked_project}, headers=headers).status_code

    assert status(Scope.INGEST, "shop") == 403
    assert status(Scope.READ, filled) == 403
    assert status(Scope.READ, "shop") in (200, 404)


def test_session_ids_with_slashes_are_reachable(
    telemetry_engine: TelemetryEngine, project: str, api: httpx.Client
) -> None:
    """Ids come from applications."""
    insert_spans(telemetry_engine, project, [make_span(session_id="web/2026/1", user_id="김 철수")])
    assert api.get("/api/v1/sessions/web%2F2026%2F1").json()["session_id"] == "web/2026/1"
    assert api.get("/api/v1/users/김 철수").json()["trace_count"] == 1
    assert [row["session_id"] for row in api.get("/api/v1/sessions").json()["sessions"]] == ["web/2026/1"]


def test_command_line_answers_as_the_api_does(transport: InProcess, api: httpx.Client, filled: str) -> None:
    """`--output json` is the API's answer, for the list and for one trace."""
    listed = _run(
        transport, "list", "--since", "1h", "--filter", "kind:eq:llm", "--output", "json", "--project", filled
    )
    expected = api.get("/api/v1/traces", params={"since": "now-1h", "filter": "kind:eq:llm"}).json()
    assert json.loads(listed.stdout) == expected
    shown = _run(transport, "show", ONE, "--output", "json", "--project", filled)
    assert json.loads(shown.stdout) == api.get(f"/api/v1/traces/{ONE}").json()


def test_list_for_people_and_for_programs(transport: InProcess, filled: str) -> None:
    """A table names the error in words; JSON lines hold one trace each."""
    table = _run(transport, "list", "--project", filled).stdout
    assert "error: timeout" in table
    assert "환불 문의" in table
    lines = _run(transport, "list", "--output", "jsonl", "--project", filled).stdout.splitlines()
    assert [json.loads(line)["root"] for line in lines] == [True, True]


def test_tree_for_people(transport: InProcess, filled: str) -> None:
    """Branches, bars and tokens; texts only when asked."""
    shown = _run(transport, "show", ONE, "--project", filled).stdout
    assert "└─ span 2 (llm)" in shown
    assert "40→12" in shown
    assert "언제" not in shown
    assert "언제 환불되나요?" in _run(transport, "show", ONE, "--full", "--project", filled).stdout


def test_empty_list_says_what_to_do(transport: InProcess, project: str) -> None:
    """On stderr, so that a program sees nothing, and in Korean for who speaks it."""
    result = _run(transport, "list", "--project", project)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No traces match" in result.stderr
    korean = CliRunner(env={"PITWALL_LANG": "ko"}).invoke(
        root, ["traces", "list", "--project", project], obj=lambda *_: nullcontext(transport)
    )
    assert "일치하는 트레이스가 없습니다" in korean.stderr


def test_unknown_trace_fails_the_command(transport: InProcess, project: str) -> None:
    """The error of the API is the error of the command."""
    result = _run(transport, "show", ONE, "--project", project)
    assert isinstance(result.exception, PitwallError)
    assert ONE in str(result.exception)


def test_commands_answer_as_the_api_does(transport: InProcess, api: httpx.Client, filled: str) -> None:
    """Facets, columns, errors and a list in another order."""
    asked: list[tuple[list[str], str, dict[str, Any]]] = [
        (["traces", "list", "--sort", "cost"], "traces", {"sort": "cost"}),
        (["traces", "facets", "--column", "model"], "traces/facets", {"column": "model"}),
        (["traces", "columns"], "traces/columns", {}),
        (["errors", "list", "--since", "2h"], "errors", {"since": "now-2h"}),
        (["errors", "groups", "--since", "2h"], "errors/groups", {"since": "now-2h"}),
        (["errors", "groups", "--status", "new"], "errors/groups", {"status": "new"}),
        (["errors", "show", TIMEOUTS, "--since", "2h"], f"errors/groups/{TIMEOUTS}", {"since": "now-2h"}),
    ]
    for command, path, query in asked:
        shown = _run_noun(transport, *command, "--output", "json", "--project", filled)
        assert json.loads(shown.stdout) == api.get(f"/api/v1/{path}", params=query).json(), command


def test_counts_for_people(transport: InProcess, filled: str) -> None:
    """Values and what has none, titles in the reader's language, an error with its example."""
    facets = _run(transport, "facets", "--column", "model", "--project", filled).stdout
    assert facets.splitlines()[1].split() == ["model", "gpt-4o", "1"]
    assert "(no value)" in facets
    columns = _run_noun(transport, "traces", "columns", "--project", filled, language="ko").stdout
    assert "소요 시간" in columns
    errors = _run_noun(transport, "errors", "list", "--project", filled).stdout
    assert "timeout" in errors
    assert as_hex(trace_id(2)) in errors


def test_error_groups_for_people(transport: InProcess, api: httpx.Client, filled: str) -> None:
    """A list with status and trend, one group with its splits and samples, in the reader's language."""
    listed = _run_noun(transport, "errors", "groups", "--project", filled).stdout
    assert "new" in listed
    assert TIMEOUTS in listed
    one = _run_noun(transport, "errors", "show", TIMEOUTS, "--project", filled).stdout
    assert "1 in this time, 0 in the time before" in one
    assert as_hex(trace_id(2)) in one
    korean = _run_noun(transport, "errors", "show", TIMEOUTS, "--project", filled, language="ko").stdout
    assert "신규" in korean
    assert "이 시간 1건" in korean
    answer = api.get(f"/api/v1/errors/groups/{TIMEOUTS}").json()
    ErrorGroupAnswer.model_validate(answer)
    _only_described(answer, ErrorGroupAnswer)
    missing = api.get(f"/api/v1/errors/groups/{'0' * 32}")
    assert (missing.status_code, missing.json()["code"]) == (404, "errors.group_not_found")
    assert missing.json()["hint"]


def test_profile_for_people_and_for_flame_graph_tools(
    transport: InProcess, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Functions by the time they took themselves, folded stacks as they came, the API's answer as JSON."""
    stacks = "main (app.py);ask (llm.py) 3000\nmain (app.py) 500"
    insert_spans(telemetry_engine, project, [make_span(attributes={"pitwall.profile.stacks": stacks})])
    table = _run(transport, "profile", ONE, "--project", project).stdout
    assert [line.split()[-2] for line in table.splitlines()[2:]] == ["ask", "main"]
    assert "85.7 %" in table
    folded = _run(transport, "profile", ONE, "--folded", "--project", project).stdout
    assert sorted(folded.splitlines()) == sorted(stacks.splitlines())
    told = json.loads(_run(transport, "profile", ONE, "--output", "json", "--project", project).stdout)
    assert told["profiles"][0]["total_ms"] == 3.5


def test_nothing_to_tell_says_what_to_do(transport: InProcess, project: str) -> None:
    """On stderr, in both languages."""
    assert "No errors" in _run_noun(transport, "errors", "list", "--project", project).stderr
    korean = _run_noun(transport, "errors", "list", "--project", project, language="ko").stderr
    assert "오류가 없습니다" in korean
    assert "No traces match" in _run(transport, "facets", "--column", "model", "--project", project).stderr
