"""A loopback OTLP server that keeps and decodes what it is sent, and misbehaves on request."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_KINDS: dict[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


@dataclass
class Reply:
    """How to answer one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0.0
    hang_up: bool = False


@dataclass
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    raw: bytes
    at: float
    accepted: bool

    @property
    def message(self) -> Any:
        body = gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw
        return _KINDS[self.path].FromString(body)


class Receiver:
    """The server; `script` decides the reply to each request, by default everything is accepted."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.script: Callable[[str, bytes], Reply] = lambda _path, _body: Reply()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def accepted(self, path: str) -> list[Any]:
        """Decoded messages of a path that were answered with success."""
        return [request.message for request in self.requests if request.path == path and request.accepted]

    @property
    def spans(self) -> list[Span]:
        """All accepted spans."""
        return [
            span
            for message in self.accepted("/v1/traces")
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def resources(self, path: str = "/v1/traces") -> list[dict[str, Any]]:
        """Resource attributes of each accepted message."""
        name = {
            "/v1/traces": "resource_spans",
            "/v1/metrics": "resource_metrics",
            "/v1/logs": "resource_logs",
        }[path]
        return [plain(getattr(message, name)[0].resource.attributes) for message in self.accepted(path)]

    def last_metrics(self) -> dict[str, float]:
        """The last value of each metric, by name and reason."""
        values: dict[str, float] = {}
        for message in self.accepted("/v1/metrics"):
            for metric in message.resource_metrics[0].scope_metrics[0].metrics:
                for point in (metric.sum if metric.HasField("sum") else metric.gauge).data_points:
                    reason = plain(point.attributes).get("reason")
                    name = f"{metric.name}.{reason}" if reason else metric.name
                    values[name] = point.as_double if point.HasField("as_double") else point.as_int
        return values


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        reply = self.server.receiver.script(self.path, raw)
        headers = {key.lower(): value for key, value in self.headers.items()}
        accepted = 200 <= reply.status < 300
        self.server.receiver.requests.append(Request(self.path, headers, raw, time.monotonic(), accepted))
        time.sleep(reply.delay_seconds)
        self.send_response(reply.status)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = self.close_connection or reply.hang_up

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay silent."""


def plain(pairs: Any) -> dict[str, Any]:
    """Attributes as a dict."""
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return plain(value.kvlist_value.values)
    return getattr(value, kind) if kind else None
