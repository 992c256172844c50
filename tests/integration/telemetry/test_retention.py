"""How long each class of telemetry is kept, on chDB and on a server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from pitwall.core.errors import InvalidInput
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate
from pitwall.stores.telemetry.retention import RETENTION_TABLES, apply_retention, current_retention
from tests.support.stores import StoreUnderTest

_PATIENCE_SECONDS = 30


@pytest.fixture
def engine(store: StoreUnderTest, store_name: str) -> TelemetryEngine:
    """Return a migrated store that looks for expired rows every second."""
    engine = store.open(store_name)
    migrate(engine)
    for table in RETENTION_TABLES.values():
        engine.command(f"ALTER TABLE {table} MODIFY SETTING merge_with_ttl_timeout = 1")
    return engine


def _insert(engine: TelemetryEngine, table: str, project: str, *, age_days: float) -> None:
    arrived = datetime.now(UTC) - timedelta(days=age_days)
    engine.insert_rows(table, ["project", "received_at"], [[project, f"{arrived:%Y-%m-%d %H:%M:%S}"]])


def _projects(engine: TelemetryEngine, table: str) -> list[str]:
    return [name for (name,) in engine.query(f"SELECT DISTINCT project FROM {table} ORDER BY project").rows]


def _wait_until_gone(engine: TelemetryEngine, table: str, project: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while project in _projects(engine, table):
        assert time.monotonic() < deadline, f"expired rows are still in {table}"
        time.sleep(0.1)


def test_expired_rows_are_deleted_from_every_table(engine: TelemetryEngine) -> None:
    """Each class is deleted by its own age, counted from arrival; younger rows stay."""
    days = {name: at for at, name in enumerate(RETENTION_TABLES, start=10)}
    assert set(apply_retention(engine, days)) == set(RETENTION_TABLES.values())
    for name, table in RETENTION_TABLES.items():
        _insert(engine, table, f"old {table}", age_days=days[name] + 0.1)
        _insert(engine, table, f"young {table}", age_days=days[name] - 0.1)
    for table in RETENTION_TABLES.values():
        _wait_until_gone(engine, table, f"old {table}")
        assert f"young {table}" in _projects(engine, table)


def test_shorter_retention_deletes_what_is_already_there(engine: TelemetryEngine) -> None:
    """A change counts for stored rows too, and only the changed table is altered."""
    apply_retention(engine, {"spans": 30, "logs": 14})
    for table in ("spans", "logs"):
        _insert(engine, table, "ten days", age_days=10)
        _insert(engine, table, "one day", age_days=1)
    assert apply_retention(engine, {"spans": 7, "logs": 14}) == ["spans"]
    _wait_until_gone(engine, "spans", "ten days")
    assert _projects(engine, "spans") == ["one day"]
    assert _projects(engine, "logs") == ["one day", "ten days"]


def test_no_retention_keeps_rows_for_ever(engine: TelemetryEngine) -> None:
    """0, and a class that is not named, remove the limit: rows older than the former limit stay."""
    apply_retention(engine, {"spans": 30, "points": 30})
    assert set(apply_retention(engine, {"spans": 0})) == {"spans", "points"}
    assert set(current_retention(engine).values()) == {0}
    for table in ("spans", "points"):
        _insert(engine, table, "ancient", age_days=400)
        engine.command(f"OPTIMIZE TABLE {table} FINAL")
        assert _projects(engine, table) == ["ancient"]


def test_unchanged_retention_alters_nothing(engine: TelemetryEngine) -> None:
    """What is set is read back, and the same wish again is no work."""
    days = {"spans": 30, "payloads": 14, "hour_rollups": 400}
    assert apply_retention(engine, days) == ["spans", "payloads", "spans_by_hour"]
    assert apply_retention(engine, days) == []
    kept = current_retention(engine)
    assert (kept["spans"], kept["payloads"], kept["spans_by_hour"], kept["logs"]) == (30, 14, 400, 0)


def test_new_tables_have_their_limits_at_once(store: StoreUnderTest, store_name: str) -> None:
    """Tables made with a retention need no change afterwards; 0 and a class without one have no limit."""
    engine, days = store.open(store_name), {"spans": 30, "scores": 365, "minute_rollups": 7, "logs": 0}
    migrate(engine, days)
    assert current_retention(engine) == {table: days.get(name, 0) for name, table in RETENTION_TABLES.items()}
    assert apply_retention(engine, days) == []


@pytest.mark.parametrize(
    ("days", "words"), [({"spam": 1}, "spam"), ({"logs": 3, "spans": -1}, "spans is -1")]
)
def test_senseless_retention_changes_nothing(
    engine: TelemetryEngine, days: dict[str, int], words: str
) -> None:
    """An unknown class or a negative time is refused before any table is touched."""
    with pytest.raises(InvalidInput, match=words):
        apply_retention(engine, days)
    assert set(current_retention(engine).values()) == {0}
