"""Schema migrations of a telemetry store, on chDB and on a server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pitwall.core.errors import Conflict
from pitwall.stores.telemetry import migrate as migrations
from pitwall.stores.telemetry.engine import Rows, SegmentInsert, StoreUnavailable, TelemetryEngine
from pitwall.stores.telemetry.migrate import Migration, migrate, packaged_migrations
from tests.support.stores import StoreUnderTest

SCHEMA = "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name"


class DyingEngine:
    """Passes everything on until a number of commands ran; then the store is gone."""

    def __init__(self, engine: TelemetryEngine, commands: int) -> None:
        self._engine = engine
        self._left = commands

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        return self._engine.query(sql, parameters, settings=settings)

    def command(self, sql: str) -> None:
        self._use_one()
        self._engine.command(sql)

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        self._use_one()
        self._engine.insert_rows(table, columns, rows, token=token)

    def insert_segment(self, segment: SegmentInsert) -> None:
        self._engine.insert_segment(segment)

    def close(self) -> None:
        self._engine.close()

    def _use_one(self) -> None:
        if self._left == 0:
            raise StoreUnavailable("gone")
        self._left -= 1


def _schema(engine: TelemetryEngine) -> list[tuple[str, str]]:
    database = engine.query("SELECT currentDatabase()").scalar()
    return [(name, sql.replace(f"{database}.", "")) for name, sql in engine.query(SCHEMA).rows]


def _versions(engine: TelemetryEngine) -> list[int]:
    return [version for (version,) in engine.query("SELECT version FROM schema_migrations ORDER BY 1").rows]


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch) -> list[Migration]:
    """Return a list to edit: what this Pitwall takes for its shipped migrations."""
    shipped = packaged_migrations()
    monkeypatch.setattr(migrations, "packaged_migrations", lambda: shipped)
    return shipped


def test_empty_store_gets_every_migration_once(store: StoreUnderTest, store_name: str) -> None:
    """The first run applies all of them, in order; the second finds nothing to do and changes nothing."""
    engine = store.open(store_name)
    applied = migrate(engine)
    assert [migration.version for migration in applied] == list(range(1, len(applied) + 1))
    schema = _schema(engine)
    assert migrate(engine) == []
    assert (_schema(engine), _versions(engine)) == (schema, [migration.version for migration in applied])


def test_interrupted_migration_goes_on_where_it_stopped(store: StoreUnderTest, store_name: str) -> None:
    """Cut off after any statement, the next start completes it to the same schema."""
    whole = store.open(f"{store_name}_whole")
    migrate(whole)
    expected = _schema(whole)
    engine = store.open(store_name)
    for commands in (1, 2, 9, 20):
        with pytest.raises(StoreUnavailable):
            migrate(DyingEngine(engine, commands))
    migrate(engine)
    assert _schema(engine) == expected
    assert _versions(engine) == [migration.version for migration in packaged_migrations()]


def test_migration_survives_kill_9(store: StoreUnderTest, store_name: str) -> None:
    """A store killed in the middle of its migration is completed after the restart."""
    with pytest.raises(StoreUnavailable):
        migrate(DyingEngine(store.open(store_name), 7))
    store.kill()
    engine = store.open(store_name)
    assert migrate(engine)
    assert _versions(engine) == [migration.version for migration in packaged_migrations()]


def test_next_migration_is_applied_alone(
    store: StoreUnderTest, store_name: str, packaged: list[Migration]
) -> None:
    """A store at the previous version gets the new migration, comments and several statements included."""
    engine = store.open(store_name)
    migrate(engine)
    version = len(packaged) + 1
    packaged.append(
        Migration(
            version,
            f"{version:04}_more",
            "-- A comment; with a semicolon.\nCREATE TABLE more (id UInt32) ENGINE = MergeTree ORDER BY id;\n"
            "ALTER TABLE more ADD COLUMN IF NOT EXISTS text String DEFAULT 'a;b';\n",
        )
    )
    assert migrate(engine) == [packaged[-1]]
    engine.insert_rows("more", ["id"], [[1]])
    assert engine.query("SELECT id, text FROM more").rows == [(1, "a;b")]


def test_store_of_a_newer_pitwall_is_refused(
    store: StoreUnderTest, store_name: str, packaged: list[Migration]
) -> None:
    """An older Pitwall does not touch a store that a newer one migrated; the message names both versions."""
    engine = store.open(store_name)
    migrate(engine)
    newest = packaged.pop()
    with pytest.raises(Conflict, match=f"schema version {newest.version}.*up to {newest.version - 1}"):
        migrate(engine)


def test_edited_migration_is_refused(
    store: StoreUnderTest, store_name: str, packaged: list[Migration]
) -> None:
    """A shipped migration that differs from what the store applied is an error, not a silent difference."""
    engine = store.open(store_name)
    migrate(engine)
    packaged[0] = replace(packaged[0], sql=packaged[0].sql + "\n-- edited")
    with pytest.raises(Conflict, match=f"{packaged[0].name} was edited"):
        migrate(engine)


@pytest.mark.parametrize("oldest", [(26, 10), (27, 1), (100, 0)])
def test_server_that_is_too_old_is_refused(
    store: StoreUnderTest, store_name: str, oldest: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both versions are named, compared as numbers, and nothing is done to the store."""
    monkeypatch.setattr(migrations, "OLDEST_ENGINE", oldest)
    engine = store.open(store_name)
    version = engine.query("SELECT version()").scalar()
    needed = f"is ClickHouse {version}; Pitwall needs {oldest[0]}.{oldest[1]} or newer"
    with pytest.raises(Conflict, match=re.escape(needed)):
        migrate(engine)
    assert _schema(engine) == []
