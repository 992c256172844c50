"""How fresh the numbers are said to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from pitwall.kit.clock import ManualClock
from pitwall.live.freshness import FreshnessService
from pitwall.signals.watermark import DEFAULT_GRACE
from pitwall.stores.telemetry.engine import Rows, StoreUnavailable, TelemetryEngine
from tests.integration.live.conftest import Log
from tests.integration.traces.telemetry import NOON, insert, insert_spans, make_span


class Faulty:
    """A store that can go away, and counts what it is asked."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self.engine = engine
        self.is_down = False
        self.questions = 0

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, **options: Any) -> Rows:
        self.questions += 1
        if self.is_down:
            raise StoreUnavailable("The store is down.")
        return self.engine.query(sql, parameters, **options)


def insert_counts(engine: TelemetryEngine, project: str, exported: float, dropped: float) -> None:
    """Two reports of an SDK within the last hour: from nothing to what is given."""
    insert(
        engine,
        "points_in",
        project,
        [
            {
                "name": f"pitwall.sdk.spans.{name}",
                "type": "sum",
                "temporality": "cumulative",
                "is_monotonic": True,
                "started_at": NOON - timedelta(hours=2),
                "at": NOON - timedelta(minutes=minutes),
                "received_at": NOON - timedelta(minutes=minutes),
                "value": value,
            }
            for name, last in (("exported", exported), ("dropped", dropped))
            for minutes, value in ((30, 0.0), (20, last))
        ],
    )


def test_project_without_data_has_no_completeness_and_no_arrival(
    freshness: FreshnessService, project: str
) -> None:
    """What is not known is null; the watermark is the one of every signal: the present less its grace."""
    told = freshness(project)
    assert (told.completeness, told.last_received_at) == (None, None)
    assert told.now - told.watermark == DEFAULT_GRACE
    assert (told.lag_seconds, told.pending_records) == (0, 0)


def test_backlog_holds_the_watermark_back(freshness: FreshnessService, wal: Log, project: str) -> None:
    """What waits in the log is told as on the status page, and nothing after it counts as complete."""
    wal.wait(90.0, records=7)
    told = freshness(project)
    assert (told.lag_seconds, told.pending_records) == (90.0, 7)
    assert told.now - told.watermark == timedelta(seconds=90)


def test_newest_arrival_counts_whatever_it_is_and_whenever_it_happened(
    freshness: FreshnessService, telemetry_engine: TelemetryEngine, clock: ManualClock, project: str
) -> None:
    """A record of last year that arrives now is an arrival; of every kind the newest counts."""
    old = NOON - timedelta(days=300)
    insert_spans(telemetry_engine, project, [make_span(started_at=old)])
    assert freshness(project).last_received_at == NOON + timedelta(seconds=3)
    clock.advance(2)
    point = {"name": "x", "type": "gauge", "at": NOON, "received_at": NOON + timedelta(seconds=60)}
    insert(telemetry_engine, "points_in", project, [point])
    assert freshness(project).last_received_at == NOON + timedelta(seconds=60)
    clock.advance(2)
    insert_spans(
        telemetry_engine, project, [make_span(2, started_at=old, received_at=NOON + timedelta(seconds=70))]
    )
    assert freshness(project).last_received_at == NOON + timedelta(seconds=70)
    assert freshness(f"{project}-other").last_received_at is None


def test_quiet_project_keeps_its_last_arrival(
    freshness: FreshnessService, telemetry_engine: TelemetryEngine, clock: ManualClock, project: str
) -> None:
    """Records other than spans are looked at once, and remembered when they are older than a day."""
    log = {"at": NOON - timedelta(days=40), "received_at": NOON - timedelta(days=40), "body": "x"}
    insert(telemetry_engine, "logs_in", project, [log])
    assert freshness(project).last_received_at == NOON - timedelta(days=40)
    clock.advance(5)
    assert freshness(project).last_received_at == NOON - timedelta(days=40)


def test_completeness_is_the_signal_of_the_last_hour(
    freshness: FreshnessService, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What applications say they lost shows: 90 of 100."""
    insert_counts(telemetry_engine, project, exported=90, dropped=10)
    assert freshness(project).completeness == 0.9


def test_store_that_does_not_answer_leaves_gaps(
    make_freshness: Callable[[TelemetryEngine], FreshnessService],
    telemetry_engine: TelemetryEngine,
    clock: ManualClock,
    wal: Log,
    project: str,
) -> None:
    """The lag is known without the store; completeness is not, and the last arrival is the last known one."""
    store = Faulty(telemetry_engine)
    freshness = make_freshness(store)  # type: ignore[arg-type]
    insert_counts(telemetry_engine, project, exported=90, dropped=10)
    before = freshness(project)
    store.is_down = True
    wal.wait(3.0, records=2)
    clock.advance(2)
    during = freshness(project)
    assert (during.completeness, during.last_received_at) == (None, before.last_received_at)
    assert (during.lag_seconds, during.pending_records) == (3.0, 2)
    store.is_down = False
    clock.advance(2)
    assert freshness(project).completeness == 0.9


def test_store_is_asked_once_a_second_and_for_completeness_once_a_minute(
    make_freshness: Callable[[TelemetryEngine], FreshnessService],
    telemetry_engine: TelemetryEngine,
    clock: ManualClock,
    project: str,
) -> None:
    """A hundred clients that come back together are one question."""
    store = Faulty(telemetry_engine)
    freshness = make_freshness(store)  # type: ignore[arg-type]
    for _ in range(100):
        freshness(project)
    first, store.questions = store.questions, 0
    clock.advance(1)
    freshness(project)
    assert (first, store.questions) == (2, 1)
