"""The state store as the rest of the product sees it: opened once, used through short transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from pitwall.core.errors import Unavailable
from pitwall.kit.clock import Clock, SystemClock
from pitwall.stores.state.engine import READ_ONLY, make_engine, make_private_file
from pitwall.stores.state.migrate import StateStoreTooNew, upgrade

__all__ = ["StateStore", "StateStoreTooNew", "StateUnavailable"]

DEFAULT_FILE = "state.db"


class StateUnavailable(Unavailable):
    """The database behind the state store cannot be reached or is locked for too long."""

    default_code = "state.unavailable"


class StateStore:
    """Projects, keys, audit, boards and the rest of the state, in SQLite (WAL) or PostgreSQL.

    Safe to use from several threads and processes. `open` brings the schema up to date and has to be called
    before `session`.

    Args:
        url: `sqlite:///path` or `postgresql://...`.
        clock: Where seeds and migrations get their time from.
    """

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        self._engine = make_engine(url)
        self._clock = clock or SystemClock()
        self._is_open = False

    @classmethod
    def in_directory(cls, data_dir: Path, *, clock: Clock | None = None) -> StateStore:
        """Name the SQLite store that lives in a data directory."""
        return cls(f"sqlite:///{data_dir.resolve() / DEFAULT_FILE}", clock=clock)

    @property
    def is_open(self) -> bool:
        """Whether the store is open and its schema up to date."""
        return self._is_open

    @property
    def address(self) -> str:
        """The address without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def open(self) -> StateStore:
        """Bring the schema up to date; quick when it already is.

        Raises:
            StateStoreTooNew: A newer version of Pitwall has migrated this store.
            StateUnavailable: The database cannot be reached.
        """
        try:
            make_private_file(self._engine)
        except OSError as exc:
            raise _unavailable(self.address, exc.strerror or str(exc)) from exc
        with self._connection(read_only=False) as connection:
            upgrade(connection, now=self._clock.now())
        self._is_open = True
        return self

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Connection]:
        """Run one transaction: committed at the end, rolled back if the block raises.

        A session that may write takes SQLite's write lock at once and waits for others up to ten seconds, so
        keep it short; `read_only=True` never waits, sees one consistent moment, and refuses writes.

        Raises:
            StateUnavailable: The store is not open, unreachable, or locked for too long.
        """
        if not self._is_open:
            raise StateUnavailable(f"The state store {self.address} is not open.", hint="Call open() first.")
        with self._connection(read_only=read_only) as connection:
            yield connection

    def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StateUnavailable: There is none.
        """
        with self.session(read_only=True) as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections; the store can be opened again."""
        self._is_open = False
        self._engine.dispose()

    @contextmanager
    def _connection(self, *, read_only: bool) -> Iterator[Connection]:
        options = {READ_ONLY: read_only}
        if self._engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = read_only
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except (OperationalError, InterfaceError) as exc:
            raise _unavailable(self.address, str(exc.orig)) from exc
        except DatabaseError as exc:
            if type(exc) is not DatabaseError:  # what a statement did wrong is a class of its own
                raise
            raise StateUnavailable(
                f"The state store {self.address} is damaged, or something else: {exc.orig}.",
                hint="Put back a copy of it, or name another place.",
            ) from exc


def _unavailable(address: str, reason: str) -> StateUnavailable:
    return StateUnavailable(
        f"The state store {address} cannot be used: {reason}.",
        hint="Check that the database runs, its disk has room and no other program keeps it locked.",
        details={"retry_after_seconds": 1},
    )
