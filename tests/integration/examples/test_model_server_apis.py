"""The simulator keeps the contracts of Ollama's and OpenAI's APIs, over real HTTP."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import httpx
import pytest

FACT = "신용카드 환불은 3영업일 걸립니다."
PROMPT = f"참고 문서:\n[1] refund\n{FACT}\n\n질문: 신용카드 환불은 며칠 걸리나요?"
CHAT = {"model": "qwen2.5:7b", "messages": [{"role": "user", "content": PROMPT}]}


def events(body: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


@pytest.mark.parametrize(
    ("path", "body", "read"),
    [
        ("/api/chat", CHAT, lambda chunk: chunk["message"]["content"]),
        ("/api/generate", {"model": "qwen2.5:7b", "prompt": PROMPT}, lambda chunk: chunk["response"]),
    ],
)
def test_ollama_stream_and_whole_answer_agree(
    http: httpx.Client, path: str, body: dict[str, Any], read: Any
) -> None:
    """NDJSON chunks joined are the answer without streaming; only the last is done and has the counts."""
    chunks = [json.loads(line) for line in http.post(path, json=body).text.splitlines()]
    whole = http.post(path, json={**body, "stream": False}).json()
    assert "".join(read(chunk) for chunk in chunks) == read(whole) == FACT
    assert [chunk["done"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    for last in (chunks[-1], whole):
        assert last["done_reason"] == "stop"
        assert last["eval_count"] == len(chunks) - 1
        assert last["prompt_eval_count"] > last["eval_count"]
        assert last["total_duration"] >= last["eval_duration"] >= 0


def test_openai_stream_and_whole_answer_agree(http: httpx.Client) -> None:
    """Server-sent deltas joined are the answer without streaming; usage comes last when asked for."""
    asked = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
    response = http.post("/v1/chat/completions", json=asked)
    assert response.headers["content-type"].startswith("text/event-stream")
    *chunks, last = events(response.text)
    whole = http.post("/v1/chat/completions", json=CHAT).json()
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(deltas) == whole["choices"][0]["message"]["content"] == FACT
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"] == "stop"
    assert last["choices"] == []
    assert last["usage"] == whole["usage"]
    assert whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + len(deltas) - 2


def test_openai_stream_without_usage_has_none(http: httpx.Client) -> None:
    """Usage is only in the stream when `stream_options.include_usage` asks for it."""
    chunks = events(http.post("/v1/chat/completions", json={**CHAT, "stream": True}).text)
    assert all("usage" not in chunk for chunk in chunks)


def test_token_limit_ends_the_answer(http: httpx.Client) -> None:
    """num_predict and max_tokens cut the answer, and the reason says so."""
    body = {**CHAT, "stream": False, "options": {"num_predict": 3}}
    ollama = http.post("/api/chat", json=body).json()
    assert (ollama["done_reason"], ollama["eval_count"]) == ("length", 3)
    openai = http.post("/v1/chat/completions", json={**CHAT, "max_tokens": 3}).json()
    assert openai["choices"][0]["finish_reason"] == "length"
    assert openai["usage"]["completion_tokens"] == 3


def test_json_format_gives_an_object(http: httpx.Client) -> None:
    """A request for JSON is answered with an object that names the quoted document."""
    ollama = http.post("/api/chat", json={**CHAT, "stream": False, "format": "json"}).json()["message"][
        "content"
    ]
    asked = {**CHAT, "response_format": {"type": "json_object"}}
    openai = http.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
    assert json.loads(ollama) == json.loads(openai) == {"answer": FACT, "sources": ["1"], "answerable": True}


def test_embeddings_are_the_same_by_every_door(http: httpx.Client) -> None:
    """Ollama's two endpoints and OpenAI's, as floats or base64, give the same vectors."""
    texts = ["환불", "배송비"]
    ollama = http.post("/api/embed", json={"model": "bge-m3", "input": texts}).json()["embeddings"]
    older = http.post("/api/embeddings", json={"model": "bge-m3", "prompt": texts[0]}).json()["embedding"]
    body = {"model": "bge-m3", "input": texts}
    openai = [item["embedding"] for item in http.post("/v1/embeddings", json=body).json()["data"]]
    encoded = http.post("/v1/embeddings", json={**body, "encoding_format": "base64"}).json()["data"]
    assert ollama == openai
    assert older == ollama[0]
    raw = base64.b64decode(encoded[1]["embedding"])
    assert list(struct.unpack(f"<{len(raw) // 4}f", raw)) == pytest.approx(ollama[1], abs=1e-6)


def test_dimensions_can_be_chosen(http: httpx.Client) -> None:
    """OpenAI's `dimensions` sets the length of the vectors."""
    body = {"model": "bge-m3", "input": "환불", "dimensions": 64}
    assert len(http.post("/v1/embeddings", json=body).json()["data"][0]["embedding"]) == 64


def test_everything_says_that_it_simulates(http: httpx.Client) -> None:
    """Header, model family, owner, version and fingerprint leave no doubt."""
    tags = http.get("/api/tags").json()["models"]
    assert {tag["name"] for tag in tags} >= {"qwen2.5:7b", "bge-m3"}
    assert {tag["details"]["family"] for tag in tags} == {"simulated"}
    assert {model["owned_by"] for model in http.get("/v1/models").json()["data"]} == {"simulated"}
    assert "simulated" in http.get("/api/version").json()["version"]
    answers = [http.post("/api/chat", json=CHAT), http.post("/api/chat", json={}), http.get("/nowhere")]
    assert [answer.headers["x-simulated"] for answer in answers] == ["true"] * 3


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/chat", {**CHAT, "model": "no-such-model"}, 404),
        ("/api/chat", {**CHAT, "model": "bge-m3"}, 400),
        ("/api/chat", {"model": "qwen2.5:7b", "messages": []}, 400),
        ("/api/embed", {"model": "qwen2.5:7b", "input": "x"}, 400),
        ("/v1/chat/completions", {**CHAT, "model": "no-such-model"}, 404),
        ("/v1/chat/completions", {**CHAT, "n": 2}, 400),
        ("/v1/embeddings", {"model": "bge-m3", "input": ""}, 400),
        ("/v1/embeddings", {"model": "bge-m3", "input": [1, 2]}, 400),
    ],
)
def test_bad_request_names_the_problem(
    http: httpx.Client, path: str, body: dict[str, Any], status: int
) -> None:
    """Errors have the status and the shape of the API they come from."""
    response = http.post(path, json=body)
    error = response.json()["error"]
    assert response.status_code == status
    assert error["message"] if path.startswith("/v1/") else error


def test_body_that_is_no_json_is_refused(http: httpx.Client) -> None:
    """Garbage is a 400, not a crash."""
    assert http.post("/api/chat", content=b"{not json").status_code == 400
    assert http.post("/v1/embeddings", content=b"\xff\xfe").status_code == 400
    assert http.post("/v1/embeddings", content=b"[]").status_code == 400


def test_model_is_in_memory_once_it_has_answered(http: httpx.Client) -> None:
    """`/api/ps` lists what has been called, as Ollama loads on demand."""
    http.post("/api/chat", json=CHAT).raise_for_status()
    loaded = [model["name"] for model in http.get("/api/ps").json()["models"]]
    assert CHAT["model"] in loaded
