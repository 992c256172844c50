"""Pitwall's own SDK and the README's examples against a real server."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running import (
    COMMAND,
    LOCAL_MODEL,
    READMES,
    ROOT,
    SCRIPTS,
    Project,
    bare_environ,
    run_program,
    sdk_bin,
    seen_by,
)
from tests.integration.server.processes import free_port

QUESTION = "환불은 며칠 걸리나요?"
_DEFAULT_OTLP = "http://127.0.0.1:4318"


def sdk_environ(project: Project, **more: str) -> dict[str, str]:
    """Address and key for Pitwall's SDK."""
    return {"PITWALL_ENDPOINT": project.server.otlp_url, "PITWALL_API_KEY": project.token, **more}


def readme_block(readme: str, language: str, containing: str) -> str:
    """The first code block of a README in a language that contains a text."""
    text = (ROOT / readme).read_text("utf-8")
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if containing in block)


def console_commands(block: str) -> list[str]:
    """The commands of a console block without their comments."""
    return [
        shlex.join(shlex.split(line[2:], comments=True)) for line in block.splitlines() if line[:2] == "$ "
    ]


@contextmanager
def passing_on(port: int, target: str) -> Iterator[None]:
    """Pass every POST to a port on to another server."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            passed = {name: self.headers[name] for name in ("content-type", "authorization")}
            answer = httpx.post(f"{target}{self.path}", content=body, headers=passed, trust_env=False)
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", port), Door) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("readme", READMES)
def test_five_lines_of_the_readme_show_up(
    readme: str, own_project: Project, model_url: str, tmp_path: Path
) -> None:
    """The example as it is printed, with only `ask_model` added, gives a trace with question and answer."""
    example = readme_block(readme, "python", "pitwall.init")
    program = f"from readme_model import ask_model\n{example}\nprint(answer({QUESTION!r}))\n"
    (tmp_path / "my_app.py").write_text(program, "utf-8")
    environ = sdk_environ(own_project, MODEL_URL=model_url, PYTHONPATH=str(SCRIPTS))
    text = run_program([sys.executable, "my_app.py"], environ, tmp_path).stdout.strip()
    root, call = own_project.spans(2)
    assert (root["kind"], root["name"], root["service"]) == ("chain", "answer", "shop-chat")
    assert (call["kind"], call["model"], call["provider"]) == ("llm", LOCAL_MODEL, "ollama")
    opened = own_project.trace(root["trace_id"])["spans"]
    assert [span["depth"] for span in opened] == [0, 1]
    assert QUESTION in opened[1]["input"]
    assert text in opened[1]["output"]


@pytest.mark.parametrize("readme", READMES)
def test_commands_after_the_example_show_the_trace(readme: str, own_project: Project, tmp_path: Path) -> None:
    """The commands under "Then look" show the request at once: in the list, as a tree and in the numbers."""
    example = readme_block(readme, "python", "pitwall.init")
    program = f"def ask_model(question): return 'three days'\n{example}\nanswer({QUESTION!r})"
    run_program([sys.executable, "-c", program], sdk_environ(own_project), tmp_path)
    trace_id = own_project.spans(2)[0]["trace_id"]
    texts = []
    for command in console_commands(readme_block(readme, "console", "traces show")):
        arguments = [trace_id if word == "TRACE_ID" else word for word in shlex.split(command)[1:]]
        access = {"PITWALL_URL": own_project.server.url, "PITWALL_API_KEY": own_project.token}
        texts.append(run_program([*COMMAND, *arguments], access, tmp_path).stdout)
    assert len(texts) == 3
    assert trace_id in texts[0]
    assert trace_id in texts[1]
    assert re.search(r"^llm\.requests .* 1 calls ", texts[2], re.MULTILINE)


@pytest.mark.sdk_env
@pytest.mark.parametrize("readme", READMES)
def test_zero_code_example_of_the_readme_shows_up(
    readme: str, own_project: Project, model_url: str, tmp_path: Path
) -> None:
    """The two printed lines, with this server's address and a key, bring in every call of a plain program."""
    _install, export, start = console_commands(readme_block(readme, "console", "opentelemetry-instrument"))
    settings = dict(word.split("=", 1) for word in shlex.split(export)[1:])
    assert settings["OTEL_EXPORTER_OTLP_ENDPOINT"] == _DEFAULT_OTLP
    settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = own_project.server.otlp_url
    settings["OTEL_EXPORTER_OTLP_HEADERS"] = own_project.otlp_headers
    (tmp_path / "my_app.py").write_bytes((SCRIPTS / "plain_app.py").read_bytes())
    path = f"{sdk_bin('phoenix')}:{bare_environ()['PATH']}"
    environ = {**settings, "PATH": path, "MODEL_URL": model_url, "PYTHONPATH": str(SCRIPTS)}
    run_program(["/bin/sh", "-c", start], environ, tmp_path)
    spans = own_project.spans(4)
    assert [span["kind"] for span in spans] == ["llm", "llm", "embedding", "llm"]
    assert {span["service"] for span in spans} == {settings["OTEL_SERVICE_NAME"]}


def test_request_id_joins_spans_logs_and_response(own_project: Project, tmp_path: Path) -> None:
    """X-Request-ID of the caller is on the response, on every span, on the score and on the log line."""
    done = run_program([sys.executable, SCRIPTS / "pitwall_web_app.py"], sdk_environ(own_project), tmp_path)
    logs = {entry["event"]: entry for entry in map(json.loads, done.stdout.splitlines())}
    answered, returned = logs["answered"], logs["returned"]
    assert answered["request_id"] == returned["request_id"] == "request-42"
    spans = own_project.spans(5)
    assert [span["kind"] for span in spans] == ["http", "cache", "embedding", "retriever", "llm"]
    whose = {(span["request_id"], span["company"], span["user_id"], span["session_id"]) for span in spans}
    assert whose == {("request-42", "acme", "user-7", "session-9")}
    assert {(span["environment"], span["version"]) for span in spans} == {("staging", "1.2.3")}
    assert {span["trace_id"] for span in spans} == {answered["trace_id"]}
    found = own_project.get("/traces", filter="request_id:eq:request-42")["traces"]
    assert [trace["trace_id"] for trace in found] == [answered["trace_id"]]


def test_helpers_fill_the_signals(own_project: Project, tmp_path: Path) -> None:
    """One RAG request gives calls, tokens, cost, hits and cache misses, each once."""
    run_program([sys.executable, SCRIPTS / "pitwall_web_app.py"], sdk_environ(own_project), tmp_path)
    own_project.spans(5)
    expected = {
        "llm.requests": 1,
        "llm.success_rate": 1.0,
        "llm.tokens": 1200,
        "rag.hit_rate": 1.0,
        "rag.mean_hits": 1.0,
        "cache.embed_hit_rate": 0.0,
        "embedding.calls": 1,
        "cost.usd": pytest.approx((1000 * 0.15 + 200 * 0.60 + 7 * 0.02) / 1e6),
        "requests.count": 1,
    }
    assert {name: own_project.signal(name)[()] for name in expected} == expected


def test_score_belongs_to_its_trace(own_project: Project, tmp_path: Path) -> None:
    """A score made in a request is counted, and stands on the trace with its explanation."""
    run_program([sys.executable, SCRIPTS / "pitwall_web_app.py"], sdk_environ(own_project), tmp_path)
    assert own_project.wait_for("scores_total", 1)["scores_total"] == 1
    trace_id = own_project.spans(5)[0]["trace_id"]
    (score,) = own_project.trace(trace_id)["scores"]
    assert (score["name"], score["value"], score["explanation"]) == ("grounded", 1, "문서에 있는 문장")


def test_lost_spans_are_counted_on_the_server(own_project: Project, tmp_path: Path) -> None:
    """What the client dropped reaches the server as a number; with the stored ones it adds up."""
    done = run_program([sys.executable, SCRIPTS / "pitwall_busy_app.py"], sdk_environ(own_project), tmp_path)
    tally: dict[str, Any] = json.loads(done.stdout)
    assert tally["dropped"] > 0
    assert tally["exported"] + tally["dropped"] == 2_000
    own_project.wait_for("points_total", 1)
    assert own_project.wait_for("spans_total", tally["exported"])["spans_total"] == tally["exported"]
    assert own_project.signal("data.spans_dropped") == {(): tally["dropped"]}
    completeness = own_project.signal("data.completeness")[()]
    assert completeness == pytest.approx(tally["exported"] / 2_000)


def test_spans_lost_while_the_server_was_away_are_counted_later(own_project: Project, tmp_path: Path) -> None:
    """The counters keep what the client gave up and bring it to the server once that answers again."""
    port = free_port()
    environ = sdk_environ(own_project, PITWALL_ENDPOINT=f"http://127.0.0.1:{port}")
    with subprocess.Popen(
        [sys.executable, str(SCRIPTS / "pitwall_cut_off_app.py")],
        cwd=tmp_path,
        env=bare_environ(**environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as application:
        assert application.stdout is not None
        assert application.stdout.readline() == "lost\n"
        with passing_on(port, own_project.server.otlp_url):
            output, _ = application.communicate("go on\n", timeout=60)
    tally: dict[str, Any] = json.loads(output)
    dropped = sum(tally["dropped"].values())
    assert (tally["dropped"].keys(), tally["exported"] + dropped) == ({"queue_full", "export_failed"}, 35)
    own_project.wait_for("points_total", 1)
    assert own_project.wait_for("spans_total", tally["exported"])["spans_total"] == tally["exported"] == 5
    assert own_project.signal("data.spans_dropped") == {(): dropped}
    assert own_project.signal("data.completeness")[()] == pytest.approx(5 / 35)


@pytest.mark.sdk_env
@pytest.mark.parametrize(
    ("environment", "module"),
    [
        ("phoenix", "openinference.instrumentation.openai"),
        ("otel-openai", "opentelemetry.instrumentation.openai_v2"),
        ("traceloop", "opentelemetry.instrumentation.openai"),
    ],
)
def test_sdk_turns_on_installed_instrumentations(
    environment: str, module: str, own_project: Project, model_url: str, tmp_path: Path
) -> None:
    """`init(instrument="auto")` is all it takes to watch the openai client, request id included."""
    environ = sdk_environ(own_project, MODEL_URL=model_url, PYTHONPATH=str(ROOT / "src"))
    script = SCRIPTS / "pitwall_instrumenting_app.py"
    seen = seen_by(run_program([sdk_bin(environment) / "python", script], environ, tmp_path))
    spans = own_project.spans(4)
    assert seen["instrumented"] == [["openai", module]]
    assert [span["kind"] for span in spans] == ["llm", "llm", "embedding", "llm"]
    assert [span["error_class"] for span in spans] == [None, None, None, "rate_limit"]
    assert {(span["service"], span["request_id"]) for span in spans} == {("shop-auto", "request-7")}
    tokens = [seen[call]["input_tokens"] for call in ("chat", "stream", "embed")]
    assert [span["input_tokens"] for span in spans] == [*tokens, None]
