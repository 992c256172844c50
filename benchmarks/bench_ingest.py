"""Ingest of a real `pitwall up`, with the generator on the same cores.

RAG traces of five spans, about 1.5 KB a span; every request has ids, times and texts of its own. The server
runs with its defaults: masking, prices, normal form and rollups on, a write-ahead log synced before each
acknowledgement. A span counts as queryable when `GET /api/v1/status` counts it, and after every step that
count must equal what was acknowledged. The lag is the sender's own finding: how long the oldest acknowledged
request has not been counted when the status answer arrives.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.harness.load import GrpcSender, HttpSender, Plan, Sender, Sent, send
from benchmarks.harness.quantiles import milliseconds, quantile
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_least, at_most
from benchmarks.harness.server import PitwallServer, running_pitwall
from benchmarks.harness.store import StoreFacts, inspect_store
from benchmarks.harness.templates import JsonEncoding, Pool, ProtobufEncoding, make_pool
from benchmarks.harness.wire import Connection

CLIENTS: Final = 4
BURST_SPANS: Final = 150_000
_OFFERED_PER_SECOND: Final = 50_500.0  # 1 % above the bar, so that rounding cannot miss it
_SAMPLE_SECONDS: Final = 0.25
_DRAIN_SECONDS: Final = 300.0


@dataclass(slots=True)
class Watch:
    """What was seen of a server while it was loaded.

    Attributes:
        seen: (monotonic time of the answer, spans queryable) per sample.
        server_lag_seconds: The server's own figure per sample.
    """

    seen: list[tuple[float, int]] = field(default_factory=list)
    server_lag_seconds: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)

    def wait_applied(self, spans_total: int) -> float:
        """Wait until a sample counts so many spans; returns the monotonic time of that sample.

        Raises:
            RuntimeError: There are more, or not as many in time.
        """
        deadline = time.monotonic() + _DRAIN_SECONDS
        while not self.seen or self.seen[-1][1] != spans_total:
            count = self.seen[-1][1] if self.seen else 0
            if count > spans_total or time.monotonic() > deadline:
                raise RuntimeError(f"{count:,} spans are queryable instead of {spans_total:,}")
            time.sleep(_SAMPLE_SECONDS / 5)
        return self.seen[-1][0]

    def lags(self, sent: Sent) -> list[float]:
        """Age of the oldest acknowledged request that was not queryable, per sample; 0 if all were."""
        found = []
        for answered_at, count in self.seen:
            applied = count // sent.spans_per_request
            oldest = sent.acks[applied] if applied < len(sent.acks) else answered_at
            found.append(max(0.0, answered_at - oldest))
        return found


@contextmanager
def watching(server: PitwallServer) -> Iterator[Watch]:
    """Sample the server four times a second until the end of the block."""
    watch, stop = Watch(), threading.Event()

    def sample() -> None:
        with Connection(server.port) as connection:
            while not stop.is_set():
                status = server.status(connection)
                watch.seen.append((time.monotonic(), status["spans_total"]))
                watch.server_lag_seconds.append(status["ingest_lag_seconds"])
                watch.rss_mb.append(server.rss_mb())
                stop.wait(_SAMPLE_SECONDS)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run of load against a fresh server, all of it applied.

    Attributes:
        applied_at: Monotonic time at which the last span was queryable.
        server_cpu_seconds: From the first request until then.
    """

    sent: Sent
    watch: Watch
    applied_at: float
    server_cpu_seconds: float
    store: StoreFacts

    @property
    def queryable_per_second(self) -> float:
        """Spans per second from the first byte sent until the last span was queryable."""
        return self.sent.spans / (self.applied_at - self.sent.began)

    @property
    def max_lag_seconds(self) -> float:
        """Longest time that anything was acknowledged and not queryable."""
        return max(*self.watch.lags(self.sent), self.applied_at - self.sent.ended)


Connect = Callable[[PitwallServer], Callable[[], Sender]]


def over_http(content_type: str = ProtobufEncoding.content_type) -> Connect:
    """Clients of the HTTP door."""
    return lambda server: lambda: HttpSender(server.port, content_type)


def over_grpc(server: PitwallServer) -> Callable[[], Sender]:
    """Clients of the gRPC door."""
    return lambda: GrpcSender(server.grpc_port)


def load_fresh(context: Context, name: str, pool: Pool, plan: Plan, connect: Connect) -> Loaded:
    """Send to a server on an empty directory, wait until all of it is queryable, and look into the store.

    Raises:
        RuntimeError: What is stored is not exactly what was acknowledged.
    """
    data_dir = fresh_directory(context, name)
    with running_pitwall(data_dir) as server:
        warm_up(server, connect)
        before = server.status()["spans_total"]
        cpu = server.cpu_seconds()
        with watching(server) as watch:
            sent = send(pool, plan, connect(server))
            context.say(f"acknowledged {sent.spans:,} spans, {sent.acked_per_second:,.0f} a second")
            applied_at = watch.wait_applied(before + sent.spans)
        cpu = server.cpu_seconds() - cpu
    watch.seen = [(at, count - before) for at, count in watch.seen]
    store = inspect_store(data_dir)
    if store.spans != before + sent.spans:
        raise RuntimeError(f"{before + sent.spans:,} spans were acknowledged and {store.spans:,} are stored")
    shutil.rmtree(data_dir)
    return Loaded(sent, watch, applied_at, cpu, store)


def fresh_directory(context: Context, name: str) -> Path:
    """Make an empty data directory."""
    data_dir = context.directory("servers") / name
    shutil.rmtree(data_dir, ignore_errors=True)
    return data_dir


def warm_up(server: PitwallServer, connect: Connect) -> None:
    """Send a few small requests, so that nothing is used for the first time while it is measured."""
    encoding = JsonEncoding() if connect is _JSON else ProtobufEncoding()
    pool = make_pool(requests=4, spans=50, seed=99, encoding=encoding)
    sent = send(pool, Plan(clients=2, requests=40), connect(server))
    server.wait_applied(sent.spans, _DRAIN_SECONDS)


_JSON: Final = over_http(JsonEncoding.content_type)


def sustained(context: Context) -> list[Figure]:
    """Keep 50,000 spans/s up for two minutes."""
    offered = context.size(int(_OFFERED_PER_SECOND), 10_000)
    seconds = context.size(120, 6)
    pool = make_pool(requests=context.size(120, 12), spans=500, seed=1)
    plan = Plan(CLIENTS, seconds=seconds, spans_per_second=offered)
    loaded = load_fresh(context, "sustained", pool, plan, over_http())
    sent, watch = loaded.sent, loaded.watch
    size = f"{offered:,} spans/s offered, {seconds} s, {pool.bytes_per_span:,.0f} B/span"
    acked = sent.spans / max(seconds, sent.ended - sent.began)
    lag_p95 = quantile(watch.lags(sent), 0.95)
    merged = "merges at rest" if loaded.store.are_merges_done else "merges still running"
    return [
        Figure("sustained, acknowledged", size, "spans/s", acked, at_least(50_000)),
        Figure(
            "sustained, acknowledged to queryable, longest",
            f"{len(watch.seen)} samples",
            "s",
            loaded.max_lag_seconds,
            at_most(1.0),
            f"p95 {lag_p95:.2f} s; by the server's own figure at most {max(watch.server_lag_seconds):.2f} s",
        ),
        Figure(
            "sustained, acknowledgement p95",
            size,
            "ms",
            milliseconds(sent.ack_seconds, 0.95),
            note=f"p50 {milliseconds(sent.ack_seconds, 0.5):.1f} ms, {sent.busy_answers} answers 429 or 503",
        ),
        _cpu(loaded, size),
        Figure("sustained, resident memory, largest", size, "MB", max(watch.rss_mb)),
        Figure(
            "disk, everything of a span",
            f"{loaded.store.spans:,} spans, {merged}",
            "B/span",
            loaded.store.bytes_per_span,
            at_most(500),
            _table_sizes(loaded.store),
        ),
    ]


def _cpu(loaded: Loaded, size: str) -> Figure:
    spent = loaded.server_cpu_seconds / loaded.sent.spans * 1000
    generator = loaded.sent.generator_cpu_seconds / loaded.sent.spans * 1000
    note = f"the generator itself used {generator:.4f}"
    return Figure("server CPU", size, "CPU s per 1,000 spans", spent, at_most(0.04), note)


def _table_sizes(store: StoreFacts) -> str:
    largest = sorted(store.bytes_by_table.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{table} {size / store.spans:.0f}" for table, size in largest) + " B/span"


def maximum(context: Context) -> list[Figure]:
    """Send as fast as four clients can, for forty seconds."""
    seconds = context.size(40, 4)
    pool = make_pool(requests=context.size(120, 12), spans=500, seed=2)
    loaded = load_fresh(context, "maximum", pool, Plan(CLIENTS, seconds=seconds), over_http())
    size = f"{CLIENTS} clients for {seconds} s, 500-span requests"
    note = (
        f"acknowledged {loaded.sent.acked_per_second:,.0f}/s, {loaded.sent.busy_answers} answers 429 or 503, "
        f"at most {max(loaded.watch.rss_mb):,.0f} MB resident"
    )
    rate = Figure(
        "unpaced, until queryable", size, "spans/s", loaded.queryable_per_second, at_least(50_000), note
    )
    return [rate, _cpu(loaded, size)]


def burst(context: Context) -> list[Figure]:
    """Send 150,000 spans at once, three times, each after the one before is queryable."""
    spans, rounds = context.size(BURST_SPANS, 20_000), context.size(3, 2)
    pool = make_pool(requests=context.size(120, 12), spans=500, seed=3)
    bursts: list[Sent] = []
    applied: list[float] = []
    with running_pitwall(fresh_directory(context, "burst")) as server:
        warm_up(server, over_http())
        stored = server.status()["spans_total"]
        for number in range(rounds):
            requests = spans // 500
            plan = Plan(CLIENTS, requests=requests, first_request=number * requests)
            bursts.append(send(pool, plan, over_http()(server)))
            stored += spans
            applied.append(spans / (server.wait_applied(stored, _DRAIN_SECONDS) - bursts[-1].began))
    shutil.rmtree(server.data_dir)
    times = [seconds for sent in bursts for seconds in sent.ack_seconds]
    size = f"{rounds} x {spans:,} spans, {CLIENTS} clients"
    p95s = ", ".join(f"{milliseconds(sent.ack_seconds, 0.95):.1f}" for sent in bursts)
    note = (
        f"p50 {milliseconds(times, 0.5):.1f}, p99 {milliseconds(times, 0.99):.1f}; "
        f"p95 of each burst {p95s}; {sum(sent.busy_answers for sent in bursts)} answers 429 or 503"
    )
    slowest = min(sent.acked_per_second for sent in bursts)
    return [
        Figure("burst, acknowledgement p95", size, "ms", milliseconds(times, 0.95), at_most(30), note),
        Figure("burst, acknowledged, slowest burst", size, "spans/s", slowest),
        Figure("burst, until queryable, slowest burst", size, "spans/s", min(applied)),
    ]


@dataclass(frozen=True, slots=True)
class _Door:
    claim: str
    bar: float
    spans_per_request: int
    seed: int
    connect: Connect
    is_json: bool = False


def _measure_door(context: Context, door: _Door) -> list[Figure]:
    seconds = context.size(20, 3)
    encoding = JsonEncoding() if door.is_json else ProtobufEncoding()
    count = context.size(60, 8) * 500 // door.spans_per_request
    pool = make_pool(requests=count, spans=door.spans_per_request, seed=door.seed, encoding=encoding)
    name = door.claim.replace(" ", "-")
    loaded = load_fresh(context, name, pool, Plan(CLIENTS, seconds=seconds), door.connect)
    size = f"{door.spans_per_request}-span requests, {CLIENTS} clients for {seconds} s"
    times = loaded.sent.ack_seconds
    note = (
        f"acknowledged {loaded.sent.acked_per_second:,.0f}/s, "
        f"p50 {milliseconds(times, 0.5):.1f} ms, p95 {milliseconds(times, 0.95):.1f} ms; "
        f"{loaded.server_cpu_seconds / loaded.sent.spans * 1000:.4f} server CPU s per 1,000 spans"
    )
    rate = loaded.queryable_per_second
    return [Figure(f"{door.claim}, until queryable", size, "spans/s", rate, at_least(door.bar), note)]


_SMALL: Final = _Door("small requests", 15_000, 50, 4, over_http())
_GRPC: Final = _Door("gRPC", 10_000, 500, 5, over_grpc)
_JSON_DOOR: Final = _Door("JSON over HTTP", 10_000, 500, 6, _JSON, is_json=True)

STEPS: Final = (
    Step("ingest.sustained", "50,000 spans/s for two minutes: lag, CPU, memory, disk", sustained, 5),
    Step("ingest.maximum", "as fast as four clients can", maximum, 2.5),
    Step("ingest.burst", "bursts of 150,000 spans", burst, 1),
    Step("ingest.small", "50-span requests", lambda context: _measure_door(context, _SMALL), 1.5),
    Step("ingest.grpc", "OTLP over gRPC", lambda context: _measure_door(context, _GRPC), 1.5),
    Step("ingest.json", "OTLP JSON over HTTP", lambda context: _measure_door(context, _JSON_DOOR), 1.5),
)
