"""`pitwall up` on a ClickHouse server that goes away: the log is the buffer, and everything arrives once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pitwall.stores.telemetry.clickhouse import open_remote
from tests.support.clickhouse_process import ClickHouseServer
from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.stores import REMOTE_TIMEOUT_SECONDS
from tests.support.telemetry import assert_stored_once

INSERT = "INSERT INTO stage_"
OUTAGE_SECONDS = 1.5


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """Return a ClickHouse server with a password."""
    server = ClickHouseServer(tmp_path / "clickhouse", user="pitwall", password="pass/word").start()
    yield server
    server.stop()


@pytest.fixture
def server(store: ClickHouseServer, tmp_path: Path) -> Iterator[PitwallServer]:
    """Return a Pitwall that keeps its telemetry there, not started yet."""
    settings = {
        "PITWALL_TELEMETRY_STORE__URL": store.url(),
        "PITWALL_TELEMETRY_STORE__MAX_QUERY_SECONDS": "5",
        "PITWALL_INGEST__LINGER_MS": "400",
    }
    with PitwallServer(tmp_path / "data", environ=settings) as server:
        yield server


def _check(server: PitwallServer, store: ClickHouseServer, clients: Clients) -> None:
    """Wait until all is applied, then count it in the store."""
    assert clients.acknowledged
    server.wait_until_applied()
    store.wait_until_idle()
    engine = open_remote(store.url(), timeout_seconds=REMOTE_TIMEOUT_SECONDS)
    try:
        assert_stored_once(engine, clients.acknowledged)
    finally:
        engine.close()


def _stop(store: ClickHouseServer) -> None:
    store.stop()
    time.sleep(OUTAGE_SECONDS)
    store.start()


def _kill(store: ClickHouseServer) -> None:
    store.kill()
    time.sleep(OUTAGE_SECONDS)
    store.start()


def _hang(store: ClickHouseServer) -> None:
    store.arm("hang", match=INSERT, count=2)
    time.sleep(6.0)  # longer than any query may run
    store.disarm()


def _freeze(store: ClickHouseServer) -> None:
    with store.frozen():
        time.sleep(OUTAGE_SECONDS)


def _lose_answers(store: ClickHouseServer) -> None:
    store.arm("drop_after", match=INSERT, count=9)
    time.sleep(OUTAGE_SECONDS)
    store.disarm()


def _refuse(store: ClickHouseServer) -> None:
    store.arm("status", match=INSERT, count=99, status=500, code=252)
    time.sleep(OUTAGE_SECONDS)
    store.disarm()


@pytest.mark.slow
@pytest.mark.parametrize(
    "outage", [_stop, _kill, _hang, _freeze, _lose_answers, _refuse], ids=lambda outage: outage.__name__[1:]
)
def test_outage_under_load_loses_and_doubles_nothing(
    server: PitwallServer, store: ClickHouseServer, outage: Callable[[ClickHouseServer], None]
) -> None:
    """Requests are acknowledged throughout; when the store is back each span is there once, in all tables."""
    server.start()
    with Clients(server.url, pause_seconds=0.05) as clients:
        time.sleep(0.5)
        before = len(clients.acknowledged)
        outage(store)
        assert len(clients.acknowledged) > before
    assert not clients.refusals
    _check(server, store, clients)


@pytest.mark.slow
def test_start_without_the_store_takes_telemetry(server: PitwallServer, store: ClickHouseServer) -> None:
    """Pitwall starts while its store is away, counts nothing as 0, takes telemetry and survives a kill."""
    store.stop()
    server.launch()
    with Clients(server.url) as clients:
        server.wait_for(lambda: bool(clients.acknowledged))
        assert server.status()["spans_total"] is None
        server.kill()
        acknowledged = len(clients.acknowledged)
        server.launch()
        server.wait_for(lambda: len(clients.acknowledged) > acknowledged)
        store.start()
        server.wait_for(lambda: server.status()["spans_total"] is not None)
    _check(server, store, clients)


@pytest.mark.slow
def test_full_log_asks_senders_to_wait(server: PitwallServer, store: ClickHouseServer) -> None:
    """With the store away and the log at its limit: 429 with Retry-After, no loss, and then it goes on."""
    server.environ["PITWALL_INGEST__LOG_MAX_BYTES"] = "1MiB"
    server.start()
    with Clients(server.url, traces=100) as clients:
        store.stop()
        server.wait_for(lambda: bool(clients.refusals))
        assert {refusal.status for refusal in clients.refusals} == {429}
        assert all(int(refusal.retry_after or 0) > 0 for refusal in clients.refusals)
        assert clients.acknowledged
        acknowledged = len(clients.acknowledged)
        store.start()
        server.wait_for(lambda: len(clients.acknowledged) > acknowledged)
    _check(server, store, clients)
