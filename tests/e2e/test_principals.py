"""Every endpoint knows its principal: the whole composed server, asked without a key and with each scope."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import httpx
import pytest

from pitwall.core.vocabulary import Scope
from tests.e2e.running import COMMAND, ROOT, RunningPitwall, run_program, running_pitwall

UNKNOWN_TOKEN = "pw_abcd1234_nothing"
# Nobody asks who calls here; whatever else needs no key is a hole.
OPEN_TO_ALL = {"/health/live", "/health/ready", "/api/public/health", "/api/v1/session"}
OTLP = ("/v1", "/api/public/otel/v1")
STREAMS = {"traces": "trace.v1.Trace", "metrics": "metrics.v1.Metrics", "logs": "logs.v1.Logs"}
# What is not listed here only reads.
NEEDED = {
    **{("post", f"{prefix}/{stream}"): Scope.INGEST for prefix in OTLP for stream in STREAMS},
    ("get", "/api/public/projects"): Scope.INGEST,
    ("post", "/api/public/scores"): Scope.INGEST,
    ("post", "/api/public/ingestion"): Scope.INGEST,
    ("post", "/api/v1/feedback"): Scope.INGEST,
    ("put", "/api/v1/evals/online/rules/{name}"): Scope.ACT,
    ("delete", "/api/v1/evals/online/rules/{name}"): Scope.ACT,
    ("post", "/api/v1/evals/online/rules/{name}/switch"): Scope.ACT,
    ("post", "/api/v1/evals/missed/dataset"): Scope.ACT,
    ("get", "/api/v1/ingest/sources"): Scope.INGEST,
    ("put", "/api/v1/ingest/sources/{source_id}"): Scope.INGEST,
    ("post", "/api/v1/ingest/sources/{source_id}/chunks"): Scope.INGEST,
    ("post", "/api/v1/alerts/alertmanager"): Scope.INGEST,
    ("put", "/api/v1/scrape/targets/{name}"): Scope.ACT,
    ("delete", "/api/v1/scrape/targets/{name}"): Scope.ACT,
    ("post", "/api/v1/scrape/targets/{name}/run"): Scope.ACT,
    ("put", "/api/v1/boards/{name}"): Scope.ACT,
    ("delete", "/api/v1/boards/{name}"): Scope.ACT,
    ("put", "/api/v1/notifications/channels/{name}"): Scope.ACT,
    ("delete", "/api/v1/notifications/channels/{name}"): Scope.ACT,
    ("post", "/api/v1/notifications/channels/{name}/test"): Scope.ACT,
    ("put", "/api/v1/notifications/routes"): Scope.ACT,
    ("put", "/api/v1/notifications/routes/yaml"): Scope.ACT,
    ("post", "/api/v1/notifications/silences"): Scope.ACT,
    ("delete", "/api/v1/notifications/silences/{silence_id}"): Scope.ACT,
    ("put", "/api/v1/notifications/maintenance/{name}"): Scope.ACT,
    ("delete", "/api/v1/notifications/maintenance/{name}"): Scope.ACT,
    ("put", "/api/v1/alerts/rules/{name}"): Scope.ACT,
    ("post", "/api/v1/alerts/rules/{name}/switch"): Scope.ACT,
    ("delete", "/api/v1/alerts/rules/{name}"): Scope.ACT,
    ("put", "/api/v1/costs/budgets/{name}"): Scope.ACT,
    ("delete", "/api/v1/costs/budgets/{name}"): Scope.ACT,
    ("post", "/api/v1/views"): Scope.ACT,
    ("post", "/api/v1/changes"): Scope.ACT,
    ("post", "/api/v1/evals/runs"): Scope.ACT,
    ("post", "/api/v1/evals/runs/{run_id}/resume"): Scope.ACT,
    ("post", "/api/v1/evals/imports"): Scope.ACT,
    ("post", "/api/v1/llm/examine"): Scope.ACT,
    ("post", "/api/v1/datasets/synthesize"): Scope.ACT,
    ("post", "/api/v1/evals/runs/{run_id}/cancel"): Scope.ACT,
    ("post", "/api/v1/evals/runs/{run_id}/track"): Scope.ACT,
    ("put", "/api/v1/evals/baselines/{dataset}"): Scope.ACT,
    ("post", "/api/v1/evals/labels"): Scope.ACT,
    ("post", "/api/v1/evals/trust"): Scope.ACT,
    ("put", "/api/v1/evals/anchors/{name}"): Scope.ACT,
    ("delete", "/api/v1/evals/anchors/{name}"): Scope.ACT,
    ("post", "/api/v1/evals/anchors/{name}/check"): Scope.ACT,
    ("post", "/api/v1/stages"): Scope.ACT,
    ("put", "/api/v1/stages/relevance"): Scope.ACT,
    ("post", "/api/v1/datasets"): Scope.ACT,
    ("post", "/api/v1/datasets/from-traces"): Scope.ACT,
    ("post", "/api/v1/datasets/from-incident"): Scope.ACT,
    ("delete", "/api/v1/datasets/{name}"): Scope.ACT,
    **{
        ("post", f"/api/v1/incidents/{{incident_id}}/{deed}"): Scope.ACT
        for deed in ("acknowledge", "assign", "comment", "resolve", "reopen")
    },
    ("put", "/api/v1/probes/{name}"): Scope.ACT,
    ("delete", "/api/v1/probes/{name}"): Scope.ACT,
    ("post", "/api/v1/probes/{name}/run"): Scope.ACT,
    ("post", "/api/v1/checks/{name}/run"): Scope.ACT,
    ("post", "/api/v1/archive/run"): Scope.ACT,
    ("post", "/api/v1/archive/{name}/restore"): Scope.ACT,
    ("post", "/api/v1/archive/{name}/import"): Scope.ACT,
    ("delete", "/api/v1/views/{view_id}"): Scope.ACT,
    ("get", "/api/v1/keys"): Scope.ACT,
    ("post", "/api/v1/keys"): Scope.ACT,
    ("delete", "/api/v1/keys/{key_id}"): Scope.ACT,
    ("post", "/api/v1/telemetry/dead-letters/{letter_id}/retry"): Scope.ACT,
    ("post", "/api/v1/telemetry/{what}"): Scope.ACT,
}
READING_POSTS = {
    "/api/v1/signals/query",
    "/api/v1/traces/search",
    "/api/v1/boards/parse",
    "/api/v1/notifications/routes/test",
    "/api/v1/alerts/rules/parse",
    "/api/v1/alerts/rules/preview",
    "/api/v1/evals/runs/plan",
    "/api/v1/evals/gate",
    "/api/v1/evals/ci",
}


@dataclass(frozen=True)
class Guarded:
    """A server that lets nobody in without a key, its description, and a key of each scope alone."""

    server: RunningPitwall
    document: dict[str, Any]
    tokens: dict[Scope, str]

    @property
    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Method, path and description of everything the server does."""
        paths = self.document["paths"].items()
        return [(method, path, told) for path, methods in paths for method, told in methods.items()]

    @property
    def closed(self) -> list[tuple[str, str]]:
        """Method and path of what needs a principal."""
        return [(method, path) for method, path, _ in self.operations if path not in OPEN_TO_ALL]

    def ask(self, method: str, path: str, token: str | None) -> httpx.Response:
        """Ask with nothing but the path: a caller that may not is refused before anything is looked at."""
        headers = {"content-type": "application/x-protobuf"} if path.startswith(OTLP) else {}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        there = self.server.url + path.replace("{", "").replace("}", "")
        with httpx.stream(method, there, headers=headers, timeout=30, trust_env=False) as answer:
            if answer.headers["content-type"].startswith("text/event-stream"):
                answer.close()  # it would not end
            else:
                answer.read()
        return answer

    def call(self, method: str, token: str | None) -> grpc.StatusCode:
        """Call a gRPC method with an empty request; returns how that ended."""
        metadata = [("authorization", f"Bearer {token}")] if token else []
        with grpc.insecure_channel(f"127.0.0.1:{self.server.grpc_port}") as channel:
            export: Any = channel.unary_unary(method)
            try:
                export(b"", metadata=metadata, timeout=30)
            except grpc.RpcError as error:
                code: grpc.StatusCode = error.code()
                return code
        return grpc.StatusCode.OK


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    data_dir = tmp_path_factory.mktemp("principals") / "data"
    with running_pitwall(data_dir, environ={"PITWALL_ACCESS__ANONYMOUS": "never"}) as server:
        document = httpx.get(f"{server.url}/api/openapi.json", trust_env=False, timeout=60).json()
        yield Guarded(server, document, {scope: _key(server, scope) for scope in Scope})


def _key(server: RunningPitwall, scope: Scope) -> str:
    command = ["keys", "create", "--name", scope.value, "--scopes", scope.value]
    made = run_program([*COMMAND, *command, "--data-dir", server.data_dir, "--output", "json"], {}, ROOT)
    token: str = json.loads(made.stdout)["token"]
    return token


def test_every_operation_refuses_a_caller_without_a_good_key(guarded: Guarded) -> None:
    """401 with the way to send a key, for no key and for one that nobody made; only health checks answer."""
    assert len(guarded.closed) > 30
    for method, path in guarded.closed:
        for token in (None, UNKNOWN_TOKEN):
            answer = guarded.ask(method, path, token)
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.headers["www-authenticate"] == 'Bearer realm="pitwall"', (method, path)
    for path in OPEN_TO_ALL:
        assert guarded.ask("get", path, None).status_code == 200, path


@pytest.mark.parametrize("scope", Scope)
def test_every_operation_opens_for_its_own_scope_only(guarded: Guarded, scope: Scope) -> None:
    """A key of one scope gets 403 wherever another is needed, and is served or told its mistake elsewhere."""
    for method, path in guarded.closed:
        needed = NEEDED.get((method, path), Scope.READ)
        answer = guarded.ask(method, path, guarded.tokens[scope])
        if needed is scope:
            assert answer.status_code not in (401, 403), (method, path, answer.text)
            assert answer.status_code < 500, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path, answer.text)
            assert f"scope '{needed.value}'" in answer.text, (method, path)


def test_only_reading_needs_no_more_than_a_reader(guarded: Guarded) -> None:
    """What writes or acts is listed with its scope above; a new door has to be put there."""
    assert set(guarded.closed) >= set(NEEDED)
    for method, path in guarded.closed:
        if (method, path) not in NEEDED:
            assert method == "get" or path in READING_POSTS, (method, path)


def test_grpc_doors_know_their_principal(guarded: Guarded) -> None:
    """The same three answers over gRPC: no key, a key of another scope, a key that may send."""
    for service in STREAMS.values():
        method = f"/opentelemetry.proto.collector.{service}Service/Export"
        assert guarded.call(method, None) is grpc.StatusCode.UNAUTHENTICATED, method
        assert guarded.call(method, UNKNOWN_TOKEN) is grpc.StatusCode.UNAUTHENTICATED, method
        for scope in (Scope.READ, Scope.ACT):
            assert guarded.call(method, guarded.tokens[scope]) is grpc.StatusCode.PERMISSION_DENIED, method
        assert guarded.call(method, guarded.tokens[Scope.INGEST]) is grpc.StatusCode.OK, method


def test_openapi_describes_every_operation(guarded: Guarded) -> None:
    """Each has a summary, a description, a name of its own and its errors; OTLP answers in OTLP's form."""
    names = [told["operationId"] for _, _, told in guarded.operations]
    assert len(set(names)) == len(names)
    for method, path, told in guarded.operations:
        assert told["summary"], (method, path)
        assert told["description"], (method, path)
        errors = told["responses"]["4XX"]
        assert errors["description"], (method, path)
        form = "application/x-protobuf" if path.startswith(OTLP) else "application/problem+json"
        assert form in errors["content"], (method, path)


def test_openapi_has_every_door(guarded: Guarded) -> None:
    """The OTLP doors and the scrape stand beside the API, and each is really there."""
    doors = {path for _, path, _ in guarded.operations}
    assert doors >= {f"{prefix}/{stream}" for prefix in OTLP for stream in STREAMS} | {"/metrics"}
    for method, path in guarded.closed:
        assert guarded.ask(method, path, None).status_code not in (404, 405), (method, path)


def test_no_path_is_taken_by_one_that_is_tried_before_it(guarded: Guarded) -> None:
    """A path with a parameter comes after those that are spelled like a value of it."""
    earlier: list[tuple[str, re.Pattern[str]]] = []
    for method, path, _ in guarded.operations:
        taken = [pattern.pattern for other, pattern in earlier if other == method and pattern.fullmatch(path)]
        assert not taken, (method, path, taken)
        parts = [re.escape(part) for part in re.split(r"{[^/]*}", path)]
        earlier.append((method, re.compile("[^/]+".join(parts))))
