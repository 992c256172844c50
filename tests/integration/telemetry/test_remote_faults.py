"""A ClickHouse server that refuses, hangs, loses answers, restarts or is not there at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pitwall.core.errors import InvalidInput, PitwallError
from pitwall.stores.telemetry.clickhouse import open_remote
from pitwall.stores.telemetry.engine import SegmentInsert, StoreUnavailable, TelemetryEngine
from tests.support.clickhouse_process import ClickHouseServer
from tests.support.stores import REMOTE_TIMEOUT_SECONDS, prepare
from tests.support.telemetry import (
    TraceBatch,
    expected_totals,
    stored_totals,
    trace_segment,
    write_segment,
)

TRACES = 20
TIMEOUT_SECONDS = 1.0
INSERT = "INSERT INTO stage_"
PASSWORD = "p@ss:w/ord %41 한"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """Return a server behind a password that no URL can hold as it is."""
    server = ClickHouseServer(tmp_path_factory.mktemp("server"), user="pit-wall", password=PASSWORD).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def prepared(server: ClickHouseServer) -> str:
    """Return the address of a prepared store."""
    url = server.create_database("faulty")
    engine = prepare(open_remote(url, timeout_seconds=30))
    engine.close()
    return url


@pytest.fixture
def engine(server: ClickHouseServer, prepared: str) -> Iterator[TelemetryEngine]:
    """Return an engine; the server is without faults again afterwards."""
    engine = open_remote(prepared, timeout_seconds=REMOTE_TIMEOUT_SECONDS)
    yield engine
    server.disarm()
    engine.close()


@pytest.fixture
def impatient(engine: TelemetryEngine, prepared: str) -> Iterator[TelemetryEngine]:
    """Return another engine on the same store, which waits a second only."""
    impatient = open_remote(prepared, timeout_seconds=TIMEOUT_SECONDS)
    impatient.query("SELECT 1")
    yield impatient
    impatient.close()


@pytest.fixture
def segment(project: str, tmp_path: Path) -> SegmentInsert:
    """Return a segment of `TRACES` traces."""
    path = write_segment(tmp_path / "a.seg", project, [TraceBatch(traces=TRACES).encode()])
    return trace_segment(path, project)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "status", "status": 503},
        {"mode": "status", "status": 500},
        {"mode": "status", "status": 500, "code": 252},
        {"mode": "status", "status": 500, "code": 241},
        {"mode": "drop_before"},
        {"mode": "drop_after"},
    ],
    ids=["503", "500", "too many parts", "memory limit", "drop before", "drop after"],
)
def test_insert_that_failed_is_unavailable_and_its_repeat_exact(
    server: ClickHouseServer,
    engine: TelemetryEngine,
    segment: SegmentInsert,
    project: str,
    fault: dict[str, object],
) -> None:
    """Whatever became of a failed insert, the caller hears "unavailable" and the repeat makes it exact."""
    server.arm(**fault, match=INSERT, count=99)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"a\.seg|does not answer"):
            engine.insert_segment(segment)
    server.disarm()
    engine.insert_segment(segment)
    assert stored_totals(engine, project) == expected_totals(TRACES)


def test_lost_answer_that_the_client_repeats_is_exact(
    server: ClickHouseServer, engine: TelemetryEngine, segment: SegmentInsert, project: str
) -> None:
    """The client library repeats an insert whose answer was lost, unasked; nothing is stored twice."""
    before = server.struck("drop_after")
    server.arm("drop_after", match=INSERT, count=1)
    engine.insert_segment(segment)
    assert server.struck("drop_after") == before + 1
    assert stored_totals(engine, project) == expected_totals(TRACES)


def test_hanging_server_is_given_up_in_time(
    server: ClickHouseServer,
    engine: TelemetryEngine,
    impatient: TelemetryEngine,
    segment: SegmentInsert,
    project: str,
) -> None:
    """An insert waits no longer than the timeout; carried out late, beside its own repeat, it counts once."""
    server.arm("hang", match=INSERT, count=2)
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            impatient.insert_segment(segment)
    assert 2 * TIMEOUT_SECONDS <= time.monotonic() - began < 2 * TIMEOUT_SECONDS + 2
    server.disarm()
    engine.insert_segment(segment)
    server.wait_until_idle()
    assert stored_totals(engine, project) == expected_totals(TRACES)


def test_frozen_server_is_given_up_in_time(server: ClickHouseServer, impatient: TelemetryEngine) -> None:
    """A server that takes connections and says nothing, not even to a health check, is unavailable."""
    with server.frozen(), pytest.raises(StoreUnavailable):
        impatient.query("SELECT 1")
    assert impatient.query("SELECT 1").scalar() == 1


@pytest.mark.parametrize("mode", ["drop_before", "truncate"])
def test_cut_answer_of_a_query_is_unavailable(
    server: ClickHouseServer, engine: TelemetryEngine, mode: str
) -> None:
    """Half an answer is no answer."""
    server.arm(mode, match="numbers", count=99)
    with pytest.raises(StoreUnavailable):
        engine.query("SELECT number FROM numbers(100000)")
    server.disarm()
    assert len(engine.query("SELECT number FROM numbers(100000)").rows) == 100_000


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_server_restarts_behind_a_live_engine(
    server: ClickHouseServer, engine: TelemetryEngine, segment: SegmentInsert, project: str, end: str
) -> None:
    """While it is away everything is "unavailable"; then the same engine works and the data is there."""
    engine.insert_segment(segment)
    getattr(server, end)()
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            engine.query("SELECT 1")
        with pytest.raises(StoreUnavailable):
            engine.insert_segment(segment)
    server.start()
    engine.insert_segment(segment)
    assert stored_totals(engine, project) == expected_totals(TRACES)


def test_engine_recovers_all_its_connections(server: ClickHouseServer, engine: TelemetryEngine) -> None:
    """More failures at once than there are connections leave none of them blocked."""
    server.arm("drop_before", count=200)
    with ThreadPoolExecutor(24) as pool:
        failures = [pool.submit(engine.query, "SELECT 1").exception() for _ in range(48)]
    assert {type(failure) for failure in failures} == {StoreUnavailable}
    server.disarm()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: engine.query("SELECT sleep(0.05)").scalar(), range(16)))
    assert answers == [0] * 16


def test_server_that_is_not_there_is_unavailable() -> None:
    """Nobody listens: unavailable at once, with the address, and nothing hangs."""
    engine = open_remote("clickhouse://127.0.0.1:1/default", timeout_seconds=TIMEOUT_SECONDS)
    with pytest.raises(StoreUnavailable, match="127.0.0.1"):
        engine.query("SELECT 1")
    engine.close()


def test_wrong_password_is_told_without_the_password(server: ClickHouseServer) -> None:
    """The refusal carries the server's words and no secret."""
    url = server.url().replace(":", ":wrong-secret-", 2).replace("clickhouse:wrong-secret-", "clickhouse:")
    engine = open_remote(url, timeout_seconds=TIMEOUT_SECONDS)
    with pytest.raises(PitwallError, match="Authentication failed") as refused:
        engine.query("SELECT 1")
    engine.close()
    assert "wrong-secret" not in f"{refused.value} {refused.value.details}"


def test_segment_between_two_mappings_is_not_lost(
    engine: TelemetryEngine, segment: SegmentInsert, project: str
) -> None:
    """While another server replaces the views, an insert is refused; later the same one stores everything."""
    view = engine.query(
        "SELECT create_table_query FROM system.tables "
        "WHERE database = currentDatabase() AND name = 'map_span_rows'"
    ).scalar()
    engine.command("DROP VIEW map_span_rows")
    try:
        with pytest.raises(StoreUnavailable, match="are being replaced"):
            engine.insert_segment(segment)
    finally:
        engine.command(view)
    for _ in range(2):
        engine.insert_segment(segment)
    assert stored_totals(engine, project) == expected_totals(TRACES)


def test_dictionaries_are_read_as_the_user_of_the_connection(engine: TelemetryEngine) -> None:
    """Where the user `default` is locked, prices could not be loaded otherwise; the password is hidden."""
    definitions = engine.query(
        "SELECT create_table_query FROM system.tables "
        "WHERE database = currentDatabase() AND engine = 'Dictionary'"
    ).rows
    assert len(definitions) == 3
    for (definition,) in definitions:
        assert "USER 'pit-wall' PASSWORD '[HIDDEN]'" in definition
    assert engine.query("SELECT dictHas('model_names', 'openai gpt-4o')").scalar() == 1


def test_database_name_may_be_percent_encoded(server: ClickHouseServer) -> None:
    """As user and password may."""
    server.create_database("`pit wall`")
    engine = open_remote(server.url("pit%20wall"), timeout_seconds=REMOTE_TIMEOUT_SECONDS)
    assert engine.query("SELECT currentDatabase()").scalar() == "pit wall"
    engine.close()


@pytest.mark.parametrize("url", ["http://localhost:8123", "clickhouse://", "localhost:8123", ""])
def test_address_that_is_none_is_refused(url: str) -> None:
    """Only clickhouse:// and clickhouses:// with a host name a store."""
    with pytest.raises(InvalidInput, match="not understood"):
        open_remote(url)
