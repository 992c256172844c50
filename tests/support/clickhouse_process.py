"""Starts, steers and kills the test server of `clickhouse_server`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

_ROOT = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 20
_IDLE_SECONDS = 30


@dataclass
class ClickHouseServer:
    """A ClickHouse server process on one directory; started again it has the same data and the same port.

    Attributes:
        directory: Of its own; the server also works there.
        port: 0 until the first start.
    """

    directory: Path
    user: str = "default"
    password: str = ""
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> ClickHouseServer:
        """Start the process and wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        arguments = {"path": self.directory, "port": self.port, "user": self.user, "password": self.password}
        options = [f"--{name}={value}" for name, value in arguments.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.clickhouse_server", *options],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), *sys.path])},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = json.loads(self.process.stdout.readline())["port"]
        return self

    def url(self, database: str = "default") -> str:
        """Address in the form that the settings take."""
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"clickhouse://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database; return its address."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/",
            content=f"CREATE DATABASE {name}",
            auth=httpx.BasicAuth(self.user, self.password),
            timeout=30,
        )
        answer.raise_for_status()
        return self.url(name)

    def arm(self, mode: str, **options: Any) -> None:
        """Arm a fault; see `clickhouse_server.Fault` for the options."""
        httpx.post(self._faults, json={"mode": mode, **options}).raise_for_status()

    def disarm(self) -> None:
        """Forget all faults; what hangs goes on."""
        httpx.delete(self._faults).raise_for_status()

    def struck(self, mode: str) -> int:
        """How often a fault of this mode happened since the start."""
        count: int = self._report()["struck"].get(mode, 0)
        return count

    def wait_until_idle(self) -> None:
        """Wait until no statement is under way, those that nobody waits for any more included."""
        deadline = time.monotonic() + _IDLE_SECONDS
        while self._report()["running"]:
            assert time.monotonic() < deadline, "statements are still running"
            time.sleep(0.02)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the process without ending it: the kernel takes connections, nobody answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the process cleanly."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    @property
    def _faults(self) -> str:
        return f"http://127.0.0.1:{self.port}/faults"

    def _report(self) -> Any:
        return httpx.get(self._faults).raise_for_status().json()

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.communicate(timeout=_STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.communicate()
            self.process = None
