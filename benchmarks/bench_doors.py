"""What one span costs at each OTLP door up to the acknowledgement: decompress, parse, check, make durable.

    python benchmarks/bench_doors.py [--spans 60000] [--clients 4] [--json]

RAG traces of five spans, about 1.5 KB a span. Each case sends its requests to a server process of its own
(the doors on a real write-ahead log that is synced before every answer; no store behind it) from one client
process with `--clients` connections, on the same machine. Server CPU is that of its whole process.
`spans_per_second` is what was acknowledged while the client was sending, so it is a burst figure: what can
be sustained is set by the store.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
TRACE_PATH = "/v1/traces"
RPC = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
STEPS = ("http.request", "embed", "retrieve", "rerank", "chat")
_WORDS = [f"단어{number}" if number % 3 == 0 else f"word{number}" for number in range(2_000)]


@dataclass(frozen=True)
class Case:
    """One way of sending: door, encoding and size of the requests."""

    name: str
    spans_per_request: int
    encoding: str = ""


CASES = (
    Case("http protobuf", 500),
    Case("http protobuf", 50),
    Case("http protobuf gzip", 500, "gzip"),
    Case("http protobuf zstd", 500, "zstd"),
    Case("http json", 500),
    Case("http json", 50),
    Case("grpc", 500),
    Case("grpc", 50),
)


@dataclass(frozen=True)
class Figures:
    """What was measured; times in milliseconds, CPU in microseconds of the server per span."""

    door: str
    spans_per_request: int
    spans_per_second: int
    ack_p50_ms: float
    ack_p95_ms: float
    server_cpu_us_per_span: float
    request_bytes: int


def make_request(rng: random.Random, spans: int) -> Any:
    """Make an OTLP request of whole traces; the last step carries prompt, answer and token counts."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "voc"
    target = group.scope_spans.add().spans
    for _ in range(spans // len(STEPS)):
        trace_id, root_id = rng.randbytes(16), rng.randbytes(8)
        for number, step in enumerate(STEPS):
            start = time.time_ns() - rng.randrange(60_000_000_000)
            span = target.add(
                trace_id=trace_id,
                span_id=root_id if number == 0 else rng.randbytes(8),
                parent_span_id=b"" if number == 0 else root_id,
                name=step,
                start_time_unix_nano=start,
                end_time_unix_nano=start + rng.randrange(1_000_000, 3_000_000_000),
            )
            _describe(span, rng)
    return request


def _describe(span: Any, rng: random.Random) -> None:
    texts = {
        "session.id": f"s{rng.randrange(5_000)}",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": rng.choice(["gpt-4o-mini", "qwen2.5:7b", "claude-sonnet-4-5"]),
        "gen_ai.input.messages": _text(rng, 800),
        "gen_ai.output.messages": _text(rng, 350),
    }
    for key, value in texts.items():
        span.attributes.add(key=key).value.string_value = value
    for key in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "http.response.status_code"):
        span.attributes.add(key=key).value.int_value = rng.randrange(1, 4_000)
    span.attributes.add(key="gen_ai.response.finish_reasons").value.array_value.values.add(
        string_value="stop"
    )


def _text(rng: random.Random, size: int) -> str:
    words: list[str] = []
    length = 0
    while length < size:
        words.append(rng.choice(_WORDS))
        length += len(words[-1].encode()) + 1
    return " ".join(words)


def make_bodies(case: Case, count: int) -> list[bytes]:
    """Make the distinct bodies of a case; a repeated one would be recognised and not written."""
    rng = random.Random(case.spans_per_request)
    requests = (make_request(rng, case.spans_per_request) for _ in range(count))
    if case.name == "http json":
        return [_to_json(request) for request in requests]
    raw = (request.SerializeToString() for request in requests)
    return [_compress(body, case.encoding) for body in raw]


def _to_json(request: Any) -> bytes:
    from tests.unit.ingest.doors.messages import to_otlp_json

    return json.dumps(to_otlp_json(request), ensure_ascii=False).encode()


def _compress(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body, 6)
    if encoding == "zstd":
        from backports import zstd

        return bytes(zstd.compress(body))
    return body


# --- the server's process --------------------------------------------------------------------------------


def serve(directory: str) -> None:
    """Run all doors on free ports and print them; ends when standard input does."""
    import uvicorn
    from starlette.applications import Starlette

    from pitwall.access.service import ANONYMOUS_OPERATOR
    from pitwall.access.types import Principal
    from pitwall.ingest.mapping.masking import mask_bytes, mask_text
    from pitwall.ingest.masker import Masker
    from pitwall.ingest.otlp_grpc import GrpcAddress, OtlpGrpcDoor
    from pitwall.ingest.otlp_http import otlp_routes
    from pitwall.ingest.service import IngestService
    from pitwall.kit.clock import SystemClock
    from pitwall.stores.telemetry.wal import WriteAheadLog

    async def authenticate(_headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        return ANONYMOUS_OPERATOR

    log = WriteAheadLog(Path(directory))
    log.start()
    service = IngestService(log, SystemClock(), masker=Masker(mask_text, mask_bytes))
    grpc_door = OtlpGrpcDoor(service, lambda _headers: ANONYMOUS_OPERATOR, GrpcAddress(port=0))
    grpc_door.start()
    app = Starlette(routes=otlp_routes(service, authenticate))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print(json.dumps({"http": port, "grpc": grpc_door.port}), flush=True)
    sys.stdin.read()
    server.should_exit = True
    thread.join()
    grpc_door.stop(1)
    log.close()


# --- the client's process --------------------------------------------------------------------------------


def send_http(port: int, case: Case, bodies: list[bytes]) -> list[float]:
    """Send bodies one after the other on one connection; return the seconds each took.

    A bare socket: an HTTP library would take more of the shared cores than the server it measures.
    """
    media_type = "application/json" if case.name == "http json" else "application/x-protobuf"
    encoding = f"Content-Encoding: {case.encoding}\r\n" if case.encoding else ""
    nothing_to_say = b"\r\n\r\n{}" if case.name == "http json" else b"\r\n\r\n"
    seconds = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body in bodies:
            head = f"POST {TRACE_PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\n{encoding}"
            started = time.perf_counter()
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
            connection.sendall(body)
            answer = connection.recv(65_536)
            while not answer.endswith(nothing_to_say) and len(answer) < 1_000:
                answer += connection.recv(65_536)
            seconds.append(time.perf_counter() - started)
            if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(nothing_to_say):
                raise RuntimeError(f"{case.name}: {answer[:500]!r}")
    return seconds


def send_grpc(port: int, _case: Case, bodies: list[bytes]) -> list[float]:
    """Do the same with gRPC."""
    import grpc

    seconds = []
    with grpc.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]
    ) as channel:
        export: Any = channel.unary_unary(RPC)
        for body in bodies:
            started = time.perf_counter()
            if export(body) != b"":
                raise RuntimeError("a span was rejected")
            seconds.append(time.perf_counter() - started)
    return seconds


def measure(case: Case, *, spans: int, clients: int) -> Figures:
    """Run one case against a fresh server."""
    bodies = make_bodies(case, max(clients, spans // case.spans_per_request))
    shares = [bodies[number::clients] for number in range(clients)]
    with tempfile.TemporaryDirectory(prefix="pitwall-bench-") as directory:
        command = [sys.executable, __file__, "--serve", directory]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            ports = json.loads(server.stdout.readline())
            send: Callable[[list[bytes]], list[float]] = (
                partial(send_grpc, ports["grpc"], case)
                if case.name == "grpc"
                else partial(send_http, ports["http"], case)
            )
            return _figures(case, bodies, *_run(psutil.Process(server.pid), send, shares))
        finally:
            server.stdin.close()
            server.wait(30)


def _run(
    server: psutil.Process, send: Callable[[list[bytes]], list[float]], shares: list[list[bytes]]
) -> tuple[float, float, list[float]]:
    """Send all shares at once; return wall seconds, the server's CPU seconds, the seconds of each request."""
    latencies: list[float] = []

    def run(share: list[bytes]) -> None:
        latencies.extend(send(share))

    threads = [threading.Thread(target=run, args=(share,)) for share in shares]
    cpu_before, started = sum(server.cpu_times()[:2]), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    return wall, sum(server.cpu_times()[:2]) - cpu_before, latencies


def _figures(case: Case, bodies: list[bytes], wall: float, cpu: float, latencies: list[float]) -> Figures:
    if len(latencies) != len(bodies):
        raise RuntimeError(f"{case.name}: {len(bodies) - len(latencies)} requests failed")
    spans = case.spans_per_request * len(bodies)
    ranks = statistics.quantiles(latencies, n=20)
    return Figures(
        door=case.name,
        spans_per_request=case.spans_per_request,
        spans_per_second=round(spans / wall),
        ack_p50_ms=round(ranks[9] * 1000, 1),
        ack_p95_ms=round(ranks[18] * 1000, 1),
        server_cpu_us_per_span=round(cpu / spans * 1e6, 2),
        request_bytes=sum(map(len, bodies)) // len(bodies),
    )


def show(figures: list[Figures]) -> None:
    """Print the table."""
    titles = ("spans/req", "KB/req", "spans/s", "p50 ms", "p95 ms", "CPU us/span")
    print(f"{'door':20}", *(f"{title:>11}" for title in titles))
    for row in figures:
        kilobytes = round(row.request_bytes / 1000)
        values = (row.spans_per_request, kilobytes, row.spans_per_second, row.ack_p50_ms, row.ack_p95_ms)
        print(f"{row.door:20}", *(f"{value:11,}" for value in (*values, row.server_cpu_us_per_span)))


def main() -> None:
    """Measure every case and print a table or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=60_000, help="spans per case")
    parser.add_argument("--clients", type=int, default=4, help="connections that send at once")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--serve", metavar="DIRECTORY", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    figures = [measure(case, spans=arguments.spans, clients=arguments.clients) for case in CASES]
    if arguments.json:
        print(json.dumps([asdict(row) for row in figures]))
    else:
        show(figures)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
