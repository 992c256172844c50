"""A running Pitwall, a running model simulator and the environments of foreign SDKs, for end-to-end tests."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.integration.server.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "sdk_scripts"
READMES = ("README.md", "README.ko.md")
COMMAND = [sys.executable, "-c", "from pitwall.cli.main import main; main()"]
CHAT_MODEL = "gpt-4o-mini"
LOCAL_MODEL = "qwen2.5:7b"
EMBEDDING_MODEL = "text-embedding-3-small"
BUSY_MODEL = "busy-model"
_NO_WAITS = ("--first-token-ms", "0", "--per-token-ms", "0", "--embedding-ms", "0")
_KEPT = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE")
_START_SECONDS = 60.0


def bare_environ(**more: str) -> dict[str, str]:
    """An environment without settings of whoever runs the tests, and with what is given."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LANG": "en_US.UTF-8", "PYTHONUNBUFFERED": "1", **more}


@dataclass(frozen=True, slots=True)
class RunningPitwall:
    """Where a server of its own process is reached."""

    url: str
    otlp_url: str
    grpc_port: int
    data_dir: Path

    @property
    def grpc_url(self) -> str:
        return f"http://127.0.0.1:{self.grpc_port}"

    def project(self, name: str) -> Project:
        """A project that nobody else uses, with a key that may send and read."""
        body = {"name": name, "project": name, "scopes": ["ingest", "read"]}
        answer = httpx.post(f"{self.url}/api/v1/keys", json=body, trust_env=False)
        assert answer.status_code == 201, answer.text
        return Project(self, name, answer.json()["token"])


@dataclass(frozen=True, slots=True)
class Project:
    """One project of a running server, read through the API."""

    server: RunningPitwall
    name: str
    token: str

    @property
    def otlp_headers(self) -> str:
        """The key as `OTEL_EXPORTER_OTLP_HEADERS` wants it."""
        return f"authorization={quote(f'Bearer {self.token}')}"

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a GET with the project's key."""
        answer = httpx.get(
            f"{self.server.url}/api/v1{path}",
            params=parameters,
            headers={"authorization": f"Bearer {self.token}"},
            timeout=30,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for(self, total: str, count: int, timeout_seconds: float = 20.0) -> dict[str, Any]:
        """The status once at least `count` records of a kind (`spans_total`) are stored."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            status: dict[str, Any] = self.get("/status")
            if status[total] >= count:
                return status
            assert time.monotonic() < deadline, f"{total} is {status[total]}, not {count}"
            time.sleep(0.1)

    def spans(self, count: int) -> list[dict[str, Any]]:
        """All spans, oldest first, once `count` are stored."""
        self.wait_for("spans_total", count)
        page = self.get("/traces", level="span", limit=500)
        assert page["next_cursor"] is None
        return sorted(page["spans"], key=lambda span: str(span["started_at"]))

    def trace(self, trace_id: str) -> dict[str, Any]:
        """One trace with its contents."""
        opened: dict[str, Any] = self.get(f"/traces/{trace_id}")
        return opened

    def signal(self, name: str, by: str = "") -> dict[tuple[str, ...], float | None]:
        """Values of the last hour, what came in just now included, by their labels in the order of `by`."""
        now = time.time()
        times = {"since": _instant(now - 3600), "until": _instant(now + 60)}
        rows = self.get("/signals/query", name=name, by=by, **times)["rows"]
        labels = [label for label in by.split(",") if label]
        return {tuple(row["labels"][label] for label in labels): row["value"] for row in rows}


@contextmanager
def running_pitwall(
    data_dir: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[RunningPitwall]:
    """Run `pitwall up` on free ports until the block ends; it must end cleanly."""
    ports = {"port": free_port(), "otlp-port": free_port(), "grpc-port": free_port()}
    options = [text for name, port in ports.items() for text in (f"--{name}", str(port))]
    command = [*COMMAND, "up", "--data-dir", str(data_dir), *options, *arguments]
    log = data_dir.with_name(f"{data_dir.name}.log")
    url = f"http://127.0.0.1:{ports['port']}"
    with _process(command, bare_environ(**(environ or {})), log) as process:
        _wait(lambda: _is_ready(f"{url}/health/ready"), process, log)
        yield RunningPitwall(url, f"http://127.0.0.1:{ports['otlp-port']}", ports["grpc-port"], data_dir)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text("utf-8")


@contextmanager
def running_models(directory: Path) -> Iterator[str]:
    """Run the model simulator; yields its address. `BUSY_MODEL` is refused with a 429."""
    port = free_port()
    models = ("--model", CHAT_MODEL, "--model", LOCAL_MODEL, "--model", BUSY_MODEL)
    options = ("--port", str(port), *models, "--embed-model", EMBEDDING_MODEL, *_NO_WAITS)
    log = directory / "models.log"
    url = f"http://127.0.0.1:{port}"
    with _process([sys.executable, "-m", "examples.model_server", *options], bare_environ(), log) as process:
        _wait(lambda: _is_ready(url), process, log)
        fault = {"mode": "status_429", "match_model": BUSY_MODEL}
        httpx.post(f"{url}/__simulator__/faults", json=fault, trust_env=False).raise_for_status()
        yield url


def sdk_bin(environment: str) -> Path:
    """The programs of a foreign SDK's environment; the test is skipped where it was not made."""
    folder = ROOT / ".venvs" / environment
    if not (folder / ".ready").exists():
        pytest.skip(f".venvs/{environment} is missing; `make setup-sdk-envs` makes it")
    return folder / "bin"


def readme_settings(readme: str, product: str) -> dict[str, str]:
    """The variables that a README's table of addresses gives to users of a product."""
    lines = (ROOT / readme).read_text("utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| {product} |")]
    return dict(re.findall(r"`(\w+)=([^`]+)`", row))


def run_program(
    command: Sequence[str | Path], environ: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end in a bare environment; it must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=bare_environ(**environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


def run_in_terminal(
    command: Sequence[str | Path], environ: Mapping[str, str], columns: int = 80
) -> tuple[int, str]:
    """Run a program in a terminal of its own; returns its exit code and what the screen got, escapes too."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env=bare_environ(TERM="xterm-256color", **environ),
        start_new_session=True,
    )
    os.close(inner)
    written = bytearray()
    with suppress(OSError):  # how Linux tells that nobody holds the inner side any more
        while piece := os.read(outer, 65_536):
            written += piece
    os.close(outer)
    return process.wait(60), written.decode().replace("\r\n", "\n")


def seen_by(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a script of `sdk_scripts` reported: the last JSON line of its output."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, f"{done.stdout}\n{done.stderr}"
    seen: dict[str, Any] = json.loads(lines[-1])
    return seen


@contextmanager
def _process(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose output goes to a file, so that it never waits for a reader; killed in the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command), cwd=ROOT, env=dict(environ), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_ready():
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.05)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _instant(unix_seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(unix_seconds))
