"""Boards and saved views over HTTP and from the command line of a server that holds no telemetry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.boards.endpoints import boards_router
from pitwall.boards.pack_files import load_boards
from pitwall.boards.service import Boards
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.stores.state import StateStore
from pitwall.views.endpoints import views_router
from pitwall.views.service import Views

CATALOGUE = load_catalogue([core_pack()])
PACKS = load_boards([core_pack()], CATALOGUE)
BOARD = {
    "name": "mine",
    "title": {"en": "Mine", "ko": "내 보드"},
    "description": {"en": "", "ko": ""},
    "tiles": [{"signal": "llm.requests", "title": None, "last": "today", "where": "model = 'gpt-4o'"}],
    "charts": [
        {
            "title": {"en": "Calls", "ko": "호출"},
            "kind": "lines",
            "signals": ["llm.requests"],
            "by": ["model"],
            "where": None,
            "size": "half",
        }
    ],
}


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
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def access(store: StateStore) -> AccessService:
    return AccessService(store, ManualClock(), allow_anonymous=True)


@pytest.fixture
def api(store: StateStore, access: AccessService) -> Iterator[httpx.Client]:
    clock = ManualClock()
    boards = Boards(store, PACKS, CATALOGUE, clock)
    routers = [boards_router(boards), views_router(Views(store, clock))]
    app = create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    with httpx.Client(transport=InProcess(app), base_url="http://127.0.0.1") as client:
        yield client


def _key(access: AccessService, project: str, *scopes: Scope) -> dict[str, str]:
    issued = access.create_key(KeyRequest("k", project, frozenset(scopes)), by=LOCAL_OPERATOR)
    return {"authorization": f"Bearer {issued.token}"}


def test_board_is_saved_shown_and_deleted(api: httpx.Client) -> None:
    """The answer holds what was sent, and whose it is."""
    saved = api.put("/api/v1/boards/mine", json={**BOARD, "revision": ""})
    assert saved.status_code == 200, saved.text
    shown = api.get("/api/v1/boards/mine").json()
    assert shown == saved.json()
    assert {key: shown[key] for key in BOARD} == BOARD
    assert (shown["origin"], shown["pack"], shown["is_changed"], shown["problems"]) == (
        "team",
        None,
        False,
        [],
    )
    assert shown["updated_by"] == "anonymous"
    assert [one["name"] for one in api.get("/api/v1/boards").json()["boards"]] == [
        "real_time",
        "quality",
        "cost",
        "mine",
    ]
    assert api.delete("/api/v1/boards/mine").json() == {"board": None}
    assert api.get("/api/v1/boards/mine").json()["code"] == "board.not_found"


def test_pack_board_is_shown_with_its_pack(api: httpx.Client) -> None:
    """Nobody changed it, so nobody is named."""
    shown = api.get("/api/v1/boards/real_time").json()
    assert (shown["origin"], shown["pack"], shown["updated_at"], shown["updated_by"]) == (
        "pack",
        "core",
        None,
        None,
    )
    assert api.delete("/api/v1/boards/real_time").status_code == 409


def test_second_saver_gets_a_conflict(api: httpx.Client) -> None:
    """409 with the revision that is in force, and nothing is lost."""
    first = api.put("/api/v1/boards/mine", json=BOARD).json()["revision"]
    other = {**BOARD, "tiles": []}
    second = api.put("/api/v1/boards/mine", json={**other, "revision": first}).json()["revision"]
    refused = api.put("/api/v1/boards/mine", json={**BOARD, "revision": first})
    assert (refused.status_code, refused.json()["code"]) == (409, "board.changed")
    assert refused.json()["details"] == {"revision": second}
    assert api.get("/api/v1/boards/mine").json()["tiles"] == []


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (
            {"tiles": [{"signal": "llm.request"}]},
            "Tile 1: There is no signal llm.request. Did you mean llm.requests",
        ),
        ({"tiles": [{"signal": "llm.model_share"}]}, "put it in a chart"),
        ({"tiles": [{"signal": "llm.requests", "last": "2h"}]}, "body.tiles.0.last"),
        ({"tiles": [{"signal": "llm.requests"}] * 49}, "body.tiles"),
        ({"title": {"en": "x" * 101, "ko": "가"}}, "body.title.en"),
        ({"title": {"en": "\ud800", "ko": "가"}}, "body.title.en"),
        ({"title": {"en": "a\u202eb", "ko": "가"}}, "body.title.en"),
        ({"title": {"en": "  ", "ko": "가"}}, "body.title.en"),
        ({"name": "other"}, "called 'other'"),
        ({"colour": "red"}, "body.colour"),
    ],
)
def test_wrong_board_is_refused_with_its_place(
    api: httpx.Client, change: dict[str, Any], detail: str
) -> None:
    """422 that names what is wrong; nothing is saved."""
    content = json.dumps({**BOARD, **change})
    answer = api.put("/api/v1/boards/mine", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert detail in answer.json()["detail"]
    assert api.get("/api/v1/boards/mine").status_code == 404


def test_yaml_goes_out_and_comes_in(api: httpx.Client) -> None:
    """The text of a board is read as that board; a wrong line is named."""
    api.put("/api/v1/boards/mine", json=BOARD)
    text = api.get("/api/v1/boards/mine/yaml").json()["yaml"]
    assert api.post("/api/v1/boards/parse", json={"yaml": text}).json() == {"board": BOARD}
    wrong = api.post("/api/v1/boards/parse", json={"yaml": text.replace("kind: lines", "kind: pie")})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "board.invalid")
    assert wrong.json()["details"]["line"] == text.splitlines().index("  kind: lines") + 1


def test_boards_of_a_project_are_its_own(api: httpx.Client, access: AccessService) -> None:
    """A key reads its project's boards and needs act to change them."""
    reader = _key(access, "shop", Scope.READ)
    writer = _key(access, "shop", Scope.READ, Scope.ACT)
    assert api.put("/api/v1/boards/mine", json=BOARD, headers=reader).status_code == 403
    assert api.put("/api/v1/boards/mine", json=BOARD, headers=writer).status_code == 200
    assert api.get("/api/v1/boards/mine", headers=reader).status_code == 200
    assert api.get("/api/v1/boards/mine").status_code == 404
    assert api.get("/api/v1/boards/mine", params={"project": "shop"}).status_code == 200
    assert api.put("/api/v1/boards/mine", json=BOARD, params={"project": "nowhere"}).status_code == 404


def test_views_are_saved_listed_and_deleted(api: httpx.Client, access: AccessService) -> None:
    """A view of one page under a name; twice the same name is a conflict."""
    view = {"name": "느린 요청", "page": "traces", "query": {"filter": "duration_ms:gt:20000", "q": "환불\n"}}
    saved = api.post("/api/v1/views", json=view)
    assert saved.status_code == 201, saved.text
    assert {key: saved.json()[key] for key in view} == view
    assert api.get("/api/v1/views", params={"page": "traces"}).json() == {"views": [saved.json()]}
    assert api.get("/api/v1/views", params={"page": "signals"}).json() == {"views": []}
    assert api.post("/api/v1/views", json=view).json()["code"] == "view.exists"
    reader = _key(access, "default", Scope.READ)
    path = f"/api/v1/views/{saved.json()['id']}"
    assert api.delete(path, headers=reader).status_code == 403
    assert api.delete(path).json() == saved.json()
    assert api.delete(path).json()["code"] == "view.not_found"
    assert api.delete("/api/v1/views/a%00b").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"page": "No Page"},
        {"query": {"a": 1}},
        {"query": {"a": "\ud800"}},
        {"query": {"a": "\x00"}},
        {"query": {str(number): "" for number in range(51)}},
        {"name": ""},
        {"name": "a\nb"},
    ],
)
def test_wrong_view_is_refused(api: httpx.Client, change: dict[str, Any]) -> None:
    """What no page could have sent."""
    content = json.dumps({"name": "slow", "page": "traces", "query": {}, **change})
    answer = api.post("/api/v1/views", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert api.get("/api/v1/views").json() == {"views": []}
