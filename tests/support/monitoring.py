"""A real Prometheus and a real Alertmanager, each in a process of its own until a block ends."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.services import free_port

_PATIENCE_SECONDS = 60.0


@contextmanager
def running_alertmanager(folder: Path, config: Path) -> Iterator[str]:
    """An Alertmanager with a configuration; yields its address. Skips where it is not installed."""
    program = _program("prometheus-alertmanager")
    port = free_port()
    options = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    command = [program, f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}", *options]
    with _running(command, folder / "alertmanager.log", f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def running_prometheus(folder: Path, config: Path) -> Iterator[str]:
    """A Prometheus with a configuration; yields its address. Skips where it is not installed."""
    program = _program("prometheus")
    port = free_port()
    options = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder / 'prometheus'}"]
    command = [program, f"--config.file={config}", *options]
    with _running(command, folder / "prometheus.log", f"http://127.0.0.1:{port}") as url:
        yield url


def run_tool(name: str, *arguments: str | Path) -> str:
    """Run promtool or amtool, which must succeed; returns what it said. Skips where it is not installed."""
    done = subprocess.run([_program(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def query_prometheus(url: str, expression: str) -> list[dict[str, Any]]:
    """The samples that an expression has now; what Prometheus cannot evaluate fails."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": expression}, trust_env=False)
    body = answer.json()
    assert body["status"] == "success", (expression, body)
    result = body["data"]["result"]
    return list(result) if body["data"]["resultType"] == "vector" else [result]


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until something is so; an answer that does not come is a no."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if is_so():
                return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain until {what}")


def _program(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is missing; `make setup-system` helps")


@contextmanager
def _running(command: list[str], log_path: Path, url: str) -> Iterator[str]:
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until(
                lambda: httpx.get(f"{url}/-/ready", trust_env=False).status_code == httpx.codes.OK,
                f"{command[0]} is ready",
            )
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
