"""The core signals over the shared engine, at a time when what happened at noon is complete."""

from __future__ import annotations

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue([core_pack()])


@pytest.fixture
def clock() -> ManualClock:
    """Ten seconds and a bit after the hour in which the tests' telemetry happened."""
    return ManualClock(NOON.replace(hour=13, second=15))


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine, catalogue: Catalogue, clock: ManualClock) -> Signals:
    return Signals(telemetry_engine, catalogue, Watermark(clock, lambda: 0.0))
