"""Traces over the shared engine, at five past noon."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.exploring import TraceExplorer
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import NOON


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + timedelta(minutes=5))


@pytest.fixture
def traces(telemetry_engine: TelemetryEngine, clock: ManualClock) -> Traces:
    return Traces(telemetry_engine, clock)


@pytest.fixture
def questions(traces: Traces, project: str) -> TraceQuestions:
    """Questions as the endpoints ask them, for the test's own project."""
    return TraceQuestions(traces, project)


@pytest.fixture
def explorer(telemetry_engine: TelemetryEngine, clock: ManualClock) -> TraceExplorer:
    """What stands around lists."""
    return TraceExplorer(telemetry_engine, clock)


@pytest.fixture
def groups(telemetry_engine: TelemetryEngine, clock: ManualClock) -> ErrorGroups:
    """Groups of errors."""
    return ErrorGroups(telemetry_engine, clock)
