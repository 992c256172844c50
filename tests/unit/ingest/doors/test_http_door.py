"""The HTTP doors: what they read, what they refuse, and how they say it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
import pytest
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from pitwall.access.types import ALL_SCOPES, Principal, PrincipalKind, Role
from pitwall.core.errors import LimitExceeded, NotAuthenticated, Unavailable
from pitwall.core.vocabulary import Scope, TelemetryType
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.otlp_http import OtlpHttpDoor, otlp_routes
from pitwall.ingest.otlp_openapi import otlp_paths
from pitwall.ingest.wire import METRICS, TRACES, OtlpStream
from tests.unit.ingest.doors.factories import (
    Bench,
    make_gauge,
    make_metrics,
    make_span,
    make_traces,
    with_raw_spans,
)
from tests.unit.ingest.doors.messages import to_otlp_json

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
BODY = make_traces([make_span(1), make_span(2)]).SerializeToString()
MIXED = make_traces([make_span(1), make_span(2, trace_id=bytes(16))]).SerializeToString()


class Reply(NamedTuple):
    """What a door answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def rpc_status(self) -> Status:
        return Status.FromString(self.body)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Client:
    """Calls one door as an ASGI server does."""

    def __init__(
        self,
        bench: Bench | None = None,
        *,
        stream: OtlpStream = TRACES,
        scopes: Iterable[Scope] = ALL_SCOPES,
        project: str = "shop",
    ) -> None:
        self.bench = bench or Bench()
        self._principal = Principal(PrincipalKind.API_KEY, "k1", project, frozenset(scopes), Role.VIEWER)
        self._door = OtlpHttpDoor(stream, self.bench.service, self._authenticate)

    async def _authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        if (b"authorization", b"Bearer wrong") in headers:
            raise NotAuthenticated("This key is not known.")
        return self._principal

    def post(self, body: bytes | Sequence[bytes], headers: dict[str, str], *, ends: bool = True) -> Reply:
        """Send a request, in one piece or several; without an end the client goes away after the last."""
        pieces = [body] if isinstance(body, bytes) else list(body)
        return asyncio.run(self._post(pieces, headers, ends))

    async def _post(self, pieces: list[bytes], headers: dict[str, str], ends: bool) -> Reply:
        waiting = [
            {"type": "http.request", "body": piece, "more_body": not ends or number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._door({"type": "http", "headers": raw_headers}, receive, send)
        if not sent:
            return Reply(0, {}, b"")
        start, body = sent
        return Reply(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"])


def test_good_request_is_answered_with_an_empty_success() -> None:
    """200, the content type of the request, and no partial success when there is nothing to say."""
    client = Client()
    reply = client.post(BODY, PROTOBUF)
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/x-protobuf", b"")
    assert client.bench.log.bodies(TelemetryType.TRACES) == [BODY]


def test_body_in_pieces_is_put_together() -> None:
    """Servers hand bodies on in pieces."""
    client = Client()
    assert client.post([BODY[:10], b"", BODY[10:]], PROTOBUF).status == 200
    assert client.bench.log.bodies(TelemetryType.TRACES) == [BODY]


def test_partial_success_names_the_record_in_protobuf() -> None:
    """The good span is kept; the answer counts and names the other."""
    reply = Client().post(MIXED, PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(reply.body).partial_success
    assert reply.status == 200
    assert partial.rejected_spans == 1
    assert "span [1] 'span 2': the trace id is all zero" in partial.error_message


def test_partial_success_in_json_has_json_names() -> None:
    """The form of the answer is that of the request; 64-bit integers are strings."""
    document = to_otlp_json(ExportTraceServiceRequest.FromString(MIXED))
    reply = Client().post(orjson.dumps(document), JSON)
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["partialSuccess"]["rejectedSpans"] == "1"
    assert "all zero" in reply.json["partialSuccess"]["errorMessage"]


def test_good_json_request_is_answered_with_an_empty_object() -> None:
    """Nothing to say is an empty response message."""
    client = Client()
    reply = client.post(orjson.dumps(to_otlp_json(ExportTraceServiceRequest.FromString(BODY))), JSON)
    assert (reply.status, reply.json) == (200, {})
    assert ExportTraceServiceRequest.FromString(
        client.bench.log.bodies(TelemetryType.TRACES)[0]
    ) == ExportTraceServiceRequest.FromString(BODY)


def test_repaired_text_is_said_without_counting_as_rejected() -> None:
    """A partial success with zero rejected records is OTLP's way to warn."""
    span = make_span(1)
    span.attributes.add(key="prompt").value.string_value = "MARKER"
    body = with_raw_spans([span.SerializeToString().replace(b"MARKER", b"M\xffRKER")])
    partial = ExportTraceServiceResponse.FromString(Client().post(body, PROTOBUF).body).partial_success
    assert partial.rejected_spans == 0
    assert partial.error_message.startswith("Kept after repair: span [0] 'span 1': invalid UTF-8 replaced")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
def test_content_encoding_is_undone(encoding: str) -> None:
    """The log gets the body as it was before compression."""
    client = Client()
    body = BODY if encoding == "identity" else gzip.compress(BODY)
    assert client.post(body, {**PROTOBUF, "content-encoding": encoding}).status == 200
    assert client.bench.log.bodies(TelemetryType.TRACES) == [BODY]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "no content type"),
        ({"content-type": "text/plain"}, "'text/plain' is not read here"),
        ({"content-type": "application/json; charset=euc-kr"}, "character set 'euc-kr'"),
        ({**PROTOBUF, "content-encoding": "br"}, "content encoding 'br'"),
    ],
)
def test_unknown_content_is_refused_with_what_is_known(headers: dict[str, str], words: str) -> None:
    """415, and the message says what to send."""
    reply = Client().post(BODY, headers)
    assert reply.status == 415
    text = reply.rpc_status.message if "protobuf" in reply.headers["content-type"] else reply.json["message"]
    assert words in text
    assert "Send " in text


def test_json_with_charset_is_read() -> None:
    """Many clients add the character set."""
    assert Client().post(b"{}", {"content-type": "application/json; charset=utf-8"}).status == 200


def test_malformed_protobuf_is_a_status_with_the_offset() -> None:
    """400 with google.rpc.Status INVALID_ARGUMENT; retrying cannot help, so no Retry-After."""
    reply = Client().post(BODY[:-1], PROTOBUF)
    assert (reply.status, reply.rpc_status.code) == (400, 3)
    assert "at byte 0" in reply.rpc_status.message
    assert "retry-after" not in reply.headers


def test_malformed_json_is_a_status_in_json() -> None:
    """The refusal of a JSON request is JSON."""
    reply = Client().post(b'{"resourceSpans": [', JSON)
    assert (reply.status, reply.json["code"]) == (400, 3)
    assert "not valid JSON" in reply.json["message"]


def test_announced_length_above_the_limit_is_refused_unread() -> None:
    """A 100 MB body is refused by its header; not a byte of it is taken."""
    client = Client()
    reply = client.post([], {**PROTOBUF, "content-length": str(100 * 1024 * 1024)})
    assert (reply.status, reply.rpc_status.code) == (413, 3)
    assert "larger than 20,971,520 bytes as sent" in reply.rpc_status.message


def test_unannounced_length_above_the_limit_is_refused_while_reading() -> None:
    """Without a length the door counts what comes and stops at the limit."""
    client = Client(Bench(limits=IngestLimits(max_request_bytes=1_000)))
    assert client.post([b"x" * 600, b"x" * 600], PROTOBUF).status == 413
    assert client.bench.log.appended == []


def test_gzip_bomb_is_refused() -> None:
    """A small body that grows beyond the limit is a 413 like a large one."""
    client = Client(Bench(limits=IngestLimits(max_body_bytes=1_000_000)))
    bomb = gzip.compress(bytes(50_000_000))
    reply = client.post(bomb, {**PROTOBUF, "content-encoding": "gzip"})
    assert reply.status == 413
    assert "after decompression" in reply.rpc_status.message


def test_client_that_goes_away_gets_no_answer_and_leaves_nothing() -> None:
    """Half a body is not a request; it is counted."""
    client = Client()
    assert client.post(BODY[:20], PROTOBUF, ends=False).status == 0
    assert client.bench.log.appended == []
    [counters] = client.bench.service.metrics.snapshot().values()
    assert dict(counters.failed) == {"ingest.client_gone": 1}


async def test_slow_client_is_told_to_stop() -> None:
    """A body that does not come in time is a 408; the door does not wait for ever."""
    bench = Bench(limits=IngestLimits(body_timeout_seconds=0.05))

    async def authenticate(_headers: Any) -> Principal:
        return Principal(PrincipalKind.ANONYMOUS, "a", "default", ALL_SCOPES, Role.OPERATOR)

    async def receive() -> Any:
        await asyncio.sleep(60)

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    door = OtlpHttpDoor(TRACES, bench.service, authenticate)
    scope = {"type": "http", "headers": [(b"content-type", b"application/x-protobuf")]}
    await asyncio.wait_for(door(scope, receive, send), 5)
    assert sent[0]["status"] == 408


def test_wrong_key_is_a_401_in_the_form_of_the_request() -> None:
    """Before the body is read, and with the scheme to use."""
    reply = Client().post(BODY, {**PROTOBUF, "authorization": "Bearer wrong"})
    assert (reply.status, reply.rpc_status.code) == (401, 16)
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_key_without_the_ingest_scope_is_a_403() -> None:
    """A reading key may not write."""
    client = Client(scopes=[Scope.READ])
    reply = client.post(BODY, PROTOBUF)
    assert (reply.status, reply.rpc_status.code) == (403, 7)
    assert client.bench.log.appended == []


def test_project_comes_from_the_key() -> None:
    """Whatever the request says, its records go to the project of the credential."""
    client = Client(project="its-own")
    client.post(BODY, {**PROTOBUF, "x-pitwall-project": "victim", "x-project": "victim"})
    assert {entry.project for entry in client.bench.log.appended} == {"its-own"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (LimitExceeded("The log is full.", details={"retry_after_seconds": 2.5}), 429, 8),
        (Unavailable("The disk is full.", details={"retry_after_seconds": 10}), 503, 14),
    ],
)
def test_pressure_is_said_with_the_time_to_come_back(error: Any, status: int, code: int) -> None:
    """429 and 503 carry Retry-After in whole seconds, rounded up, and RetryInfo in the status."""
    client = Client()
    client.bench.log.error = error
    reply = client.post(BODY, PROTOBUF)
    assert (reply.status, reply.rpc_status.code) == (status, code)
    assert reply.headers["retry-after"] == {429: "3", 503: "10"}[status]
    assert reply.rpc_status.details[0].type_url.endswith("google.rpc.RetryInfo")
    in_json = client.post(b'{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}', JSON)
    assert in_json.status == status
    assert in_json.json["details"][0]["retryDelay"] == {429: "2.500s", 503: "10s"}[status]


def test_unforeseen_error_is_a_500_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    """The client learns nothing of it, the counters do."""
    client = Client()
    client.bench.log.appended = None  # type: ignore[assignment]
    reply = client.post(BODY, PROTOBUF)
    assert (reply.status, reply.rpc_status.code) == (500, 13)
    assert "NoneType" not in reply.rpc_status.message
    [counters] = client.bench.service.metrics.snapshot().values()
    assert dict(counters.failed) == {"internal": 1}


def test_metrics_door_counts_data_points() -> None:
    """Each stream has its own name for what was rejected."""
    body = make_metrics([make_gauge(1.0, float("nan"))]).SerializeToString()
    reply = Client(stream=METRICS).post(body, PROTOBUF)
    assert METRICS.response_type.FromString(reply.body).partial_success.rejected_data_points == 1


def test_every_path_has_a_door() -> None:
    """The standard paths and those under which a Langfuse SDK sends OTLP; OpenAPI describes just these."""

    async def authenticate(_headers: Any) -> Principal:
        raise NotImplementedError

    routes = otlp_routes(Bench().service, authenticate)
    assert [route.path for route in routes] == [
        "/v1/traces",
        "/v1/metrics",
        "/v1/logs",
        "/api/public/otel/v1/traces",
        "/api/public/otel/v1/metrics",
        "/api/public/otel/v1/logs",
    ]
    assert [route.path for route in routes] == list(otlp_paths())


def test_counters_know_bytes_and_time() -> None:
    """Bodies as sent and as decoded, and how long it took."""
    client = Client()
    client.post(gzip.compress(BODY), {**PROTOBUF, "content-encoding": "gzip"})
    counters = client.bench.service.metrics.snapshot()["otlp_http", TelemetryType.TRACES]
    assert (counters.requests, counters.decoded_bytes) == (1, len(BODY))
    assert counters.received_bytes == len(gzip.compress(BODY))
    assert counters.latency.quantile_ms(0.5) is not None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=400),
        st.lists(st.binary(max_size=60), max_size=5).map(with_raw_spans),
        st.tuples(st.integers(0, len(MIXED)), st.binary(max_size=4)).map(
            lambda cut: MIXED[: cut[0]] + cut[1]
        ),
    ),
    content_type=st.sampled_from(["application/x-protobuf", "application/json", "text/html", ""]),
    encoding=st.sampled_from(["", "gzip", "zstd", "deflate", "identity", "br"]),
)
def test_any_bytes_get_a_4xx_or_a_success_that_adds_up(body: bytes, content_type: str, encoding: str) -> None:
    """No input crashes a door; a 200 accounts for every record it made durable or put aside."""
    client = Client()
    reply = client.post(body, {"content-type": content_type, "content-encoding": encoding})
    assert reply.status == 200 or 400 <= reply.status < 500
    if reply.status != 200 or content_type != "application/x-protobuf":
        return
    rejected = ExportTraceServiceResponse.FromString(reply.body).partial_success.rejected_spans
    counters = client.bench.service.metrics.snapshot()["otlp_http", TelemetryType.TRACES]
    assert sum(counters.rejected.values()) == rejected
    kept = sum(
        entry.record_count for entry in client.bench.log.appended if entry.stream is TelemetryType.TRACES
    )
    assert counters.accepted == kept
    copies = counters.rejected["duplicate"]
    assert len(client.bench.log.letters()) == rejected - copies
