"""The VOC example and its model simulator as processes, and a receiver for what the SDK sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).resolve().parents[2]
DEMO_PYTHON = ROOT / ".venv-demo" / "bin" / "python"
NO_WAITS = ("--first-token-ms", "0", "--per-token-ms", "0", "--embedding-ms", "0")


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """One received span; ids in hex, attributes by name."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.attributes["pitwall.span.kind"])


@dataclass(slots=True)
class OtlpReceiver:
    """Keeps every span that arrives at its address."""

    address: str
    spans: list[SeenSpan] = field(default_factory=list)

    def of_request(self, request_id: str, count: int, timeout_seconds: float = 10.0) -> list[SeenSpan]:
        """The spans of a request once `count` of them are there."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            found = [s for s in list(self.spans) if s.attributes.get("pitwall.request.id") == request_id]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} spans: {[s.name for s in found]}"
            time.sleep(0.05)


@contextmanager
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """A loopback OTLP/HTTP receiver."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = decompress(body)
            if self.path == "/v1/traces":
                receiver.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = OtlpReceiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def model_simulator() -> Iterator[httpx.Client]:
    """A running simulator without waits; the client talks to it."""
    command = [sys.executable, "-m", "examples.model_server", "--port", "0", *NO_WAITS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            with httpx.Client(base_url=address, timeout=10) as client:
                yield client
        finally:
            process.terminate()


def run_ingest(env: Mapping[str, str]) -> str:
    """Run the ingest to its end; returns what it printed."""
    command = [str(DEMO_PYTHON), "-m", "examples.voc_chat.ingest"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def voc_service(env: Mapping[str, str], port: int) -> Iterator[httpx.Client]:
    """The service, ready; the client talks to it. It must end by itself after SIGTERM."""
    command = [str(DEMO_PYTHON), "-m", "examples.voc_chat", "--port", str(port)]
    with (
        subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        try:
            _wait_ready(client, process)
            yield client
        finally:
            process.terminate()
            process.wait(timeout=15)


def _wait_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the service ended with exit code {process.returncode}"
        try:
            if client.get("/health/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the service was not ready within 60 s")


def _spans(request: ExportTraceServiceRequest) -> Iterator[SeenSpan]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield SeenSpan(
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    attributes={item.key: _value(item.value) for item in span.attributes},
                )


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind)
