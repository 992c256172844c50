"""Rules over the shared engine and a state store of their own, at a time that tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pitwall.alerts.evaluator import ProjectEvaluator
from pitwall.alerts.rulebook import RuleBook
from pitwall.alerts.service import AlertService
from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import Projects, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.alerts.world import START, World


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue([core_pack()])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine, catalogue: Catalogue, clock: ManualClock) -> Signals:
    return Signals(telemetry_engine, catalogue, Watermark(clock, lambda: 0.0))


@pytest.fixture
def book(catalogue: Catalogue) -> RuleBook:
    """No rules of packs: tests bring their own."""
    return RuleBook([], catalogue)


@pytest.fixture
def make_evaluator(
    store: StateStore, signals: Signals, book: RuleBook, clock: ManualClock, project: str
) -> Callable[[], ProjectEvaluator]:
    """Make an evaluator that knows nothing but what is stored, as after a restart."""
    return lambda: ProjectEvaluator(project, store, signals, book, clock)


@pytest.fixture
def world(
    store: StateStore,
    telemetry_engine: TelemetryEngine,
    make_evaluator: Callable[[], ProjectEvaluator],
    book: RuleBook,
    clock: ManualClock,
    project: str,
) -> World:
    """Telemetry, rules and a clock that tests move."""
    with store.session() as session:
        Projects(session).create(project, project, now=clock.now())
    service = AlertService(store, book, clock)
    return World(store, telemetry_engine, service, make_evaluator(), clock, project)
