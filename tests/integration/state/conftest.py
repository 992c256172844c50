"""State stores of both kinds, each empty at the start of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from tests.support.postgres_process import find_postgres, running_postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process."""
    binaries = find_postgres()
    if binaries is None:
        pytest.skip("needs PostgreSQL")
    pytest.importorskip("psycopg")
    with running_postgres(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(
    request: pytest.FixtureRequest, tmp_path: Path, state_clock: ManualClock
) -> Iterator[StateStore]:
    """A store of each kind, open and new."""
    if request.param == "sqlite":
        store = StateStore.in_directory(tmp_path, clock=state_clock)
    else:
        store = StateStore(request.getfixturevalue("postgres_url"), clock=state_clock)
    store.open()
    yield store
    if request.param == "postgresql":
        with store.session() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
    store.close()


@pytest.fixture
def state_clock() -> ManualClock:
    return ManualClock()
