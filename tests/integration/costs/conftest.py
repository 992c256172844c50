"""Costs over the shared engine, at noon of 20 November."""

from __future__ import annotations

import pytest

from pitwall.costs.periods import Calendar
from pitwall.costs.service import Costs
from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import NOW


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue([core_pack()])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine, catalogue: Catalogue, clock: ManualClock) -> Signals:
    return Signals(telemetry_engine, catalogue, Watermark(clock, lambda: 0.0))


@pytest.fixture
def costs(signals: Signals, telemetry_engine: TelemetryEngine) -> Costs:
    return Costs(signals, telemetry_engine, Calendar.of("UTC"))
