"""Signals over metric points: gauges of several instances, cumulative counters with restarts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON, Row, insert_points, make_point

MINUTE = timedelta(minutes=1)
EXPORTED = "pitwall.sdk.spans.exported"
DROPPED = "pitwall.sdk.spans.dropped"


def _counter(name: str, value: float, minute: float, instance: str = "a", **columns: Any) -> Row:
    started = {"started_at": NOON - MINUTE, "resource_attributes": {"service.instance.id": instance}}
    point = {"type": "sum", "temporality": "cumulative", "is_monotonic": True, "at": NOON + MINUTE * minute}
    return make_point(name, value, **{**point, **started, **columns})


def _values(signals: Signals, name: str, project: str, windows: int) -> list[float | None]:
    query = SignalQuery(name, project, NOON, NOON + MINUTE * 5 * windows, MINUTE * 5)
    return [row.value for row in signals.query(query).rows]


def test_gauges_of_all_instances_are_added(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Requests in progress are the last report of every instance, put together."""
    name = "pitwall.requests.in_progress"
    insert_points(
        telemetry_engine,
        project,
        [
            make_point(name, 9, at=NOON, resource_attributes={"service.instance.id": "a"}),
            make_point(name, 2, at=NOON + MINUTE, resource_attributes={"service.instance.id": "a"}),
            make_point(name, 3, at=NOON, resource_attributes={"service.instance.id": "b"}),
        ],
    )
    assert _values(signals, "requests.in_progress", project, 2) == [5.0, None]


def test_uptime_is_that_of_the_youngest_instance(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A restart shows, however long the other instances have been running."""
    points = [
        make_point("pitwall.uptime", seconds, resource_attributes={"service.instance.id": instance})
        for instance, seconds in (("a", 86400), ("b", 12))
    ]
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "service.uptime_s", project, 1) == [12.0]


def test_completeness_counts_what_was_dropped_in_the_window(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Counters that only grow are taken by their growth, per window and instance."""
    points = [
        _counter(EXPORTED, 90, 1), _counter(EXPORTED, 180, 6),
        _counter(EXPORTED, 10, 1, "b"), _counter(EXPORTED, 10, 6, "b"),
        _counter(DROPPED, 0, 1), _counter(DROPPED, 10, 6),
    ]  # fmt: skip
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "data.completeness", project, 2) == [1.0, 0.9]
    assert _values(signals, "data.spans_dropped", project, 2) == [0.0, 10.0]


def test_refusals_are_counted_by_their_growth(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What a rate limiter refused, and its share of all that it looked at."""

    def counter(value: float, minute: int, outcome: str) -> dict[str, Any]:
        name = "pitwall.rate_limit.requests"
        return {**_counter(name, value, minute), "attributes": {"rule": "burst", "outcome": outcome}}

    points = [
        counter(10, 1, "allowed"), counter(0, 1, "refused"),
        counter(40, 6, "allowed"), counter(10, 6, "refused"),
    ]  # fmt: skip
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "requests.rate_limited", project, 2) == [0.0, 10.0]
    assert _values(signals, "requests.rate_limited_rate", project, 2) == [0.0, 0.25]


def test_counter_that_starts_again_loses_nothing(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """After a restart the counter begins at 0; what it says then is all new."""
    points = [_counter(DROPPED, 50, 1), _counter(DROPPED, 7, 6, started_at=NOON + MINUTE * 5)]
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "data.spans_dropped", project, 2) == [50.0, 7.0]


def test_counter_that_was_never_seen_before_is_not_news(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The first point of a counter that has been growing for days says nothing about this window."""
    points = [_counter(DROPPED, 5000, minute, started_at=NOON - timedelta(days=3)) for minute in (1, 2)]
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "data.spans_dropped", project, 1) == [0.0]


def test_growth_since_before_the_range_counts_within_it(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The point before the range is where the growth of its first window begins."""
    points = [
        _counter(DROPPED, value, minute, started_at=NOON - timedelta(days=3))
        for value, minute in ((100, -3), (130, 1))
    ]
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "data.spans_dropped", project, 1) == [30.0]


@pytest.mark.parametrize("temporality", ["delta"])
def test_delta_counters_are_summed(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, temporality: str
) -> None:
    """A counter that sends its growth is taken at its word."""
    points = [_counter(DROPPED, value, minute, temporality=temporality) for value, minute in ((4, 1), (6, 2))]
    insert_points(telemetry_engine, project, points)
    assert _values(signals, "data.spans_dropped", project, 1) == [10.0]
