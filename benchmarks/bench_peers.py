"""Spans a second until they are queryable: Pitwall, Phoenix and MLflow in turn, same generator, same minutes.

Each round starts one product at a time on an empty directory and sends it 500-span requests from four
clients, as fast as it takes them. A product's time ends when its last span is committed and can be read, or
when time is up; then the spans that can be read count. The slow ones get fewer spans, so that a round takes
minutes.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.bench_ingest import CLIENTS, fresh_directory, over_http, warm_up
from benchmarks.harness.load import Plan, Sender, send
from benchmarks.harness.peers import MLFLOW, PHOENIX, Peer, install, running_peer
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_least
from benchmarks.harness.server import Process, running_pitwall
from benchmarks.harness.templates import Pool, make_pool

_MOST_SECONDS: Final = 180.0
_POLL_SECONDS: Final = 0.1
_BARS: Final = {PHOENIX.name: 150.0, MLFLOW.name: 30.0}


@dataclass(frozen=True, slots=True)
class Round:
    """One product, once."""

    spans_per_second: float
    acked_per_second: float
    cpu_seconds_per_1000: float
    rss_mb: float
    is_whole: bool


def measure(context: Context) -> list[Figure]:
    """Run the rounds and set Pitwall's median against each product's median."""
    peers = (PHOENIX, MLFLOW)
    for peer in peers:
        context.say(f"providing {peer.requirement}")
        install(peer)
    spans, peer_spans = context.size(250_000, 20_000), context.size(10_000, 1_000)
    pool = make_pool(requests=context.size(60, 4), spans=500, seed=8)
    rounds: dict[str, list[Round]] = {"Pitwall": [], **{peer.name: [] for peer in peers}}
    for number in range(context.size(3, 1)):
        rounds["Pitwall"].append(_pitwall(context, pool, spans, number))
        for peer in peers:
            rounds[peer.name].append(_peer(context, peer, pool, peer_spans, number))
        latest = ", ".join(f"{name} {found[-1].spans_per_second:,.0f}" for name, found in rounds.items())
        context.say(f"round {number + 1}: {latest} spans/s")
    ours = _figure("Pitwall", spans, rounds["Pitwall"])
    theirs = [_figure(peer.requirement, peer_spans, rounds[peer.name]) for peer in peers]
    return [ours, *theirs, *(_ratio(peer, rounds) for peer in peers)]


def _pitwall(context: Context, pool: Pool, spans: int, number: int) -> Round:
    with running_pitwall(fresh_directory(context, "peers-pitwall")) as server:
        warm_up(server, over_http())
        before: int = server.status()["spans_total"]

        def count() -> int:
            stored: int = server.status()["spans_total"]
            return stored - before

        found = _measure(server, pool, _plan(pool, spans, number), over_http()(server), count)
    shutil.rmtree(server.data_dir)
    return found


def _peer(context: Context, peer: Peer, pool: Pool, spans: int, number: int) -> Round:
    directory = context.directory("peers") / peer.name.lower()
    with running_peer(peer, directory) as server:
        warm = send(pool, Plan(1, requests=1, first_request=10**6), server.connect)
        _wait(server.count_spans, warm.spans, time.monotonic() + _MOST_SECONDS)
        before = server.count_spans()
        plan = _plan(pool, spans, number)
        found = _measure(server, pool, plan, server.connect, lambda: server.count_spans() - before)
    shutil.rmtree(directory)
    return found


def _plan(pool: Pool, spans: int, number: int) -> Plan:
    """Give each round requests of its own."""
    requests = spans // pool.spans_per_request
    return Plan(CLIENTS, requests=requests, first_request=number * requests)


def _measure(
    server: Process, pool: Pool, plan: Plan, connect: Callable[[], Sender], count: Callable[[], int]
) -> Round:
    server.wait_calm()
    cpu = server.cpu_seconds()
    sent = send(pool, plan, connect)
    spans = sent.spans
    stored, at = _wait(count, spans, sent.began + _MOST_SECONDS)
    return Round(
        spans_per_second=stored / (at - sent.began),
        acked_per_second=sent.acked_per_second,
        cpu_seconds_per_1000=(server.cpu_seconds() - cpu) / max(stored, 1) * 1000,
        rss_mb=server.rss_mb(),
        is_whole=stored == spans,
    )


def _wait(count: Callable[[], int], spans: int, deadline: float) -> tuple[int, float]:
    """Wait until so many spans can be read, or time is up; returns how many, and when they were."""
    while (stored := count()) < spans and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if stored > spans:
        raise RuntimeError(f"{stored:,} spans can be read; only {spans:,} were sent")
    return stored, time.monotonic()


def _figure(name: str, spans: int, rounds: list[Round]) -> Figure:
    rates = [found.spans_per_second for found in rounds]
    cut = sum(not found.is_whole for found in rounds)
    note = (
        f"rounds {', '.join(f'{rate:,.0f}' for rate in rates)}; "
        f"acknowledged {statistics.median(found.acked_per_second for found in rounds):,.0f}/s; "
        f"{statistics.median(found.cpu_seconds_per_1000 for found in rounds):.3f} CPU s per 1,000 spans; "
        f"{max(found.rss_mb for found in rounds):,.0f} MB resident"
        + (f"; {cut} rounds cut after {_MOST_SECONDS:.0f} s" if cut else "")
    )
    size = f"{spans:,} spans, {CLIENTS} clients, 500-span requests"
    return Figure(f"{name}, until queryable", size, "spans/s", statistics.median(rates), note=note)


def _ratio(peer: Peer, rounds: dict[str, list[Round]]) -> Figure:
    ours = statistics.median(found.spans_per_second for found in rounds["Pitwall"])
    theirs = [found.spans_per_second for found in rounds[peer.name]]
    note = f"against its best round {ours / max(theirs):,.0f} x"
    bar = at_least(_BARS[peer.name])
    size = f"median of {len(theirs)} rounds each"
    return Figure(f"Pitwall : {peer.name}", size, "x", ours / statistics.median(theirs), bar, note)


STEPS: Final = (
    Step("peers", "Pitwall, Phoenix and MLflow in the same minutes", measure, 20, is_default=False),
)
