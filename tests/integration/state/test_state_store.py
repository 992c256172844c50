"""The state store on a real database: transactions, schema, sharing, and what it keeps."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import (
    AuditEntry,
    AuditLog,
    IngestSource,
    IngestSources,
    Meta,
    Projects,
    StateStore,
    StateStoreTooNew,
    StateUnavailable,
)
from pitwall.stores.state.engine import make_engine
from pitwall.stores.state.migrate import HEAD, VERSION_TABLE, alembic_config, stored_revision
from pitwall.stores.state.tables import metadata

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=ManualClock(NOW)).open()
    yield store
    store.close()


def make_source(next_offset: int = 10) -> IngestSource:
    return IngestSource(
        "default", "inode-1", "jsonl", "/data/llm_calls.jsonl", next_offset, "f00d", 3, 0, NOW
    )


def test_new_store_has_the_built_in_projects(store: StateStore) -> None:
    """The project of those who name none, and that of Pitwall itself, are there from the start."""
    with store.session(read_only=True) as session:
        assert [project.id for project in Projects(session).list()] == ["_pitwall", "default"]


def test_block_that_raises_leaves_nothing(store: StateStore) -> None:
    """A session is one transaction: all of it or nothing."""
    with pytest.raises(ZeroDivisionError), store.session() as session:
        _set_and_fail(session)
    with store.session(read_only=True) as session:
        assert Meta(session).get("a") is None


def _set_and_fail(session: Connection) -> None:
    Meta(session).set("a", "1")
    raise ZeroDivisionError


def test_read_only_session_refuses_writes(store: StateStore) -> None:
    """A write in a session that said it would only read is a mistake, told at once."""
    with pytest.raises(StateUnavailable, match="readonly"), store.session(read_only=True) as session:
        Meta(session).set("a", "1")
    with store.session() as session:
        Meta(session).set("a", "1")


def test_readers_see_one_moment_while_a_writer_works(store: StateStore) -> None:
    """A reader is not blocked by a writer and does not see half of its work."""
    with store.session() as writer, store.session(read_only=True) as reader:
        Meta(writer).set("a", "1")
        assert Meta(reader).get("a") is None
    with store.session(read_only=True) as reader:
        assert Meta(reader).get("a") == "1"


def test_concurrent_writers_wait_for_each_other(store: StateStore) -> None:
    """Read-then-write sessions on many threads lose no update and never fail with a lock."""
    with store.session() as session:
        Meta(session).set("n", "0")

    def count_up() -> None:
        for _ in range(10):
            with store.session() as session:
                Meta(session).set("n", str(int(Meta(session).get("n") or 0) + 1))

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.session(read_only=True) as session:
        assert Meta(session).get("n") == "60"


def test_committed_work_survives_the_death_of_its_process(tmp_path: Path) -> None:
    """What a session committed is there after kill -9; what it had not committed is not."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from pitwall.stores.state import Meta, StateStore\n"
        "store = StateStore.in_directory(Path(sys.argv[1])).open()\n"
        "with store.session() as session: Meta(session).set('done', '1')\n"
        "with store.session() as session:\n"
        "    Meta(session).set('half', '1')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -9
    store = StateStore.in_directory(tmp_path).open()
    with store.session(read_only=True) as session:
        assert (Meta(session).get("done"), Meta(session).get("half")) == ("1", None)
    store.close()


def test_state_files_are_private(store: StateStore, tmp_path: Path) -> None:
    """Key hashes and audit are for the server's user only, in the journal too."""
    with store.session() as session:
        Meta(session).set("a", "1")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("state.db*")}
    assert set(modes.values()) == {0o600}
    assert "state.db-wal" in modes


def test_closed_store_says_so(tmp_path: Path) -> None:
    """Using a store that is not open names the store and the way out."""
    store = StateStore.in_directory(tmp_path)
    with pytest.raises(StateUnavailable, match=r"state\.db is not open"), store.session():
        pass


def test_unreachable_database_is_told_without_its_password() -> None:
    """A database that is not there (or whose driver is not) is named by its address, without the password."""
    with pytest.raises((StateUnavailable, InvalidInput), match="127.0.0.1:1") as caught:
        StateStore("postgresql://pitwall:hunter2@127.0.0.1:1/x").open()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "state.db", "", "http://127.0.0.1"])
def test_address_of_no_known_database_is_refused(url: str) -> None:
    """Only SQLite and PostgreSQL hold state; the error shows how their addresses look."""
    with pytest.raises(InvalidInput, match="postgresql://"):
        make_engine(url)


def test_directory_in_place_of_the_file_is_unavailable(tmp_path: Path) -> None:
    """What cannot be opened as a database is an error with a way out, not a traceback."""
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StateUnavailable, match=r"state\.db.*directory"):
        StateStore.in_directory(tmp_path).open()


# Schema


def test_migrations_lead_to_the_tables_a_new_store_gets(tmp_path: Path) -> None:
    """A store migrated from nothing and one created at once have the same schema."""
    engine = make_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert stored_revision(connection) == HEAD
        migrated = _schema(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").fetchall())
    engine.dispose()
    store = StateStore(f"sqlite:///{tmp_path / 'new.db'}").open()
    with store.session(read_only=True) as session:
        assert _schema(session.exec_driver_sql("SELECT name, sql FROM sqlite_master").fetchall()) == migrated
    store.close()


def _schema(rows: object) -> dict[str, list[str]]:
    """Compare statements by their words, whatever the order of columns and constraints."""
    assert isinstance(rows, list)
    return {name: sorted(re.findall(r"\w+", sql or "")) for name, sql in rows}


def test_packaged_head_is_the_last_migration() -> None:
    """The constant that lets a start skip Alembic names the newest revision."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == HEAD
    engine.dispose()


def test_up_to_date_store_opens_without_alembic(tmp_path: Path) -> None:
    """Neither making a store nor opening it again imports Alembic, which takes a quarter of a second."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pitwall.stores.state import StateStore\n"
        "for _ in range(2): StateStore.in_directory(Path(sys.argv[1])).open().close()\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == 0


def test_store_of_the_first_version_gets_the_newer_tables(tmp_path: Path) -> None:
    """What an older version keeps is there after the upgrade, beside the new tables."""
    engine = make_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        Projects(connection).create("shop", "쇼핑몰", now=NOW)
    engine.dispose()
    with closing(StateStore.in_directory(tmp_path).open()) as store, store.session() as session:
        assert stored_revision(session) == HEAD
        assert Projects(session).get("shop").name == "쇼핑몰"
        assert set(metadata.tables) <= set(inspect(session).get_table_names())


def test_migrations_lead_to_the_same_tables_on_postgresql(postgres_url: str) -> None:
    """The other database takes the same way."""
    engine = make_engine(postgres_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        command.downgrade(alembic_config(connection), "base")
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    engine.dispose()


def test_store_of_a_newer_version_is_refused_untouched(store: StateStore, tmp_path: Path) -> None:
    """A revision this version does not know is named, and nothing is changed."""
    with store.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateStoreTooNew, match="'9999'"):
        StateStore.in_directory(tmp_path).open()
    with store.session(read_only=True) as session:
        assert stored_revision(session) == "9999"


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Whatever lies there is not touched."""
    file = tmp_path / "state.db"
    file.write_text("notes of somebody, longer than the head of a database: " + "x" * 100)
    with pytest.raises(StateUnavailable, match="damaged, or something else: file is not a database"):
        StateStore.in_directory(tmp_path).open()
    assert file.read_text().startswith("notes of somebody")


def test_two_processes_create_one_store(tmp_path: Path) -> None:
    """Starting at the same time on an empty directory gives one store, made once."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pitwall.stores.state import StateStore\n"
        "StateStore.in_directory(Path(sys.argv[1])).open().close()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]


def test_opening_waits_for_a_writer_of_a_new_file(tmp_path: Path) -> None:
    """The switch to the write-ahead journal waits too while another process writes in the old one."""
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE begun (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.rollback)
    release.start()
    try:
        with closing(StateStore.in_directory(tmp_path).open()) as store:
            store.check()
    finally:
        release.join()
        other.close()


def test_tables_compile_for_postgresql() -> None:
    """Every table has a form on PostgreSQL, with time zones kept."""
    ddl = "\n".join(
        str(CreateTable(table).compile(dialect=make_url("postgresql://").get_dialect()()))
        for table in metadata.sorted_tables
    )
    assert ddl.count("CREATE TABLE") == len(metadata.tables)
    assert "TIMESTAMP WITHOUT TIME ZONE" not in ddl


# What it keeps


def test_time_comes_back_as_the_same_instant_in_utc(store: StateStore) -> None:
    """An instant of any zone is kept exactly; one without a zone is refused."""
    seoul = NOW.astimezone(timezone(timedelta(hours=9)))
    with store.session() as session:
        IngestSources(session).save(replace(make_source(), updated_at=seoul))
        found = IngestSources(session).find("default", "inode-1")
        assert found is not None
        assert (found.updated_at, found.updated_at.tzinfo) == (NOW, UTC)
    with pytest.raises(StatementError, match="no time zone"), store.session() as session:
        IngestSources(session).save(replace(make_source(), updated_at=NOW.replace(tzinfo=None)))


def test_import_position_is_replaced_not_added(store: StateStore) -> None:
    """A source has one position; offsets may pass 4 GiB."""
    with store.session() as session:
        sources = IngestSources(session)
        sources.save(make_source())
        sources.save(make_source(next_offset=2**40))
        assert [source.next_offset for source in sources.list("default")] == [2**40]
        assert sources.find("other", "inode-1") is None
        assert sources.forget("default", "inode-1")
        assert not sources.forget("default", "inode-1")


def test_project_is_made_once(store: StateStore) -> None:
    """A second project of the same id is a conflict that leaves the session usable."""
    with store.session() as session:
        projects = Projects(session)
        projects.create("shop", "쇼핑몰", now=NOW)
        with pytest.raises(Conflict, match="'shop' exists"):
            projects.create("shop", "again", now=NOW)
        assert projects.get("shop").name == "쇼핑몰"
        with pytest.raises(NotFound, match="'bank'"):
            projects.get("bank")


def test_audit_lists_newest_first_by_project(store: StateStore) -> None:
    """Entries come back whole, newest first, of one project or of all."""
    with store.session() as session:
        log = AuditLog(session)
        for minute, project in enumerate(["shop", "bank", "shop"]):
            log.record(
                AuditEntry(
                    at=NOW + timedelta(minutes=minute),
                    actor="local",
                    action="rule.changed",
                    object=f"rule:{minute}",
                    project_id=project,
                    details={"임계값": minute},
                )
            )
        assert [entry.object for entry in log.list()] == ["rule:2", "rule:1", "rule:0"]
        assert [entry.details for entry in log.list(project_id="shop", limit=1)] == [{"임계값": 2}]


def test_meta_value_is_replaced_and_removed(store: StateStore) -> None:
    """A key has one value or none."""
    with store.session() as session:
        meta = Meta(session)
        meta.set("k", "1")
        meta.set("k", "2")
        assert meta.get("k") == "2"
        meta.remove("k")
        assert meta.get("k") is None
