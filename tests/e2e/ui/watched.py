"""A project that is watched: a model begins to fail, an alert fires, people are told and handle it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.e2e.running import RunningPitwall
from tests.e2e.ui.sending import SentSpan, send_and_wait

NAME: Final = "watched"
_PATIENCE_SECONDS: Final = 60.0
_MODELS: Final = ("gpt-4o-mini", "qwen2.5:7b", "claude-sonnet-4-5")
_NOBODY_LISTENS: Final = "http://127.0.0.1:9/hook"


@dataclass(frozen=True, slots=True)
class Watched:
    """What pages are opened with.

    Attributes:
        error_group: The failures of the model, put together.
    """

    alert: str
    incident: str
    error_group: str


def watch_over(server: RunningPitwall) -> Watched:
    """Tell the story to a server; returns when the incident is explained and a message could not be sent."""
    with _client(server) as client:
        _prepare(client)
        send_and_wait(server.project(NAME), [*_usual(), *_failing()])
        change = {"kind": "model", "title": "qwen2.5:7b 재배포", "before": "q4_0", "after": "q8_0"}
        _put(client, "POST", "/changes", change)
        alert = _wait_for(lambda: _one(client, "/alerts", "alerts", rule="requests.errors", state="firing"))
        incident = _wait_for(lambda: _explained(client))
        _wait_for(lambda: _one(client, "/notifications/deliveries", "deliveries"))
        _put(client, "POST", f"/incidents/{incident['id']}/acknowledge")
        comment = {"text": "모델 서버 로그를 보는 중입니다."}
        _put(client, "POST", f"/incidents/{incident['id']}/comment", comment)
        group = _wait_for(lambda: _one(client, "/errors/groups", "groups", since="now-2h"))
    return Watched(alert["id"], incident["id"], group["id"])


def _client(server: RunningPitwall) -> httpx.Client:
    body = {"name": NAME, "project": NAME, "scopes": ["read", "act"]}
    token = httpx.post(f"{server.url}/api/v1/keys", json=body, trust_env=False).raise_for_status().json()
    headers = {"authorization": f"Bearer {token['token']}"}
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60, trust_env=False)


def _prepare(client: httpx.Client) -> None:
    _put(client, "PUT", "/notifications/channels/ops", {"kind": "webhook", "url": _NOBODY_LISTENS})
    silence = {"matchers": ['rule="requests.slow"'], "duration": "2h", "reason": "부하 시험 중"}
    _put(client, "POST", "/notifications/silences", silence)
    hours = {"begins": "01:00", "ends": "02:00", "time_zone": "Asia/Seoul"}
    nightly = {"days": ["sat", "sun"], "reason": "nightly index", **hours}
    _put(client, "PUT", "/notifications/maintenance/nightly", nightly)
    for name, port in (("model-server", 9), ("pitwall", client.base_url.port)):
        probe = {"kind": "tcp", "name": name, "address": f"127.0.0.1:{port}", "service": "voc-chat"}
        _put(client, "PUT", f"/probes/{name}", probe)
        _put(client, "POST", f"/probes/{name}/run")
    _put(client, "POST", "/checks/daily/run")
    _put(client, "PUT", "/costs/budgets/chat", {"amount_usd": "20", "service": "voc-chat"})


def _usual() -> Iterator[SentSpan]:
    """An hour in which nearly everything is answered."""
    for number in range(360):
        yield from _request(_MODELS[number % 3], 240 + number * 10.0, is_failed=number % 97 == 0)


def _failing() -> Iterator[SentSpan]:
    """Two minutes in which one model does not answer."""
    for number in range(60):
        model = _MODELS[number % 3]
        yield from _request(model, 1 + number * 2.0, is_failed=model == "qwen2.5:7b")


def _request(model: str, age_seconds: float, *, is_failed: bool) -> Iterator[SentSpan]:
    error = "openai.APITimeoutError: Request timed out." if is_failed else None
    facts = {"pitwall.span.kind": "llm", "gen_ai.operation.name": "chat", "gen_ai.request.model": model}
    yield SentSpan(
        name="POST /chat",
        age_seconds=age_seconds,
        duration_ms=900.0,
        service="voc-chat",
        attributes={**facts, "gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 120},
        error=error,
    )


def _explained(client: httpx.Client) -> dict[str, Any] | None:
    found = _one(client, "/incidents", "incidents")
    if found is None:
        return None
    whole: dict[str, Any] = client.get(f"/incidents/{found['id']}").raise_for_status().json()
    return whole if whole["explanation"] is not None else None


def _put(client: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    answer = client.request(method, path, json=body)
    assert answer.is_success, (path, answer.text)


def _one(client: httpx.Client, path: str, key: str, **asked: str) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = client.get(path, params=asked).raise_for_status().json()[key]
    return rows[0] if rows else None


def _wait_for(look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := look()) is None:
        assert time.monotonic() < deadline, "the alert, its incident or its message did not come"
        time.sleep(0.2)
    return found
