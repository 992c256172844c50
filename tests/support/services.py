"""Real services that applications depend on, each in a process of its own until a block ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_CHROMA = _ROOT / ".venv-demo" / "bin" / "chroma"
_START_SECONDS = 60.0
_NO_WAITS = ("--first-token-ms", "0", "--per-token-ms", "0", "--embedding-ms", "0")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_simulator(*options: str) -> Iterator[str]:
    """The simulated model server without waits; yields its address."""
    command = [sys.executable, "-m", "examples.model_server", "--port", "0", *_NO_WAITS, *options]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["simulated"] is True
        yield ready["address"]
        process.terminate()
        process.communicate(timeout=10)


@contextmanager
def running_redis(password: str = "") -> Iterator[int]:
    """A Redis server that keeps nothing; yields its port. Skips where Redis is not installed."""
    program = shutil.which("redis-server") or pytest.skip(
        "redis-server is missing; `make setup-system` helps"
    )
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    if password:
        options += ["--requirepass", password]
    with _process([program, *options], port):
        yield port


@contextmanager
def running_chroma() -> Iterator[str]:
    """A Chroma server on an empty directory; yields its address. Skips without the demo's environment."""
    if not _CHROMA.exists():
        pytest.skip(".venv-demo is missing; `make setup-demo` makes it")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(_CHROMA), "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
        with _process(command, port):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def running_postgres() -> Iterator[str]:
    """A PostgreSQL server with the user and database `shop`; yields its address. Skips without PostgreSQL."""
    found = shutil.which("initdb") or max(
        map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=""
    )
    if not found:
        pytest.skip("PostgreSQL is missing; `make setup-system` helps")
    programs = Path(found).resolve().parent
    who: dict[str, Any] = {"user": "postgres"} if os.getuid() == 0 else {}  # it refuses to run as root
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        if who:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        initdb = [
            str(programs / "initdb"),
            "-D",
            data,
            "-U",
            "shop",
            "--auth=trust",
            "--no-sync",
            "--locale=C",
        ]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)
        command = [str(programs / "postgres"), "-D", data, "-k", folder, "-p", str(port), "-F"]
        with _process([*command, "-c", "listen_addresses=127.0.0.1"], port, **who):
            yield f"postgresql://shop@127.0.0.1:{port}/postgres"


@contextmanager
def _process(command: Sequence[str], port: int, **options: Any) -> Iterator[None]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        _wait(lambda: _listens(port), process)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _wait(is_ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_ready():
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{process.args!r} does not answer"
        time.sleep(0.05)
