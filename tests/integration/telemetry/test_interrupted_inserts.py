"""A segment whose insert was cut off by `kill -9`, sent again with its token: every table has it once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pitwall.stores.telemetry.engine import SegmentInsert
from tests.support.stores import EmbeddedStore, StoreUnderTest, prepare
from tests.support.telemetry import (
    TraceBatch,
    expected_totals,
    stored_totals,
    trace_segment,
    write_segment,
)

TABLES = ("spans", "payloads", "spans_by_minute", "spans_by_hour")
STORE = "interrupted"
TRACES = 60


@dataclass(frozen=True)
class Victim:
    """A prepared store whose process tests kill."""

    store: StoreUnderTest
    directory: Path

    def interrupt(self, project: str, is_time: Callable[[], bool]) -> None:
        """Begin to insert a segment, kill the store, restart it, insert the segment again, and check."""
        segment = self._segment(project)
        engine = self.store.open(STORE)
        with ThreadPoolExecutor(1) as pool:
            insert = pool.submit(engine.insert_segment, segment)
            _wait(is_time, insert)
            self.store.kill()
            insert.exception()
        engine = self.store.open(STORE)
        for _ in range(2):
            engine.insert_segment(segment)
            assert stored_totals(engine, project) == expected_totals(TRACES)

    def _segment(self, project: str) -> SegmentInsert:
        batches = [
            TraceBatch(first=first, traces=20, started_at=1_780_000_000, spacing_seconds=200_000)
            for first in range(1, TRACES, 20)
        ]
        path = self.directory / f"{project}.seg"
        write_segment(path, project, [batch.encode() for batch in batches])
        return trace_segment(path, project)


def _wait(is_time: Callable[[], bool], insert: Future[None]) -> None:
    while not insert.done() and not is_time():
        time.sleep(0.0002)


@pytest.fixture(scope="module")
def victim(store: StoreUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """Return a store prepared once for all kills."""
    prepare(store.open(STORE))
    return Victim(store, tmp_path_factory.mktemp("segments"))


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_kill_after_a_table_got_its_rows(victim: Victim, project: str, table: str) -> None:
    """Killed when one table had its rows and others perhaps not: the repeat adds only what is missing."""
    before = set(victim.store.part_names(STORE, table))
    victim.interrupt(project, lambda: not before.issuperset(victim.store.part_names(STORE, table)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_kill_at_a_random_moment(victim: Victim, project: str, seed: int) -> None:
    """Killed anywhere between the first byte and the last: the same."""
    moment = time.monotonic() + random.Random(seed).uniform(0.0, 0.25)
    victim.interrupt(project, lambda: time.monotonic() >= moment)


def test_kill_between_the_deduplication_id_and_the_rows(tmp_path: Path, project: str) -> None:
    """An id that was noted without its rows is forgotten at the next start, so the repeat is no duplicate.

    chDB renames a finished part right after it noted the id; moving the part away again while the store is
    closed leaves what a process killed in between leaves.
    """
    path = write_segment(tmp_path / "a.seg", project, [TraceBatch(traces=10).encode()])
    segment = trace_segment(path, project)
    store = EmbeddedStore(tmp_path)
    try:
        prepare(store.open("x")).insert_segment(segment)
        store.close()
        for table in TABLES:
            _undo_rename(tmp_path / "x/telemetry/data/default" / table)
        engine = store.open("x")
        assert all(not any(found) for found in stored_totals(engine, project).values())
        engine.insert_segment(segment)
        assert stored_totals(engine, project) == expected_totals(10)
    finally:
        store.close()


def _undo_rename(table: Path) -> None:
    (part,) = (entry for entry in table.iterdir() if entry.name[:6].isdigit())
    part.rename(table / f"tmp_insert_{part.name}")
