"""Applications instrumented for other products, unmodified: only the address (and the key) is Pitwall's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pitwall.settings.groups import ServerSettings
from tests.e2e.running import (
    BUSY_MODEL,
    CHAT_MODEL,
    EMBEDDING_MODEL,
    READMES,
    SCRIPTS,
    Project,
    RunningPitwall,
    readme_settings,
    run_program,
    sdk_bin,
    seen_by,
)

pytestmark = pytest.mark.sdk_env
SERVICE = "shop-chat"
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Sdk:
    """A way to instrument an application.

    Attributes:
        environment: Folder under `.venvs`.
        script: What runs there.
        launcher: What starts Python, if it is not Python itself.
        root_kind: Kind of the span around the model calls; None if the application makes none.
        gives_tokens_of: Calls whose token counts this instrumentation reports.
        gives_provider: Whether it says who provides the model.
        by_grpc: Whether it sends by gRPC.
        more_environ: Settings beside the address.
    """

    environment: str
    script: str
    launcher: str = "python"
    root_kind: str | None = None
    gives_tokens_of: tuple[str, ...] = ("chat", "stream", "embed")
    gives_provider: bool = True
    by_grpc: bool = False
    more_environ: tuple[tuple[str, str], ...] = ()

    def environ(self, project: Project) -> dict[str, str]:
        """The address and the key, the way this SDK wants them."""
        otlp, key = project.server.otlp_url, project.otlp_headers
        if self.script == "phoenix_app.py":
            return {
                "OTEL_SERVICE_NAME": SERVICE,
                "PHOENIX_API_KEY": project.token,
                **self._phoenix_address(project.server),
            }
        if self.script == "mlflow_app.py":
            return {
                "OTEL_SERVICE_NAME": SERVICE,
                "MLFLOW_TRACKING_URI": project.server.url,
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{otlp}/v1/traces",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": key,
            }
        return {
            "OTEL_SERVICE_NAME": SERVICE,
            "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_HEADERS": key,
            **dict(self.more_environ),
        }

    def _phoenix_address(self, server: RunningPitwall) -> dict[str, str]:
        """What the README says, and the port, because this server is not on the one that Phoenix takes."""
        if self.by_grpc:
            return {**readme_settings("README.md", "Phoenix"), "PHOENIX_GRPC_PORT": str(server.grpc_port)}
        return {"HTTP_ENDPOINT": f"{server.url}/v1/traces"}


SDKS = {
    "phoenix": Sdk("phoenix", "phoenix_app.py", root_kind="chain"),
    "phoenix-grpc": Sdk("phoenix", "phoenix_app.py", root_kind="chain", by_grpc=True),
    "openinference": Sdk("phoenix", "plain_app.py", launcher="opentelemetry-instrument"),
    "openai-v2": Sdk(
        "otel-openai",
        "plain_app.py",
        launcher="opentelemetry-instrument",
        more_environ=(("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"),),
    ),
    "openllmetry": Sdk("traceloop", "traceloop_app.py", root_kind="workflow"),
    "mlflow": Sdk(
        "mlflow",
        "mlflow_app.py",
        root_kind="chain",
        gives_tokens_of=("chat", "stream"),
        gives_provider=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """An application that has run: what it saw itself, and what Pitwall stored."""

    sdk: Sdk
    project: Project
    seen: Mapping[str, Any]
    spans: Mapping[str, dict[str, Any]]
    """By call: chat, stream, embed, fail, and root where there is one."""


@pytest.fixture(scope="module", params=SDKS)
def run(
    request: pytest.FixtureRequest,
    pitwall_server: RunningPitwall,
    model_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """The conversation of `sdk_scripts`, watched by one SDK."""
    sdk = SDKS[request.param]
    project = pitwall_server.project(f"{request.param}-{uuid.uuid4().hex[:8]}")
    folder: Path = tmp_path_factory.mktemp("application")
    programs = sdk_bin(sdk.environment)
    launcher = [programs / sdk.launcher] if sdk.launcher != "python" else []
    done = run_program(
        [*launcher, programs / "python", SCRIPTS / sdk.script],
        {"MODEL_URL": model_url, **sdk.environ(project)},
        folder,
    )
    return Run(sdk, project, seen_by(done), _by_call(project.spans(5 if sdk.root_kind else 4)))


def _by_call(spans: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Spans by the call they stand for; the model calls come in the order of the conversation."""
    models = [span for span in spans if span["kind"] in ("llm", "embedding")]
    by_call = dict(zip(("chat", "stream", "embed", "fail"), models, strict=True))
    others = [span for span in spans if span not in models]
    return by_call | dict(zip(["root"] if others else [], others, strict=True))


def test_every_call_is_a_span_of_its_kind(run: Run) -> None:
    """Three calls of a language model and one of an embedding model, under the application's own span."""
    kinds = {call: span["kind"] for call, span in run.spans.items()}
    root = {"root": run.sdk.root_kind} if run.sdk.root_kind else {}
    assert kinds == {"chat": "llm", "stream": "llm", "embed": "embedding", "fail": "llm", **root}
    assert {span["service"] for span in run.spans.values()} == {SERVICE}
    if run.sdk.root_kind:
        parents = {span["parent_span_id"] for call, span in run.spans.items() if call != "root"}
        assert parents == {run.spans["root"]["span_id"]}


def test_model_and_provider_are_known(run: Run) -> None:
    """Every answered call names its model, and its provider where the SDK gives one."""
    models = [run.spans[call]["model"] for call in ("chat", "stream", "embed")]
    assert models == [CHAT_MODEL, CHAT_MODEL, EMBEDDING_MODEL]
    if run.sdk.gives_provider:
        assert {span["provider"] for call, span in run.spans.items() if call != "root"} == {"openai"}


def test_tokens_are_those_the_application_saw(run: Run) -> None:
    """Input and output tokens are the provider's own counts; a call without counts has none rather than 0."""
    for call in ("chat", "stream", "embed"):
        span, seen = run.spans[call], run.seen[call]
        if call not in run.sdk.gives_tokens_of:
            assert (span["token_source"], span["input_tokens"]) == ("missing", None)
            continue
        assert span["token_source"] == "provider"
        assert span["input_tokens"] == seen["input_tokens"]
        assert (span["output_tokens"] or 0) == seen["output_tokens"]
    assert run.spans["fail"]["input_tokens"] is None


def test_known_models_are_priced(run: Run) -> None:
    """The cost is tokens times the book's price; a call without tokens has no cost."""
    per_million = {"chat": (0.15, 0.60), "stream": (0.15, 0.60), "embed": (0.02, 0.0)}
    for call, (price_in, price_out) in per_million.items():
        span, seen = run.spans[call], run.seen[call]
        if call not in run.sdk.gives_tokens_of:
            assert span["cost_usd"] is None
            continue
        cost = (seen["input_tokens"] * price_in + seen["output_tokens"] * price_out) / 1e6
        assert (span["cost_source"], span["cost_usd"]) == ("computed", pytest.approx(cost))
    assert run.spans["fail"]["cost_usd"] is None


def test_refused_call_has_its_error_class(run: Run) -> None:
    """A 429 is a rate limit, whatever the SDK calls it; the other calls are no errors."""
    assert (run.spans["fail"]["status"], run.spans["fail"]["error_class"]) == (ERROR, "rate_limit")
    assert [call for call, span in run.spans.items() if span["status"] == ERROR] == ["fail"]


def test_refused_call_names_its_model(run: Run) -> None:
    """A call that failed counts for the model that was asked, or a model's failure rate could not be told."""
    assert run.spans["fail"]["model"] == BUSY_MODEL


def test_session_and_user_join_the_trace(run: Run) -> None:
    """They are those that the application set; one that sets none has none."""
    sessions = run.project.get("/sessions")["sessions"]
    found = [(one["session_id"], one["user_ids"], one["trace_count"]) for one in sessions]
    assert found == ([("session-1", ["user-1"], 1)] if run.sdk.root_kind else [])


def test_question_and_answer_are_kept(run: Run) -> None:
    """The opened span has both as they were written, whether they came with it or in log records."""
    span = run.spans["chat"]
    opened = run.project.get(f"/traces/{span['trace_id']}/spans/{span['span_id']}")
    assert "환불은 며칠 걸리나요?" in opened["input"]
    assert run.seen["chat"]["text"] in opened["output"]


@pytest.mark.parametrize("call", ["chat", "stream"])
def test_opened_call_is_a_chat(run: Run, call: str) -> None:
    """The messages with their roles and words, whatever form this SDK gives them."""
    span = run.spans[call]
    opened = run.project.get(f"/traces/{span['trace_id']}/spans/{span['span_id']}")
    messages = opened["conversation"]["messages"]
    speakers = [(one["side"], one["role"]) for one in messages]
    assert speakers == [("input", "system"), ("input", "user"), ("output", "assistant")]
    words = [[(part["type"], part["text"]) for part in one["parts"]] for one in messages]
    assert words[1:] == [[("text", "환불은 며칠 걸리나요?")], [("text", run.seen[call]["text"])]]


def test_full_text_finds_the_calls(run: Run) -> None:
    """Korean words of an answer find the calls that gave it."""
    found = run.project.get("/traces", q="영업일 3일", level="span")["spans"]
    ids = {span["span_id"] for span in found}
    assert {"chat", "stream"} <= {call for call, span in run.spans.items() if span["span_id"] in ids}


def test_signals_and_status_count_the_calls_once(run: Run) -> None:
    """Whatever wraps a call, it counts once; the totals are exact."""
    assert run.project.get("/status")["spans_total"] == len(run.spans)
    assert run.project.signal("llm.requests") == {(): 3}
    assert run.project.signal("llm.success_rate") == {(): pytest.approx(2 / 3)}
    assert run.project.signal("embedding.calls", by="model") == {(EMBEDDING_MODEL,): 1}
    assert run.project.signal("llm.errors_by_class") == {(): 1}
    assert run.project.signal("llm.input_tokens") == {(): 2 * run.seen["chat"]["input_tokens"]}


@pytest.mark.parametrize("readme", READMES)
def test_phoenix_with_the_address_of_the_readme_sends_to_our_grpc_port(readme: str, tmp_path: Path) -> None:
    """That address alone, without a port, leads Phoenix by gRPC to where `pitwall up` listens by default."""
    environ = readme_settings(readme, "Phoenix")
    assert environ.keys() == {"PHOENIX_COLLECTOR_ENDPOINT"}
    program = "from phoenix.otel import register; register()"
    told = run_program([sdk_bin("phoenix") / "python", "-c", program], environ, tmp_path).stdout
    assert f"Collector Endpoint: 127.0.0.1:{ServerSettings().grpc_port}\n" in told
    assert "Transport: gRPC\n" in told
