"""A real `pitwall up` under faults, and clients that remember what was acknowledged."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support.telemetry import TraceBatch

_COMMAND = (sys.executable, "-c", "from pitwall.cli.main import main; main()")
_PATIENCE_SECONDS = 120
_STOP_SECONDS = 30
# Between two looks, and two tries of a client: what asks oftener takes the machine from what it waits for.
_LOOK_SECONDS = 0.05
_TRY_AGAIN_SECONDS = 0.1
PROTOBUF = {"content-type": "application/x-protobuf"}


@dataclass
class PitwallServer:
    """A server process that can be started again on the same data and port.

    Attributes:
        environ: Settings, `PITWALL_...`.
        grpc_port: 0 turns the gRPC door off.
        command: What stands for `pitwall`.
        log_path: What it writes to stderr; beside the data directory if not given.
    """

    data_dir: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108 defined below
    grpc_port: int = 0
    command: tuple[str, ...] = _COMMAND
    log_path: Path = Path()
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        if self.log_path == Path():
            self.log_path = self.data_dir.with_suffix(".log")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def launch(self) -> Self:
        """Start the process without waiting for it."""
        ports = [f"--port={self.port}", "--otlp-port=0", f"--grpc-port={self.grpc_port}"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "up", f"--data-dir={self.data_dir}", *ports],
                stdout=log,
                stderr=log,
                env={**os.environ, "PITWALL_TRACING_ENABLED": "false", **self.environ},
            )
        return self

    def start(self) -> Self:
        """Start the process and wait until it is ready."""
        self.launch()
        self.wait_for(lambda: httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200)
        return self

    def wait_for(self, is_so: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> None:
        """Wait until something is so; an answer that does not come is a no."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if is_so():
                    return
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"waited in vain; the server said: {self.log_path.read_text()[-4000:]}")

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End the process cleanly; return its exit code."""
        return self._end(signal.SIGTERM)

    def run_to_its_end(self) -> int:
        """Start a process that will not run for long; return its exit code."""
        process = self.launch().process
        assert process is not None
        try:
            return process.wait(_PATIENCE_SECONDS)
        finally:
            self.kill()

    def status(self) -> dict[str, Any]:
        """Return what `GET /api/v1/status` says."""
        answer = httpx.get(f"{self.url}/api/v1/status", timeout=30, trust_env=False).raise_for_status()
        fields: dict[str, Any] = answer.json()
        return fields

    def wait_until_applied(self) -> dict[str, Any]:
        """Wait until everything acknowledged is queryable; return the status then."""
        self.wait_for(lambda: self.status()["ingest_lag_seconds"] == 0)
        return self.status()

    def _end(self, number: int) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(_STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Refusal:
    """An answer that was not 200."""

    status: int
    retry_after: str | None
    text: str


class Clients:
    """Applications that send traces to a server, whether it is there or not.

    Each request has its own traces. A client that gets no answer sends the same request again until it gets
    one, as exporters do, unless the clients are impatient: then nobody knows what became of it.

    Attributes:
        acknowledged: Numbers of the traces in requests that were answered by 200.
        refusals: The other answers.
    """

    def __init__(
        self,
        url: str,
        *,
        clients: int = 3,
        traces: int = 4,
        first: int = 1,
        patient: bool = True,
        pause_seconds: float = 0.01,
    ) -> None:
        self._url = url
        self._traces = traces
        self._patient = patient
        self._pause_seconds = pause_seconds
        self._firsts = itertools.count(first, traces)
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        self.acknowledged: set[int] = set()
        self.refusals: list[Refusal] = []
        self.failures: list[Exception] = []

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Send nothing more; raise what went wrong with a client."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures, self.failures

    def send_one(self) -> Refusal | None:
        """Send one request; return the refusal if it was one."""
        return self.send(TraceBatch(first=next(self._firsts), traces=self._traces))

    def send(self, batch: TraceBatch) -> Refusal | None:
        """Send these traces; return the refusal if it was one."""
        with httpx.Client(timeout=30, trust_env=False) as client:
            return self._send(client, batch)

    def _run(self) -> None:
        try:
            with httpx.Client(timeout=30, trust_env=False) as client:
                while not self._is_over.is_set():
                    self._deliver(client)
        except Exception as error:  # noqa: BLE001 a thread's failure must fail the test
            self.failures.append(error)

    def _deliver(self, client: httpx.Client) -> None:
        with self._lock:
            batch = TraceBatch(first=next(self._firsts), traces=self._traces, started_at=time.time())
        while not self._is_over.is_set():
            try:
                if self._send(client, batch) is None:
                    break
            except httpx.TransportError:
                if not self._patient:
                    break
            self._is_over.wait(_TRY_AGAIN_SECONDS)
        self._is_over.wait(self._pause_seconds)

    def _send(self, client: httpx.Client, batch: TraceBatch) -> Refusal | None:
        answer = client.post(f"{self._url}/v1/traces", content=batch.encode(), headers=PROTOBUF)
        if answer.status_code != 200:
            return self._note_refusal(answer)
        assert not answer.content, "a partial success"
        with self._lock:
            self.acknowledged.update(batch.numbers)
        return None

    def _note_refusal(self, answer: httpx.Response) -> Refusal:
        refusal = Refusal(answer.status_code, answer.headers.get("retry-after"), answer.text)
        with self._lock:
            self.refusals.append(refusal)
        return refusal
