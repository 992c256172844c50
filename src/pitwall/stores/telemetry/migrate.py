"""Versioned SQL migrations of the telemetry store; each file runs once, in order, statement by statement.

A statement that a killed process had already run is skipped (the files say plain CREATE; existence is checked
first), so migrating again after a crash goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from pitwall.core.errors import Conflict
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.retention import with_retention

_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_STATEMENT_END = re.compile(r";[ \t]*(?:\n|$)")
_CREATE = re.compile(r"^\s*CREATE (TABLE|MATERIALIZED VIEW|DICTIONARY) ", re.IGNORECASE)
_LEDGER = (
    "CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, checksum String, "
    "applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY version"
)

OLDEST_ENGINE = (26, 9)
"""ClickHouse version (major, minor) from which on the settings in tables and questions exist; chDB's own."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`: `0001_core.sql` is version 1."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """The statements in order, comments removed."""
        for statement in _STATEMENT_END.split(_COMMENT.sub("", self.sql)):
            if statement.strip():
                yield statement.strip()


def packaged_migrations() -> list[Migration]:
    """All migrations that ship with this version, oldest first."""
    folder = resources.files("pitwall.stores.telemetry") / "migrations"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name
    )
    return [
        Migration(int(f.name[:4]), f.name.removesuffix(".sql"), f.read_text(encoding="utf-8")) for f in files
    ]


def migrate(engine: TelemetryEngine, retention: Mapping[str, int] | None = None) -> list[Migration]:
    """Bring the store to the packaged version.

    Args:
        retention: Days by class, for tables that are made now; `apply_retention` sees to all others.

    Returns:
        The migrations that were applied now; empty when the store was current.

    Raises:
        Conflict: The store was written by a newer version of Pitwall, a shipped migration was edited, or the
            server is too old.
    """
    _refuse_old_engine(engine)
    engine.command(_LEDGER)
    applied = dict(engine.query("SELECT version, checksum FROM schema_migrations").rows)
    packaged = packaged_migrations()
    _refuse_unknown(applied, packaged)
    fresh = [migration for migration in packaged if migration.version not in applied]
    for migration in fresh:
        _apply(engine, migration, retention or {})
    return fresh


def _refuse_old_engine(engine: TelemetryEngine) -> None:
    version = str(engine.query("SELECT version()").scalar())
    major, minor = (int(number) for number in version.split(".")[:2])
    if (major, minor) < OLDEST_ENGINE:
        oldest = ".".join(map(str, OLDEST_ENGINE))
        raise Conflict(
            f"The telemetry store is ClickHouse {version}; Pitwall needs {oldest} or newer.",
            code="telemetry_store.engine_too_old",
            hint="Upgrade the server, or leave telemetry_store.url unset for the one in this process.",
        )


def _apply(engine: TelemetryEngine, migration: Migration, retention: Mapping[str, int]) -> None:
    for statement in migration.statements():
        create = _CREATE.sub(r"CREATE \1 IF NOT EXISTS ", statement)
        engine.command(with_retention(create, retention))
    engine.insert_rows(
        "schema_migrations",
        ["version", "name", "checksum"],
        [[migration.version, migration.name, migration.checksum]],
        token=f"schema-migration-{migration.version}",
    )


def _refuse_unknown(applied: dict[int, str], packaged: list[Migration]) -> None:
    known = {migration.version: migration for migration in packaged}
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise Conflict(
                f"The telemetry store has schema version {version}, this Pitwall knows up to {max(known)}.",
                code="telemetry_store.newer",
                hint="Install the newer Pitwall again, or point --data-dir at another directory.",
            )
        if known[version].checksum != checksum:
            raise Conflict(
                f"Migration {known[version].name} was edited after this store applied it.",
                code="telemetry_store.migration_edited",
                hint="Restore the shipped file; changes to the schema go into a new migration.",
            )
