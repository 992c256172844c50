"""An application traced with langfuse 5, unmodified: only its base URL and its secret key are Pitwall's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.running import (
    BUSY_MODEL,
    CHAT_MODEL,
    EMBEDDING_MODEL,
    SCRIPTS,
    Project,
    RunningPitwall,
    run_program,
    sdk_bin,
    seen_by,
)

pytestmark = pytest.mark.sdk_env
OBSERVATIONS = 8
SCORES = 3


@dataclass(frozen=True, slots=True)
class Run:
    """The application has run: what it saw itself, and what Pitwall stored."""

    project: Project
    seen: Mapping[str, Any]
    spans: list[dict[str, Any]]

    def named(self, name: str) -> dict[str, Any]:
        """The only span of a name."""
        (span,) = [span for span in self.spans if span["name"] == name]
        return span

    @property
    def model_calls(self) -> list[dict[str, Any]]:
        """The four calls of the conversation, in their order."""
        models = [span for span in self.spans if span["kind"] in ("llm", "embedding")]
        return [span for span in models if span["name"] != "own-generation"]


@pytest.fixture(scope="module")
def run(pitwall_server: RunningPitwall, model_url: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Everything that `langfuse_app.py` does, to the end of its flush."""
    project = pitwall_server.project(f"langfuse-{uuid.uuid4().hex[:8]}")
    environ = {
        "LANGFUSE_BASE_URL": project.server.url,
        "LANGFUSE_PUBLIC_KEY": "pk-shop",
        "LANGFUSE_SECRET_KEY": project.token,
        "LANGFUSE_TRACING_ENVIRONMENT": "staging",
        "MODEL_URL": model_url,
    }
    folder = tmp_path_factory.mktemp("application")
    done = run_program([sdk_bin("langfuse") / "python", SCRIPTS / "langfuse_app.py"], environ, folder)
    return Run(project, seen_by(done), project.spans(OBSERVATIONS))


def test_observations_are_spans_of_their_types(run: Run) -> None:
    """The decorated function, its model calls, a search and a tool arrive as what they are."""
    assert len(run.spans) == OBSERVATIONS
    assert [span["kind"] for span in run.model_calls] == ["llm", "llm", "embedding", "llm"]
    kinds = {name: run.named(name)["kind"] for name in ("own-generation", "search", "lookup")}
    assert kinds == {"own-generation": "llm", "search": "retriever", "lookup": "tool"}
    assert run.named("answer")["trace_id"] == run.seen["trace_id"]
    assert {span["environment"] for span in run.spans} == {"staging"}


def test_model_calls_have_the_tokens_the_application_saw(run: Run) -> None:
    """Streamed and embedding calls too, and the failed one has none."""
    for span, name in zip(run.model_calls, ("chat", "stream", "embed"), strict=False):
        assert (span["input_tokens"], span["output_tokens"] or 0) == (
            run.seen[name]["input_tokens"],
            run.seen[name]["output_tokens"],
        )
        assert span["token_source"] == "provider"
    assert run.model_calls[3]["input_tokens"] is None
    assert [span["model"] for span in run.model_calls] == [
        CHAT_MODEL,
        CHAT_MODEL,
        EMBEDDING_MODEL,
        BUSY_MODEL,
    ]


def test_known_models_are_priced(run: Run) -> None:
    """The SDK names no provider; the model's name is enough."""
    costs = [span["cost_usd"] for span in run.model_calls[:3]]
    chat = (run.seen["chat"]["input_tokens"] * 0.15 + run.seen["chat"]["output_tokens"] * 0.60) / 1e6
    assert costs == pytest.approx([chat, chat, run.seen["embed"]["input_tokens"] * 0.02 / 1e6])


def test_failures_have_their_error_class(run: Run) -> None:
    """A refused call is a rate limit; an observation of level ERROR is an error that says why."""
    refused = run.model_calls[3]
    assert (refused["status"], refused["error_class"]) == ("error", "rate_limit")
    lookup = run.named("lookup")
    assert (lookup["status"], lookup["status_message"]) == ("error", "order 7 not found")


def test_reported_usage_and_cost_are_kept(run: Run) -> None:
    """Usage classes that the application reported add up; its price stands beside the one computed."""
    own = run.named("own-generation")
    assert own["span_id"] == run.seen["own_generation"]
    assert (own["input_tokens"], own["cache_read_tokens"], own["output_tokens"]) == (200, 80, 30)
    assert own["reported_cost_usd"] == pytest.approx(0.003)
    assert own["cost_usd"] == pytest.approx((120 * 0.15 + 80 * 0.075 + 30 * 0.60) / 1e6)


def test_session_and_user_join_the_trace(run: Run) -> None:
    """What was propagated is on the trace, which is found by it."""
    (session,) = run.project.get("/sessions")["sessions"]
    assert (session["session_id"], session["user_ids"]) == ("session-1", ["user-1"])
    assert session["trace_count"] == 1
    found = run.project.get("/traces", filter="user_id:eq:user-1")["traces"]
    assert [trace["trace_id"] for trace in found] == [run.seen["trace_id"]]


def test_question_and_answer_are_kept(run: Run) -> None:
    """Input and output of the function and of its calls are there as they were written."""
    opened = {span["span_id"]: span for span in run.project.trace(run.seen["trace_id"])["spans"]}
    function, call = opened[run.named("answer")["span_id"]], opened[run.model_calls[0]["span_id"]]
    assert "환불은 며칠 걸리나요?" in function["input"]
    assert run.seen["chat"]["text"] in call["output"]


def test_scores_stand_where_they_were_given(run: Run) -> None:
    """Of the trace, of one observation, and of a trace that Pitwall has never seen."""
    assert run.project.wait_for("scores_total", SCORES)["scores_total"] == SCORES
    scores = {score["name"]: score for score in run.project.trace(run.seen["trace_id"])["scores"]}
    assert scores.keys() == {"helpfulness", "faithful"}
    assert (scores["helpfulness"]["value"], scores["helpfulness"]["explanation"]) == (0.9, "도움이 됨")
    assert (scores["faithful"]["value"], scores["faithful"]["span_id"]) == (1, run.seen["own_generation"])


def test_nothing_is_a_dead_letter(run: Run) -> None:
    """Pitwall understands all that the SDK sends."""
    status = run.project.get("/status")
    assert (status["spans_total"], status["dead_letters_total"]) == (OBSERVATIONS, 0)
