"""A server whose parts misbehave still ends in time and says why."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.integration.server.processes import free_port

# Runs `pitwall up` with one more component, `Bad`, whose body each test writes.
SCRIPT = """
import dataclasses, os, signal, sys, threading, time
import pitwall.server.serve as serve
from pitwall.cli.main import main
from pitwall.core.errors import Unavailable

class Bad:
    name = "bad"
    def start(self):
        {start}
    def stop(self, timeout_seconds):
        {stop}

def compose(*args, original=serve.compose, **options):
    pitwall = original(*args, **options)
    return dataclasses.replace(pitwall, components=[*pitwall.components, Bad()])

serve.compose = compose
stop_soon = lambda: threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
main(["up", "--data-dir", sys.argv[1], "--port", sys.argv[2], "--otlp-port", "0", "--grpc-port", "0"])
"""


def run(
    data_dir: Path, *, start: str = "stop_soon()", stop: str = "pass", shutdown_seconds: float = 0.5
) -> subprocess.CompletedProcess[str]:
    """Run a server with a bad component to its end."""
    script = SCRIPT.format(start=start, stop=stop)
    return subprocess.run(
        [sys.executable, "-c", script, str(data_dir), str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PITWALL_SERVER__SHUTDOWN_SECONDS": str(shutdown_seconds)},
    )


def test_part_that_cannot_start_ends_the_server_with_its_reason(tmp_path: Path) -> None:
    """The error of the part is what the user reads; nothing is left behind."""
    result = run(tmp_path, start='raise Unavailable("The engine is not there.", hint="Install it.")')
    assert result.returncode == 1
    assert "Error: The engine is not there.\nHint: Install it." in result.stderr
    assert "Traceback" not in result.stderr
    assert "is ready" not in result.stderr
    assert not (tmp_path / "server.json").exists()


def test_part_that_hangs_while_stopping_is_cut_short(tmp_path: Path) -> None:
    """The time limit holds; the part is named and the exit code tells."""
    began = time.monotonic()
    result = run(tmp_path, stop="time.sleep(60)")
    assert time.monotonic() - began < 20
    assert result.returncode == 1
    assert "server.stop.incomplete" in result.stderr
    assert "bad" in result.stderr
    assert not (tmp_path / "server.json").exists()


def test_part_that_fails_while_stopping_is_logged(tmp_path: Path) -> None:
    """The others stop all the same and the end is a normal one; the log has the traceback."""
    # The sound parts get all the time a busy machine may need: the claim is about the failing one.
    result = run(tmp_path, stop='raise ZeroDivisionError("oops")', shutdown_seconds=30)
    assert result.returncode == 0
    assert "component.stop.failed" in result.stderr
    assert "ZeroDivisionError: oops" in result.stderr


def test_part_that_hangs_while_starting_obeys_a_signal(tmp_path: Path) -> None:
    """A stop during a start that takes for ever ends the process within the limit."""
    began = time.monotonic()
    result = run(tmp_path, start="stop_soon(); time.sleep(60)")
    assert time.monotonic() - began < 20
    assert result.returncode == 1
    assert "server.stop.incomplete" in result.stderr
