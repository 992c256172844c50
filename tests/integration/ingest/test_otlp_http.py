"""The HTTP doors behind a real web server: what is acknowledged is on the disk; bad input does no harm."""

from __future__ import annotations

import gzip
import http.client
import socket
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from pitwall.core.vocabulary import TelemetryType
from tests.integration.ingest.doors import Doors, run_doors
from tests.support.data_sets import own_and_public
from tests.unit.ingest.doors import factories
from tests.unit.ingest.doors.messages import to_otlp_json

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

EXAMPLES = own_and_public("otlp", "agent_traces/otlp_json_examples")
CODING_AGENTS = [
    *own_and_public("coding_agents/edit.json", "agent_traces/langwatch_otlp/claude_code.json"),
    *own_and_public("coding_agents/review.json", "agent_traces/langwatch_otlp/cursor.json"),
]
PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
MIB = 1 << 20


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One server for the tests that do not need their own."""
    with run_doors(tmp_path_factory.mktemp("wal")) as running:
        yield running


def make_request(*numbers: int, **fields: Any) -> ExportTraceServiceRequest:
    """Make spans of the present; the factories' own clock stands in 2026."""
    now = time.time_ns()
    times = {"start_time_unix_nano": now - 10**9, "end_time_unix_nano": now}
    return factories.make_traces([factories.make_span(number, **{**times, **fields}) for number in numbers])


def _post(doors: Doors, body: bytes, headers: dict[str, str], path: str = "/v1/traces") -> httpx.Response:
    return httpx.post(f"{doors.url}{path}", content=body, headers=headers, timeout=30)


def _spans_kept(doors: Doors, project: str = "default") -> set[str]:
    requests = [
        ExportTraceServiceRequest.FromString(entry.body)
        for entry in doors.kept(TelemetryType.TRACES)
        if entry.project == project
    ]
    return {
        span.name
        for request in requests
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    }


@pytest.mark.parametrize("path", ["/v1/traces", "/api/public/otel/v1/traces"])
@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress), ("identity", bytes)],
)
def test_acknowledged_spans_are_on_the_disk(doors: Doors, path: str, encoding: str, compress: Any) -> None:
    """Once the 200 is here, the log's files hold the request, byte for byte as it was before compression."""
    raw = make_request(1, 2, name=f"{path} {encoding}").SerializeToString()
    reply = _post(doors, compress(raw), {**PROTOBUF, "content-encoding": encoding}, path)
    assert (reply.status_code, reply.content) == (200, b"")
    assert raw in [entry.body for entry in doors.kept(TelemetryType.TRACES)]


def test_json_and_protobuf_are_kept_alike(doors: Doors) -> None:
    """The two forms of one request leave the same message."""
    request = make_request(1, name="same in both forms")
    assert _post(doors, orjson.dumps(to_otlp_json(request)), JSON).status_code == 200
    assert request in [
        ExportTraceServiceRequest.FromString(entry.body)
        for entry in doors.kept(TelemetryType.TRACES)
        if entry.door == "otlp_json"
    ]


def test_key_decides_the_project(doors: Doors) -> None:
    """Two tenants send the same attributes that name the other; neither's spans cross over."""
    for key, name in (("shop-key", "of shop"), ("other-key", "of other")):
        request = make_request(1, name=name)
        factories.add_attributes(
            request.resource_spans[0].resource, {"pitwall.project": "shop", "project": "other"}
        )
        headers = {**PROTOBUF, "authorization": f"Bearer {key}"}
        assert _post(doors, request.SerializeToString(), headers).status_code == 200
    assert _spans_kept(doors, "shop") == {"of shop"}
    assert _spans_kept(doors, "other") == {"of other"}


def test_wrong_key_is_refused(doors: Doors) -> None:
    """401, and nothing is kept."""
    headers = {**PROTOBUF, "authorization": "Bearer nonsense"}
    assert _post(doors, make_request(1, name="unwanted").SerializeToString(), headers).status_code == 401
    assert "unwanted" not in _spans_kept(doors)


def test_hundred_megabytes_are_refused_and_the_connection_lives(doors: Doors) -> None:
    """The answer reaches a client that sends its whole body first, and the connection can be used again."""
    with httpx.Client(base_url=doors.url, timeout=30) as client:
        assert client.post("/v1/traces", content=bytes(100 * MIB), headers=PROTOBUF).status_code == 413
        assert client.post("/v1/traces", content=b"", headers=PROTOBUF).status_code == 200


def test_chunked_body_above_the_limit_is_refused(doors: Doors) -> None:
    """Without an announced length the door stops reading at the limit."""
    pieces = (bytes(MIB) for _ in range(40))
    reply = httpx.post(f"{doors.url}/v1/traces", content=pieces, headers=PROTOBUF, timeout=30)
    assert reply.status_code == 413


def test_gzip_bomb_is_refused(doors: Doors) -> None:
    """Two megabytes that would become gigabytes are a 413."""
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(bytes(MIB)) for _ in range(1_000)) + squeeze.flush()
    reply = _post(doors, bomb, {**PROTOBUF, "content-encoding": "gzip"})
    assert reply.status_code == 413


def test_client_that_hangs_up_does_no_harm(doors: Doors) -> None:
    """Half a request and a closed connection leave nothing; others are served."""
    address = urlsplit(doors.url)
    for _ in range(20):
        with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
            head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n"
            connection.sendall(head + b"Content-Type: application/x-protobuf\r\n\r\n\x0a\x05half")
    assert _post(doors, make_request(1).SerializeToString(), PROTOBUF).status_code == 200


def test_wrong_method_is_refused(doors: Doors) -> None:
    """A browser that looks at the address gets a 405."""
    assert httpx.get(f"{doors.url}/v1/traces").status_code == 405


@pytest.mark.parametrize("path", CODING_AGENTS)
def test_payload_with_zero_ids_is_a_partial_success_that_names_the_span(doors: Doors, path: Path) -> None:
    """Payloads of coding agents have all-zero trace ids: the span is named, and kept as a dead letter."""
    body = path.read_bytes()
    name = orjson.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"]
    reply = _post(doors, body, JSON)
    partial = reply.json()["partialSuccess"]
    assert reply.status_code == 200
    assert partial["rejectedSpans"] == "1"
    assert f"span [0] '{name}': the trace id is all zero" in partial["errorMessage"]
    letters = [
        letter
        for entry in doors.kept(TelemetryType.DEAD_LETTERS)
        for letter in factories.read_letters(entry.body)
    ]
    assert name in [letter.record_name for letter in letters]


@pytest.mark.parametrize("folder", EXAMPLES)
@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("trace.json", "/v1/traces"),
        ("logs.json", "/v1/logs"),
        ("events.json", "/v1/logs"),
        ("metrics.json", "/v1/metrics"),
    ],
)
def test_example_is_accepted_whole(doors: Doors, folder: Path, file: str, path: str) -> None:
    """Our own files and the examples of the OTLP specification leave nothing to say."""
    reply = _post(doors, (folder / file).read_bytes(), JSON, path)
    assert (reply.status_code, reply.json()) == (200, {})


def test_repeated_request_is_kept_once(doors: Doors) -> None:
    """A client that lost the answer sends again; the log has the request once."""
    raw = make_request(1, name="sent twice").SerializeToString()
    assert [_post(doors, raw, PROTOBUF).status_code for _ in range(3)] == [200] * 3
    assert [entry.body for entry in doors.kept(TelemetryType.TRACES)].count(raw) == 1


def test_mixed_requests_from_many_clients_keep_exactly_the_good_spans(tmp_path: Path) -> None:
    """Eight clients at once, every third span bad: the good ones are on disk, the others in the answers."""
    good: set[str] = set()
    rejected: list[int] = []

    with run_doors(tmp_path / "wal") as own:

        def send(client: int) -> None:
            connection = http.client.HTTPConnection(urlsplit(own.url).netloc)
            for number in range(20):
                request = make_request(1, name=f"{client}/{number}/good")
                spans = request.resource_spans[0].scope_spans[0].spans
                spans.extend(
                    make_request(2, name=f"{client}/{number}/good too").resource_spans[0].scope_spans[0].spans
                )
                spans.add(name=f"{client}/{number}/bad")
                connection.request("POST", "/v1/traces", request.SerializeToString(), PROTOBUF)
                answer = connection.getresponse()
                assert answer.status == 200
                partial = ExportTraceServiceResponse.FromString(answer.read()).partial_success
                rejected.append(partial.rejected_spans)
                good.update({f"{client}/{number}/good", f"{client}/{number}/good too"})
            connection.close()

        threads = [threading.Thread(target=send, args=(client,)) for client in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(good) == 320
        assert _spans_kept(own) == good
        assert rejected == [1] * 160
        counters = own.service.metrics.snapshot()["otlp_http", TelemetryType.TRACES]
        assert (counters.accepted, counters.rejected["invalid_trace_id"]) == (320, 160)
