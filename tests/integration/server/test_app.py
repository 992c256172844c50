"""The web application: every way a request can fail is a problem, and who may do what."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from pitwall.access import Principal
from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.dependencies import requires
from pitwall.access.endpoints import keys_router
from pitwall.access.service import AccessService
from pitwall.access.session_endpoints import session_router
from pitwall.access.types import KeyRequest
from pitwall.core.errors import GuardRefused, LimitExceeded, NotFound, Unavailable
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock, SystemClock
from pitwall.server.app import WebParts, create_app
from pitwall.server.logs import configure_logging
from pitwall.server.status import IngestTotals, ServerFacts, status_router
from pitwall.stores.state import StateStore

FACTS = ServerFacts("0.1.0", "dev", ManualClock().now(), 1.5, {"http": "http://127.0.0.1:8400"})
ERRORS = {
    "missing": NotFound("There is no trace 'x'.", code="trace.not_found", hint="See the list."),
    "guard": GuardRefused("The canary is not healthy."),
    "limit": LimitExceeded("Too much.", details={"retry_after_seconds": 2.4}),
    "down": Unavailable("The store does not answer."),
    "bug": ZeroDivisionError("secret inside"),
}
fail_router = APIRouter(prefix="/api/v1")


@fail_router.get("/fail/{name}")
def fail(name: str) -> None:
    raise ERRORS[name]


@fail_router.get("/whoami")
def whoami(principal: Annotated[Principal, requires(Scope.READ)]) -> dict[str, Any]:
    return {"id": principal.id, "project": principal.project_id}


@fail_router.get("/number")
def number(limit: int) -> int:
    return limit


@fail_router.post("/echo")
def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body


async def raw_hello(request: Request) -> Response:
    return PlainTextResponse(f"{await request.body()!r} {request.state.request_id}")


class RawFail:
    """A raw ASGI door that fails."""

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        raise ERRORS[scope["path"].rpartition("/")[2]]


RAW_ROUTES: list[BaseRoute] = [
    Route("/v1/hello", raw_hello, methods=["POST"]),
    Route("/raw/{name}", RawFail()),
]
RAW_PATHS = {"/v1/hello": {"post": {"summary": "Say hello", "responses": {}}}}


@pytest.fixture(autouse=True)
def logs() -> Iterator[io.StringIO]:
    """Collect the server's log as JSON lines."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging("info", as_json=True, stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


class Switch:
    """Whether the server is started."""

    on = True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def access(store: StateStore) -> AccessService:
    return AccessService(store, SystemClock(), allow_anonymous=True)


@pytest.fixture
def started() -> Switch:
    return Switch()


@pytest.fixture
async def client(
    access: AccessService, store: StateStore, started: Switch
) -> AsyncIterator[httpx.AsyncClient]:
    counted = {None: 7, "shop": 3}
    app = create_app(
        WebParts(
            access=access,
            version="0.1.0",
            is_started=lambda: started.on,
            checks={"state": store.check},
            routers=[
                fail_router,
                keys_router(access),
                session_router(access),
                status_router(
                    lambda: FACTS, lambda project: IngestTotals(counted.get(project), None, 0, 0, 0, 0.25)
                ),
            ],
            raw_routes=RAW_ROUTES,
            raw_paths=RAW_PATHS,
            allowed_origins=["https://ui.example"],
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
        yield client


def key_of(access: AccessService, *scopes: Scope, project: str = "shop") -> dict[str, str]:
    issued = access.create_key(KeyRequest("k", project, frozenset(scopes)), by=LOCAL_OPERATOR)
    return {"authorization": f"Bearer {issued.token}"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/fail/missing", 404, "trace.not_found"),
        ("/api/v1/fail/guard", 409, "guard.refused"),
        ("/api/v1/fail/limit", 429, "limit.exceeded"),
        ("/api/v1/fail/down", 503, "unavailable"),
        ("/api/v1/fail/bug", 500, "internal"),
        ("/raw/missing", 404, "trace.not_found"),
        ("/raw/bug", 500, "internal"),
        ("/api/v1/nothing", 404, "http.not_found"),
        ("/api/v1/number", 422, "input.invalid"),
        ("/api/v1/number?limit=ten", 422, "input.invalid"),
        ("/v1/hello", 405, "http.method_not_allowed"),
        ("/api/v1/echo", 405, "http.method_not_allowed"),
    ],
)
async def test_every_failure_is_a_problem(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    """Errors of features, raw doors, the framework and bugs have one shape, and name the request."""
    answer = await client.get(path, headers={"x-request-id": "req-1"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["instance"] == "urn:pitwall:request:req-1"
    assert answer.headers["x-request-id"] == "req-1"
    assert problem["detail"]
    assert "secret inside" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/fail/bug", "/raw/bug"])
async def test_bug_is_logged_with_its_traceback(
    client: httpx.AsyncClient, logs: io.StringIO, path: str
) -> None:
    """What the caller is not told is in the log once, under the request's id, stack as fields."""
    await client.get(path, headers={"x-request-id": "req-1"})
    (event,) = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert (event["event"], event["level"], event["request_id"]) == ("http.request.failed", "error", "req-1")
    assert event["exception"][0]["exc_value"] == "secret inside"
    assert event["path"] == path


async def test_problem_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    """Limits carry Retry-After, whole seconds; the hint and details of the error arrive too."""
    answer = await client.get("/api/v1/fail/limit")
    assert answer.headers["retry-after"] == "2"
    assert (await client.get("/api/v1/fail/missing")).json()["hint"] == "See the list."


async def test_allowed_methods_are_named(client: httpx.AsyncClient) -> None:
    """A wrong method is answered with the right ones, past FastAPI too."""
    assert (await client.get("/v1/hello")).json()["hint"] == "It takes POST."
    assert (await client.get("/api/v1/echo")).headers["allow"] == "POST"


async def test_validation_names_the_field_and_does_not_repeat_the_value(client: httpx.AsyncClient) -> None:
    """What was sent may be a secret; where it is wrong is what helps."""
    answer = await client.get("/api/v1/number", params={"limit": "hunter2"})
    assert answer.json()["details"]["errors"][0]["where"] == "query.limit"
    assert "hunter2" not in answer.text
    broken = await client.post("/api/v1/echo", content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "input.invalid")


@pytest.mark.parametrize("announced", [True, False])
async def test_large_body_is_413(client: httpx.AsyncClient, announced: bool) -> None:
    """A body above the limit is refused by its announced size, or as soon as it has grown too large."""
    body = b'{"a": "' + b"x" * 9_000_000 + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1_000_000):
            yield body[start : start + 1_000_000]

    headers = {"content-type": "application/json"}
    answer = await client.post("/api/v1/echo", content=body if announced else chunks(), headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


async def test_request_id_is_taken_if_sane_else_made(client: httpx.AsyncClient) -> None:
    """A caller's id goes through to raw doors and back; one that could break a log line is replaced."""
    answer = await client.post("/v1/hello", content=b"hi", headers={"x-request-id": "abc-1"})
    assert answer.text == "b'hi' abc-1"
    for bad in ("a b", "x" * 129, "a\tb"):
        made = (await client.get("/health/live", headers={"x-request-id": bad})).headers["x-request-id"]
        assert made != bad
        assert len(made) == 32


async def test_answers_carry_security_headers(client: httpx.AsyncClient) -> None:
    """Every answer, error or not, forbids sniffing, framing and caching."""
    for path in ("/health/live", "/api/v1/nothing", "/raw/bug"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


async def test_requests_wait_until_started_but_health_answers(
    client: httpx.AsyncClient, started: Switch
) -> None:
    """While the stores open, doors answer 503 with Retry-After and only health checks are served."""
    started.on = False
    assert (await client.get("/health/live")).status_code == 200
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "starting")
    for answer in (await client.post("/v1/hello"), await client.get("/api/v1/whoami")):
        assert (answer.status_code, answer.json()["code"]) == (503, "server.starting")
        assert answer.headers["retry-after"] == "1"


async def test_failing_check_makes_the_server_unready_by_name(
    client: httpx.AsyncClient, store: StateStore
) -> None:
    """Readiness tells which part is not well and why."""
    assert (await client.get("/health/ready")).json() == {
        "status": "ready",
        "checks": {"state": {"ok": True, "detail": None}},
    }
    store.close()
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert "is not open" in answer.json()["checks"]["state"]["detail"]


async def test_status_counts_the_callers_project(client: httpx.AsyncClient, access: AccessService) -> None:
    """The operator gets all projects or the one it names, a key its own; what was not counted is null."""
    everything = (await client.get("/api/v1/status")).json()
    assert (everything["spans_total"], everything["points_total"], everything["ingest_lag_seconds"]) == (
        7,
        None,
        0.25,
    )
    assert (await client.get("/api/v1/status?project=shop")).json()["spans_total"] == 3
    reader = key_of(access, Scope.READ)
    assert (await client.get("/api/v1/status", headers=reader)).json()["spans_total"] == 3
    other = await client.get("/api/v1/status?project=bank", headers=reader)
    assert (other.status_code, other.json()["code"]) == (403, "access.other_project")


async def test_web_page_of_another_site_is_not_the_operator(client: httpx.AsyncClient) -> None:
    """Neither a page elsewhere nor a name that was pointed here gets in without a key; the own UI does."""
    for headers in (
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"x-forwarded-for": "203.0.113.9"},
    ):
        answer = await client.get("/api/v1/whoami", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="pitwall"')
    allowed = await client.get("/api/v1/whoami", headers={"origin": "https://ui.example"})
    assert allowed.json() == {"id": "anonymous", "project": "default"}
    assert allowed.headers["access-control-allow-origin"] == "https://ui.example"


async def test_key_with_wrong_scope_is_403_and_unknown_key_401(
    client: httpx.AsyncClient, access: AccessService
) -> None:
    """Knowing who calls and letting it do something are two answers."""
    denied = await client.get("/api/v1/whoami", headers=key_of(access, Scope.INGEST))
    assert (denied.status_code, denied.json()["code"]) == (403, "access.scope_missing")
    unknown = await client.get("/api/v1/whoami", headers={"x-api-key": "pw_abcd1234_nothing"})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "access.key_unknown")


async def test_key_lives_and_dies_through_the_api(client: httpx.AsyncClient) -> None:
    """A key made by the API opens its project, is listed without its token, and is dead once revoked."""
    made = await client.post("/api/v1/keys", json={"name": "상담 봇", "project": "shop", "scopes": ["read"]})
    assert made.status_code == 201
    key = made.json()
    headers = {"authorization": f"Bearer {key['token']}"}
    assert (await client.get("/api/v1/whoami", headers=headers)).json()["project"] == "shop"
    listed = (await client.get("/api/v1/keys")).json()["keys"]
    assert [(item["name"], "token" in item) for item in listed] == [("상담 봇", False)]
    assert (await client.delete(f"/api/v1/keys/{key['id']}")).json()["revoked_at"] is not None
    assert (await client.get("/api/v1/whoami", headers=headers)).json()["code"] == "access.key_inactive"
    assert (await client.delete("/api/v1/keys/none")).status_code == 404


@pytest.fixture
async def browser(
    store: StateStore, client: httpx.AsyncClient, access: AccessService, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    """A browser at a server that lets nobody in without a key."""
    monkeypatch.setattr(access, "_allow_anonymous", False)
    return client


async def log_in(client: httpx.AsyncClient, access: AccessService, *scopes: Scope) -> httpx.Response:
    issued = access.create_key(KeyRequest("k", "shop", frozenset(scopes)), by=LOCAL_OPERATOR)
    return await client.post("/api/v1/session", json={"key": issued.token})


async def test_browser_logs_in_and_out(browser: httpx.AsyncClient, access: AccessService) -> None:
    """The cookie alone opens what the key opens; its token is in no answer; out means out."""
    needs = (await browser.get("/api/v1/session")).json()
    assert needs == {
        "is_authenticated": False,
        "is_anonymous": False,
        "principal": None,
        "needs_key": True,
    }
    answer = await log_in(browser, access, Scope.READ)
    principal = {"kind": "api_key", "name": "k", "scopes": ["read"], "project": "shop"}
    known = {"is_authenticated": True, "is_anonymous": False, "principal": principal, "needs_key": False}
    assert (answer.status_code, answer.json()) == (200, known)
    assert (await browser.get("/api/v1/session")).json() == known
    assert (await browser.get("/api/v1/whoami")).json()["project"] == "shop"
    out = await browser.delete("/api/v1/session", headers={"x-pitwall-ui": "1"})
    assert (out.status_code, dict(browser.cookies)) == (204, {})
    assert (await browser.get("/api/v1/whoami")).status_code == 401


async def test_session_cookie_is_out_of_reach(browser: httpx.AsyncClient, access: AccessService) -> None:
    """No script reads it, no other site sends it, and TLS keeps it to itself, also before a proxy."""
    plain = (await log_in(browser, access, Scope.READ)).headers["set-cookie"]
    assert plain.startswith("pitwall_session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(plain.split("; "))
    assert "Secure" not in plain
    issued = access.create_key(KeyRequest("k", "shop", frozenset({Scope.READ})), by=LOCAL_OPERATOR)
    for url, headers in (
        ("https://127.0.0.1:8400/api/v1/session", {}),
        ("/api/v1/session", {"x-forwarded-proto": "https, http"}),
    ):
        answer = await browser.post(url, json={"key": issued.token}, headers=headers)
        assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_cookie_alone_changes_nothing(browser: httpx.AsyncClient, access: AccessService) -> None:
    """Another page of the same site can make a browser send its cookie, but not the header of the UI."""
    await log_in(browser, access, Scope.READ, Scope.ACT)
    key = {"name": "x", "scopes": ["read"]}
    for method, path in (("POST", "/api/v1/keys"), ("DELETE", "/api/v1/session")):
        refused = await browser.request(method, path, json=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "access.ui_header_missing")
    made = await browser.post("/api/v1/keys", json=key, headers={"x-pitwall-ui": "1"})
    assert (made.status_code, made.json()["project"]) == (201, "shop")


async def test_form_of_another_site_logs_nobody_in(browser: httpx.AsyncClient, access: AccessService) -> None:
    """A page elsewhere can send a form without asking first; only JSON logs in."""
    issued = access.create_key(KeyRequest("k", "shop", frozenset({Scope.READ})), by=LOCAL_OPERATOR)
    body = json.dumps({"key": issued.token})
    answer = await browser.post("/api/v1/session", content=body, headers={"content-type": "text/plain"})
    assert (answer.status_code, dict(browser.cookies)) == (422, {})


async def test_wrong_key_is_401_with_the_way_out_then_429(browser: httpx.AsyncClient) -> None:
    """A wrong key is a problem with a hint; after ten of them the address has to wait."""
    for _ in range(10):
        answer = await browser.post("/api/v1/session", json={"key": "pw_abcd1234_nothing"})
        assert (answer.status_code, answer.json()["code"]) == (401, "access.key_unknown")
        assert "pitwall keys create" in answer.json()["hint"]
    answer = await browser.post("/api/v1/session", json={"key": "pw_abcd1234_nothing"})
    assert (answer.status_code, answer.json()["code"]) == (429, "access.too_many_attempts")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_cookie_of_another_server_is_forgiven_where_no_key_is_needed(
    client: httpx.AsyncClient, access: AccessService
) -> None:
    """Browsers send a cookie to every port of a host; one that is not ours is none. A key goes first."""
    client.cookies.set("pitwall_session", "of-another-server")
    session = (await client.get("/api/v1/session")).json()
    assert (session["is_anonymous"], session["is_authenticated"], session["needs_key"]) == (
        True,
        False,
        False,
    )
    assert (await client.get("/api/v1/whoami")).json()["id"] == "anonymous"
    reader = key_of(access, Scope.READ, project="bank")
    assert (await client.get("/api/v1/whoami", headers=reader)).json()["project"] == "bank"
    elsewhere = await client.get("/api/v1/whoami", headers={"x-forwarded-for": "203.0.113.9"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (401, "access.session_ended")


async def test_openapi_names_each_shape_once(client: httpx.AsyncClient) -> None:
    """Two shapes of one name would be told apart by module names, and break the types made from them."""
    schema = (await client.get("/api/openapi.json")).json()
    assert [name for name in schema["components"]["schemas"] if "__" in name] == []


async def test_openapi_names_the_ways_in_and_no_other_host(client: httpx.AsyncClient) -> None:
    """The description is OpenAPI 3.1 and says how to send a key, raw routes included; no page needs a CDN.

    What it says of each operation is tested on the composed server (`tests/e2e/test_principals.py`).
    """
    schema = (await client.get("/api/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert schema["paths"]["/v1/hello"] == RAW_PATHS["/v1/hello"]
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "basic", "apiKey", "session"}
    assert "http://" not in json.dumps(schema)
    for page in ("/docs", "/redoc"):
        assert (await client.get(page)).status_code == 404
