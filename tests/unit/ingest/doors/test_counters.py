"""The counters say what happened, also when many threads count."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import Exchange, IngestMetrics, LatencySketch, Outcome

TRACES = TelemetryType.TRACES


@given(st.lists(st.floats(1e-5, 100), min_size=1, max_size=200), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_quantile_is_within_two_percent_of_the_exact_one(seconds: list[float], share: float) -> None:
    """Beside the sorted durations the sketch is off by its bucket's width at most."""
    sketch = LatencySketch()
    for value in seconds:
        sketch.add(value)
    exact = sorted(seconds)[int(share * (len(seconds) - 1))] * 1000
    assert sketch.quantile_ms(share) == pytest.approx(exact, rel=0.0201)


def test_no_durations_have_no_quantile() -> None:
    """No data is not zero."""
    assert LatencySketch().quantile_ms(0.5) is None


def test_nothing_counted_is_no_counter() -> None:
    """A door nobody called does not appear with zeros."""
    assert IngestMetrics().snapshot() == {}


def test_repeated_request_adds_no_records() -> None:
    """What was there already is counted as a repeat."""
    metrics = IngestMetrics()
    metrics.count_outcome("door", TRACES, Outcome(accepted=5))
    metrics.count_outcome("door", TRACES, Outcome(accepted=5, is_repeated=True))
    counters = metrics.snapshot()["door", TRACES]
    assert (counters.accepted, counters.repeated_requests) == (5, 1)


def test_threads_lose_no_count() -> None:
    """Doors count from the event loop and from threads at once."""
    metrics = IngestMetrics()

    def count() -> None:
        for _ in range(2_000):
            metrics.count_request("door", TRACES, Exchange(0.001, 10, 20, "input.invalid"))
            metrics.count_outcome("door", TRACES, Outcome(1, ["malformed"], skipped=1, repaired=1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counters = metrics.snapshot()["door", TRACES]
    assert (counters.requests, counters.latency.count, counters.received_bytes) == (8_000, 8_000, 80_000)
    assert (counters.accepted, counters.skipped, counters.repaired) == (8_000, 8_000, 8_000)
    assert (counters.rejected["malformed"], counters.failed["input.invalid"]) == (8_000, 8_000)
