"""The VOC example watched by a real server: what its requests and calls say, and what they do not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from examples.processes import free_port
from tests.e2e.running import Project, RunningPitwall, running_pitwall
from tests.e2e.voc_example import DEMO_PYTHON, model_simulator, run_ingest, voc_service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DEMO_PYTHON.exists() and not os.environ.get("CI"),
        reason="needs .venv-demo with chromadb; `make setup-demo` creates it",
    ),
]
QUESTIONS = ("신용카드 환불은 며칠 걸리나요?", "제주도 추가 배송비가 있나요?", "비밀번호를 잊었어요.")
NO_DATA = (None, 0)


@dataclass(frozen=True, slots=True)
class World:
    """A server that has seen an ingest, and everything that a service needs."""

    server: RunningPitwall
    model: httpx.Client
    env: dict[str, str]
    ingested: Project

    @contextmanager
    def telemetry_of(self, project: Project) -> Iterator[httpx.Client]:
        """A service that reports to a project; at the end all it reported is stored."""
        with voc_service({**self.env, "PITWALL_API_KEY": project.token}, free_port(0)) as voc:
            yield voc
        wait_until_stored(project)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("voc")
    with running_pitwall(folder / "data") as server, model_simulator() as model:
        ingested = server.project("ingested")
        env = {
            "CHROMA_DIR": str(folder / "chroma"),
            "OLLAMA_BASE_URL": str(model.base_url),
            "PITWALL_ENDPOINT": server.otlp_url,
            "VOC_MODEL_ATTEMPTS": "2",
        }
        run_ingest({**env, "PITWALL_API_KEY": ingested.token})
        wait_until_stored(ingested)
        yield World(server, model, env, ingested)


def wait_until_stored(project: Project) -> None:
    deadline = time.monotonic() + 20
    while project.get("/status")["ingest_lag_seconds"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def told(project: Project, name: str, by: str = "") -> dict[tuple[str, ...], tuple[float | None, int]]:
    """Value and count of a signal over the last hour, by labels."""
    now = time.time()
    since, until = (
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (now - 3600, now + 60)
    )
    rows = project.get("/signals/query", name=name, by=by, since=since, until=until)["rows"]
    return {tuple(row["labels"].values()): (row["value"], row["count"]) for row in rows}


def ask_all(voc: httpx.Client) -> list[bool]:
    """Ask every question; returns which answers were fallbacks."""
    answers = [voc.post("/voc/chat", json={"question": question}) for question in QUESTIONS]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json()["fallback"] for answer in answers]


def test_answers_without_fallback_are_a_true_zero(world: World) -> None:
    """Each request says that there was none; the model calls say nothing, so they have no rate."""
    project = world.server.project("healthy")
    with world.telemetry_of(project) as voc:
        assert ask_all(voc) == [False] * 3
    assert told(project, "requests.fallback_rate") == {(): (0.0, 3)}
    assert told(project, "llm.fallback_rate") == {(): NO_DATA}
    assert told(project, "llm.retries") == {(): (0.0, 3)}
    assert told(project, "quality.match_rate") == {(): (1.0, 3)}
    mean, judged = told(project, "quality.mean_confidence")[()]
    assert mean is not None
    assert (0.5 < mean <= 1.0, judged) == (True, 3)
    assert sum(count for _, count in told(project, "quality.framework_share").values()) >= 3


def test_fallback_answers_are_counted_as_the_customers_got_them(world: World) -> None:
    """With the model down every customer gets the fallback text, and the signal says so of every request."""
    project = world.server.project("broken")
    fault = {"mode": "status_500", "match_model": "qwen*"}
    world.model.post("/__simulator__/faults", json=fault).raise_for_status()
    try:
        with world.telemetry_of(project) as voc:
            assert ask_all(voc) == [True] * 3
    finally:
        world.model.delete("/__simulator__/faults").raise_for_status()
    assert told(project, "requests.fallback_rate") == {(): (1.0, 3)}
    assert told(project, "llm.fallback_rate") == {(): NO_DATA}
    calls = told(project, "llm.requests")[()][1]
    assert told(project, "llm.retries") == {(): (calls - 3, calls)}


def test_ingest_is_one_request_however_many_batches_it_embeds(world: World) -> None:
    """One run of a job is one trace, and its embedding calls are its own."""
    assert told(world.ingested, "requests.count", by="service") == {("voc-ingest",): (1.0, 1)}
    assert told(world.ingested, "embedding.texts") == {(): (68.0, 5)}
