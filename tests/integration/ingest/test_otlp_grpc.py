"""The gRPC door on a real port, called by a real client."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from pitwall.core.errors import Conflict, LimitExceeded, Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.otlp_grpc import GrpcAddress, OtlpGrpcDoor
from tests.integration.ingest.doors import principal_of
from tests.unit.ingest.doors.factories import (
    Bench,
    make_gauge,
    make_logs,
    make_metrics,
    make_span,
    make_traces,
    with_raw_spans,
)

SHOP = [("authorization", "Bearer shop-key")]


@pytest.fixture
def bench() -> Bench:
    """A service whose log remembers."""
    return Bench(limits=IngestLimits(max_body_bytes=1_000_000))


@pytest.fixture
def door(bench: Bench) -> Iterator[OtlpGrpcDoor]:
    """A listening door on a free port."""
    door = OtlpGrpcDoor(bench.service, principal_of, GrpcAddress(port=0))
    door.start()
    yield door
    door.stop(1)


@pytest.fixture
def channel(door: OtlpGrpcDoor) -> Iterator[grpc.Channel]:
    """A client's connection."""
    with grpc.insecure_channel(f"127.0.0.1:{door.port}") as channel:
        yield channel


def _stub(kind: Any, channel: grpc.Channel) -> Any:
    """Make one of the generated clients, which are not annotated."""
    return kind(channel)


def _raw_export(channel: grpc.Channel) -> Any:
    """Return the trace method for messages that are already bytes."""
    export: Any = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
    return export


def _fails(call: Any, *arguments: Any, **options: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as failure:
        call(*arguments, **options)
    return failure.value


def test_all_three_services_take_requests(bench: Bench, channel: grpc.Channel) -> None:
    """Spans, points and logs reach their streams in the project of the key."""
    _stub(TraceServiceStub, channel).Export(make_traces([make_span(1)]), metadata=SHOP)
    _stub(MetricsServiceStub, channel).Export(make_metrics([make_gauge(1.0)]), metadata=SHOP)
    _stub(LogsServiceStub, channel).Export(make_logs([LogRecord()]), metadata=SHOP)
    assert [
        (entry.stream, entry.project, entry.record_count, entry.door) for entry in bench.log.appended
    ] == [
        (TelemetryType.TRACES, "shop", 1, "otlp_grpc"),
        (TelemetryType.METRICS, "shop", 1, "otlp_grpc"),
        (TelemetryType.LOGS, "shop", 1, "otlp_grpc"),
    ]


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_body_reaches_the_log_untouched(
    bench: Bench, channel: grpc.Channel, compression: grpc.Compression
) -> None:
    """Compressed or not, the log gets the message's own bytes."""
    request = make_traces([make_span(number) for number in range(1, 50)])
    _stub(TraceServiceStub, channel).Export(request, compression=compression)
    assert bench.log.bodies(TelemetryType.TRACES) == [request.SerializeToString()]


def test_partial_success_names_the_span(channel: grpc.Channel) -> None:
    """A bad span beside a good one is no error."""
    answer = _stub(TraceServiceStub, channel).Export(make_traces([make_span(1), make_span(2, span_id=b"")]))
    assert answer.partial_success.rejected_spans == 1
    assert "span [1] 'span 2': the span id is missing" in answer.partial_success.error_message


def test_success_has_nothing_to_say(channel: grpc.Channel) -> None:
    """No partial success when every span was kept."""
    assert (
        not _stub(TraceServiceStub, channel).Export(make_traces([make_span(1)])).HasField("partial_success")
    )


def test_wrong_key_is_unauthenticated(bench: Bench, channel: grpc.Channel) -> None:
    """Nothing is kept."""
    failure = _fails(
        _stub(TraceServiceStub, channel).Export,
        make_traces([make_span(1)]),
        metadata=[("authorization", "Bearer no")],
    )
    assert failure.code() is grpc.StatusCode.UNAUTHENTICATED
    assert bench.log.appended == []


def test_malformed_message_is_an_invalid_argument(channel: grpc.Channel) -> None:
    """Bytes that are no request are refused with the place where they stop being one."""
    export = _raw_export(channel)
    failure = _fails(export, make_traces([make_span(1)]).SerializeToString()[:-2])
    assert failure.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "at byte 0" in (failure.details() or "")


def test_one_broken_span_does_not_refuse_the_others(bench: Bench, channel: grpc.Channel) -> None:
    """What the HTTP door saves, this one saves too."""
    export = _raw_export(channel)
    export(with_raw_spans([make_span(1).SerializeToString(), b"\xff\xff"]))
    assert [entry.record_count for entry in bench.log.appended] == [1, 1]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LimitExceeded("full", details={"retry_after_seconds": 3}), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (Unavailable("no disk", details={"retry_after_seconds": 3}), grpc.StatusCode.UNAVAILABLE),
    ],
)
def test_pressure_carries_retry_info(
    bench: Bench, channel: grpc.Channel, error: Any, code: grpc.StatusCode
) -> None:
    """Clients retry RESOURCE_EXHAUSTED only if RetryInfo says when."""
    bench.log.error = error
    failure: Any = _fails(_stub(TraceServiceStub, channel).Export, make_traces([make_span(1)]))
    assert failure.code() is code
    status = Status.FromString(dict(failure.trailing_metadata())["grpc-status-details-bin"])
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 3


def test_message_above_the_limit_is_refused_also_when_compressed(channel: grpc.Channel) -> None:
    """A bomb of zeros is stopped by gRPC itself."""
    export = _raw_export(channel)
    failure = _fails(export, bytes(3_000_000), compression=grpc.Compression.Gzip)
    assert failure.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_unforeseen_error_is_internal_without_its_inside(bench: Bench, channel: grpc.Channel) -> None:
    """The server lives on."""
    appended, bench.log.appended = bench.log.appended, None  # type: ignore[assignment]
    failure = _fails(_stub(TraceServiceStub, channel).Export, make_traces([make_span(1)]))
    assert failure.code() is grpc.StatusCode.INTERNAL
    assert "NoneType" not in (failure.details() or "")
    bench.log.appended = appended
    _stub(TraceServiceStub, channel).Export(make_traces([make_span(1)]))


def test_unknown_method_is_unimplemented(channel: grpc.Channel) -> None:
    """Profiles have no door yet."""
    failure = _fails(
        channel.unary_unary("/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export"), b""
    )
    assert failure.code() is grpc.StatusCode.UNIMPLEMENTED


def test_taken_port_is_named(door: OtlpGrpcDoor, bench: Bench) -> None:
    """A second door on the port is refused with the flag to change it."""
    second = OtlpGrpcDoor(bench.service, principal_of, GrpcAddress(port=door.port))
    with pytest.raises(Conflict, match=str(door.port)) as refusal:
        second.start()
    assert "--grpc-port" in (refusal.value.hint or "")


def test_counters_hold_under_many_threads(bench: Bench, channel: grpc.Channel) -> None:
    """Forty calls at once are forty in the counters."""
    stub = _stub(TraceServiceStub, channel)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: stub.Export(make_traces([make_span(number)])), range(1, 41)))
    counters = bench.service.metrics.snapshot()["otlp_grpc", TelemetryType.TRACES]
    assert (counters.requests, counters.accepted) == (40, 40)
