"""Bringing the schema of the state store up to date.

The packaged head is a constant, so that a store that is up to date starts without importing Alembic, and an
empty one is created from the table definitions in one step. Everything else runs the migrations.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from pitwall.core.errors import Conflict
from pitwall.stores.state.projects import Projects
from pitwall.stores.state.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0020"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
_LOCK_KEY = 0x70697477616C6C  # "pitwall": one process at a time migrates a shared PostgreSQL


class StateStoreTooNew(Conflict):
    """The store was migrated by a newer version of Pitwall than this one."""

    default_code = "state.too_new"


def upgrade(connection: Connection, *, now: datetime) -> None:
    """Bring the store to `HEAD` within the given transaction and make sure the built-in projects exist.

    Args:
        connection: In a transaction that may write; nobody else migrates while it lasts.
        now: When the built-in projects were made, if they are made now; aware.

    Raises:
        StateStoreTooNew: The store is at a revision this version does not have.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    revision = stored_revision(connection)
    if revision == HEAD:
        return
    if revision is None:
        _create(connection)
    else:
        _run_migrations(connection, revision)
    Projects(connection).ensure_built_in(now=now)


def stored_revision(connection: Connection) -> str | None:
    """Return the revision the store is at, None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(
        text(
            f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
            f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:head)"), {"head": HEAD})


def _run_migrations(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise StateStoreTooNew(
            f"The state store is at schema revision {revision!r}, which this Pitwall does not know.",
            hint="Upgrade Pitwall to the version that last used this data, or point it to other data.",
            details={"stored": revision, "packaged": HEAD},
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    """Return the configuration that runs the packaged migrations on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
