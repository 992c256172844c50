"""From a helper in the application to a server that decodes OTLP."""

from __future__ import annotations

import logging
import threading
import time
from itertools import pairwise

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

import pitwall
from pitwall.sdk import Limits
from tests.integration.sdk.conftest import StartClient
from tests.integration.sdk.receiver import Receiver, Reply, plain

TRACES = "/v1/traces"
EXPORTED, DROPPED = "pitwall.sdk.spans.exported", "pitwall.sdk.spans.dropped"


def make_spans(count: int, name: str = "work") -> None:
    tracer = trace.get_tracer("test")
    for _ in range(count):
        tracer.start_span(name).end()


def test_span_arrives_with_resource_request_and_content(
    receiver: Receiver, start_client: StartClient
) -> None:
    """What a helper recorded is what the server decodes, under the process's resource."""
    client = start_client(environment="dev", version="7", api_key="key", resource_attributes={"team": "voc"})
    with pitwall.request_context(request_id="r-1"), pitwall.llm_call(model="m", input="왜?") as call:
        call.set_usage(input_tokens=3)
    assert client.flush(5)
    [span] = receiver.spans
    attributes = plain(span.attributes)
    assert (attributes["gen_ai.request.model"], attributes["gen_ai.usage.input_tokens"]) == ("m", 3)
    assert attributes["pitwall.request.id"] == "r-1"
    assert "왜?" in attributes["gen_ai.input.messages"]
    [resource] = receiver.resources()
    expected = {
        "service.name": "test",
        "service.version": "7",
        "deployment.environment.name": "dev",
        "team": "voc",
    }
    assert {key: resource[key] for key in expected} == expected
    assert receiver.requests[0].headers["authorization"] == "Bearer key"


def test_content_of_others_stays_here_too(receiver: Receiver, start_client: StartClient) -> None:
    """capture_content=False is a promise about everything that leaves the process, in every dialect."""
    client = start_client(capture_content=False)
    attributes = {
        "input.value": "secret",
        "llm.input_messages.0.message.content": "secret",
        "gen_ai.prompt.0.content": "secret",
        "traceloop.entity.input": "secret",
        "retrieval.documents.0.document.content": "secret",
        "retrieval.documents.0.document.id": "doc-1",
        "gen_ai.prompt.name": "support",
        "llm.model_name": "m",
    }
    with trace.get_tracer("openinference").start_as_current_span("theirs", attributes=attributes) as span:
        span.add_event("gen_ai.content.prompt", {"gen_ai.prompt": "secret", "index": 1})
    with pitwall.llm_call(model="m", input="secret") as call:
        call.set_output("secret")
    assert client.flush(5)
    assert b"secret" not in receiver.requests[0].raw
    theirs = next(span for span in receiver.spans if span.name == "theirs")
    assert plain(theirs.attributes) == {
        "retrieval.documents.0.document.id": "doc-1",
        "gen_ai.prompt.name": "support",
        "llm.model_name": "m",
    }
    assert plain(theirs.events[0].attributes) == {"index": 1}


def test_other_instrumentations_nest_with_ours(receiver: Receiver, start_client: StartClient) -> None:
    """Spans made through the OpenTelemetry API, by anyone, are in the same trace under their own scope."""
    client = start_client()
    with pitwall.llm_call(model="m", name="ours"):
        trace.get_tracer("library", "1.0").start_span("theirs").end()
    assert client.flush(5)
    spans = {span.name: span for span in receiver.spans}
    assert spans["theirs"].parent_span_id == spans["ours"].span_id
    scopes = {
        scope.scope.name
        for message in receiver.accepted(TRACES)
        for scope in message.resource_spans[0].scope_spans
    }
    assert scopes == {"library", "pitwall.sdk"}


def test_burst_of_a_second_arrives_whole(receiver: Receiver, start_client: StartClient) -> None:
    """20,000 spans in one go, from four threads: none is lost and the counters say so on the server."""
    client = start_client()
    threads = [threading.Thread(target=make_spans, args=(5_000,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush(30)
    ids = {span.span_id for span in receiver.spans}
    assert (len(ids), len(receiver.spans)) == (20_000, 20_000)
    metrics = receiver.last_metrics()
    assert (metrics[EXPORTED], metrics[f"{DROPPED}.queue_full"], metrics[f"{DROPPED}.export_failed"]) == (
        20_000,
        0,
        0,
    )


def test_counters_come_with_uptime_and_requests(receiver: Receiver, start_client: StartClient) -> None:
    """Also a silent application is heard of: every interval, and at a flush."""
    client = start_client(limits=Limits(metrics_interval_seconds=0.05, linger_seconds=0.02))
    assert client.flush(5)
    deadline = time.monotonic() + 5
    while len(receiver.accepted("/v1/metrics")) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(receiver.accepted("/v1/metrics")) >= 3
    metrics = receiver.last_metrics()
    assert metrics["pitwall.uptime"] > 0
    assert metrics["pitwall.requests.in_progress"] == 0
    resource = receiver.resources("/v1/metrics")[0]
    assert resource["telemetry.sdk.name"] == "pitwall"
    assert resource["service.instance.id"]


def test_score_arrives_as_a_log_event(receiver: Receiver, start_client: StartClient) -> None:
    """Evaluation results go by OTLP logs, joined to their trace."""
    client = start_client()
    assert pitwall.score("thumb", 1, trace_id="ab" * 16)
    assert client.flush(5)
    [message] = receiver.accepted("/v1/logs")
    record = message.resource_logs[0].scope_logs[0].log_records[0]
    assert (record.event_name, record.trace_id) == ("gen_ai.evaluation.result", bytes.fromhex("ab" * 16))
    assert plain(record.attributes) == {
        "gen_ai.evaluation.name": "thumb",
        "gen_ai.evaluation.score.value": 1.0,
    }


def test_retry_sends_the_same_body_when_the_server_says(
    receiver: Receiver, start_client: StartClient
) -> None:
    """503 with Retry-After: the very same bytes come again, not before the time named."""
    bodies: list[bytes] = []

    def script(path: str, body: bytes) -> Reply:
        if path != TRACES:
            return Reply()
        bodies.append(body)
        return Reply(503, {"retry-after": "0.3"}) if len(bodies) <= 2 else Reply()

    receiver.script = script
    client = start_client()
    make_spans(10)
    assert client.flush(10)
    assert bodies == [bodies[0]] * 3
    times = [request.at for request in receiver.requests if request.path == TRACES]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))
    assert client.tally().exported == len(receiver.spans) == 10


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_refused_batch_is_counted_not_repeated(
    receiver: Receiver, start_client: StartClient, status: int
) -> None:
    """What a retry cannot mend is dropped at once, counted, told in the log, and the next batch goes on."""
    refusing = True

    def script(path: str, body: bytes) -> Reply:
        return Reply(status) if path == TRACES and refusing else Reply()

    receiver.script = script
    client = start_client()
    make_spans(7)
    assert client.flush(5)
    refusing = False
    make_spans(3)
    assert client.flush(5)
    assert client.tally().dropped == {"export_failed": 7}
    metrics = receiver.last_metrics()
    assert (metrics[EXPORTED], metrics[f"{DROPPED}.export_failed"]) == (3, 7)
    assert len([request for request in receiver.requests if request.path == TRACES]) == 2


def test_partial_success_is_counted_as_rejected(receiver: Receiver, start_client: StartClient) -> None:
    """A 200 that keeps only some spans is not taken for a full success."""
    partial = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=4))
    receiver.script = lambda path, _body: (
        Reply(body=partial.SerializeToString()) if path == TRACES else Reply()
    )
    client = start_client()
    make_spans(10)
    assert client.flush(5)
    assert (client.tally().exported, client.tally().dropped) == (6, {"rejected": 4})


def test_batch_that_is_too_large_is_halved(receiver: Receiver, start_client: StartClient) -> None:
    """413: smaller requests until the server takes them; a single span it will not take is counted."""
    receiver.script = lambda path, body: Reply(413) if path == TRACES and len(body) > 3_000 else Reply()
    client = start_client()
    tracer = trace.get_tracer("test")
    for _ in range(20):
        tracer.start_span("fits", attributes={"text": "x" * 500}).end()
    tracer.start_span("huge", attributes={"text": "x" * 5_000}).end()
    assert client.flush(10)
    assert (client.tally().exported, client.tally().dropped) == (20, {"export_failed": 1})
    assert {span.name for span in receiver.spans} == {"fits"}


def test_queue_is_bounded_and_every_drop_reaches_the_server(
    receiver: Receiver, start_client: StartClient
) -> None:
    """While the server is away memory stays bounded; when it is back it learns how many spans are missing."""
    away = True
    receiver.script = lambda path, _body: (
        Reply(503, {"retry-after": "0.05"}) if away and path == TRACES else Reply()
    )
    client = start_client(limits=Limits(max_queue_spans=100, max_batch_spans=10, linger_seconds=0.01))
    make_spans(1_000)
    assert client.tally().queued <= 100
    away = False
    assert client.flush(10)
    tally = client.tally()
    metrics = receiver.last_metrics()
    assert tally.exported + tally.dropped_total == 1_000
    assert len(receiver.spans) == tally.exported == metrics[EXPORTED]
    assert tally.dropped["queue_full"] == metrics[f"{DROPPED}.queue_full"] >= 890


def test_queue_is_bounded_in_bytes(receiver: Receiver, start_client: StartClient) -> None:
    """Few but huge spans do not fill the memory either."""
    receiver.script = lambda path, _body: Reply(503, {"retry-after": "0.05"}) if path == TRACES else Reply()
    client = start_client(limits=Limits(max_queue_bytes=200_000, max_batch_bytes=10_000))
    tracer = trace.get_tracer("test")
    for _ in range(100):
        tracer.start_span("work", attributes={"text": "x" * 20_000}).end()
    tally = client.tally()
    assert tally.queued <= 10
    assert tally.dropped["queue_full"] >= 85


def test_giving_up_is_counted(receiver: Receiver, start_client: StartClient) -> None:
    """A batch is not tried for ever; after the retry time it is counted as failed."""
    receiver.script = lambda path, _body: Reply(503, {"retry-after": "0.05"}) if path == TRACES else Reply()
    client = start_client(limits=Limits(retry_seconds=0.2))
    make_spans(5)
    assert client.flush(10)
    assert client.tally().dropped == {"export_failed": 5}


def test_server_that_comes_later_gets_everything(
    start_client: StartClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens at first: the application is not disturbed, one warning is logged, nothing is lost."""
    placeholder = Receiver()
    port = int(placeholder.endpoint.rsplit(":", 1)[1])
    placeholder.close()
    client = start_client(endpoint=f"http://127.0.0.1:{port}")
    started = time.perf_counter()
    make_spans(50)
    assert time.perf_counter() - started < 1
    assert not client.flush(0.5)
    late = Receiver(port)
    try:
        assert client.flush(10)
        assert len(late.spans) == client.tally().exported == 50
    finally:
        client.shutdown(0.2)
        late.close()
    warnings = [record for record in caplog.records if "sdk.export_unreachable" in record.getMessage()]
    assert len(warnings) == 1


@pytest.mark.parametrize("reply", [Reply(headers={"connection": "close"}), Reply(hang_up=True)])
def test_connection_closed_by_the_server_is_opened_again(
    receiver: Receiver, start_client: StartClient, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    """A stale kept connection, announced or not, costs neither a span nor a wait nor a warning."""
    receiver.script = lambda _path, _body: reply
    client = start_client()
    for _ in range(3):
        make_spans(5)
        assert client.flush(5)
    assert client.tally().exported == len(receiver.spans) == 15
    assert caplog.records == []


def test_compressed_bodies_are_read(receiver: Receiver, start_client: StartClient) -> None:
    """gzip when asked for."""
    client = start_client(compress=True)
    make_spans(5)
    assert client.flush(5)
    assert receiver.requests[0].headers["content-encoding"] == "gzip"
    assert len(receiver.spans) == 5


def test_flush_that_runs_out_of_time_says_so(receiver: Receiver, start_client: StartClient) -> None:
    """A server that hangs does not hold the caller longer than asked."""
    receiver.script = lambda _path, _body: Reply(delay_seconds=1.0)
    client = start_client()
    make_spans(1)
    started = time.monotonic()
    assert not client.flush(0.2)
    assert time.monotonic() - started < 0.6


def test_shutdown_sends_the_rest_and_stops(receiver: Receiver, start_client: StartClient) -> None:
    """What is queued still goes out, with the counters; afterwards nothing is recorded and nothing breaks."""
    client = start_client()
    make_spans(2_000)
    assert client.shutdown(10)
    assert len(receiver.spans) == 2_000
    assert receiver.last_metrics()[EXPORTED] == 2_000
    make_spans(5)
    with pitwall.llm_call(model="m") as call:
        call.set_output("x")
    assert not pitwall.score("thumb", 1, trace_id="ab" * 16)
    assert client.shutdown() is client.flush() is True
    assert (pitwall.current_client(), len(receiver.spans)) == (None, 2_000)


def test_second_init_replaces_the_first(receiver: Receiver, start_client: StartClient) -> None:
    """Spans before go under the old service, spans after under the new one, from the same tracers."""
    tracer = trace.get_tracer("kept")
    start_client(service="first")
    tracer.start_span("one").end()
    second = start_client(service="second")
    tracer.start_span("two").end()
    assert second.flush(5)
    assert [resource["service.name"] for resource in receiver.resources()] == ["first", "second"]
    assert pitwall.current_client() is second


def test_one_span_that_cannot_be_written_does_not_cost_the_others(
    receiver: Receiver, start_client: StartClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A name that is no text and times out of range are somehow written, the rest arrives."""
    client = start_client()
    tracer = trace.get_tracer("test")
    tracer.start_span(None).end()  # type: ignore[arg-type]
    tracer.start_span("future", start_time=2**70).end(end_time=-5)
    tracer.start_span("kind", kind="odd").end()  # type: ignore[arg-type]
    make_spans(3)
    with caplog.at_level(logging.CRITICAL, logger="pitwall.sdk"):
        assert client.flush(5)
    assert [span.name for span in receiver.spans].count("work") == 3
    tally = client.tally()
    assert tally.exported + tally.dropped_total == 6


def test_files_and_server_can_be_fed_together(
    receiver: Receiver, start_client: StartClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Only when both are asked for; the same span is in both."""
    directory = tmp_path_factory.mktemp("traces")
    client = start_client(trace_dir=directory)
    with pitwall.llm_call(model="m"):
        pass
    assert client.flush(5)
    assert len(receiver.spans) == 1
    assert (directory / "llm_calls.jsonl").read_text().count("\n") == 1
