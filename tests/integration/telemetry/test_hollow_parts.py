"""Writes that fail without chDB noticing: no row is counted as stored that is not on the disk."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pitwall.stores.telemetry.engine import SegmentInsert, StoreUnavailable, TelemetryEngine
from tests.support.stores import EmbeddedStore, prepare
from tests.support.telemetry import (
    TraceBatch,
    expected_totals,
    stored_totals,
    trace_segment,
    write_segment,
)

TABLES = ("spans", "payloads", "spans_by_minute", "spans_by_hour")
TRACES = 30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """Return a prepared store in a process of its own; it has the first of three segments."""
    store = EmbeddedStore(tmp_path)
    prepare(store.open("x")).insert_segment(_segment(tmp_path, "project", 0))
    yield store
    store.close()


def _segment(directory: Path, project: str, at: int) -> SegmentInsert:
    batch = TraceBatch(first=1 + at * TRACES, traces=TRACES, started_at=1_790_000_000)
    path = write_segment(directory / f"{at}.seg", project, [batch.encode()], first_position=at + 1)
    return trace_segment(path, f"{project}-{at}")


@contextmanager
def _unwritable(store: EmbeddedStore) -> Iterator[None]:
    """Let every write to a file fail with EFBIG in the store's process."""
    _, hard = resource.prlimit(store.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(store.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(store.pid, resource.RLIMIT_FSIZE, (hard, hard))


def _is_exact(engine: TelemetryEngine, segments: int) -> bool:
    return stored_totals(engine, "project") == expected_totals(segments * TRACES)


def test_insert_that_the_disk_did_not_take_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    """The insert fails, what was there is whole, and the same insert later stores its rows once."""
    engine = store.open("x")
    segment = _segment(tmp_path, "project", 1)
    with _unwritable(store), pytest.raises((StoreUnavailable, OSError)):
        engine.insert_segment(segment)
    assert _is_exact(engine, 1)
    for _ in range(2):
        engine.insert_segment(segment)
        assert _is_exact(engine, 2)
    assert _is_exact(store.open("x"), 2)


def test_kill_before_the_failed_write_was_noticed(store: EmbeddedStore, tmp_path: Path) -> None:
    """Ids of parts whose files are empty are forgotten at the next start."""
    engine = store.open("x")
    segment = _segment(tmp_path, "project", 1)
    engine.insert_segment(segment)
    store.close()
    for table in TABLES:
        _empty_last_part(tmp_path / "x/telemetry/data/default" / table)
    engine = store.open("x")
    assert _is_exact(engine, 1)
    engine.insert_segment(segment)
    assert _is_exact(engine, 2)


def _empty_last_part(table: Path) -> None:
    part = max(
        (entry for entry in table.iterdir() if entry.name[:6].isdigit()),
        key=lambda entry: int(entry.name.split("_")[1]),
    )
    for file in part.iterdir():
        file.write_bytes(b"")


def test_merge_that_the_disk_did_not_take_is_undone(store: EmbeddedStore, tmp_path: Path) -> None:
    """The parts that were merged come back before anything else is acknowledged as stored."""
    engine = store.open("x")
    engine.insert_segment(_segment(tmp_path, "project", 1))
    with _unwritable(store):
        for table in TABLES:
            engine.command(f"OPTIMIZE TABLE {table} FINAL")
    segment = _segment(tmp_path, "project", 2)
    with pytest.raises(StoreUnavailable, match="did not take 4 part"):
        engine.insert_segment(segment)
    engine.insert_segment(segment)
    assert _is_exact(engine, 3)
    assert _is_exact(store.open("x"), 3)
