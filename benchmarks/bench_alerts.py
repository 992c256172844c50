"""What evaluating many alert rules costs: processor time of a round, as a share of the time between two.

Rounds are those of the product, on a real store in this process, its clock moved on by fifteen seconds each;
the figure is the processor time of all threads, the store's included. Two shapes of 1,000 rules over 50,000
label sets: rules that watch the same fifty services, and rules that each watch one of a thousand services.
"""

from __future__ import annotations

import os
import shutil
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Bar, Figure, at_most
from benchmarks.harness.server import PitwallServer, running_pitwall
from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.alerts.evaluator import ProjectEvaluator, Round
from pitwall.alerts.rulebook import RuleBook
from pitwall.alerts.service import AlertService
from pitwall.alerts.wire import read_rule
from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.signals.windows import floor_to
from pitwall.stores.state import Projects, StateStore
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate

_EVERY: Final = timedelta(seconds=15)
_SHARE: Final = 25.0
_FRESH: Final = 5.0
_PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.1
_MINUTES: Final = 10
_CHUNK: Final = 100_000
_SIGNALS: Final = (
    ("llm.failure_rate", "> 0.9"),
    ("llm.p95_latency_ms", "> 100000"),
    ("llm.mean_latency_ms", "> 100000"),
    ("llm.requests_per_minute", "> 1000000"),
    ("llm.timeout_rate", "> 0.9"),
    ("llm.input_tokens_per_call", "> 100000"),
    ("llm.output_tokens_per_call", "> 100000"),
    ("llm.p95_ttft_ms", "> 100000"),
    ("llm.fallback_rate", "> 0.9"),
    ("cost.usd_per_call", "> 1"),
)
_FILL: Final = """
INSERT INTO spans_in (project, service, trace_id, span_id, kind, started_at, duration_ms, received_at, status,
    error_class, provider, model, input_tokens, uncached_input_tokens, output_tokens, token_source, cost_usd,
    cost_source, ttft_ms, is_fallback)
SELECT 'default', 'service-' || toString(n % {services}),
    substring(hex(sipHash128(n)), 1, 16), substring(hex(cityHash64(n)), 1, 8), 'llm',
    fromUnixTimestamp64Milli({start} + intDiv(n, {label_sets}) * {spacing} + n % 1000, 'UTC'),
    exp(4 + (h % 1000) / 250), now64(3), if(h % 50 = 0, 'error', 'ok'),
    if(h % 50 = 0, 'timeout', ''), 'openai', 'model-' || toString(intDiv(n, {services}) % {models}),
    200 + h % 3000, 200 + h % 3000, 50 + h % 500, 'provider', toDecimal64(0.002, 12), 'computed',
    100 + h % 900, h % 40 = 0
FROM (SELECT number AS n, cityHash64(number) % 1000003 AS h FROM numbers({first}, {count}))
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Rules and the label sets they look at."""

    name: str
    services: int
    models: int
    rules: int
    label_sets: int
    is_per_service: bool


def alerts(context: Context) -> list[Figure]:
    """Both shapes, one after the other."""
    shapes = (
        Shape("the same services", 50, 1, context.size(1_000, 100), context.size(50_000, 5_000), False),
        Shape(
            "a service each",
            context.size(1_000, 100),
            50,
            context.size(1_000, 100),
            context.size(50_000, 5_000),
            True,
        ),
    )
    return [figure for shape in shapes for figure in measure(context, shape)]


def measure(context: Context, shape: Shape) -> list[Figure]:
    """The cost of rounds of one shape."""
    directory = context.directory("alerts")
    shutil.rmtree(directory)
    directory.mkdir()
    with _opened(directory, shape) as evaluator:
        context.say(f"{shape.name}: first round")
        first, _, _ = _round(evaluator)
        assert first.series == shape.label_sets, first
        rounds = [_round(evaluator) for _ in range(context.size(8, 2))]
    cpu = statistics.mean(seconds for _, seconds, _ in rounds)
    size = f"{shape.rules:,} rules, {shape.label_sets:,} label sets, {shape.name}"
    wall = statistics.median(seconds for _, _, seconds in rounds)
    note = f"{cpu:.2f} s CPU a round of {first.questions} questions, {wall:.1f} s long"
    share = round(100 * cpu / _EVERY.total_seconds(), 1)
    return [Figure("alert rules evaluated every 15 s", size, "% of a core", share, at_most(_SHARE), note)]


def _round(evaluator: _Ticking) -> tuple[Round, float, float]:
    """One round, its processor time and how long it took, in seconds."""
    began, began_wall = time.process_time(), time.perf_counter()
    done = evaluator.round()
    return done, time.process_time() - began, time.perf_counter() - began_wall


@dataclass(slots=True)
class _Ticking:
    evaluator: ProjectEvaluator
    clock: ManualClock

    def round(self) -> Round:
        """Move on by fifteen seconds and evaluate."""
        self.clock.advance(_EVERY.total_seconds())
        done = self.evaluator.run()
        if done.failed_rules:
            errors = {one.error for one in self.evaluator._noted.values() if one.error}
            raise RuntimeError(f"{done.failed_rules} rules could not be evaluated: {errors}")
        return done


@contextmanager
def _opened(directory: Path, shape: Shape) -> Iterator[_Ticking]:
    end = floor_to(datetime.now(UTC), timedelta(minutes=1))
    clock = ManualClock(end - timedelta(minutes=4))
    state = StateStore.in_directory(directory, clock=clock).open()
    engine = open_embedded(directory / "telemetry")
    try:
        migrate(engine)
        _fill(engine, shape, end)
        book = RuleBook([], load_catalogue([core_pack()]))
        _save(AlertService(state, book, clock), state, _rules(shape), clock)
        signals = Signals(engine, book.catalogue, Watermark(clock, lambda: 0.0))
        yield _Ticking(ProjectEvaluator("default", state, signals, book, clock), clock)
    finally:
        engine.close()
        state.close()


def _fill(engine: TelemetryEngine, shape: Shape, end: datetime) -> None:
    """A call a minute of every service and model, so that each minute has all label sets."""
    label_sets = shape.services * shape.models
    per_minute = max(1, 2_000 // label_sets)
    spans = label_sets * per_minute * _MINUTES
    start = end - timedelta(minutes=_MINUTES)
    for first in range(0, spans, _CHUNK):
        text = _FILL.format(
            services=shape.services,
            models=shape.models,
            label_sets=label_sets,
            start=int(start.timestamp() * 1000),
            spacing=60_000 // per_minute,
            first=first,
            count=min(_CHUNK, spans - first),
        )
        engine.command(text)


def _rules(shape: Shape) -> Iterator[dict[str, Any]]:
    for number in range(shape.rules):
        signal, limit = _SIGNALS[number % len(_SIGNALS)]
        own = {"by": ["model"], "where": f"service = 'service-{number}'"} if shape.is_per_service else {}
        yield {
            "name": f"rule-{number}",
            "title": {"en": f"Rule {number}", "ko": f"규칙 {number}"},
            "when": {"threshold": {"signal": signal, "critical": limit, "warning": _milder(limit)}},
            "by": ["service"],
            "window": ("5m", "1m", "3m")[number % 3],
            "min_samples": 1,
            **own,
        }


def _milder(limit: str) -> str:
    return f"> {float(limit[2:]) * 0.9:g}"


def _save(
    service: AlertService, state: StateStore, rules: Iterator[dict[str, Any]], clock: ManualClock
) -> None:
    with state.session() as session:
        Projects(session).ensure_built_in(now=clock.now())
    saved: Sequence[Any] = [service.save(read_rule(one), by=LOCAL_OPERATOR) for one in rules]
    assert saved


def fresh(context: Context) -> list[Figure]:
    """From the requests that break a limit to the webhook, with the rules and routes of a new project."""
    directory = context.directory("alerts-fresh")
    shutil.rmtree(directory)
    directory.mkdir()
    rounds = context.size(12, 2)
    with running_pitwall(directory / "data") as server, _receiver() as receiver:
        server.wait_calm()
        waits = [_wait_for_webhook(server, receiver, f"project-{number}") for number in range(rounds)]
    size = f"{rounds} projects that begin to fail, one after the other"
    return [
        *_waits("failing requests to firing alert", size, [fired for fired, _ in waits], None),
        *_waits("failing requests to webhook", size, [told for _, told in waits], at_most(_FRESH)),
    ]


def _waits(name: str, size: str, seconds: Sequence[float], target: Bar | None) -> list[Figure]:
    return [
        Figure(f"{name}, median", size, "s", round(statistics.median(seconds), 2)),
        Figure(f"{name}, slowest", size, "s", round(max(seconds), 2), target),
    ]


def _wait_for_webhook(server: PitwallServer, receiver: _Receiver, project: str) -> tuple[float, float]:
    """Seconds from failing requests to the alert as the API tells it, and to the webhook."""
    url = f"http://127.0.0.1:{server.port}"
    key = {"name": project, "project": project, "scopes": ["ingest", "read", "act"]}
    token = httpx.post(f"{url}/api/v1/keys", json=key, trust_env=False).raise_for_status().json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
        channel = {"kind": "webhook", "url": receiver.url}
        client.put("/api/v1/notifications/channels/bench", json=channel).raise_for_status()
        content, kind = _failing_requests(), {"content-type": "application/x-protobuf"}
        began = time.monotonic()
        client.post("/v1/traces", content=content, headers=kind).raise_for_status()
        asked = {"state": "firing", "rule": "requests.errors"}
        fired: float | None = None
        while time.monotonic() < began + _PATIENCE_SECONDS:
            now = time.monotonic()
            if (
                fired is None
                and client.get("/api/v1/alerts", params=asked).raise_for_status().json()["alerts"]
            ):
                fired = now - began
            told = receiver.told_at.get(project)
            if fired is not None and told is not None:
                return fired, told - began
            time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"no webhook of {project} came within {_PATIENCE_SECONDS:g} s")


def _failing_requests() -> bytes:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "bench"
    spans = resource.scope_spans.add().spans
    for _ in range(50):
        span = spans.add(trace_id=os.urandom(16), span_id=os.urandom(8), name="POST /ask")
        span.end_time_unix_nano = time.time_ns()
        span.start_time_unix_nano = span.end_time_unix_nano - 1_000_000
        span.status.code = Status.STATUS_CODE_ERROR
    return request.SerializeToString()


@dataclass(frozen=True, slots=True)
class _Receiver:
    """A web server that notes when the first webhook of each project came."""

    url: str
    told_at: dict[str, float]


@contextmanager
def _receiver() -> Iterator[_Receiver]:
    told_at: dict[str, float] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            told_at.setdefault(body["project"], time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the figure is what counts."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield _Receiver(f"http://127.0.0.1:{http.server_port}/", told_at)
        http.shutdown()
        thread.join()


STEPS: tuple[Step, ...] = (
    Step("alerts", "1,000 alert rules over 50,000 label sets, every 15 s", alerts, 2, is_default=False),
    Step("alerts.fresh", "from failing requests to the alert and its webhook", fresh, 1, is_default=False),
)
