"""Connections to the state store: SQLite tuned to be safe and shared, or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from pitwall.core.errors import InvalidInput

READ_ONLY = "pitwall_read_only"
_BUSY_TIMEOUT_MS = 10_000
_WAL_RETRY_SECONDS = 0.02
_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def make_engine(url: str) -> Engine:
    """Create the engine for a state store address; nothing is opened yet.

    Raises:
        InvalidInput: The address is malformed, or names a database that is not supported or not installed.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    try:
        return create_engine(parsed, pool_pre_ping=True)
    except ModuleNotFoundError as exc:
        raise InvalidInput(
            f"The state store {parsed.render_as_string(hide_password=True)} needs the package {exc.name}.",
            code="state.driver_missing",
            hint='Install it with `pip install "psycopg[binary]"`.',
        ) from exc


def _parse(url: str) -> URL:
    scheme = url.split(":", 1)[0].lower()
    try:
        parsed = make_url(url)
        return parsed.set(drivername=_DRIVERS[scheme.split("+", 1)[0]])
    except (ArgumentError, NoSuchModuleError, KeyError) as exc:
        raise InvalidInput(
            f"The state store address with scheme {scheme!r} is not understood.",
            code="state.address_invalid",
            hint="Use sqlite:////absolute/path/state.db or postgresql://user@host:5432/database.",
        ) from exc


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def make_private_file(engine: Engine) -> None:
    """Make the file of a SQLite store before SQLite does, readable by its user only: it holds key hashes.

    The journals `-wal` and `-shm` inherit its mode. Other databases are left alone.

    Raises:
        OSError: The file cannot be made or opened.
    """
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return
    path = Path(database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own; _begin_sqlite does
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}").close()
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL").close()  # what a person was shown survives power loss too
    connection.execute("PRAGMA foreign_keys = ON").close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead journal; SQLite's own timeout does not wait for others to finish here."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that upgrades later would fail where waiting had helped."""
    read_only = bool(connection.get_execution_options().get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
