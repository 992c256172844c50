"""Changes over HTTP and on the command line: told of once, listed with what telemetry shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

from pitwall.access.service import AccessService
from pitwall.changes.endpoints import changes_router
from pitwall.changes.schemas import ListedChanges, RecordedChange
from pitwall.changes.service import ChangeLog
from pitwall.kit.clock import ManualClock, to_unix_nano
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import AuditLog, StateStore
from pitwall.traces.changes import Change, ChangeKind
from pitwall.work.events import EventLog
from tests.support.in_process import InProcess, run_command

DEPLOY = {
    "kind": "deploy",
    "title": "voc-chat 1.8.2",
    "service": "voc-chat",
    "before": "1.8.1",
    "after": "1.8.2",
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()


@pytest.fixture
def seen() -> list[Change]:
    """What telemetry shows; tests add to it."""
    return []


@pytest.fixture
def transport(store: StateStore, clock: ManualClock, seen: list[Change]) -> InProcess:
    def find(_project: str, since: int, until: int) -> list[Change]:
        return [one for one in seen if since <= one.at_nano < until]

    access = AccessService(store, clock, allow_anonymous=True)
    routers = [changes_router(ChangeLog(store, find, clock), clock)]
    parts = WebParts(access=access, version="0", is_started=lambda: True, routers=routers)
    return InProcess(create_app(parts))


@pytest.fixture
def api(transport: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def _version(clock: ManualClock, minutes_ago: float, after: str = "1.8.2") -> Change:
    at = to_unix_nano(clock.now() - timedelta(minutes=minutes_ago))
    return Change(
        at_nano=at,
        kind=ChangeKind.VERSION,
        environment="prod",
        service="voc-chat",
        subject="voc-chat",
        before="1.8.1",
        after=after,
    )


def _run(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    return run_command(transport, "changes", *arguments, language=language)


def test_change_is_kept_audited_and_published(
    api: httpx.Client, store: StateStore, clock: ManualClock
) -> None:
    """One transaction: the row, the audit entry and the event."""
    told = api.post("/api/v1/changes", json=DEPLOY)
    assert told.status_code == 201, told.text
    change = told.json()
    RecordedChange.model_validate(change)
    assert (change["origin"], change["by"], change["after"]) == ("told", "anonymous", "1.8.2")
    with store.session(read_only=True) as session:
        assert AuditLog(session).list()[0].action == "change.added"
        event = EventLog(session, "changes").unread("test")[0]
    assert event.payload == {
        **DEPLOY,
        "id": change["id"],
        "at": "2026-01-01T00:00:00Z",
        "environment": None,
        "link": None,
        "by": "anonymous",
    }


def test_same_key_again_adds_nothing(api: httpx.Client, clock: ManualClock) -> None:
    """A pipeline that repeats its request is answered with what it told of before."""
    first = api.post("/api/v1/changes", json={**DEPLOY, "idempotency_key": "run-7"})
    clock.advance(60)
    again = api.post("/api/v1/changes", json={**DEPLOY, "idempotency_key": "run-7"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "is_new": False}
    other = api.post("/api/v1/changes", json={**DEPLOY, "title": "other", "idempotency_key": "run-7"})
    assert (other.status_code, other.json()["code"]) == (409, "change.key_reused")
    assert len(api.get("/api/v1/changes", params={"until": "now+1m"}).json()["changes"]) == 1


def test_list_merges_told_and_seen_newest_first(
    api: httpx.Client, clock: ManualClock, seen: list[Change]
) -> None:
    """Each says where it comes from."""
    api.post("/api/v1/changes", json={**DEPLOY, "at": "2025-12-31T23:30:00Z"})
    seen += [_version(clock, 20), _version(clock, 40, "1.8.3"), _version(clock, 1500, "1.8.0")]
    answer = api.get("/api/v1/changes").json()
    ListedChanges.model_validate(answer)
    assert [(row["origin"], row["after"]) for row in answer["changes"]] == [
        ("seen", "1.8.2"),
        ("told", "1.8.2"),
        ("seen", "1.8.3"),
    ]
    assert set(answer["changes"][0]) == set(answer["changes"][1])


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_hold_every_change_once(
    api: httpx.Client, clock: ManualClock, seen: list[Change], limit: int
) -> None:
    """Also where several were made in the same moment."""
    for number in range(4):
        body = {"kind": "note", "title": str(number), "at": "2025-12-31T23:40:00Z"}
        api.post("/api/v1/changes", json=body)
    seen += [_version(clock, 20, str(number)) for number in range(3)]
    found: list[str] = []
    cursor = None
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = api.get("/api/v1/changes", params=params).json()
        found += [f"{row['origin']} {row['title'] or row['after']}" for row in answer["changes"]]
        assert len(answer["changes"]) <= limit
        if (cursor := answer["next_cursor"]) is None:
            break
    assert sorted(found) == [*(f"seen {n}" for n in range(3)), *(f"told {n}" for n in range(4))]
    assert found[0].startswith("told"), "told of in the same moment comes before seen"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "explosion", "title": "x"},
        {"kind": "note", "title": " "},
        {"kind": "note", "title": "two\nlines"},
        {"kind": "note", "title": "x", "link": "javascript:alert(1)"},
        {"kind": "note", "title": "x", "at": "2026-01-01T00:00:00"},
        {"kind": "note", "title": "x", "at": "2026-01-02T00:00:00Z"},
        {"kind": "note", "title": "x", "colour": "red"},
    ],
)
def test_bad_change_is_refused_with_a_sentence(api: httpx.Client, body: dict[str, Any]) -> None:
    """And nothing is kept."""
    answer = api.post("/api/v1/changes", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert api.get("/api/v1/changes", params={"until": "9999-12-31"}).json()["changes"] == []


@pytest.mark.parametrize("params", [{"since": "now", "until": "now-1h"}, {"since": "x"}, {"cursor": "x"}])
def test_bad_question_is_refused(api: httpx.Client, params: dict[str, str]) -> None:
    """An empty range, no time, another list's cursor."""
    assert api.get("/api/v1/changes", params=params).status_code == 422


def test_command_tells_and_lists(transport: InProcess, api: httpx.Client) -> None:
    """`pitwall changes` alone is the list of the last day, as it was before."""
    arguments = ["--kind", "deploy", "--title", "voc-chat 1.8.2", "--service", "voc-chat", "--at", "5m"]
    added = _run(transport, "add", *arguments, "--key", "7", "--at", "2025-12-31T23:55:00Z")
    assert added.exit_code == 0, added.output
    assert "Kept the change voc-chat 1.8.2" in added.stderr
    again = _run(transport, "add", *arguments, "--key", "7", "--at", "2025-12-31T23:55:00Z", language="ko")
    assert "이미 기록" in again.stderr
    answer = api.get("/api/v1/changes", params={"since": "now-24h", "limit": 50}).json()
    assert json.loads(_run(transport, "list", "--since", "24h", "--output", "json").stdout) == answer
    listed = run_command(transport, "changes", environ={"PITWALL_PROJECT": "_pitwall"})
    assert "told" in _run(transport).stdout
    assert "Nothing was changed" in listed.stderr, "what the environment says counts without a verb too"


def test_nothing_to_list_says_what_to_do(transport: InProcess) -> None:
    """On stderr, in both languages."""
    assert "Nothing was changed" in _run(transport, "list").stderr
    assert "변경이 없습니다" in _run(transport, "list", language="ko").stderr
