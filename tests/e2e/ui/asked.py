"""A project where people ask in vain: nothing is found, answers are refused or disliked; rules score it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import httpx

from tests.e2e.running import RunningPitwall
from tests.e2e.ui.sending import SentSpan, Value, send_and_wait

NAME: Final = "asked"
_PATIENCE_SECONDS: Final = 60.0
_REFUSED: Final = "죄송합니다. 해당 내용은 문서에서 찾지 못했습니다."
_DISLIKED: Final = "Yes, we do."
_IN_VAIN: Final = (
    ("해외 배송도 되나요?", _REFUSED, 0, 5),
    ("해외로 배송되나요", _REFUSED, 0, 3),
    ("법인 카드로 결제하면 세금계산서가 나오나요?", "세금계산서는 발급되지 않는다고 알고 있습니다.", 2, 4),
    ("Can I pay in three instalments?", _DISLIKED, 2, 3),
    ("Is there a discount for students?", "I could not find relevant information.", 0, 2),
    ("포인트 유효기간이 언제까지인가요?", "", 2, 2),
    (
        "배송지를 바꾸려면 어떻게 해야 하나요? 이미 결제했고 주문 내역에는 '상품 준비 중'으로 나와 있습니다.",
        _REFUSED,
        0,
        2,
    ),
)
_WELL: Final = ("반품은 며칠 안에 해야 하나요?", "Refunds take three to five working days.", 2, 16)
_RULES: Final[dict[str, dict[str, Any]]] = {
    "grounded": {"metrics": ["offline_groundedness", "number_consistency"], "filters": ["service:eq:shop"]},
    "judged": {"metrics": ["faithfulness"], "profile": "simulated", "max_calls_per_day": 6},
    "여름 점검": {"metrics": ["number_consistency"], "sample_rate": 0.05, "enabled": False},
}


def ask_in_vain(server: RunningPitwall) -> None:
    """Tell it to a server; the rules have not scored all of it when this returns."""
    with _client(server) as client:
        for name, rule in _RULES.items():
            body = {"settle_seconds": 1, **rule}
            client.put(f"/evals/online/rules/{name}", json=body).raise_for_status()
        spans = list(_spans())
        send_and_wait(server.project(NAME), spans)
        for span in spans:
            if not span.parent_id and span.attributes.get("output.value") == _DISLIKED:
                said = {"trace_id": span.trace_id, "thumb": "down", "user": "kim", "comment": "아니래요"}
                client.post("/feedback", json=said).raise_for_status()


def wait_for_scores(server: RunningPitwall) -> None:
    """Wait until the rules have scored what was told."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with _client(server) as client:
        while True:
            rules = client.get("/evals/online/rules").raise_for_status().json()["rules"]
            on = [one for one in rules if one["enabled"] and one["pack"] is None]
            if all(one["today"]["traces"] and not one["waiting"] for one in on):
                return
            assert time.monotonic() < deadline, rules
            time.sleep(0.3)


def _client(server: RunningPitwall) -> httpx.Client:
    body = {"name": "asked", "project": NAME, "scopes": ["read", "act", "ingest"]}
    token = httpx.post(f"{server.url}/api/v1/keys", json=body, trust_env=False).raise_for_status().json()
    headers = {"authorization": f"Bearer {token['token']}"}
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60, trust_env=False)


def _spans() -> Iterator[SentSpan]:
    for at, (question, answer, documents, count) in enumerate((*_IN_VAIN, _WELL)):
        for number in range(count):
            age = 60.0 + (number * 397 + at * 131) % 3300
            yield from _request(question, answer, documents, age)


def _request(question: str, answer: str, documents: int, age_seconds: float) -> Iterator[SentSpan]:
    said: dict[str, Value] = {"openinference.span.kind": "CHAIN", "input.value": question}
    root = SentSpan(
        name="POST /chat",
        age_seconds=age_seconds,
        duration_ms=900.0,
        attributes={**said, "output.value": answer} if answer else said,
        error=None if answer else "TimeoutError: no answer within 20 s",
    )
    found: dict[str, Value] = {"openinference.span.kind": "RETRIEVER", "input.value": question}
    for at in range(documents):
        found[f"retrieval.documents.{at}.document.id"] = f"doc-{at}"
        found[f"retrieval.documents.{at}.document.content"] = "Refunds take three to five working days."
    if not documents:
        found["gen_ai.retrieval.documents"] = "[]"
    yield root
    yield replace(root.below("search", **found), duration_ms=120.0)
