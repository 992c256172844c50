"""Telemetry stores in both worlds: embedded (chDB) and remote (ClickHouse over HTTP)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from pitwall.stores.telemetry.clickhouse import open_remote
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.support.clickhouse_process import ClickHouseServer
from tests.support.stores import (
    REMOTE_TIMEOUT_SECONDS,
    EmbeddedStore,
    RemoteStore,
    StoreUnderTest,
    prepare,
)

BOTH = ("embedded", "remote")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """Return a server without faults that all tests of this process share."""
    server = ClickHouseServer(tmp_path_factory.mktemp("clickhouse")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def remote_engine(clickhouse_server: ClickHouseServer) -> Iterator[TelemetryEngine]:
    """Return a remote store, migrated and with all views."""
    url = clickhouse_server.create_database("shared")
    engine = open_remote(url, timeout_seconds=REMOTE_TIMEOUT_SECONDS)
    yield prepare(engine)
    engine.close()


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> TelemetryEngine:
    """Return a shared store of each kind: keep to rows of your own `project` and tables of your own name."""
    name = "telemetry_engine" if request.param == "embedded" else "remote_engine"
    engine: TelemetryEngine = request.getfixturevalue(name)
    return engine


@pytest.fixture(scope="module", params=BOTH)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoreUnderTest]:
    """Return a process with stores that a test may do anything to."""
    directory = tmp_path_factory.mktemp("stores")
    kind = EmbeddedStore if request.param == "embedded" else RemoteStore
    store: StoreUnderTest = kind(directory)
    yield store
    store.close()


@pytest.fixture
def store_name() -> str:
    """Return the name of a store that no other test uses."""
    return f"store_{next(_numbers)}"
