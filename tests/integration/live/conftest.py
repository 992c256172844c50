"""Live over the shared engine, at five past noon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.live.freshness import FreshnessService
from pitwall.live.repository import LastReceived
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.log_stats import LogStats, StreamStats
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import NOON

IDLE = StreamStats(0, 0, 0, 0.0, 0, 0, 0, 0, 0, 0, 0)


class Log:
    """The figures of a write-ahead log, set by hand."""

    def __init__(self) -> None:
        self.streams = dict.fromkeys(TelemetryType, IDLE)

    def wait(self, lag_seconds: float, records: int) -> None:
        """Let the oldest of some records have waited for so long."""
        waiting = replace(IDLE, oldest_unapplied_age_seconds=lag_seconds, depth_records=records)
        self.streams[TelemetryType.TRACES] = waiting

    def __call__(self) -> LogStats:
        return LogStats(self.streams, 0, 0, 0, None, None, None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + timedelta(minutes=5))


@pytest.fixture
def wal() -> Log:
    return Log()


@pytest.fixture
def traces(telemetry_engine: TelemetryEngine, clock: ManualClock) -> Traces:
    return Traces(telemetry_engine, clock)


@pytest.fixture
def make_freshness(clock: ManualClock, wal: Log) -> Callable[[TelemetryEngine], FreshnessService]:
    def make(engine: TelemetryEngine) -> FreshnessService:
        watermark = Watermark(clock, lambda: wal().ingest_lag_seconds)
        signals = Signals(engine, load_catalogue([core_pack()]), watermark)
        return FreshnessService(signals, wal, LastReceived(engine, clock), clock)

    return make


@pytest.fixture
def freshness(
    telemetry_engine: TelemetryEngine, make_freshness: Callable[[TelemetryEngine], FreshnessService]
) -> FreshnessService:
    return make_freshness(telemetry_engine)
