"""The contract of TelemetryEngine, the same on chDB and on a server."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pitwall.stores.telemetry.clickhouse import DEFAULT_QUERY_SECONDS
from pitwall.stores.telemetry.engine import (
    UNLIMITED,
    QueryFailed,
    QueryTimedOut,
    SegmentInsert,
    SegmentRejected,
    StoreUnavailable,
    TelemetryEngine,
)
from tests.support.telemetry import (
    TraceBatch,
    expected_totals,
    stored_totals,
    trace_segment,
    write_segment,
)

NASTY = 'it\'s "quoted" \\ back\\slash\ttab\nline 환불 정책 🏁 {name:String} %s ; DROP TABLE spans --'


@pytest.fixture
def table(engine: TelemetryEngine) -> str:
    """Return an empty table with the deduplication of the real ones."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    engine.command(
        f"CREATE TABLE {name} (id UInt32, text String, note Nullable(String)) ENGINE = MergeTree ORDER BY id "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    return name


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("String", NASTY),
        ("String", ""),
        ("Array(String)", [NASTY, "", "b"]),
        ("Array(String)", []),
        ("Int64", -(2**63)),
        ("UInt64", 2**64 - 1),
        ("Float64", 0.1),
        ("Bool", True),
        ("Date", date(2026, 11, 20)),
        ("Nullable(String)", None),
    ],
)
def test_parameter_comes_back_as_it_was(engine: TelemetryEngine, kind: str, value: Any) -> None:
    """A parameter is a value, never a piece of SQL, whatever is in it."""
    assert engine.query(f"SELECT {{value:{kind}}}", {"value": value}).scalar() == value


def test_instants_keep_their_digits(engine: TelemetryEngine) -> None:
    """An aware UTC datetime goes in as a parameter and means the same instant, to the microsecond."""
    instant = datetime(2026, 11, 20, 12, 34, 56, 789012, tzinfo=UTC)
    sql = "SELECT toUnixTimestamp64Micro({at:DateTime64(6, 'UTC')})"
    assert engine.query(sql, {"at": instant}).scalar() == round(instant.timestamp() * 1e6)


def test_values_have_the_same_types_in_both_worlds(engine: TelemetryEngine) -> None:
    """Readers need no case for the kind of store: each engine type is one Python type."""
    rows = engine.query(
        "SELECT toFixedString(unhex('00ff'), 2) AS id, toDecimal64('1.25', 12) AS cost,"
        " map('a', 'b') AS labels, [tuple(1, 'x')] AS events,"
        " CAST('error', 'Enum8(''ok'' = 1, ''error'' = 2)') AS status,"
        " toLowCardinality('gpt') AS model, NULL AS nothing, toUInt64(1) AS number, nan AS hole, true AS flag"
    )
    (row,) = rows.dicts()
    assert str(row.pop("hole")) == "nan"
    assert row == {
        "id": b"\x00\xff",
        "cost": Decimal("1.25"),
        "labels": {"a": "b"},
        "events": [(1, "x")],
        "status": "error",
        "model": "gpt",
        "nothing": None,
        "number": 1,
        "flag": True,
    }
    assert rows.columns[0] == "id"


def test_answer_of_many_blocks_is_whole(engine: TelemetryEngine) -> None:
    """A result larger than a block, compressed on its way, arrives complete and in order."""
    rows = engine.query("SELECT number, toString(number) FROM numbers(200000) ORDER BY number").rows
    assert rows == [(number, str(number)) for number in range(200_000)]


def test_empty_answer_has_no_rows(engine: TelemetryEngine) -> None:
    """No rows is an answer too; it comes without the names of its columns."""
    rows = engine.query("SELECT number AS n, 'x' AS s FROM numbers(0)")
    assert (rows.columns, rows.rows, rows.dicts()) == ((), [], [])


def test_settings_count_for_one_query(engine: TelemetryEngine) -> None:
    """A setting of one query changes that query and no later one."""
    sql = "SELECT getSetting('max_block_size')"
    before = engine.query(sql).scalar()
    assert engine.query(sql, settings={"max_block_size": 12345}).scalar() == 12345
    assert engine.query(sql).scalar() == before != 12345


def test_refused_query_says_why(engine: TelemetryEngine) -> None:
    """A query that cannot run raises QueryFailed with the engine's words, its code and the SQL."""
    with pytest.raises(QueryFailed, match="no_such_table") as refused:
        engine.query("SELECT * FROM no_such_table")
    assert refused.value.details["engine_code"] == 60
    assert "no_such_table" in refused.value.details["sql"]


def test_slow_query_is_cut_off(engine: TelemetryEngine) -> None:
    """A query over its time limit raises QueryTimedOut, soon after the limit."""
    sql = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
    with pytest.raises(QueryTimedOut):
        engine.query(sql, settings={"max_execution_time": 0.3, "max_threads": 1})


def test_every_query_is_limited_unless_it_says_otherwise(engine: TelemetryEngine) -> None:
    """The engine's own limit holds for a query that names none; work that must end asks for none."""
    sql = "SELECT getSetting('max_execution_time')"
    assert engine.query(sql).scalar() == DEFAULT_QUERY_SECONDS
    assert engine.query(sql, settings={"max_execution_time": 0.5}).scalar() == 0.5
    assert engine.query(sql, settings=UNLIMITED).scalar() == 0


def test_greedy_query_fails_alone(engine: TelemetryEngine) -> None:
    """A query over its memory limit fails; the engine goes on."""
    with pytest.raises(QueryFailed) as refused:
        engine.query(
            "SELECT groupArray(toString(number)) FROM numbers(10000000)",
            settings={"max_memory_usage": 50_000_000},
        )
    assert refused.value.details["engine_code"] == 241
    assert engine.query("SELECT 1").scalar() == 1


def test_refused_command_says_why(engine: TelemetryEngine) -> None:
    """DDL errors are QueryFailed too."""
    with pytest.raises(QueryFailed) as refused:
        engine.command("ALTER TABLE no_such_table ADD COLUMN x UInt8")
    assert refused.value.details["engine_code"] in (60, 81)


def test_inserted_rows_come_back_as_they_were(engine: TelemetryEngine, table: str) -> None:
    """Text with quotes, line breaks and Korean, and absent values, survive an insert."""
    engine.insert_rows(table, ["id", "text", "note"], [[1, NASTY, None], [2, "", "환불"]])
    found = engine.query(f"SELECT id, text, note FROM {table} ORDER BY id").rows
    assert found == [(1, NASTY, None), (2, "", "환불")]


def test_rows_with_the_same_token_are_added_once(engine: TelemetryEngine, table: str) -> None:
    """A repeated batch adds nothing; an equal batch under another token, or none, is a batch of its own."""
    for token in ("a", "a", "b", None, None):
        engine.insert_rows(table, ["id", "text"], [[1, "same"]], token=token)
    assert engine.query(f"SELECT count() FROM {table}").scalar() == 4


def test_refused_rows_are_an_error(engine: TelemetryEngine, table: str) -> None:
    """Rows that do not fit the table raise, and none of them is kept."""
    with pytest.raises(QueryFailed):
        engine.insert_rows(table, ["id", "text"], [[1, "good"], ["not a number", "bad"]])
    assert engine.query(f"SELECT count() FROM {table}").scalar() == 0


def test_threads_share_an_engine(engine: TelemetryEngine, table: str) -> None:
    """Sixteen threads read and write at once through one engine without an error or a mixed-up answer."""

    def work(number: int) -> int:
        engine.insert_rows(table, ["id", "text"], [[number, "x"]])
        answer: int = engine.query("SELECT {n:UInt32} + sleepEachRow(0.01)", {"n": number}).scalar()
        return answer

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(48))) == list(range(48))
    assert engine.query(f"SELECT count(), uniqExact(id) FROM {table}").rows == [(48, 48)]


def test_segment_fills_every_table_once(engine: TelemetryEngine, project: str, tmp_path: Path) -> None:
    """Spans, payloads and both rollups get a segment once, however often it is sent with its token."""
    bodies = [TraceBatch(first=1 + 20 * at, traces=20, spacing_seconds=40).encode() for at in range(5)]
    path = write_segment(tmp_path / "a.seg", project, bodies)
    for _ in range(3):
        engine.insert_segment(trace_segment(path, f"{project}-a"))
    assert stored_totals(engine, project) == expected_totals(100)
    other = write_segment(tmp_path / "b.seg", project, [TraceBatch(first=101, traces=20).encode()])
    engine.insert_segment(trace_segment(other, f"{project}-b"))
    assert stored_totals(engine, project) == expected_totals(120)


def test_equal_segments_are_not_mistaken_for_repeats(
    engine: TelemetryEngine, project: str, tmp_path: Path
) -> None:
    """Only the token decides: the same bytes under two tokens are two deliveries."""
    path = write_segment(tmp_path / "a.seg", project, [TraceBatch(traces=5).encode()])
    for token in ("a", "b"):
        engine.insert_segment(trace_segment(path, f"{project}-{token}"))
    assert stored_totals(engine, project)["spans"][0] == 30
    assert stored_totals(engine, project)["hours"][0] == 30


def test_segment_over_months_is_exact(engine: TelemetryEngine, project: str, tmp_path: Path) -> None:
    """A segment whose spans fall into several partitions is as exact as any other."""
    bodies = [TraceBatch(traces=25, started_at=1_780_000_000, spacing_seconds=86_400 * 5).encode()]
    path = write_segment(tmp_path / "a.seg", project, bodies)
    for _ in range(2):
        engine.insert_segment(trace_segment(path, f"{project}-a"))
    assert stored_totals(engine, project) == expected_totals(25)


def test_damaged_segment_is_rejected_whole(engine: TelemetryEngine, project: str, tmp_path: Path) -> None:
    """Bytes that are no telemetry are the segment's fault, and nothing of it is stored in any table."""
    path = write_segment(tmp_path / "a.seg", project, [TraceBatch(first=1, traces=20).encode()] * 3)
    with path.open("ab") as file:
        file.write(b"\x7f" + b"\xff" * 127)
    for _ in range(2):
        with pytest.raises(SegmentRejected, match=r"a\.seg"):
            engine.insert_segment(trace_segment(path, f"{project}-a"))
    assert all(not any(found) for found in stored_totals(engine, project).values())


@pytest.mark.slow
def test_large_segment_is_rejected_whole(engine: TelemetryEngine, project: str, tmp_path: Path) -> None:
    """A segment of more requests than a block has rows is all or nothing too."""
    body = TraceBatch(traces=1).encode()
    path = write_segment(tmp_path / "a.seg", project, [body] * 70_000)
    with path.open("ab") as file:
        file.write(b"\x7f" + b"\xff" * 127)
    with pytest.raises(SegmentRejected):
        engine.insert_segment(trace_segment(path, f"{project}-a"))
    assert all(not any(found) for found in stored_totals(engine, project).values())


def test_fault_of_the_store_is_not_blamed_on_the_segment(
    engine: TelemetryEngine, project: str, tmp_path: Path
) -> None:
    """A stage table that is not there is trouble of the store: the segment is kept for later."""
    good = trace_segment(write_segment(tmp_path / "a.seg", project, [TraceBatch().encode()]), project)
    with pytest.raises(StoreUnavailable, match=r"a\.seg"):
        engine.insert_segment(
            SegmentInsert("no_such_stage", good.path, good.token, good.schema, good.message)
        )


def test_failing_view_is_an_error_and_the_repeat_completes(
    engine: TelemetryEngine, table: str, project: str, tmp_path: Path
) -> None:
    """A view that fails loses no rows silently; after a repair the same insert adds what is missing only."""
    stage = f"stage_{table}"
    schema = 'syntax = "proto3"; message Row { uint32 id = 1; }'
    path = tmp_path / "rows.seg"
    path.write_bytes(b"".join(bytes((2, 8, number)) for number in range(1, 6)))
    segment = SegmentInsert(stage, path, project, schema, "Row")
    engine.command(f"CREATE TABLE {stage} (id UInt32) ENGINE = Null")
    engine.command(f"CREATE TABLE other_{table} AS {table}")
    engine.command(f"CREATE MATERIALIZED VIEW good_{table} TO {table} AS SELECT id FROM {stage}")
    bad = f"CREATE MATERIALIZED VIEW bad_{table} TO other_{table} AS"
    engine.command(f"{bad} SELECT id + throwIf(id = 3, 'three') AS id FROM {stage}")
    with pytest.raises(StoreUnavailable, match="three"):
        engine.insert_segment(segment)
    engine.command(f"DROP VIEW bad_{table}")
    engine.command(f"{bad} SELECT id FROM {stage}")
    for _ in range(2):
        engine.insert_segment(segment)
    for name in (table, f"other_{table}"):
        assert engine.query(f"SELECT id FROM {name} ORDER BY id").rows == [(1,), (2,), (3,), (4,), (5,)]
