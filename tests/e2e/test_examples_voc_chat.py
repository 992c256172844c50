"""The VOC example end to end: real service, real Chroma, simulated model, real telemetry over OTLP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.processes import free_port
from tests.e2e.voc_example import (
    DEMO_PYTHON,
    ROOT,
    OtlpReceiver,
    model_simulator,
    otlp_receiver,
    run_ingest,
    voc_service,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DEMO_PYTHON.exists() and not os.environ.get("CI"),
        reason="needs .venv-demo with chromadb; `make setup-demo` creates it",
    ),
]
REFUND = "신용카드 환불은 며칠 걸리나요?"
REFUND_FACT = "3~5영업일 뒤에 환불됩니다."


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs: the service, the simulator, the receiver of the telemetry."""

    voc: httpx.Client
    model: httpx.Client
    telemetry: OtlpReceiver
    env: dict[str, str]

    def ask(self, question: str, **fields: str) -> dict[str, Any]:
        response = self.voc.post("/voc/chat", json={"question": question, **fields})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def break_model(self, mode: str, **fields: Any) -> None:
        self.model.post("/__simulator__/faults", json={"mode": mode, **fields}).raise_for_status()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("voc")
    with otlp_receiver() as telemetry, model_simulator() as model:
        env = {
            "CHROMA_DIR": str(folder / "chroma"),
            "OLLAMA_BASE_URL": str(model.base_url),
            "PITWALL_ENDPOINT": telemetry.address,
            "VOC_MODEL_TIMEOUT_SECONDS": "2",
        }
        run_ingest(env)
        with voc_service(env, free_port(0)) as voc:
            yield World(voc, model, telemetry, env)


@pytest.fixture
def world(running: World) -> Iterator[World]:
    running.model.delete("/__simulator__/faults")
    yield running
    running.model.delete("/__simulator__/faults")


def test_answer_comes_from_the_right_document(world: World) -> None:
    """The answer quotes the refund document, names it as its source and says that it is simulated."""
    answer = world.ask(REFUND)
    assert REFUND_FACT in answer["answer"]
    assert [source["document"] for source in answer["sources"]] == ["refund-timing"]
    assert (answer["answerable"], answer["fallback"], answer["simulated"]) == (True, False, True)


def test_question_without_a_document_is_not_answered(world: World) -> None:
    """What no document says is said to be unknown, without sources."""
    answer = world.ask("주식 배당금은 얼마인가요?")
    assert (answer["answerable"], answer["sources"]) == (False, [])


def test_request_is_one_trace_with_every_stage(world: World) -> None:
    """One request, one trace: http, chain, cache, embedding, retriever, reranker, llm and parser spans."""
    answer = world.ask("제주도 추가 배송비가 있나요?", session_id="session-9", company="hanbit")
    spans = world.telemetry.of_request(answer["request_id"], 8)
    assert Counter(span.kind for span in spans) == Counter(
        ["http", "chain", "cache", "embedding", "retriever", "reranker", "llm", "parser"]
    )
    assert len({span.trace_id for span in spans}) == 1
    assert {span.attributes["session.id"] for span in spans} == {"session-9"}
    assert {span.attributes["pitwall.company"] for span in spans} == {"hanbit"}
    by_kind = {span.kind: span for span in spans}
    assert not by_kind["http"].parent_id
    assert by_kind["chain"].parent_id == by_kind["http"].span_id
    stages = [by_kind[kind] for kind in ("cache", "embedding", "retriever", "reranker", "llm", "parser")]
    assert {stage.parent_id for stage in stages} == {by_kind["chain"].span_id}


def test_spans_carry_what_signals_need(world: World) -> None:
    """Model, provider, tokens, first token, hits, rerank, parse result: as the application saw them."""
    answer = world.ask("헤파 필터 가격이 얼마인가요?")
    spans = {span.kind: span.attributes for span in world.telemetry.of_request(answer["request_id"], 8)}
    llm = spans["llm"]
    assert (llm["gen_ai.request.model"], llm["gen_ai.provider.name"]) == ("qwen2.5:7b", "ollama")
    assert llm["gen_ai.usage.input_tokens"] > llm["gen_ai.usage.output_tokens"] > 0
    assert llm["gen_ai.response.time_to_first_chunk"] > 0
    assert llm["voc.model.simulated"] is True
    assert spans["retriever"]["pitwall.document.count"] == 12
    assert spans["retriever"]["pitwall.rerank.enabled"] is True
    assert spans["reranker"]["pitwall.document.count"] == 5
    assert json.loads(spans["reranker"]["gen_ai.retrieval.documents"])[0]["id"].startswith("consumables#")
    assert spans["parser"]["pitwall.parse.ok"] is True
    assert {kind: a["pitwall.fallback"] for kind, a in spans.items() if "pitwall.fallback" in a} == {
        "http": False
    }


def test_second_time_the_embedding_comes_from_the_cache(world: World) -> None:
    """A repeated question is a cache hit and is not embedded again."""
    first, second = (world.ask("비밀번호를 잊었어요.")["request_id"] for _ in range(2))
    world.telemetry.of_request(first, 8)
    spans = {span.kind: span.attributes for span in world.telemetry.of_request(second, 7)}
    assert spans["cache"]["pitwall.cache.hit"] is True
    assert "embedding" not in spans


def test_request_id_is_taken_over(world: World) -> None:
    """X-Request-ID comes back in the header and the answer, and stands on the spans."""
    headers = {"x-request-id": "order-desk-77"}
    response = world.voc.post("/voc/chat", json={"question": REFUND}, headers=headers)
    assert response.headers["x-request-id"] == response.json()["request_id"] == "order-desk-77"
    assert world.telemetry.of_request("order-desk-77", 7)


@pytest.mark.parametrize(
    ("mode", "error_class"), [("status_429", "rate_limit"), ("cut_stream", "network"), ("timeout", "timeout")]
)
def test_passing_trouble_is_retried(world: World, mode: str, error_class: str) -> None:
    """After one failed attempt the second succeeds; both are spans, the first with its error class."""
    world.break_model(mode, seconds=0.1, count=1, match_model="qwen*")
    answer = world.ask(REFUND)
    assert not answer["fallback"]
    calls = [s for s in world.telemetry.of_request(answer["request_id"], 8) if s.kind == "llm"]
    assert [call.attributes.get("pitwall.error.class") for call in calls] == [error_class, None]
    assert [call.attributes.get("pitwall.retry.count") for call in calls] == [0, 1]


def test_embedding_is_retried_too(world: World) -> None:
    """A rate limit on the embedding costs a retry, not the answer."""
    world.break_model("status_429", seconds=0.1, count=1, match_model="bge*")
    answer = world.ask("회원 탈퇴하면 쿠폰은 어떻게 되나요?")
    calls = [s for s in world.telemetry.of_request(answer["request_id"], 9) if s.kind == "embedding"]
    assert [call.attributes.get("pitwall.error.class") for call in calls] == ["rate_limit", None]
    assert [call.attributes.get("pitwall.retry.count") for call in calls] == [0, 1]


def test_broken_reply_is_mended_and_counted(world: World) -> None:
    """A reply that is cut JSON still gives its whole sentences; the parser span says that it failed."""
    world.break_model("broken_json", match_model="qwen*")
    answer = world.ask("신규 가입 쿠폰은 얼마를 할인하나요?")
    assert answer["fallback"]
    assert answer["answer"].endswith(".")
    spans = {span.kind: span.attributes for span in world.telemetry.of_request(answer["request_id"], 8)}
    assert spans["parser"]["pitwall.parse.ok"] is False
    assert spans["http"]["pitwall.fallback"] is True


def test_failed_model_gives_the_passage_instead(world: World) -> None:
    """Without a model the customer sees the best passage; whether it answers is not claimed."""
    world.break_model("status_500", match_model="qwen*")
    answer = world.ask(REFUND)
    assert REFUND_FACT in answer["answer"]
    assert (answer["answerable"], answer["fallback"], answer["simulated"]) == (None, True, None)


def test_failed_embedding_is_a_503(world: World) -> None:
    """Nothing can be searched without an embedding: a problem document, and the service lives on."""
    world.break_model("status_500", match_model="bge*")
    response = world.voc.post("/voc/chat", json={"question": "처음 듣는 질문입니다"})
    assert response.status_code == 503
    assert response.headers["content-type"].startswith("application/problem+json")
    assert world.ask(REFUND)["answerable"]


@pytest.mark.parametrize(
    "body", [{}, {"question": " "}, {"question": "a", "colour": "b"}, {"question": "a" * 2001}]
)
def test_bad_request_is_a_422(world: World, body: dict[str, str]) -> None:
    """What is not a question is refused."""
    assert world.voc.post("/voc/chat", json=body).status_code == 422


def test_follow_up_is_answered_in_its_session(world: World) -> None:
    """'착불로 보내면요?' makes sense only after the question before it."""
    world.ask("반품 상품을 다른 택배로 보내도 되나요?", session_id="s-follow")
    answer = world.ask("착불은요?", session_id="s-follow")
    assert "착불로 보내면 반송될 수 있습니다." in answer["answer"]


def test_traffic_asks_and_sums_up(world: World) -> None:
    """The generator asks as many questions as told, by several users, and prints what came back."""
    flags = ["--url", str(world.voc.base_url), "--requests", "12", "--rate", "100", "--users", "3"]
    command = [str(DEMO_PYTHON), "-m", "examples.voc_chat.traffic", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["requests"], summary["errors"]) == (0, 12, 0)
    assert summary["answered"] + summary["unanswerable"] == summary["simulated"] == 12


def test_changed_documents_change_the_answer(world: World, tmp_path: Path) -> None:
    """Without the refund document the answer is gone; ingesting is exact and embeds only what is new.

    The model is reached by its OpenAI API here.
    """
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "examples" / "voc_chat" / "documents", docs)
    env = {**world.env, "DOCS_DIR": str(docs), "CHROMA_DIR": str(tmp_path / "chroma")}
    env |= {"OPENAI_BASE_URL": f"{world.env['OLLAMA_BASE_URL']}/v1", "OPENAI_API_KEY": "unused"}
    env |= {"OPENAI_MODEL": "qwen2.5:7b", "OPENAI_EMBED_MODEL": "bge-m3"}
    assert run_ingest(env) == "20 documents, 68 passages (68 embedded now, 0 old ones removed)\n"
    with voc_service(env, free_port(0)) as voc:
        before = voc.post("/voc/chat", json={"question": REFUND}).json()
    (docs / "refund-timing.md").unlink()
    assert run_ingest(env) == "19 documents, 65 passages (0 embedded now, 3 old ones removed)\n"
    with voc_service(env, free_port(0)) as voc:
        after = voc.post("/voc/chat", json={"question": REFUND}).json()
    assert REFUND_FACT in before["answer"]
    assert REFUND_FACT not in after["answer"]
    assert "refund-timing" not in {source["document"] for source in after["sources"]}
