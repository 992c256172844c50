"""Resident memory of one server that takes in ten million spans and then answers questions for an hour."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from benchmarks.harness.dataset import DAYS, SPANS_PER_REQUEST, DataSet, Loading, latest_end, make_spread_pool
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_most
from benchmarks.harness.server import PitwallServer, running_pitwall
from benchmarks.harness.traffic import MODELS
from benchmarks.harness.wire import Connection

_QUESTIONS_PER_SECOND: Final = 4.0
_SIGNALS: Final = (
    "llm.p95_latency_ms",
    "llm.success_rate",
    "cost.usd",
    "rag.hit_rate",
    "requests.per_minute",
)


def measure(context: Context) -> list[Figure]:
    """Load, ask, and look at the memory every second."""
    requests = context.size(10_000_000, 200_000) // SPANS_PER_REQUEST
    minutes = context.size(60, 1)
    data_dir = context.directory("servers") / "memory"
    shutil.rmtree(data_dir, ignore_errors=True)
    pool, end = make_spread_pool(context.size(200, 10), requests), latest_end()
    with running_pitwall(data_dir) as server:
        loading_rss = [server.rss_mb() for _ in Loading(pool, requests, end).run(context, server)]
        context.say(f"asking for {minutes} min")
        rss, answered = _ask(server, DataSet(data_dir, pool, requests, end), minutes * 60)
    shutil.rmtree(data_dir)
    size = f"{requests * SPANS_PER_REQUEST:,} spans taken in, {answered:,} questions in {minutes} min"
    note = (
        f"largest while loading {max(loading_rss):,.0f} MB, after loading {rss[0]:,.0f} MB, "
        f"largest while asking {max(rss):,.0f} MB"
    )
    return [Figure("resident memory at the end", size, "MB", rss[-1], at_most(600), note)]


def _ask(server: PitwallServer, data: DataSet, seconds: float) -> tuple[list[float], int]:
    rng = random.Random(1)
    rss: list[float] = []
    began, answered = time.monotonic(), 0
    with Connection(server.port) as connection:
        while (elapsed := time.monotonic() - began) < seconds:
            path = rng.choice(_KINDS)(data, rng)
            answer = connection.get(path)
            if answer.status != 200:
                raise RuntimeError(f"GET {path} answered {answer.status}: {answer.body[:200].decode()}")
            answered += 1
            if elapsed >= len(rss):
                rss.append(server.rss_mb())
            time.sleep(max(0.0, began + answered / _QUESTIONS_PER_SECOND - time.monotonic()))
    rss.append(server.rss_mb())
    return rss, answered


def _list(data: DataSet, rng: random.Random) -> str:
    until = data.end - timedelta(minutes=rng.randrange(DAYS * 1000))
    asked = {"filter": f"model:eq:{rng.choice(MODELS)}", "until": until.isoformat(), "limit": "50"}
    return f"/api/v1/traces?{urlencode(asked)}"


def _one(data: DataSet, rng: random.Random) -> str:
    return f"/api/v1/traces/{rng.choice(data.pool.trace_ids(rng.randrange(data.requests)))}"


def _text(data: DataSet, rng: random.Random) -> str:
    since = data.end - timedelta(hours=24)
    asked = {"q": f"w{rng.randrange(5000)} w{rng.randrange(50)}", "since": since.isoformat(), "limit": "50"}
    return f"/api/v1/traces?{urlencode(asked)}"


def _signal(data: DataSet, rng: random.Random) -> str:
    until = data.end - timedelta(hours=rng.randrange(24 * (DAYS - 1)))
    since = until - timedelta(hours=24)
    asked = {
        "name": rng.choice(_SIGNALS),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "step": "5m",
    }
    return f"/api/v1/signals/query?{urlencode(asked)}"


def _month(data: DataSet, rng: random.Random) -> str:
    since = data.end - timedelta(days=DAYS)
    asked = {"name": rng.choice(_SIGNALS), "since": since.isoformat(), "until": data.end.isoformat()}
    return f"/api/v1/signals/query?{urlencode(asked | {'step': '1h'})}"


_KINDS: Final[tuple[Callable[[DataSet, random.Random], str], ...]] = (_list, _one, _text, _signal, _month)

STEPS: Final = (Step("memory", "10 million spans, then an hour of questions", measure, 70, is_default=False),)
