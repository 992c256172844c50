"""Rate limits of an application: who is counted together, what a refusal says, what is counted."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

import pitwall
from pitwall.core.errors import InvalidInput
from pitwall.sdk import RateLimit, RateLimitMiddleware, RequestContextMiddleware
from pitwall.sdk.counting import Series, counters
from pitwall.sdk.middleware import ASGIApp
from tests.support.services import free_port
from tests.unit.sdk.recording import Recorded

pytest.importorskip("limits")


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture(autouse=True)
def counts() -> None:
    counters.reset()


def counted() -> dict[tuple[str, str], int]:
    """Requests by rule and outcome."""
    sums: dict[tuple[str, str], int] = {}
    for series, count in counters.sums().items():
        attributes = dict(series.attributes)
        sums[attributes["rule"], attributes["outcome"]] = count
    return sums


async def ask(app: ASGIApp, path: str = "/chat", method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return await client.request(method, path, headers=named)


async def statuses(app: ASGIApp, times: int, path: str = "/chat", **headers: str) -> list[int]:
    return [(await ask(app, path, **headers)).status_code for _ in range(times)]


async def test_request_beyond_the_limit_is_refused_with_the_way_out() -> None:
    """429, Retry-After in whole seconds, and a problem that names the limit."""
    app = RateLimitMiddleware(hello, ["2/minute"])
    assert await statuses(app, 2) == [200, 200]
    refused = await ask(app)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    seconds = int(refused.headers["retry-after"])
    assert 1 <= seconds <= 60
    problem = refused.json()
    assert (problem["status"], problem["title"], problem["code"]) == (
        429,
        "Too Many Requests",
        "limit.exceeded",
    )
    assert problem["details"] == {"limit": "client 2/minute", "retry_after_seconds": seconds}
    assert counted() == {("client 2/minute", "allowed"): 2, ("client 2/minute", "refused"): 1}


async def test_request_may_pass_again_after_the_wait() -> None:
    """What Retry-After promises holds."""
    app = RateLimitMiddleware(hello, ["2/second"])
    await statuses(app, 2)
    refused = await ask(app)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    await asyncio.sleep(1.05)
    assert (await ask(app)).status_code == 200


async def test_users_are_counted_apart() -> None:
    """The user is whom the request's identity names; who has none is counted by address."""
    app = RequestContextMiddleware(RateLimitMiddleware(hello, [RateLimit("1/minute", by="user")]))
    assert await statuses(app, 2, x_user_id="kim") == [200, 429]
    assert await statuses(app, 2, x_user_id="lee") == [200, 429]
    assert await statuses(app, 2) == [200, 429]


async def test_keys_are_counted_apart_and_never_kept() -> None:
    """Bearer token or X-API-Key; the store of the counts sees a hash."""
    app = RateLimitMiddleware(hello, [RateLimit("1/minute", by="key")])
    assert await statuses(app, 2, authorization="Bearer top-secret") == [200, 429]
    assert await statuses(app, 2, x_api_key="another") == [200, 429]
    kept = repr(vars(app._limiter.storage))
    assert "key:" in kept
    assert "top-secret" not in kept


async def test_any_function_may_say_who_it_is() -> None:
    """A tenant, from wherever the application has it."""

    def tenant(scope: Any) -> str | None:
        found = dict(scope["headers"]).get(b"x-tenant")
        return found.decode() if found else None

    app = RateLimitMiddleware(hello, [RateLimit("1/minute", by=tenant, name="tenant")])
    assert await statuses(app, 2, x_tenant="a") == [200, 429]
    assert await statuses(app, 1, x_tenant="b") == [200]
    assert counted() == {("tenant", "allowed"): 2, ("tenant", "refused"): 1}


async def test_paths_and_methods_choose_what_a_limit_holds_for() -> None:
    """Others are neither limited nor counted."""
    rule = RateLimit("1/minute", paths=["/chat*"], methods=["POST"])
    app = RateLimitMiddleware(hello, [rule])
    assert await statuses(app, 3, "/chat") == [200] * 3
    assert [(await ask(app, "/chat/7", "POST")).status_code for _ in range(2)] == [200, 429]
    assert await statuses(app, 3, "/health") == [200] * 3
    assert sum(counted().values()) == 2


async def test_each_route_has_a_count_of_its_own() -> None:
    """By the template of the route: another id in the path is the same route."""
    app = FastAPI()

    async def order_of(item: int) -> int:
        return item

    app.get("/orders/{item}")(order_of)

    @app.get("/chat")
    async def chat() -> str:
        return "hello"

    items = APIRouter(prefix="/shop")
    items.get("/items/{item}")(order_of)
    app.include_router(items, prefix="/v1")
    app.add_middleware(RateLimitMiddleware, limits=[RateLimit("2/minute", by="all", per_route=True)])
    for paths, expected in (
        (("/orders/1", "/orders/2", "/orders/3"), [200, 200, 429]),
        (("/v1/shop/items/1", "/v1/shop/items/2", "/v1/shop/items/3"), [200, 200, 429]),
        (("/nowhere/1", "/nowhere/2", "/nowhere/3"), [404, 404, 429]),
        (("/chat",), [200]),
    ):
        assert [(await ask(app, path)).status_code for path in paths] == expected


async def test_refused_request_uses_up_no_other_limit() -> None:
    """Who exceeds a limit of their own does not eat what all share."""
    limits = [RateLimit("4/minute", by="all"), RateLimit("1/minute", by="key")]
    app = RateLimitMiddleware(hello, limits)
    assert await statuses(app, 6, x_api_key="greedy") == [200, 429, 429, 429, 429, 429]
    others = [(await ask(app, x_api_key=f"k{number}")).status_code for number in range(4)]
    assert others == [200, 200, 200, 429]


async def test_several_limits_in_one_text_all_hold() -> None:
    """A burst and a day."""
    app = RateLimitMiddleware(hello, ["3/second;4/day"])
    assert await statuses(app, 4) == [200, 200, 200, 429]
    await asyncio.sleep(1.05)
    assert await statuses(app, 2) == [200, 429]


async def test_requests_at_the_same_time_do_not_slip_through() -> None:
    """Exactly as many pass as may."""
    app = RateLimitMiddleware(hello, ["10/minute"])
    answers = await asyncio.gather(*(ask(app) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 20


@pytest.mark.parametrize("strategy", ["moving-window", "sliding-window-counter", "fixed-window"])
async def test_every_strategy_refuses(strategy: str) -> None:
    """Those of the library, by its names."""
    app = RateLimitMiddleware(hello, ["3/hour"], strategy=strategy)
    assert await statuses(app, 5) == [200, 200, 200, 429, 429]


async def test_refusal_stands_on_the_span_of_the_request(recorded: Recorded) -> None:
    """The trace tells which limit it was, and the answer tells the request's id."""
    app = RequestContextMiddleware(RateLimitMiddleware(hello, [RateLimit("1/minute", name="burst")]))
    await ask(app)
    refused = await ask(app, x_request_id="r-17")
    assert refused.json()["instance"] == "urn:pitwall:request:r-17"
    assert refused.headers["x-request-id"] == "r-17"
    attributes = recorded[1].attributes
    assert (attributes["pitwall.rate_limit.rule"], attributes["http.response.status_code"]) == ("burst", 429)
    assert "pitwall.rate_limit.rule" not in recorded[0].attributes


async def test_other_protocols_pass() -> None:
    """A websocket or the lifespan is no request."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    limited = RateLimitMiddleware(app, ["1/minute"])
    for kind in ("lifespan", "websocket", "websocket"):
        await limited({"type": kind, "path": "/chat"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan", "websocket", "websocket"]


@pytest.mark.parametrize(
    ("limits", "options", "message"),
    [
        (["often"], {}, "'often' is no limit"),
        ([RateLimit("1/minute", by="moon")], {}, "by 'moon' is not known"),
        (["1/minute"], {"strategy": "hope"}, "strategy 'hope'"),
        (["1/minute"], {"storage": "etch://a-sketch"}, "storage 'etch'"),
    ],
)
def test_mistake_is_refused_when_the_application_starts(limits: Any, options: Any, message: str) -> None:
    """An application without the limits it believes in is worse than one that does not start."""
    with pytest.raises(InvalidInput, match=message):
        RateLimitMiddleware(hello, limits, **options)


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way to get it."""
    monkeypatch.setitem(sys.modules, "limits", None)
    with pytest.raises(InvalidInput, match=r"pitwall\[limits\]"):
        RateLimitMiddleware(hello, ["1/minute"])


def test_series_are_bounded() -> None:
    """Attributes that take any value cannot fill the memory."""
    for number in range(3_000):
        counters.add("n", "{request}", {"rule": str(number)})
    assert len(counters.sums()) == 1_000
    counters.add("n", "{request}", {"rule": "5"})
    assert counters.sums()[Series("n", "{request}", (("rule", "5"),))] == 2


def test_counts_are_exported_since_the_client_began() -> None:
    """The pipeline sends what was counted since it was made, as a sum with its attributes."""
    counters.add("pitwall.rate_limit.requests", "{request}", {"rule": "a", "outcome": "allowed"})
    client = pitwall.init(service="s", endpoint=f"http://127.0.0.1:{free_port()}")
    try:
        assert client._pipeline is not None
        counters.add("pitwall.rate_limit.requests", "{request}", {"rule": "a", "outcome": "refused"})
        points = [p for p in client._pipeline._points() if p.name == "pitwall.rate_limit.requests"]
    finally:
        client.shutdown(0.1)
    assert [(p.value, p.attributes, p.start_unix_nano is None) for p in points] == [
        (1, {"rule": "a", "outcome": "refused"}, False)
    ]
