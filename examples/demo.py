"""`python examples/demo.py [--seconds N]`: Pitwall watching a real RAG application with traffic.

Starts Pitwall, a model server (simulated, unless OLLAMA_BASE_URL or OPENAI_BASE_URL names a real one), the
VOC chat service and customers who ask questions; at the end or on Ctrl-C it prints the signals Pitwall saw,
over the time from the first question to the last answer.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a script has its own folder on the path, not the repository

from examples.processes import Child, ChildFailed, Children, fetch, free_port  # noqa: E402
from pitwall.settings import load, load_settings  # noqa: E402

READY_SECONDS = 60.0


class Stopped(Exception):
    """The user asked to stop before everything was running."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; `seconds` 0 runs until Ctrl-C."""

    seconds: float
    rate: float
    users: int
    demo_python: Path
    data_dir: Path | None


class Demo:
    """One run of the demo in a working folder."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._children = Children(folder)
        self._stop = threading.Event()
        self._env = _child_environment(folder)
        self._is_simulated = False
        self._url = ""
        self._traffic_started_at = datetime.now(UTC)

    def run(self) -> None:
        """Run from start to the printed signals.

        Raises:
            ChildFailed: Something ended by itself or did not become ready.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            voc_url = self._start_services()
            voc, traffic = self._start_voc(voc_url), self._start_traffic(voc_url)
            print_guide(self._url, voc_url, self._env["OLLAMA_BASE_URL"] if self._is_simulated else None)
            self._watch()
            self._conclude(traffic, voc)
        except Stopped:
            say("Stopped before everything was running.", "모두 시작되기 전에 멈췄습니다.")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # the last steps are short and must not be cut
            self._children.stop_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set() and number == signal.SIGINT:  # asked twice: no summary
            raise KeyboardInterrupt
        self._stop.set()

    # -- starting

    def _start_services(self) -> str:
        has_model_server = _has_model_server(self._env)
        ports = free_port(8400), free_port(4318), free_port(4317)
        self._url = f"http://127.0.0.1:{ports[0]}"
        self._env["PITWALL_ENDPOINT"] = f"http://127.0.0.1:{ports[1]}"
        data_dir = self._options.data_dir or self._folder / "data"
        names = ("--port", "--otlp-port", "--grpc-port")
        flags = [part for name, port in zip(names, ports, strict=True) for part in (name, str(port))]
        say("Starting Pitwall ...", "Pitwall을 시작합니다 ...")
        pitwall = self._start("pitwall", [*_pitwall_command(), "up", "--data-dir", str(data_dir), *flags])
        if not has_model_server:
            self._start_model_server()
        self._wait_ready(pitwall, f"{self._url}/health/ready")
        return f"http://127.0.0.1:{free_port(8500)}"

    def _start_model_server(self) -> None:
        say("Starting the SIMULATED model server ...", "시뮬레이션 모델 서버를 시작합니다 ...")
        voc = load_settings(environ=self._env).voc
        flags = ["--port", "0", "--model", voc.ollama_model, "--embed-model", voc.ollama_embed_model]
        child = self._start("model-server", [sys.executable, "-m", "examples.model_server", *flags])
        self._wait_for(child, lambda: _announced_address(child) is not None)
        self._env["OLLAMA_BASE_URL"] = _announced_address(child) or ""
        self._is_simulated = True

    def _start_voc(self, url: str) -> Child:
        python = str(self._options.demo_python)
        say(
            "Reading the documents and starting the VOC chat service ...",
            "문서를 읽고 VOC 챗 서비스를 시작합니다 ...",
        )
        ingest = self._start("ingest", [python, "-m", "examples.voc_chat.ingest"])
        self._children.finish(ingest, READY_SECONDS * 5, self._keep_waiting)
        print("  " + ingest.tail(1).strip())
        voc = self._start("voc-chat", [python, "-m", "examples.voc_chat", "--port", url.rpartition(":")[2]])
        self._wait_ready(voc, f"{url}/health/ready")
        return voc

    def _start_traffic(self, url: str) -> Child:
        self._traffic_started_at = datetime.now(UTC)
        flags = ["--url", url, "--rate", str(self._options.rate), "--users", str(self._options.users)]
        return self._start(
            "traffic", [str(self._options.demo_python), "-m", "examples.voc_chat.traffic", *flags]
        )

    def _start(self, name: str, command: list[str]) -> Child:
        return self._children.start(name, command, self._env, ROOT)

    def _wait_ready(self, child: Child, url: str) -> None:
        self._wait_for(child, lambda: fetch(url) is not None)

    def _wait_for(self, child: Child, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            self._children.check()
            self._keep_waiting()
            if time.monotonic() > deadline:
                raise child.failure(f"was not ready within {READY_SECONDS:g} s")
            time.sleep(0.05)

    def _keep_waiting(self) -> None:
        if self._stop.is_set():
            raise Stopped

    # -- running and ending

    def _watch(self) -> None:
        """Show progress until the time is over or the user stops; a child that ends is a failure."""
        started = time.monotonic()
        elapsed, shown = 0.0, -10.0
        while not self._stop.wait(0.5) and not (0 < self._options.seconds <= elapsed):
            self._children.check()
            elapsed = time.monotonic() - started
            if sys.stdout.isatty() or elapsed - shown >= 10:
                shown = elapsed
                end = "\r" if sys.stdout.isatty() else "\n"
                print(f"  {_progress(elapsed, self._options.seconds, self._status())}", end=end, flush=True)
        print()

    def _conclude(self, traffic: Child, voc: Child) -> None:
        say("Stopping the traffic and the service ...", "트래픽과 서비스를 멈춥니다 ...")
        self._children.stop(traffic)
        self._children.stop(voc)
        until = datetime.now(UTC)
        self._settle()
        say("What the customers got:", "고객이 받은 응답:")
        print("  " + traffic.tail(1).strip())
        # The range of this run: the latest complete window would not hold the seconds just gone by.
        times = ["--since", self._traffic_started_at.isoformat(), "--until", until.isoformat()]
        say("\nThe signals Pitwall saw:", "Pitwall이 본 신호:")
        subprocess.run(
            [*_pitwall_command(), "signals", "show", "--url", self._url, *times],
            check=True,
            timeout=60,
            env=self._env,
        )
        print_end(self._options.data_dir)

    def _settle(self) -> None:
        """Wait until what the service sent last is counted, 5 seconds at most."""
        before = None
        for _ in range(10):
            total = self._status().get("spans_total")
            if total is not None and total == before:
                return
            before = total
            time.sleep(0.5)

    def _status(self) -> dict[str, Any]:
        body = fetch(f"{self._url}/api/v1/status")
        return json.loads(body) if body else {}


def say(english: str, korean: str) -> None:
    """One line in both languages."""
    print(f"{english}  |  {korean}", flush=True)


def print_guide(url: str, voc_url: str, simulator_url: str | None) -> None:
    """Say where to look and what to try."""
    command, as_json = _pitwall_command()[0], "-H 'content-type: application/json'"
    say("\nEverything runs. Where to look:", "모두 실행 중입니다. 볼 곳:")
    print(f"  {url}   (UI)")
    print(f"  {command} signals show --since 10m --url {url}")
    print(f"  {command} traces list --url {url}")
    print(f"  {url}/metrics   {url}/api/v1/status   {url}/api/openapi.json")
    say("Ask a question yourself:", "직접 질문해 보세요:")
    question = json.dumps({"question": "환불은 며칠 걸리나요?"}, ensure_ascii=False)
    print(f"  curl -s {voc_url}/voc/chat {as_json} -d '{question}'")
    if simulator_url is not None:
        say("Answers are SIMULATED. Switch faults on and off:", "답변은 시뮬레이션입니다. 장애를 켜고 끄기:")
        fault = json.dumps({"mode": "status_429", "ratio": 0.3})
        print(f"  curl -s {simulator_url}/__simulator__/faults -d '{fault}'")
        print(f"  curl -s -X DELETE {simulator_url}/__simulator__/faults")
    print(flush=True)


def print_end(data_dir: Path | None) -> None:
    """Say what is left of the run and what a newcomer does next."""
    if data_dir is None:
        say(
            "\nThis run's data is removed; --data-dir D keeps it.",
            "이번 실행의 데이터는 지웁니다. --data-dir D 로 남길 수 있습니다.",
        )
    else:
        say(f"\nThis run's data stays in {data_dir}.", "이번 실행의 데이터는 그대로 있습니다.")
    say("Your own application next: README.md.", "다음은 여러분의 애플리케이션입니다: README.ko.md")


def _progress(elapsed: float, seconds: float, status: dict[str, Any]) -> str:
    limit = f" / {seconds:g} s" if seconds else " s (Ctrl-C: stop / 멈춤)"
    names = {"spans_total": "spans", "points_total": "points", "dead_letters_total": "dead letters"}
    counts = [f"{status[key]:,} {name}" for key, name in names.items() if status.get(key) is not None]
    return f"{elapsed:.0f}{limit} · " + (" · ".join(counts) or "no status yet")


def _child_environment(folder: Path) -> dict[str, str]:
    """The user's environment; telemetry goes to the endpoint only, so TRACE_DIR is left out."""
    env = {name: value for name, value in os.environ.items() if name not in ("TRACE_DIR", "TRACE_ENABLE")}
    env.setdefault("CHROMA_DIR", str(folder / "chroma"))
    env.setdefault("PITWALL_PRICES__FILE", str(ROOT / "examples" / "voc_chat" / "prices.yaml"))
    paths = [str(ROOT), str(ROOT / "src"), env.get("PYTHONPATH", "")]
    return env | {"PYTHONPATH": os.pathsep.join(path for path in paths if path), "PYTHONUNBUFFERED": "1"}


def _pitwall_command() -> list[str]:
    return [str(Path(sys.executable).parent / "pitwall")]


def _has_model_server(env: dict[str, str]) -> bool:
    """Whether the environment names a model server; an Ollama must answer and have the models.

    Raises:
        ChildFailed: It does not.
    """
    if env.get("OPENAI_BASE_URL"):
        return True
    loaded = load(environ=env)
    if "voc.ollama_base_url" not in loaded.origins:
        return False
    voc = loaded.settings.voc
    base_url = voc.ollama_base_url.rstrip("/")
    body = fetch(f"{base_url}/api/tags")
    if body is None:
        raise ChildFailed(
            f"No Ollama answers at OLLAMA_BASE_URL={base_url}. Start it, or unset the variable to simulate."
        )
    names = {model["name"] for model in json.loads(body)["models"]}
    wanted = (voc.ollama_model, voc.ollama_embed_model)
    missing = [name for name in wanted if name not in names and f"{name}:latest" not in names]
    if missing:
        commands = " && ".join(f"ollama pull {name}" for name in missing)
        raise ChildFailed(f"Ollama at {base_url} does not have {', '.join(missing)}. Run: {commands}")
    return True


def _announced_address(child: Child) -> str | None:
    for line in child.log.read_text(encoding="utf-8").splitlines():
        if line.startswith('{"address"') and line.endswith("}"):
            return str(json.loads(line)["address"])
    return None


def _parse_options() -> Options:
    parser = argparse.ArgumentParser(
        prog="python examples/demo.py", description="Pitwall watching a real RAG service."
    )
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="stop after this time; 0: until Ctrl-C (default)"
    )
    parser.add_argument("--rate", type=float, default=3.0, help="questions per second, at most")
    parser.add_argument("--users", type=int, default=6)
    parser.add_argument("--demo-python", type=Path, default=ROOT / ".venv-demo" / "bin" / "python")
    parser.add_argument(
        "--data-dir", type=Path, help="keep Pitwall's data here (default: a temporary folder)"
    )
    options = parser.parse_args()
    for needed in (options.demo_python, Path(_pitwall_command()[0])):
        if not needed.exists():
            parser.error(f"{needed} does not exist; run `make setup setup-demo` first")
    return Options(
        options.seconds, options.rate, options.users, options.demo_python.absolute(), options.data_dir
    )


def main() -> int:
    options = _parse_options()
    folder = Path(tempfile.mkdtemp(prefix="pitwall-demo-"))
    try:
        Demo(options, folder).run()
    except ChildFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        print(f"\n`pitwall signals show` failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
