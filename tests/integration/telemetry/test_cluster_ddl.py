"""The statements for a ClickHouse cluster, generated from the one-node ones: valid and really creatable."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pitwall.core.errors import InvalidInput
from pitwall.ingest.mapping.views import install
from pitwall.stores.telemetry.clickhouse import open_remote
from pitwall.stores.telemetry.cluster import rewrite
from pitwall.stores.telemetry.engine import Rows, SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.migrate import OLDEST_ENGINE, migrate
from pitwall.stores.telemetry.retention import RETENTION_TABLES, apply_retention
from tests.support import cluster_process
from tests.support.clickhouse_process import ClickHouseServer
from tests.support.cluster_process import CLUSTER

DISTRIBUTED = f"Distributed('{CLUSTER}', currentDatabase(), 'a_local', rand())"
HERE = f"ON CLUSTER '{CLUSTER}'"


class EmptyStore:
    """A store of the oldest engine accepted: it holds nothing and remembers the commands it was given."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        if sql == "SELECT version()":
            return Rows(("version()",), [(".".join(map(str, OLDEST_ENGINE)),)])
        return Rows((), [])

    def command(self, sql: str) -> None:
        self.commands.append(sql)

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        """Nothing is kept."""

    def insert_segment(self, segment: SegmentInsert) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """Return every command that brings an empty store to its present form, as for one node."""
    store = EmptyStore()
    migrate(store, dict.fromkeys(RETENTION_TABLES, 14))
    install(store)
    apply_retention(store, dict.fromkeys(RETENTION_TABLES, 30))
    return store.commands


def test_every_command_is_valid_on_a_cluster(telemetry_engine: TelemetryEngine, commands: list[str]) -> None:
    """Migrations, views, dictionaries and retention are understood by the engine and reach every node."""
    assert len(commands) > 50
    for command in commands:
        for statement in rewrite(command, CLUSTER):
            assert HERE in statement
            telemetry_engine.command(f"EXPLAIN AST {statement}")


def test_every_table_can_be_created_on_a_cluster(commands: list[str], tmp_path: Path) -> None:
    """Engine arguments, macros and targets are right: a node with a Keeper creates all of them."""
    statements = [
        statement.replace(HERE, "") for command in commands for statement in rewrite(command, CLUSTER)
    ]
    # One node has no queue for ON CLUSTER, and its Keeper takes no writes: only CREATE runs there.
    creating = [statement for statement in statements if statement.startswith("CREATE ")]
    done = subprocess.run(
        [sys.executable, cluster_process.__file__, str(tmp_path)],
        input=json.dumps(creating),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    engines = {row["name"]: row["engine"] for row in map(json.loads, done.stdout.splitlines())}
    for table in (*RETENTION_TABLES.values(), "schema_migrations", "mapping_versions", "prices"):
        assert engines[table] == "Distributed"
        assert engines[f"{table}_local"].startswith("Replicated")
    assert engines["stage_traces"] == engines["spans_in"] == "Null"
    assert engines["minute_to_hour"] == "MaterializedView"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            """CREATE TABLE IF NOT EXISTS a (id UInt8)
ENGINE = ReplacingMergeTree(id)
ORDER BY id SETTINGS non_replicated_deduplication_window = 9""",
            [
                f"""CREATE TABLE IF NOT EXISTS a_local {HERE} (id UInt8)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{{shard}}/{{database}}/a', '{{replica}}', id)
ORDER BY id SETTINGS replicated_deduplication_window = 9""",
                f"CREATE TABLE IF NOT EXISTS a {HERE} AS a_local ENGINE = {DISTRIBUTED}",
            ],
        ),
        (
            "CREATE TABLE a_in (id UInt8) ENGINE = Null",
            [f"CREATE TABLE a_in {HERE} (id UInt8) ENGINE = Null"],
        ),
        (
            "CREATE MATERIALIZED VIEW v TO b AS SELECT id FROM spans_by_minute AS m",
            [f"CREATE MATERIALIZED VIEW v {HERE} TO b_local AS SELECT id FROM spans_by_minute_local AS m"],
        ),
        (
            "CREATE MATERIALIZED VIEW v TO b_in AS SELECT id FROM a_in",
            [f"CREATE MATERIALIZED VIEW v {HERE} TO b_in AS SELECT id FROM a_in"],
        ),
        ("ALTER TABLE a REMOVE TTL", [f"ALTER TABLE a_local {HERE} REMOVE TTL"]),
        (
            "ALTER TABLE a ADD COLUMN x UInt8",
            [f"ALTER TABLE a_local {HERE} ADD COLUMN x UInt8", f"ALTER TABLE a {HERE} ADD COLUMN x UInt8"],
        ),
        ("ALTER TABLE a_in ADD COLUMN x UInt8", [f"ALTER TABLE a_in {HERE} ADD COLUMN x UInt8"]),
        ("DELETE FROM a WHERE x = 'b'", [f"DELETE FROM a_local {HERE} WHERE x = 'b'"]),
        ("TRUNCATE TABLE a", [f"TRUNCATE TABLE a_local {HERE}"]),
        ("OPTIMIZE TABLE a FINAL", [f"OPTIMIZE TABLE a_local {HERE} FINAL"]),
        (
            "DROP TABLE IF EXISTS a",
            [f"DROP TABLE IF EXISTS a {HERE}", f"DROP TABLE IF EXISTS a_local {HERE}"],
        ),
        ("DROP TABLE stage_a", [f"DROP TABLE stage_a {HERE}"]),
        ("DROP VIEW IF EXISTS v", [f"DROP VIEW IF EXISTS v {HERE}"]),
        ("SYSTEM RELOAD DICTIONARY d", [f"SYSTEM RELOAD DICTIONARY {HERE} d"]),
        ("INSERT INTO a SELECT 1", ["INSERT INTO a SELECT 1"]),
    ],
)
def test_statement_reaches_the_tables_that_hold_the_rows(
    telemetry_engine: TelemetryEngine, statement: str, expected: list[str]
) -> None:
    """Readers keep their names; what changes rows or columns goes where they are, on every node."""
    assert rewrite(statement, CLUSTER) == expected
    for each in expected:
        telemetry_engine.command(f"EXPLAIN AST {each}")


def test_rows_are_on_their_nodes_when_an_insert_returns(clickhouse_server: ClickHouseServer) -> None:
    """On a cluster an insert into a Distributed table is not left for later: what is read next must see it.

    Prices are read by their dictionaries right after they were filled; a migration is looked up at the next
    start. The default of a column tells the setting that an insert ran with.
    """
    url = clickhouse_server.create_database("cluster_inserts")
    plain, on_cluster = open_remote(url), open_remote(url, cluster=CLUSTER)
    synchronous = "toBool(getSetting('distributed_foreground_insert'))"
    plain.command(f"CREATE TABLE a (id UInt8, synchronous Bool DEFAULT {synchronous}) ENGINE = Memory")
    plain.insert_rows("a", ["id"], [[1]])
    on_cluster.insert_rows("a", ["id"], [[2]])
    on_cluster.command("INSERT INTO a (id) SELECT 3")
    assert on_cluster.query("SELECT id, synchronous FROM a ORDER BY id").rows == [
        (1, False),
        (2, True),
        (3, True),
    ]
    plain.close()
    on_cluster.close()


@pytest.mark.parametrize("name", ["", "a b", "a'; DROP TABLE spans", "1st"])
def test_cluster_name_that_is_none_is_refused(name: str) -> None:
    """The name goes into SQL text, so only an identifier is let in."""
    with pytest.raises(InvalidInput, match="not valid"):
        rewrite("DROP TABLE a", name)
