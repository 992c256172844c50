"""A real `pitwall up` in a process of its own, and commands that talk to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-c", "from pitwall.cli.main import main; main()"]
_START_SECONDS = 60


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A server process under test."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    otlp_port: int = 0
    arguments: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> subprocess.Popen[str]:
        """Start the process without waiting for it."""
        ports = ["--port", self.port, "--otlp-port", self.otlp_port, "--grpc-port", 0]
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--data-dir", str(self.data_dir), *map(str, ports), *self.arguments],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environ},
        )
        return self.process

    def start(self) -> Server:
        """Start the process and wait until it is ready."""
        process = self.launch()
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200:
                    return self
            time.sleep(0.05)
        process.kill()
        raise AssertionError(f"not ready: {process.communicate()[1]}")

    def refused(self) -> tuple[int, str]:
        """Start a process that will not run; return its exit code and what it says."""
        _, stderr = self.launch().communicate(timeout=_START_SECONDS)
        assert self.process is not None
        return self.process.returncode, stderr

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and return the exit code and what was written to stderr."""
        assert self.process is not None
        self.process.send_signal(number)
        _, stderr = self.process.communicate(timeout=_START_SECONDS)
        return self.process.returncode, stderr


MakeServer = Callable[..., Server]


def run_command(*arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command of the command line."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **(environ or {})},
    )
