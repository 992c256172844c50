"""Incidents over HTTP and on the command line: looked at, handled, and told of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.changes.service import ChangeLog
from pitwall.changes.types import ChangeFacts, NewChange, ToldKind
from pitwall.core.vocabulary import Scope
from pitwall.incidents.endpoints import incidents_router
from pitwall.incidents.jobs import IncidentKeeper
from pitwall.incidents.schemas import EntryView, IncidentList, IncidentRow, IncidentView, MemberView
from pitwall.incidents.service import IncidentDesk
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import AuditLog, StateStore
from pitwall.work.events import EventLog
from tests.integration.incidents.telling import tell
from tests.support.in_process import InProcess, run_command
from tests.unit.incidents.events import NOON, make_event


@pytest.fixture
def access(store: StateStore, clock: ManualClock) -> AccessService:
    return AccessService(store, clock, allow_anonymous=True)


@pytest.fixture
def changes(store: StateStore, clock: ManualClock) -> ChangeLog:
    return ChangeLog(store, lambda *_: [], clock)


@pytest.fixture
def transport(store: StateStore, clock: ManualClock, access: AccessService, changes: ChangeLog) -> InProcess:
    routers = [incidents_router(IncidentDesk(store, changes, clock))]
    parts = WebParts(access=access, version="0", is_started=lambda: True, routers=routers)
    return InProcess(create_app(parts))


@pytest.fixture
def api(transport: InProcess) -> Iterator[httpx.Client]:
    url = "http://127.0.0.1/api/v1"
    with httpx.Client(transport=transport, base_url=url) as client:
        yield client


@pytest.fixture
def incident(store: StateStore, clock: ManualClock) -> str:
    """One incident with two alerts, at a quarter past noon."""
    tell(store, make_event(rule="one"), make_event(rule="two", minutes=2, severity="critical"))
    clock.advance(15 * 60)
    IncidentKeeper(store, Grouping(), clock).run()
    return "1"


def _texts(view: dict[str, Any], language: str = "en") -> list[str]:
    return [entry["text"][language] for entry in view["timeline"]]


@pytest.mark.usefixtures("incident")
def test_answers_have_the_described_shape(api: httpx.Client) -> None:
    """OpenAPI names exactly the members that are sent."""
    page = api.get("/incidents").json()
    IncidentList.model_validate(page)
    assert set(page["incidents"][0]) == set(IncidentRow.model_fields)
    whole = api.get("/incidents/1").json()
    IncidentView.model_validate(whole)
    assert set(whole) == set(IncidentView.model_fields)
    assert set(whole["alerts"][0]) == set(MemberView.model_fields)
    assert set(whole["timeline"][0]) == set(EntryView.model_fields)
    assert whole == api.get(f"/incidents/{whole['id']}").json()


@pytest.mark.usefixtures("incident")
def test_list_counts_and_filters_by_state(api: httpx.Client) -> None:
    """The counts are of all incidents, whatever the list shows."""
    assert api.get("/incidents").json()["counts"] == {"open": 1, "acknowledged": 0, "resolved": 0}
    row = api.get("/incidents", params={"state": "open"}).json()["incidents"][0]
    assert (row["alert_count"], row["active_alert_count"], row["severity"]) == (2, 2, "critical")
    assert api.get("/incidents", params={"state": ["acknowledged", "resolved"]}).json()["incidents"] == []


def test_pages_hold_every_incident_once(api: httpx.Client, store: StateStore, clock: ManualClock) -> None:
    """Newest first."""
    tell(store, *(make_event(labels={"service": str(number)}) for number in range(5)))
    IncidentKeeper(store, Grouping(), clock).run()
    numbers: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get("/incidents", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        numbers += [row["number"] for row in answer["incidents"]]
        cursor = answer["next_cursor"]
    assert numbers == [5, 4, 3, 2, 1]


def test_people_handle_an_incident(
    api: httpx.Client, store: StateStore, incident: str, clock: ManualClock
) -> None:
    """Each deed is in the timeline, in the audit log and told to others; again it changes nothing."""
    deeds: list[tuple[str, Any]] = [
        ("acknowledge", None),
        ("assign", {"to": "kim"}),
        ("comment", {"text": "색인을\n다시 만들었습니다."}),
        ("resolve", {"note": "Rolled back."}),
        ("reopen", None),
    ]
    states = []
    for deed, body in deeds:
        for _ in range(1 if deed == "comment" else 2):
            answer = api.post(f"/incidents/{incident}/{deed}", json=body)
            assert answer.status_code == 200, answer.text
        states.append(answer.json()["state"])
        clock.advance(1)
    assert states == ["acknowledged", "acknowledged", "acknowledged", "resolved", "open"]
    assert _texts(api.get(f"/incidents/{incident}").json())[-5:] == [
        "anonymous acknowledged it.",
        "anonymous assigned it to kim.",
        "색인을\n다시 만들었습니다.",
        "anonymous resolved it: Rolled back. 2 alerts were still active.",
        "anonymous reopened it.",
    ]
    with store.session(read_only=True) as session:
        actions = [entry.action for entry in AuditLog(session).list()][::-1]
        told = [event.payload["kind"] for event in EventLog(session, "incidents").unread("test")]
    done = ["acknowledged", "assigned", "commented", "resolved", "reopened"]
    assert actions == [f"incident.{kind}" for kind in done]
    assert told == ["opened", "alert_added", *done]


def test_what_is_over_cannot_be_taken(api: httpx.Client, incident: str) -> None:
    """And says what to do."""
    api.post(f"/incidents/{incident}/resolve")
    answer = api.post(f"/incidents/{incident}/acknowledge")
    assert (answer.status_code, answer.json()["code"]) == (409, "incident.resolved")


def test_unknown_incident_is_a_404(api: httpx.Client) -> None:
    """By any name, also by one that is no number."""
    for name in ("7", "nothing", "0" * 32, "99999999999999999999"):
        answer = api.get(f"/incidents/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "incident.not_found"), name
        assert api.post(f"/incidents/{name}/acknowledge").status_code == 404


@pytest.mark.parametrize(
    ("deed", "body"),
    [("assign", {}), ("assign", {"to": "a\nb"}), ("comment", {"text": " "}), ("resolve", {"why": "x"})],
)
def test_bad_deed_is_refused(api: httpx.Client, incident: str, deed: str, body: dict[str, Any]) -> None:
    """With a sentence, and nothing happens."""
    answer = api.post(f"/incidents/{incident}/{deed}", json=body)
    assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)
    assert api.get(f"/incidents/{incident}").json()["state"] == "open"


def test_changes_around_are_part_of_the_story(
    api: httpx.Client, changes: ChangeLog, incident: str, clock: ManualClock
) -> None:
    """Those of the hour before and since, in the timeline where they belong."""
    for title, minutes in (("too early", -61), ("just before", -5), ("meanwhile", 1)):
        facts = ChangeFacts(kind=ToldKind.DEPLOY, title=title, service="voc-chat", before="1", after="2")
        changes.add(NewChange(facts=facts, at=NOON + timedelta(minutes=minutes)), by=LOCAL_OPERATOR)
    view = api.get(f"/incidents/{incident}").json()
    assert [change["title"] for change in view["changes"]] == ["meanwhile", "just before"]
    kinds = [entry["kind"] for entry in view["timeline"]]
    assert kinds == ["change", "opened", "alert_fired", "change", "alert_fired"]
    assert _texts(view)[0] == "deploy: just before (1 → 2), voc-chat"


def test_alert_that_is_gone_is_shown_by_what_was_told(api: httpx.Client, incident: str) -> None:
    """These alerts never had a row of their own."""
    alert = api.get(f"/incidents/{incident}").json()["alerts"][0]
    assert (alert["rule"], alert["state"], alert["value"], alert["limit"]) == ("one", "firing", 0.2, "> 0.05")


def test_reading_and_handling_need_their_scopes(
    api: httpx.Client, access: AccessService, incident: str
) -> None:
    """A reader handles nothing, and a key of another project sees nothing."""

    def status(scope: Scope, method: str, path: str, project: str = "default") -> int:
        key = access.create_key(KeyRequest("k", project, frozenset({scope})), by=LOCAL_OPERATOR)
        return api.request(method, path, headers={"authorization": f"Bearer {key.token}"}).status_code

    assert status(Scope.READ, "GET", f"/incidents/{incident}") == 200
    assert status(Scope.READ, "POST", f"/incidents/{incident}/acknowledge") == 403
    assert status(Scope.ACT, "POST", f"/incidents/{incident}/acknowledge") == 200
    assert status(Scope.READ, "GET", f"/incidents/{incident}", "_pitwall") == 404


def test_commands_do_what_the_api_does(transport: InProcess, api: httpx.Client, incident: str) -> None:
    """Lists, shows and handles, in both languages."""
    shown = run_command(transport, "incidents", "list", "--output", "json").stdout
    assert json.loads(shown) == api.get("/incidents").json()
    done = run_command(transport, "incidents", "assign", incident, "--to", "kim", "--output", "json")
    assert json.loads(done.stdout)["assignee"] == "kim"
    for deed, arguments, state in (
        ("ack", (), "acknowledged"),
        ("comment", ("Looked into it.",), "acknowledged"),
        ("resolve", ("--note", "done"), "resolved"),
        ("reopen", (), "open"),
    ):
        result = run_command(transport, "incidents", deed, incident, *arguments)
        assert state in result.stderr, result.output
    page = run_command(transport, "incidents", "show", incident).stdout
    assert "Incident 1: LLM failure rate (voc-chat)" in page
    assert "Looked into it." in page
    assert "시작되었습니다" in run_command(transport, "incidents", "show", incident, language="ko").stdout
    assert "voc-chat" in run_command(transport, "incidents", "list").stdout


def test_nothing_to_list_is_said(transport: InProcess) -> None:
    """On stderr, in both languages."""
    assert "no such incident" in run_command(transport, "incidents", "list").stderr
    assert "없습니다" in run_command(transport, "incidents", "list", language="ko").stderr
