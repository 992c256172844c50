"""A real server scores live traces, takes in feedback and knows what was missed, also after `kill -9`."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.pitwall_process import PROTOBUF, PitwallServer
from tests.support.stores import open_store

RULES = "/api/v1/evals/online/rules"
ANSWER = "배송은 보통 이틀 걸립니다."
REFUSAL = "죄송합니다. 제공된 문서에서 답을 찾을 수 없습니다."


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PitwallServer]:
    with PitwallServer(tmp_path / "data") as server:
        yield server.start()


def request_of(first: int, count: int, *, answer: str = ANSWER, documents: int = 1) -> bytes:
    """Questions that an application answers after a search, as OTLP."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    _set(group.resource, {"service.name": "voc-chat"})
    spans = group.scope_spans.add().spans
    now = time.time_ns()
    for number in range(first, first + count):
        trace = number.to_bytes(16)
        root = Span(trace_id=trace, span_id=(number * 10).to_bytes(8), name="chat")
        search = Span(trace_id=trace, span_id=(number * 10 + 1).to_bytes(8), name="search")
        search.parent_span_id = root.span_id
        asked = {"input.value": "배송은 얼마나 걸리나요?", "output.value": answer}
        _set(root, {**asked, "openinference.span.kind": "CHAIN", "pitwall.request.id": f"request-{number}"})
        _set(search, {"openinference.span.kind": "RETRIEVER"})
        for at in range(documents):
            prefix = f"retrieval.documents.{at}.document"
            _set(search, {f"{prefix}.id": f"d{at}", f"{prefix}.content": ANSWER})
        if not documents:
            _set(search, {"gen_ai.retrieval.documents": "[]"})
        for span in (root, search):
            span.start_time_unix_nano, span.end_time_unix_nano = now - 1_000_000, now
        spans.extend((root, search))
    return request.SerializeToString()


def _set(owner: Any, attributes: dict[str, str]) -> None:
    for key, value in attributes.items():
        owner.attributes.add(key=key).value.string_value = value


def send(server: PitwallServer, *arguments: Any, **options: Any) -> None:
    httpx.post(
        f"{server.url}/v1/traces",
        content=request_of(*arguments, **options),
        headers=PROTOBUF,
        trust_env=False,
    ).raise_for_status()


def ask(server: PitwallServer, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
    return httpx.request(method, f"{server.url}{path}", json=body, params=params, timeout=60, trust_env=False)


def get(server: PitwallServer, path: str, **params: Any) -> Any:
    return ask(server, "GET", path, **params).raise_for_status().json()


def save(server: PitwallServer, name: str = "grounded", **body: Any) -> None:
    rule = {"metrics": ["offline_groundedness"], "settle_seconds": 1, **body}
    ask(server, "PUT", f"{RULES}/{name}", rule).raise_for_status()


def test_live_trace_gets_its_score_and_a_signal_shows_it(server: PitwallServer) -> None:
    """The score stands beside the root span, and the mean by name is the same number."""
    save(server)
    send(server, 1, 3)
    server.wait_for(lambda: get(server, f"{RULES}/grounded")["today"]["scored"] == 3)
    server.wait_until_applied()
    scores = get(server, f"/api/v1/traces/{1:032x}")["scores"]
    assert [(one["name"], one["span_id"], one["evaluator"]) for one in scores] == [
        ("offline_groundedness", f"{10:016x}", "grounded")
    ]
    rows = get(server, "/api/v1/signals/query", name="quality.score", by="name", since="now-1h")["rows"]
    assert [(row["labels"], row["value"], row["count"]) for row in rows if row["count"]] == [
        ({"name": "offline_groundedness"}, pytest.approx(scores[0]["value"]), 3)
    ]


@pytest.mark.slow
def test_kill_9_in_between_repeats_and_loses_no_score(server: PitwallServer) -> None:
    """Killed again and again while it scores, it gives each trace one score in the end."""
    save(server)
    count = 120
    for begin in range(1, count + 1, 20):
        send(server, begin, 20)
        time.sleep(0.7)
        server.kill()
        server.start()
    server.wait_for(lambda: get(server, f"{RULES}/grounded")["today"]["traces"] == count)
    rule = get(server, f"{RULES}/grounded")
    assert (rule["today"]["scored"], rule["today"]["errors"], rule["waiting"]) == (count, 0, 0)
    server.wait_until_applied()
    assert server.stop() == 0
    with open_store(server.data_dir) as engine:
        rows = engine.query("SELECT trace_id FROM scores FINAL WHERE name = 'offline_groundedness'").dicts()
    assert Counter(row["trace_id"] for row in rows) == Counter(n.to_bytes(16) for n in range(1, count + 1))


def test_feedback_by_trace_and_request_counts_once_for_each_user(server: PitwallServer) -> None:
    """The last word of a user counts; a request finds its trace; nonsense is refused by name."""
    send(server, 1, 1)
    server.wait_until_applied()
    trace = f"{1:032x}"
    for thumb in ("up", "down"):
        said = {"trace_id": trace, "thumb": thumb, "user": "u1", "comment": "빠르네요"}
        ask(server, "POST", "/api/v1/feedback", said).raise_for_status()
    by_request = {"request_id": "request-1", "satisfaction": 4, "user": "u2"}
    answer = ask(server, "POST", "/api/v1/feedback", by_request).raise_for_status().json()
    assert (answer["trace_id"], answer["span_id"]) == (trace, f"{10:016x}")
    server.wait_until_applied()
    scores = get(server, f"/api/v1/traces/{trace}")["scores"]
    assert sorted((one["name"], one["value"], one["source"]) for one in scores) == [
        ("user_satisfaction", 4.0, "human"),
        ("user_thumb", 0.0, "human"),
    ]
    for wrong, code in (
        ({"trace_id": trace}, 422),
        ({"trace_id": trace, "thumb": "up", "satisfaction": 3}, 422),
        ({"trace_id": trace, "satisfaction": 6}, 422),
        ({"trace_id": "xyz", "thumb": "up"}, 422),
        ({"thumb": "up"}, 422),
        ({"request_id": "nobody", "thumb": "up"}, 404),
    ):
        assert ask(server, "POST", "/api/v1/feedback", wrong).status_code == code, wrong


def test_missed_questions_are_listed_with_reasons_and_become_a_dataset(server: PitwallServer) -> None:
    """No hits, refusal and a thumb down meet in one question; what was answered well is not among them."""
    send(server, 1, 2)
    send(server, 11, 2, answer=REFUSAL, documents=0)
    ask(server, "POST", "/api/v1/feedback", {"trace_id": f"{2:032x}", "thumb": "down"}).raise_for_status()
    server.wait_until_applied()
    found = get(server, "/api/v1/evals/missed", since="now-1h")
    assert (found["requests"], found["missed"], found["is_cut"]) == (4, 3, False)
    assert found["reasons"] == {"no_hits": 2, "refusal": 2, "negative_feedback": 1}
    (question,) = found["questions"]
    assert (question["question"], question["count"]) == ("배송은 얼마나 걸리나요?", 3)
    assert {one["trace_id"] for one in question["examples"]} == {f"{n:032x}" for n in (2, 11, 12)}
    only = get(server, "/api/v1/evals/missed", since="now-1h", reason="negative_feedback")
    assert only["missed"] == 1
    body = {"dataset": "to-fix", "since": "now-1h", "clusters": [question["id"]]}
    made = ask(server, "POST", "/api/v1/evals/missed/dataset", body).raise_for_status().json()
    assert (made["added"], made["left_out"]) == (1, {"same_question": 2})
    wrong = ask(server, "POST", "/api/v1/evals/missed/dataset", {**body, "clusters": ["nothing"]})
    assert wrong.status_code == 422
    assert json.loads(wrong.text)["code"] == "missed.unknown_cluster"
