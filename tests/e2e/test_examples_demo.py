"""`make demo`: the real server, the service, the traffic; it ends cleanly and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.e2e.voc_example import DEMO_PYTHON, ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DEMO_PYTHON.exists() and not os.environ.get("CI"),
        reason="needs .venv-demo with chromadb; `make setup-demo` creates it",
    ),
]


@contextmanager
def demo(tmp_path: Path, *flags: str) -> Iterator[subprocess.Popen[str]]:
    """A running demo whose temporary files lie in `tmp_path`."""
    command = [sys.executable, str(ROOT / "examples" / "demo.py"), *flags]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def left_behind(tmp_path: Path) -> list[str]:
    """Processes that were started with the demo's temporary folder in their environment, and its files."""
    found = [str(path) for path in tmp_path.iterdir()]
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR") == str(tmp_path):
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_demo_ends_by_itself_and_shows_its_signals(tmp_path: Path) -> None:
    """With --seconds it exits 0, names where to look, prints the signals, and nothing stays behind."""
    with demo(tmp_path, "--seconds", "6", "--rate", "10") as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "SIMULATED" in output
    assert '"errors": 0' in output
    assert "llm." in output.partition("The signals Pitwall saw:")[2]
    assert left_behind(tmp_path) == []


def test_interrupted_demo_still_shows_its_signals(tmp_path: Path) -> None:
    """Ctrl-C ends an endless demo with exit 0 and the same summary."""
    with demo(tmp_path, "--rate", "10") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "curl -s -X DELETE" in line:
                break
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "llm." in output.partition("The signals Pitwall saw:")[2]
    assert left_behind(tmp_path) == []


def test_failing_child_is_named_and_the_rest_stopped(tmp_path: Path) -> None:
    """When a child fails its last log lines are shown, the exit code is 1 and nothing stays behind."""
    failing = tmp_path.parent / f"{tmp_path.name}-python"
    failing.write_text("#!/bin/sh\necho 'no chromadb here' >&2\nexit 3\n")
    failing.chmod(0o755)
    with demo(tmp_path, "--demo-python", str(failing), "--seconds", "5") as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "ingest ended with exit code 3" in output
    assert "no chromadb here" in output
    assert left_behind(tmp_path) == []
