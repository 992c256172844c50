"""What one span costs the application: Pitwall's SDK beside the OpenTelemetry SDK, same spans, same machine.

    python benchmarks/bench_sdk.py [--spans 20000] [--rounds 5] [--json]

Traces of five spans (a root and four children), twelve attributes of about 1.5 KB in all on each span. Every
case runs in a process of its own; Pitwall and the OTLP case send to a sink in another process, so that only
the client is measured. Times are the application thread's wall and CPU, and the CPU of the whole process with
the exporter's thread. `exported` is what the client's own counters say; the OpenTelemetry SDK has none.
The last case offers 20,000 spans a second for five seconds and counts what was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry import trace

ROOT = Path(__file__).resolve().parent.parent
CASES = ("otel-noop", "otel-otlp", "pitwall", "pitwall-helpers")
RATE_CASE = "pitwall-rate"
SPANS_PER_TRACE = 5
_QUESTION = "The washing machine leaks after two weeks, can I get a refund and who pays for the return? "

ATTRIBUTES: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.usage.input_tokens": 812,
    "gen_ai.usage.output_tokens": 96,
    "gen_ai.response.time_to_first_chunk": 0.312,
    "gen_ai.request.stream": True,
    "gen_ai.input.messages": _QUESTION * 9,
    "gen_ai.output.messages": _QUESTION * 6,
    "session.id": "session-0123456789",
    "user.id": "user-0123456789",
}


class _Sink(BaseHTTPRequestHandler):
    """Counts the bytes of /v1/traces and forgets them."""

    protocol_version = "HTTP/1.1"
    received_bytes = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/v1/traces":
            _Sink.received_bytes += len(body)
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(str(_Sink.received_bytes).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay silent."""


def serve_sink() -> None:
    """Run the sink; its port is the first line on stdout, and it ends with its stdin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sink)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def trace_with(tracer: trace.Tracer) -> None:
    """One trace by the OpenTelemetry interface."""
    with tracer.start_as_current_span("request") as root:
        root.set_attributes(ATTRIBUTES)
        for _ in range(SPANS_PER_TRACE - 1):
            with tracer.start_as_current_span("chat gpt-4o-mini") as span:
                span.set_attributes(ATTRIBUTES)


def set_up(case: str, endpoint: str) -> tuple[Callable[[], None], Callable[[], int | None]]:
    """The function that makes one trace, and the one that flushes and tells how many spans were exported."""
    if case.startswith("pitwall"):
        return _set_up_pitwall(case, endpoint)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class NoOp(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    exporter: SpanExporter = (
        NoOp() if case == "otel-noop" else OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    )
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=65_536))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("bench")

    def flush() -> int | None:
        provider.force_flush()
        return None

    return lambda: trace_with(tracer), flush


def _set_up_pitwall(case: str, endpoint: str) -> tuple[Callable[[], None], Callable[[], int | None]]:
    sys.path.insert(0, str(ROOT / "src"))
    import pitwall

    client = pitwall.init(service="bench", endpoint=endpoint)
    tracer = trace.get_tracer("bench")

    def flush() -> int | None:
        client.flush(30)
        return client.tally().exported

    def helpers() -> None:
        with pitwall.retrieval(query=_QUESTION, top_k=5) as found:
            found.set_documents([{"id": "a", "score": 0.9}])
            for _ in range(SPANS_PER_TRACE - 1):
                with pitwall.llm_call(model="gpt-4o-mini", provider="openai", input=_QUESTION * 9) as call:
                    call.set_output(_QUESTION * 6).set_usage(input_tokens=812, output_tokens=96)

    return (helpers if case == "pitwall-helpers" else lambda: trace_with(tracer)), flush


def measure(case: str, endpoint: str, spans: int, rounds: int) -> dict[str, Any]:
    """Microseconds per span, the median of several rounds."""
    make_trace, flush = set_up(case, endpoint)
    for _ in range(200):
        make_trace()
    flush()
    results = []
    for _ in range(rounds):
        wall, cpu, process = time.perf_counter(), time.thread_time(), time.process_time()
        for _ in range(spans // SPANS_PER_TRACE):
            make_trace()
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        exported = flush()
        results.append((wall, cpu, time.process_time() - process))
    medians = [statistics.median(column) * 1e6 / spans for column in zip(*results, strict=True)]
    ended = (rounds * (spans // SPANS_PER_TRACE) + 200) * SPANS_PER_TRACE
    return {
        "case": case,
        "wall_us": round(medians[0], 2),
        "app_cpu_us": round(medians[1], 2),
        "process_cpu_us": round(medians[2], 2),
        "ended": ended,
        "exported": exported,
    }


def measure_rate(endpoint: str, spans_per_second: int = 20_000, seconds: float = 5.0) -> dict[str, Any]:
    """A steady rate, in slices of ten milliseconds; what the client exported and lost."""
    make_trace, _ = set_up("pitwall", endpoint)
    import pitwall

    client = pitwall.current_client()
    assert client is not None
    traces_per_slice = spans_per_second // SPANS_PER_TRACE // 100
    started = time.perf_counter()
    longest_queue = slices = 0
    inside = 0.0
    while (now := time.perf_counter()) - started < seconds:
        for _ in range(traces_per_slice):
            make_trace()
        inside += time.perf_counter() - now
        slices += 1
        longest_queue = max(longest_queue, client.tally().queued)
        time.sleep(max(0.0, started + slices * 0.01 - time.perf_counter()))
    elapsed = now - started
    client.flush(30)
    tally = client.tally()
    return {
        "case": "pitwall-rate",
        "spans_per_second": round(slices * traces_per_slice * SPANS_PER_TRACE / elapsed),
        "wall_us": round(inside * 1e6 / (slices * traces_per_slice * SPANS_PER_TRACE), 2),
        "ended": slices * traces_per_slice * SPANS_PER_TRACE,
        "exported": tally.exported,
        "dropped": tally.dropped_total,
        "longest_queue": longest_queue,
    }


def run_all(spans: int, rounds: int) -> list[dict[str, Any]]:
    """Every case in its own process against one sink."""
    command = [sys.executable, __file__]
    sink = subprocess.Popen([*command, "--sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert sink.stdin is not None
    assert sink.stdout is not None
    try:
        endpoint = f"http://127.0.0.1:{sink.stdout.readline().strip()}"
        arguments = ["--endpoint", endpoint, "--spans", str(spans), "--rounds", str(rounds)]
        outputs = [
            subprocess.run([*command, "--case", case, *arguments], check=True, stdout=subprocess.PIPE).stdout
            for case in (*CASES, RATE_CASE)
        ]
        return [json.loads(output) for output in outputs]
    finally:
        sink.stdin.close()
        sink.wait(timeout=10)


def main() -> None:
    """Parse the command line and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spans", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--case", choices=(*CASES, RATE_CASE), help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", default="", help=argparse.SUPPRESS)
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sink:
        serve_sink()
        return
    if options.case == RATE_CASE:
        print(json.dumps(measure_rate(options.endpoint)))
        return
    if options.case:
        print(json.dumps(measure(options.case, options.endpoint, options.spans, options.rounds)))
        return
    rows = run_all(options.spans, options.rounds)
    if options.json:
        print(json.dumps({"benchmark": "sdk", "load_average": os.getloadavg()[0], "rows": rows}))
        return
    *rows, rate = rows
    print(f"{'case':<18}{'wall us':>10}{'app CPU us':>12}{'process CPU us':>16}{'ended':>10}{'exported':>10}")
    for row in rows:
        exported = "" if row["exported"] is None else row["exported"]
        print(
            f"{row['case']:<18}{row['wall_us']:>10}{row['app_cpu_us']:>12}{row['process_cpu_us']:>16}"
            f"{row['ended']:>10}{exported:>10}"
        )
    print(
        f"steady {rate['spans_per_second']:,} spans/s beside the exporter: {rate['wall_us']} us wall a span, "
        f"{rate['ended']:,} ended, {rate['exported']:,} exported, {rate['dropped']:,} dropped, "
        f"longest queue {rate['longest_queue']:,}"
    )


if __name__ == "__main__":
    main()
