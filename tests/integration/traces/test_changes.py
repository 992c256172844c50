"""Dimensions and changes out of rollups and spans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.explore_schemas import ChangeList, DimensionsAnswer
from pitwall.traces.exploring import TraceExplorer, Written
from tests.integration.traces.telemetry import NOON, Row, insert_spans, make_llm_span, make_span

LAST_HOUR = Written(since="2026-11-20T11:05:00Z", until="2026-11-20T12:05:00Z")


def _call(number: int, minutes_ago: float, **columns: Any) -> Row:
    started_at = NOON - timedelta(minutes=minutes_ago)
    named = {"environment": "prod", "version": "1.0", "prompt_name": "answer", "prompt_version": "3"}
    return make_llm_span(number, number, None, started_at=started_at, **{**named, **columns})


def _told(explorer: TraceExplorer, project: str, written: Written = LAST_HOUR) -> list[tuple[Any, ...]]:
    answer = explorer.changes(project, written, 100)
    ChangeList.model_validate(answer)
    return [
        (row["at"], row["kind"], row["service"], row["before"], row["after"]) for row in answer["changes"]
    ]


def test_deployment_shows_as_a_change(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """A version, a model, a prompt and a service, newest first, each at the minute it appeared."""
    insert_spans(
        telemetry_engine,
        project,
        [
            _call(1, 3000),
            _call(2, 40, version="1.1"),
            _call(3, 40.2, version="1.1", prompt_version="4"),
            _call(4, 30, version="1.1", model="gpt-4o"),
            _call(5, 20, version="2.0", service="search", model="bge-m3"),
            _call(6, 1),
        ],
    )
    assert _told(explorer, project) == [
        ("2026-11-20T11:40:00Z", "service", "search", None, "search"),
        ("2026-11-20T11:30:00Z", "model", "voc-chat", None, "gpt-4o"),
        ("2026-11-20T11:19:48Z", "prompt", "voc-chat", "3", "4"),
        ("2026-11-20T11:19:00Z", "version", "voc-chat", "1.0", "1.1"),
    ]


def test_what_was_seen_before_in_the_same_hour_is_no_change(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """The rollup of hours is not asked alone, and what comes back is not new."""
    insert_spans(
        telemetry_engine,
        project,
        [_call(1, 3000), _call(2, 58, version="1.1"), _call(3, 10, version="1.1"), _call(4, 5)],
    )
    assert _told(explorer, project) == []
    earlier = Written(since="2026-11-20T11:00:00Z", until="2026-11-20T11:30:00Z")
    assert [row[1:] for row in _told(explorer, project, earlier)] == [("version", "voc-chat", "1.0", "1.1")]


def test_hours_answer_where_minutes_are_gone(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """To the hour, rather than not at all."""
    insert_spans(telemetry_engine, project, [_call(1, 3000), _call(2, 40, version="1.1")])
    telemetry_engine.command(f"DELETE FROM spans_by_minute WHERE project = '{project}'")
    written = Written(since="2026-11-20T10:00:00Z")
    assert _told(explorer, project, written) == [
        ("2026-11-20T11:00:00Z", "version", "voc-chat", "1.0", "1.1")
    ]


def test_first_telemetry_is_one_change(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """The environment; nothing before it could have changed."""
    insert_spans(telemetry_engine, project, [_call(1, 10), _call(2, 9)])
    assert [row[1:] for row in _told(explorer, project)] == [("environment", None, None, "prod")]
    assert _told(explorer, f"{project}-empty") == []


def test_dimensions_of_a_project(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """Of the last thirty days, newest first; other projects and absent values are left out."""
    month = 40 * 24 * 60
    insert_spans(
        telemetry_engine,
        project,
        [
            _call(1, 3000),
            _call(2, 30, version="1.1", environment="staging"),
            _call(3, month, version="0.1", model="old"),
            make_span(4, 4, service=""),
        ],
    )
    answer = explorer.dimensions(project, None)
    DimensionsAnswer.model_validate(answer)
    assert answer == {
        "environments": ["staging", "prod"],
        "services": ["voc-chat"],
        "models": ["qwen2.5:7b"],
        "versions": ["1.1", "1.0"],
    }
    assert "0.1" in explorer.dimensions(project, "now-60d")["versions"]
    assert explorer.dimensions(f"{project}-empty", None)["services"] == []
