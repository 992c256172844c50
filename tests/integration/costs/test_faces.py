"""The API and the command line: who may ask, what wrong questions are told, and the same answer from both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.cli.main import root
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.costs.advice.schemas import AdviceView
from pitwall.costs.advice.service import Advisor, AdvisorParts
from pitwall.costs.budgets.endpoints import budgets_router
from pitwall.costs.budgets.schemas import BudgetView
from pitwall.costs.budgets.service import Budgets
from pitwall.costs.endpoints import costs_router
from pitwall.costs.schemas import SpendView, SummaryView
from pitwall.costs.service import Costs
from pitwall.ingest.pricing.assemble import assemble
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import Projects, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import NOW, daily_calls, insert_spans, make_call

BOOK = assemble(None)
PATHS = tuple(f"/api/v1/costs/{path}" for path in ("summary", "spend", "advice", "budgets", "budgets/month"))


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
def state(tmp_path: Path, clock: ManualClock, project: str) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    with store.session() as session:
        Projects(session).create(project, project, now=NOW)
    yield store
    store.close()


@pytest.fixture
def access(state: StateStore, clock: ManualClock) -> AccessService:
    return AccessService(state, clock, allow_anonymous=True)


@pytest.fixture
def transport(
    costs: Costs,
    telemetry_engine: TelemetryEngine,
    state: StateStore,
    access: AccessService,
    clock: ManualClock,
) -> InProcess:
    """The web application with the endpoints of costs, for an anonymous caller on this machine."""
    advisor = Advisor(AdvisorParts(telemetry_engine, lambda: BOOK, clock, timedelta(days=14)))
    budgets = Budgets(state, [], costs.periods, clock)
    routers = [costs_router(costs, advisor), budgets_router(budgets)]
    return InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )


@pytest.fixture
def api(transport: InProcess, project: str) -> Iterator[httpx.Client]:
    url = "http://127.0.0.1"
    with httpx.Client(transport=transport, base_url=url, params={"project": project}) as client:
        yield client


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> str:
    """Thirty days at ten dollars, every call with the same input, and one call without a price."""
    calls = [*daily_calls(30, input="언제 환불되나요?", user_id="kim"), make_call(NOW, None, model="our-own")]
    insert_spans(telemetry_engine, project, calls)
    return project


def _run(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    runner = CliRunner(env={"PITWALL_LANG": language})
    return runner.invoke(root, arguments, obj=lambda *_: nullcontext(transport))


@pytest.mark.parametrize(
    ("path", "query", "command", "model"),
    [
        ("summary", {}, ["costs", "summary"], SummaryView),
        ("spend", {"by": "user"}, ["costs", "spend", "--by", "user"], SpendView),
        ("advice", {}, ["costs", "advice"], AdviceView),
        ("budgets/month", {}, ["budgets", "show", "month"], BudgetView),
    ],
)
def test_commands_answer_as_the_api_does(
    transport: InProcess,
    api: httpx.Client,
    filled: str,
    path: str,
    query: dict[str, str],
    command: list[str],
    model: Any,
) -> None:
    """The same question, the same JSON, and the shape that OpenAPI describes."""
    api.put("/api/v1/costs/budgets/month", json={"amount_usd": "500"})
    answer = api.get(f"/api/v1/costs/{path}", params=query).json()
    told = _run(transport, *command, "--project", filled, "--output", "json")
    assert json.loads(told.stdout) == answer
    assert set(answer) == set(model.model_fields)


def test_summary_is_shown_with_a_plot(transport: InProcess, filled: str) -> None:
    """The month in words and as columns: what was spent and what is like to come."""
    told = _run(transport, "costs", "summary", "--project", filled).stdout
    assert "$190.00" in told
    assert "our-own (1)" in told
    assert "█" in told
    assert "░" in told
    korean = _run(transport, "costs", "summary", "--project", filled, language="ko").stdout
    assert "월 예상 비용" in korean
    assert "쓴 비용" in korean


def test_days_of_a_month_are_json_lines(transport: InProcess, filled: str) -> None:
    """One record a day, for programs."""
    told = _run(transport, "costs", "summary", "--project", filled, "--output", "jsonl").stdout.splitlines()
    assert [json.loads(line)["date"] for line in told][:2] == ["2026-11-01", "2026-11-02"]
    assert len(told) == 30


def test_spend_and_advice_are_shown_to_people(transport: InProcess, filled: str) -> None:
    """Names, amounts, what is not priced, and how much was looked at."""
    spend = _run(transport, "costs", "spend", "--by", "user", "--project", filled)
    assert "kim" in spend.stdout
    assert "1 call has no price" in spend.stderr
    advice = _run(transport, "costs", "advice", "--project", filled, language="ko")
    assert "캐시하세요" in advice.stdout
    assert "글을 읽었습니다" in advice.stderr


def test_empty_project_is_told_to_be_empty(transport: InProcess, project: str) -> None:
    """No table of zeros."""
    assert "Nothing was called" in _run(transport, "costs", "spend", "--project", project).stderr
    assert "No call with a price yet" in _run(transport, "costs", "summary", "--project", project).stdout
    advice = _run(transport, "costs", "advice", "--project", project)
    assert "There is no model call with a price." in advice.stderr
    assert "There is no budget" in _run(transport, "budgets", "list", "--project", project).stderr


def test_budget_is_set_listed_and_removed_from_the_command_line(transport: InProcess, filled: str) -> None:
    """With its scope, how much is used, and the way back."""
    made = _run(transport, "budgets", "set", "kim", "--amount", "100", "--user", "kim", "--project", filled)
    assert made.exit_code == 0, made.stderr
    assert "Budget kim: $100.00 per month." in made.stderr
    listed = _run(transport, "budgets", "list", "--project", filled).stdout
    assert "user kim" in listed
    assert "190.0 %" in listed
    assert "over" in listed
    assert _run(transport, "budgets", "remove", "kim", "--yes", "--project", filled).exit_code == 0
    assert isinstance(_run(transport, "budgets", "show", "kim", "--project", filled).exception, PitwallError)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"amount_usd": "-1"}, "greater than 0"),
        ({"amount_usd": "1", "per": "month"}, "per"),
        ({"amount_usd": "1", "period": "year"}, "period"),
        ({}, "amount_usd"),
    ],
)
def test_wrong_budget_is_refused(api: httpx.Client, body: dict[str, Any], text: str) -> None:
    """The problem names what is wrong; nothing is set."""
    answer = api.put("/api/v1/costs/budgets/month", json=body)
    assert answer.status_code == 422
    assert text in answer.text
    assert api.get("/api/v1/costs/budgets").json() == {"budgets": []}


@pytest.mark.parametrize("name", ["Month", "a b", "x" * 65, "ünï"])
def test_budget_needs_a_name_for_addresses(api: httpx.Client, name: str) -> None:
    """Letters, digits, - and _."""
    assert api.put(f"/api/v1/costs/budgets/{name}", json={"amount_usd": "1"}).status_code == 422


def test_unknown_budget_is_told_with_a_hint(api: httpx.Client) -> None:
    """404 and where to look."""
    answer = api.get("/api/v1/costs/budgets/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "budget.not_found")
    assert "pitwall budgets list" in answer.text
    assert api.delete("/api/v1/costs/budgets/none").status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"by": "colour"}, {"since": "yesterday-ish"}, {"since": "now-1h", "until": "now-2h"}, {"limit": "0"}],
)
def test_wrong_question_is_refused(api: httpx.Client, query: dict[str, str]) -> None:
    """With what is wrong, never with an empty answer."""
    assert api.get("/api/v1/costs/spend", params=query).status_code == 422


def test_reading_needs_read_and_setting_needs_act(
    api: httpx.Client, access: AccessService, project: str
) -> None:
    """A key that may only send telemetry learns nothing of costs; a reader sets no budget."""
    keys = {
        scope: access.create_key(KeyRequest("k", project, frozenset({scope})), by=LOCAL_OPERATOR).token
        for scope in Scope
    }
    for path in PATHS:
        refused = api.get(path, headers={"authorization": f"Bearer {keys[Scope.INGEST]}"})
        assert refused.status_code == 403, path
    reader = {"authorization": f"Bearer {keys[Scope.READ]}"}
    assert api.get("/api/v1/costs/summary", headers=reader).status_code == 200
    body = {"amount_usd": "1"}
    assert api.put("/api/v1/costs/budgets/month", json=body, headers=reader).status_code == 403
    assert api.delete("/api/v1/costs/budgets/month", headers=reader).status_code == 403
    actor = {"authorization": f"Bearer {keys[Scope.ACT]}"}
    assert api.put("/api/v1/costs/budgets/month", json=body, headers=actor).status_code == 200
