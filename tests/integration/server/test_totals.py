"""The totals of `GET /api/v1/status`: exact, and not counted again without a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.server.totals import SpansByProject, TotalsCounter
from pitwall.stores.telemetry.engine import Rows, StoreUnavailable, TelemetryEngine
from pitwall.stores.telemetry.log_stats import LogStats, StreamStats
from tests.support.telemetry import TraceBatch, trace_segment, write_segment

IDLE = StreamStats(0, 0, 0, 0.0, 0, 0, 0, 0, 0, 0, 0)


class House:
    """A store, the figures of its log, and the queries that were asked."""

    def __init__(self, engine: TelemetryEngine, directory: Path, project: str) -> None:
        self.engine, self.directory, self.project = engine, directory, project
        self.clock = ManualClock()
        self.streams = dict.fromkeys(TelemetryType, IDLE)
        self.queries: list[str] = []
        self.is_down = False
        self.counter = TotalsCounter(self, self.stats, self.clock)  # type: ignore[arg-type]
        self.by_project = SpansByProject(self, self.stats, self.clock)  # type: ignore[arg-type]

    def stats(self) -> LogStats:
        return LogStats(self.streams, 0, 0, 0, None, None, None)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        if self.is_down:
            raise StoreUnavailable("The store is down.")
        self.queries.append(sql)
        return self.engine.query(sql, parameters)

    def store(self, first: int, traces: int) -> None:
        """Bring spans to the store as the writer does."""
        path = write_segment(
            self.directory / f"{first}", self.project, [TraceBatch(first=first, traces=traces).encode()]
        )
        self.engine.insert_segment(trace_segment(path, f"{self.project}-{first}"))
        before = self.streams[TelemetryType.TRACES]
        self.streams[TelemetryType.TRACES] = replace(before, applied_entries=before.applied_entries + 1)

    def spans(self) -> int | None:
        return self.counter(self.project).spans_total


@pytest.fixture
def house(telemetry_engine: TelemetryEngine, tmp_path: Path, project: str) -> House:
    return House(telemetry_engine, tmp_path, project)


def test_what_was_applied_is_counted_at_once(house: House) -> None:
    """No answer is older than the last segment that the log brought to the store."""
    assert house.spans() == 0
    house.store(1, 2)
    assert house.spans() == 6
    house.store(3, 1)
    assert house.spans() == 9


def test_nothing_is_counted_while_nothing_changes(house: House) -> None:
    """Asked again at once, the store is left in peace; a change of one stream counts its totals only."""
    house.spans()
    house.spans()
    assert len(house.queries) == 1
    house.store(1, 1)
    house.spans()
    assert "FROM spans" in house.queries[1]
    assert "FROM points" not in house.queries[1]


def test_rows_that_go_another_way_are_noticed_within_a_second(house: House) -> None:
    """Retention and deletions do not pass through the log."""
    house.store(1, 2)
    assert house.spans() == 6
    house.engine.command(f"DELETE FROM spans WHERE project = '{house.project}' AND name = 'chat'")
    house.clock.advance(1)
    assert house.spans() == 4


def test_what_cannot_be_counted_is_none_and_counted_later(house: House) -> None:
    """No data is not zero, and a failure is not remembered."""
    house.store(1, 1)
    house.is_down = True
    assert house.spans() is None
    house.is_down = False
    assert house.spans() == 3


def test_projects_are_counted_apart(house: House) -> None:
    """An answer for one project is none for another, nor for all."""
    house.store(1, 1)
    assert house.spans() == 3
    assert house.counter(f"{house.project}-other").spans_total == 0
    everything = house.counter(None).spans_total
    assert everything is not None
    assert everything >= 3


def test_spans_by_project_are_those_of_the_totals(house: House) -> None:
    """What the list of projects says of one is what the status of that project says, and as fresh."""
    house.store(1, 1)
    assert house.by_project() is not None
    house.store(2, 2)
    counted = house.by_project()
    assert counted is not None
    assert counted[house.project] == house.spans() == 9
    assert f"{house.project}-other" not in counted


def test_spans_by_project_are_not_counted_again_without_a_reason(house: House) -> None:
    """As the totals: nothing asked while nothing changes, None while nothing can be asked."""
    house.store(1, 1)
    house.by_project()
    house.by_project()
    assert len(house.queries) == 1
    house.clock.advance(1)
    house.is_down = True
    assert house.by_project() is None
    house.is_down = False
    assert house.by_project() is not None
