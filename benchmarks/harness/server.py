"""A real `pitwall up` in a process of its own, watched from outside."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness.registry import ROOT
from benchmarks.harness.wire import Connection

PITWALL = str(Path(sys.executable).with_name("pitwall"))
_UP_WITHOUT_CONDITION_CACHE = str(ROOT / "benchmarks" / "harness" / "cold_up.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
_CALM_TRIES = 30
_CALM_CPU_SECONDS = 0.2
_POLL_SECONDS = 0.1  # a status page costs the server some ten milliseconds of CPU


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [bound.getsockname()[1] for bound in sockets]


class Process:
    """A server process and what it uses of the machine, its children included.

    Args:
        command: How to start it.
        log: File for what it prints.
        environment: Variables on top of this process's own.
    """

    def __init__(
        self, command: Sequence[str], log: Path, *, environment: dict[str, str] | None = None
    ) -> None:
        self.log = log
        self.started = time.monotonic()
        variables = {**os.environ, **(environment or {})}
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=log.parent, env=variables
            )
        self._process = psutil.Process(self._popen.pid)

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        total = 0.0
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:2])
        return total

    def rss_mb(self) -> float:
        """Resident memory now; pages that processes share count for each of them."""
        total = 0
        for process in self._tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total / 1e6

    def _tree(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def wait_ready(self, port: int, path: str, timeout_seconds: float = _START_SECONDS) -> float:
        """Wait until a page answers 200; returns seconds since the process was started.

        Raises:
            RuntimeError: It ended, or did not answer in time.
        """
        while time.monotonic() - self.started < timeout_seconds:
            if self._popen.poll() is not None:
                break
            with contextlib.suppress(OSError), Connection(port, timeout_seconds=5) as connection:
                if connection.get(path).status == 200:
                    return time.monotonic() - self.started
            time.sleep(0.005)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self._popen.args!r} did not answer {path} with 200:\n{tail}")

    def wait_calm(self) -> None:
        """Wait until it does nothing more than idle, for it may still be starting behind its first answer."""
        for _ in range(_CALM_TRIES):
            before = self.cpu_seconds()
            time.sleep(1.0)
            if self.cpu_seconds() - before < _CALM_CPU_SECONDS:
                return

    def stop(self) -> None:
        """End it with SIGTERM, and with SIGKILL if it does not listen."""
        children = self._process.children(recursive=True) if self._popen.poll() is None else []
        self._popen.terminate()
        try:
            self._popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


class PitwallServer(Process):
    """`pitwall up` on a data directory.

    Args:
        use_condition_cache: False switches the engine's memory of which rows a filter matched off: with it,
            the second of two equal queries looks a hundred times faster.
    """

    def __init__(self, data_dir: Path, *, use_condition_cache: bool = True) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self.port, self.grpc_port = free_ports(2)
        program = [PITWALL] if use_condition_cache else [sys.executable, _UP_WITHOUT_CONDITION_CACHE]
        arguments = ["--port", str(self.port), "--otlp-port", "0", "--grpc-port", str(self.grpc_port)]
        super().__init__(
            [*program, "up", "--data-dir", str(data_dir), *arguments],
            data_dir.parent / f"{data_dir.name}.log",
            environment={"PITWALL_LOGGING__LEVEL": "warning"},
        )

    def status(self, connection: Connection | None = None) -> dict[str, Any]:
        """Ask for the status page."""
        if connection is None:
            with Connection(self.port) as connection:
                return self.status(connection)
        answer = connection.get("/api/v1/status")
        if answer.status != 200:
            raise RuntimeError(f"/api/v1/status answered {answer.status}: {answer.body[:300]!r}")
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def wait_applied(self, total: int, timeout_seconds: float, *, what: str = "spans") -> float:
        """Wait until so many records are queryable; returns the monotonic time at which they were.

        Args:
            what: `spans`, `points`, `logs` or `scores`.

        Raises:
            RuntimeError: There are more, or not as many in time.
        """
        deadline = time.monotonic() + timeout_seconds
        with Connection(self.port) as connection:
            while (count := self.status(connection)[f"{what}_total"]) != total:
                if count > total or time.monotonic() > deadline:
                    raise RuntimeError(f"{count:,} {what} are queryable instead of {total:,}")
                time.sleep(_POLL_SECONDS)
            return time.monotonic()


@contextlib.contextmanager
def running_pitwall(data_dir: Path, *, use_condition_cache: bool = True) -> Iterator[PitwallServer]:
    """Start a server, wait until it is ready, and stop it at the end."""
    server = PitwallServer(data_dir, use_condition_cache=use_condition_cache)
    try:
        server.wait_ready(server.port, "/health/ready")
        yield server
    finally:
        server.stop()
