"""Alerts and rules over HTTP and from the command line, on real stores."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.client import ApiClient
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.alerts.commands import alerts as alerts_command
from pitwall.alerts.endpoints import alerts_router
from pitwall.alerts.preview import Previewer
from pitwall.core.vocabulary import Scope
from pitwall.server.app import WebParts, create_app
from pitwall.signals.service import Signals
from pitwall.stores.state import AuditLog, StateStore
from tests.integration.alerts.world import ERRORS, World

MINUTE = timedelta(minutes=1)
LIST = "http://127.0.0.1/api/v1/alerts"
RULE: dict[str, Any] = {**ERRORS, "for": "0s"}


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
def transport(world: World, store: StateStore, signals: Signals) -> InProcess:
    router = alerts_router(world.service, Previewer(signals, world.service.book))
    access = AccessService(store, world.clock, allow_anonymous=True)
    parts = WebParts(access=access, version="0", is_started=lambda: True, routers=[router])
    return InProcess(create_app(parts))


@pytest.fixture
def api(world: World, transport: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=transport, base_url="http://127.0.0.1/api/v1/alerts", params={"project": world.project}
    ) as client:
        yield client


def test_alert_is_listed_and_shown_with_its_history(world: World, api: httpx.Client) -> None:
    """What fires is in the list with its numbers, and its history has what was told."""
    world.save(**{"for": "0s"})
    world.requests(failed=30, passed=70)
    world.round()
    answer = api.get(LIST).json()
    (alert,) = answer["alerts"]
    assert answer["counts"] == {"firing": 1, "pending": 0, "recovering": 0, "no_data": 0, "error": 0}
    assert (alert["value"], alert["limit"], alert["band"]) == (0.3, "> 0.1", "critical")
    assert alert["labels"] == {"service": "voc-chat"}
    shown = api.get(f"/{alert['id']}").json()
    assert [(one["kind"], one["severity"]) for one in shown["history"]] == [("fired", "critical")]
    assert api.get(LIST, params={"state": "resolved"}).json()["alerts"] == []
    assert shown["missing_since"] is None
    world.round(after=3 * MINUTE)
    gone = api.get(f"/{alert['id']}").json()
    assert (gone["state"], gone["value"], gone["missing_since"] is None) == ("firing", None, False)
    missing = api.get("/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "alert.not_found")


def test_long_lists_are_paged(world: World, api: httpx.Client) -> None:
    """Every alert comes once, and a damaged cursor is told."""
    world.save(**{"for": "0s", "min_samples": 1})
    for number in range(7):
        world.requests(failed=1, service=f"service-{number}")
    world.round()
    seen, cursor = [], None
    while True:
        page = api.get(LIST, params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [alert["id"] for alert in page["alerts"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert api.get(LIST, params={"cursor": "x"}).json()["code"] == "alert.bad_cursor"


def test_rule_is_saved_shown_switched_and_deleted(world: World, api: httpx.Client, store: StateStore) -> None:
    """Every change is in the audit log with who made it."""
    saved = api.put("/rules/errors", json=RULE)
    assert saved.status_code == 200, saved.text
    assert saved.json()["content"] == json.loads(saved.text)["content"]
    assert (saved.json()["origin"], saved.json()["kind"], saved.json()["signals"]) == (
        "team",
        "bands",
        ["requests.error_rate"],
    )
    assert [one["name"] for one in api.get("/rules").json()["rules"]] == ["errors"]
    assert "name: errors" in api.get("/rules/errors/yaml").json()["yaml"]
    off = api.post("/rules/errors/switch", json={"is_enabled": False}).json()
    assert off["is_enabled"] is False
    assert api.post("/rules/errors/switch", json={"is_enabled": True}).json()["is_enabled"] is True
    assert api.delete("/rules/errors").json() == {"rule": None}
    assert api.get("/rules/errors").json()["code"] == "alert_rule.not_found"
    with store.session(read_only=True) as session:
        actions = [entry.action for entry in AuditLog(session).list(project_id=world.project)]
    assert sorted(actions) == [
        "alert_rule.deleted",
        "alert_rule.disabled",
        "alert_rule.enabled",
        "alert_rule.saved",
    ]


def test_rule_that_somebody_else_saved_is_not_overwritten(api: httpx.Client) -> None:
    """A save names the revision it edited."""
    first = api.put("/rules/errors", json={**RULE, "revision": ""}).json()["revision"]
    assert api.put("/rules/errors", json={**RULE, "window": "5m", "revision": first}).status_code == 200
    refused = api.put("/rules/errors", json={**RULE, "revision": first})
    assert (refused.status_code, refused.json()["code"]) == (409, "alert_rule.changed")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"when": {"bands": "nothing.here"}}, "There is no signal nothing.here"),
        ({"when": {}}, "exactly one of"),
        ({"by": ["tenant"]}, "cannot be split"),
        ({"window": "5 minutes"}, "no length of time"),
        ({"title": {"en": "a\u202eb", "ko": "가"}}, "control"),
        ({"name": "other"}, "'other'"),
    ],
)
def test_wrong_rule_is_refused_with_its_reason(api: httpx.Client, change: dict[str, Any], says: str) -> None:
    """Nothing is saved."""
    answer = api.put("/rules/errors", json={**RULE, **change})
    assert answer.status_code == 422, answer.text
    assert says in answer.text
    assert api.get("/rules").json()["rules"] == []


def test_rules_need_act_to_change(world: World, api: httpx.Client, store: StateStore) -> None:
    """A reader looks and previews; a change is refused."""
    access = AccessService(store, world.clock, allow_anonymous=True)
    request = KeyRequest("k", world.project, frozenset({Scope.READ}))
    token = access.create_key(request, by=LOCAL_OPERATOR).token
    reader = {"authorization": f"Bearer {token}"}
    assert api.get("/rules", headers=reader).status_code == 200
    assert api.put("/rules/errors", json=RULE, headers=reader).status_code == 403
    assert api.post("/rules/errors/switch", json={"is_enabled": False}, headers=reader).status_code == 403
    assert api.delete("/rules/errors", headers=reader).status_code == 403


def test_preview_tells_when_a_rule_would_have_fired(world: World, api: httpx.Client) -> None:
    """Ten bad minutes in an hour: one period, with the values to draw it; live it fires at the same time."""
    rule = {**RULE, "for": "2m"}
    world.minutes(5, failed=0, passed=50)
    world.save(**{"for": "2m"})
    world.minutes(10, failed=30, passed=20)
    world.minutes(5, failed=0, passed=50)
    world.round(after=MINUTE)
    found = api.post("/rules/preview", json={"rule": rule, "since": "now-21m"}).json()
    assert (found["fired"], found["series"]) == (1, 1)
    (period,) = found["periods"]
    assert (period["labels"], period["severity"], period["peak"]) == (
        {"service": "voc-chat"},
        "critical",
        0.6,
    )
    assert found["limits"] == {"warning": "> 0.05", "critical": "> 0.1"}
    points = found["values"][0]["points"]
    assert [value for _, value, _ in points].count(0.6) == 10
    fired = next(event for event in world.events() if event.kind.value == "fired")
    assert abs((fired.at - datetime.fromisoformat(period["from"])).total_seconds()) <= 60
    named = api.post("/rules/preview", json={"name": "errors", "since": "now-21m"}).json()
    assert named["periods"] == found["periods"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": "a", "yaml": "b"}, 422),
        ({"name": "nothing"}, 404),
        ({"rule": RULE, "since": "now-90d"}, 422),
        ({"rule": RULE, "since": "soon"}, 422),
        ({"rule": RULE, "since": "now", "until": "now-1d"}, 422),
    ],
)
def test_wrong_preview_is_refused(api: httpx.Client, body: dict[str, Any], status: int) -> None:
    """What cannot be asked is told."""
    answer = api.post("/rules/preview", json=body)
    assert (answer.status_code, "detail" in answer.json()) == (status, True), answer.text


def test_commands_do_what_the_api_does(
    world: World, transport: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Save, list, preview, disable and delete in the terminal."""

    @contextmanager
    def reach(*_: object, **__: object) -> Iterator[ApiClient]:
        with ApiClient("http://127.0.0.1", None, transport=transport) as client:
            yield client

    monkeypatch.setattr("pitwall.alerts.commands.reach", reach)
    monkeypatch.setattr("pitwall.alerts.rule_commands.reach", reach)
    file = tmp_path / "rule.yaml"
    file.write_text(json.dumps(RULE, ensure_ascii=False), "utf-8")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(alerts_command, [*arguments, "--project", world.project])
        assert result.exit_code == 0, result.output
        return result.output

    run("rule", "save", str(file), "--yes")
    world.minutes(1, failed=30, passed=70)
    assert "firing" in run("list")
    listed = json.loads(run("list", "--output", "json"))
    assert "escalated" not in run("show", listed["alerts"][0]["id"])
    assert "1 firing" in run("rules")
    assert "requests.error_rate" in run("rule", "show", "errors")
    assert "name: errors" in run("rule", "show", "errors", "--yaml")
    assert json.loads(run("preview", "errors", "--since", "now-5m", "--output", "json"))["windows"] >= 4
    run("disable", "errors")
    world.round(after=MINUTE)
    assert "No alerts." in run("list")
    run("enable", "errors")
    run("rule", "delete", "errors", "--yes")
    assert "There are no alert rules." in run("rules")
