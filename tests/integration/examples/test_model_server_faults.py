"""Faults can be switched on while the simulator runs; each does what it says, and ends when it should."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

CONTEXT = "참고 문서:\n[1] refund\n신용카드 환불은 3영업일 걸립니다.\n\n질문: 신용카드 환불은 며칠 걸리나요?"
CHAT = {"model": "qwen2.5:7b", "format": "json", "messages": [{"role": "user", "content": CONTEXT}]}
EMBED = {"model": "bge-m3", "input": "환불"}


def switch_on(http: httpx.Client, **fault: Any) -> None:
    response = http.post("/__simulator__/faults", json=fault)
    assert response.status_code == 201, response.text


def test_rate_limit_answers_429_with_retry_after(http: httpx.Client) -> None:
    """Both APIs answer 429 in their own shape; Retry-After is the fault's seconds."""
    switch_on(http, mode="status_429", seconds=3)
    for path in ("/api/chat", "/v1/chat/completions"):
        response = http.post(path, json=CHAT)
        assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert http.post("/api/embed", json=EMBED).status_code == 429


def test_server_error_ends_after_its_count(http: httpx.Client) -> None:
    """With count 1 only the first request fails; the listing shows the hit."""
    switch_on(http, mode="status_500", count=1)
    assert [http.post("/api/embed", json=EMBED).status_code for _ in range(2)] == [500, 200]
    [fault] = http.get("/__simulator__/faults").json()["faults"]
    assert (fault["hits"], fault["count"]) == (1, 0)


def test_timeout_holds_the_request(http: httpx.Client) -> None:
    """A client that waits less sees its own timeout; one that waits longer a 504."""
    switch_on(http, mode="timeout", seconds=0.5)
    with pytest.raises(httpx.ReadTimeout):
        http.post("/api/chat", json=CHAT, timeout=0.1)
    assert http.post("/api/chat", json=CHAT).status_code == 504


def test_slow_waits_before_the_first_token(http: httpx.Client) -> None:
    """The answer is right but its start comes the fault's seconds later."""
    switch_on(http, mode="slow", seconds=0.4)
    started = time.monotonic()
    response = http.post("/api/chat", json=CHAT)
    assert time.monotonic() - started >= 0.4
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
@pytest.mark.parametrize("stream", [True, False])
def test_cut_stream_breaks_the_connection(http: httpx.Client, path: str, stream: bool) -> None:
    """The client gets a 200 and part of the answer, then a broken connection."""
    switch_on(http, mode="cut_stream")
    received: list[bytes] = []
    with http.stream("POST", path, json={**CHAT, "stream": stream}) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(response.iter_raw())
    assert received
    http.delete("/__simulator__/faults")
    assert http.post(path, json=CHAT).status_code == 200


def test_broken_json_is_the_models_reply_not_the_protocol(http: httpx.Client) -> None:
    """The API's JSON is whole; the JSON the model was asked for stops in the middle."""
    switch_on(http, mode="broken_json")
    reply = http.post("/api/chat", json={**CHAT, "stream": False}).json()["message"]["content"]
    assert reply.startswith('{"answer"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply)


def test_broken_embedding_body_is_no_json(http: httpx.Client) -> None:
    """Embeddings have no reply text, so there the body itself is broken."""
    switch_on(http, mode="broken_json")
    for path, body in (("/api/embed", EMBED), ("/v1/embeddings", EMBED)):
        with pytest.raises(json.JSONDecodeError):
            http.post(path, json=body).json()


def test_fault_is_limited_to_a_model(http: httpx.Client) -> None:
    """match_model leaves other models alone."""
    switch_on(http, mode="status_500", match_model="bge*")
    assert http.post("/api/embed", json=EMBED).status_code == 500
    assert http.post("/api/chat", json=CHAT).status_code == 200


def test_delete_switches_all_off(http: httpx.Client) -> None:
    """After DELETE requests pass and nothing is listed."""
    switch_on(http, mode="status_500")
    switch_on(http, mode="status_429")
    assert http.delete("/__simulator__/faults").json() == {"cleared": 2}
    assert http.get("/__simulator__/faults").json() == {"faults": []}
    assert http.post("/api/embed", json=EMBED).status_code == 200


def test_unknown_fault_is_refused(http: httpx.Client) -> None:
    """A fault that does not exist is a 422 that lists those that do."""
    response = http.post("/__simulator__/faults", json={"mode": "explode"})
    assert response.status_code == 422
    assert "cut_stream" in response.json()["error"]
