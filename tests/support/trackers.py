"""Trackers that keep what they are sent and answer as the real ones do.

Answers of MLflow (3.17) and Phoenix (20.26) are what those servers answered, and `benchmarks/run.py
peers.trackers` asks the real ones. Langfuse cannot be installed from PyPI: its answers are those of its
source (4.16).
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Answer = tuple[int, Any]
"""Status, and JSON or the bytes of an export answer."""


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeTracker:
    """What came in, and what is kept of it: spans by id, scores by what the tracker tells them apart by.

    Attributes:
        answers: Status and headers for all requests, instead of the right answer, if set.
        delay_seconds: How long every answer takes.
    """

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    spans: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: dict[Any, dict[str, Any]] = field(default_factory=dict)
    run_scores: dict[Any, Any] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] | Callable[[Request], tuple[int, dict[str, str]] | None] = (
        field(default_factory=list)
    )
    delay_seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Request) -> tuple[int, dict[str, str], Any]:
        """Keep what a request brings, and say what to answer."""
        with self.lock:
            self.requests.append(request)
            if callable(self.answers):
                told = self.answers(request)
            else:
                told = self.answers.pop(0) if self.answers else None
            if told is not None:
                return *told, {"message": "told so by kim@example.co.kr"}
            status, content = self.answer(request)
            return status, {}, content

    def answer(self, request: Request) -> Answer:
        """What the real one does."""
        raise NotImplementedError

    def keep_spans(self, request: Request) -> None:
        """Keep spans; one with a known id replaces it."""
        assert request.headers["content-type"] == "application/x-protobuf"
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
            around = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans[span.span_id.hex()] = {
                        "trace_id": span.trace_id.hex(),
                        "parent_id": span.parent_span_id.hex(),
                        "name": span.name,
                        "status": span.status.code,
                        "start": span.start_time_unix_nano,
                        "end": span.end_time_unix_nano,
                        "resource": around,
                        "attributes": {pair.key: _plain(pair.value) for pair in span.attributes},
                    }


class FakeLangfuse(FakeTracker):
    """Version 4."""

    def answer(self, request: Request) -> Answer:
        given = base64.b64decode(request.headers.get("authorization", "Basic ").removeprefix("Basic "))
        if given != b"pk-lf-1:sk-lf-2":
            return 401, {"message": "Invalid credentials. Confirm that you've configured the correct host."}
        match request.method, request.path:
            case "GET", "/api/public/projects":
                return 200, {"data": [{"id": "project-1", "name": "voc", "metadata": {}}]}
            case "POST", "/api/public/otel/v1/traces":
                self.keep_spans(request)
                return 200, {}
            case "POST", "/api/public/scores":
                score = request.document
                assert isinstance(score["value"], (int, float))
                assert score["dataType"] == "NUMERIC"
                assert ("traceId" in score) != ("sessionId" in score)
                kept = self.scores if "traceId" in score else self.run_scores
                kept[score["id"]] = score
                return 200, {"id": score["id"]}
        return 404, {"message": "Not Found"}


class FakePhoenix(FakeTracker):
    """Version 20: takes spans and annotations at once; a span that is known stays as it is."""

    def answer(self, request: Request) -> Answer:
        match request.method, request.path:
            case "POST", "/v1/traces":
                before = dict(self.spans)
                self.keep_spans(request)
                self.spans |= before
                return 200, b""
            case "POST", "/v1/span_annotations":
                for note in request.document["data"]:
                    assert any(note["result"].values())
                    self.scores[note["span_id"], note["name"], note["identifier"]] = note
                return 200, {"data": []}
            case "POST", "/v1/session_annotations":
                for note in request.document["data"]:
                    self.run_scores[note["session_id"], note["name"], note["identifier"]] = note
                return 200, {"data": []}
        return 404, {"detail": "Not Found"}


class FakeMlflow(FakeTracker):
    """Version 3: `spans` are of its OTLP door, `scores` assessments, `run_scores` metrics of its one run."""

    experiment: str | None = None
    run: dict[str, Any] | None = None

    def answer(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/api/2.0/mlflow/experiments/get-by-name":
                if self.experiment != request.query["experiment_name"]:
                    said = f"Could not find experiment with name '{request.query['experiment_name']}'"
                    return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": said}
                stands = {"experiment_id": "1", "name": self.experiment, "lifecycle_stage": "active"}
                return 200, {"experiment": stands}
            case "POST", "/api/2.0/mlflow/experiments/create":
                self.experiment = request.document["name"]
                return 200, {"experiment_id": "1"}
            case "POST", "/api/2.0/mlflow/runs/search":
                wanted = request.document["filter"].partition("=")[2].strip(" '")
                tags = {tag["key"]: tag["value"] for tag in (self.run or {"tags": []})["tags"]}
                return 200, {"runs": [{"info": {"run_id": "r1"}}]} if tags.get(
                    "pitwall.run_id"
                ) == wanted else {}
            case "POST", "/api/2.0/mlflow/runs/create":
                assert self.run is None, "a run of the same Pitwall run is there"
                self.run = request.document
                return 200, {"run": {"info": {"run_id": "r1"}}}
            case "POST", "/api/2.0/mlflow/runs/log-batch":
                self.run_scores |= {metric["key"]: metric["value"] for metric in request.document["metrics"]}
                return 200, {}
            case "POST", "/api/2.0/mlflow/runs/update":
                return 200, {"run_info": {"run_id": "r1", "status": request.document["status"]}}
            case "POST", "/v1/traces":
                assert request.headers["x-mlflow-experiment-id"] == "1"
                self.keep_spans(request)
                return 200, b""
            case "POST", "/api/3.0/mlflow/traces":
                info = request.document["trace"]["trace_info"]
                for assessment in info["assessments"]:
                    self.scores[assessment["assessment_id"]] = {**assessment, "trace": info}
                return 200, {"trace": {"trace_info": info}}
        return 404, {"detail": "Not Found"}


FAKES = {"langfuse": FakeLangfuse, "phoenix": FakePhoenix, "mlflow": FakeMlflow}


@contextmanager
def running_tracker(name: str) -> Iterator[FakeTracker]:
    """Run a tracker on a port of this machine."""
    tracker = FAKES[name]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=parts.path,
                query={key: values[0] for key, values in parse_qs(parts.query).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("content-length", 0))),
            )
            time.sleep(tracker.delay_seconds)
            status, headers, content = tracker.take(request)
            is_export = isinstance(content, bytes)
            body = content if is_export else json.dumps(content).encode()
            self.send_response(status)
            media = "application/x-protobuf" if is_export else "application/json"
            for key, value in {**headers, "content-type": media, "content-length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that did not wait

    server = Server(("127.0.0.1", 0), Handler)
    tracker.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(item) for item in value.array_value.values]
    return None if kind is None else getattr(value, kind)
