"""The benchmarks' data set answers every core signal, so that none is timed over nothing."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from benchmarks.harness.judgements import Judgements
from benchmarks.harness.load import HttpSender
from benchmarks.harness.reports import Reports
from benchmarks.harness.server import running_pitwall as benchmarked_pitwall
from benchmarks.harness.templates import make_pool_of
from benchmarks.harness.traffic import Traffic

TRACES = 1000
# What Pitwall's own jobs record: their rounds are rarer than this test is long, and there are no probes.
RECORDED = ("probe.", "cost.month_to_date_", "cost.projected_month_", "cost.budget_", "eval.judge.")


def test_every_core_signal_has_a_value(tmp_path: Path) -> None:
    """Telling traces, reports and judgements, taken in by a real server, leave no core signal empty."""
    end = time.time_ns() - 120 * 10**9  # a range ends at the last whole minute
    pool = make_pool_of(Traffic(30, telling_ratio=0.5), requests=1, spans=TRACES * 5)
    with benchmarked_pitwall(tmp_path / "data") as server:
        Reports(end, days=1, every_seconds=60).send(server, 60)
        Judgements(end, days=1, every_seconds=60).send(server, 60)
        sender = HttpSender(server.port, "application/x-protobuf")
        assert sender.send(pool.body(0, end)) is None
        sender.close()
        server.wait_applied(TRACES * 5, 60)
        asked = {"since": "now-1h", "until": "now"}
        url = f"http://127.0.0.1:{server.port}/api/v1/signals/current"
        results = httpx.get(url, params=asked, timeout=30, trust_env=False).json()["results"]
    empty = [
        one["name"]
        for one in results
        if all(row["value"] is None for row in one["rows"]) and not one["name"].startswith(RECORDED)
    ]
    assert len(results) > 50
    assert empty == []
