"""Errors: alike failures together, where they happened, compared with the time before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.explore_schemas import ErrorList
from pitwall.traces.exploring import TraceExplorer, Written
from pitwall.traces.failures import group_id, normalised
from tests.integration.traces.telemetry import (
    NOON,
    Row,
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    span_id,
    trace_id,
)


def make_failure(trace: int, number: int, parent: int | None = None, **columns: Any) -> Row:
    """A model call that timed out."""
    failure: Row = {
        "status": "error",
        "error_class": "timeout",
        "error_type": "ReadTimeout",
        "status_message": f"timed out after {number * 17} ms",
        "name": "chat",
    }
    return make_llm_span(trace, number, parent, **{**failure, **columns})


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (["timed out after 1500 ms", "timed out after 30.5 ms"], "timed out after <n> ms"),
        (
            ["POST http://10.0.0.7:11434/api/chat failed", "POST https://api.example.com/v1?x=1 failed"],
            "POST <url> failed",
        ),
        (
            ["connect to 10.1.2.3:443 refused", "connect to 192.168.0.1 refused"],
            "connect to <address> refused",
        ),
        (["connect to [::1]:8400 refused", "connect to [fe80::1:2] refused"], "connect to <address> refused"),
        (["model 'qwen2.5:7b' not found", "model 'llama3' not found"], "model '<value>' not found"),
        (['field "a b" is missing', 'field "" is missing'], 'field "<value>" is missing'),
        (["unknown tool `search`", "unknown tool `a.b`"], "unknown tool `<value>`"),
        (
            [
                "no row 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                "no row 0x7fb728eaabd0",
                "no row 6243688366C14BAA",
            ],
            "no row <id>",
        ),
        (["request req_011CSHoEeqs5C35K2UUqR7Fy failed", "request chatcmpl9x8y7z6abc123 failed"], None),
        (["mail to a.b@example.com bounced"], "mail to <email> bounced"),
        (["can't parse, don't retry 4"], "can't parse, don't retry <n>"),
        (["응답 시간 30초 초과", "응답 시간 5초 초과"], "응답 시간 <n>초 초과"),
        (["two\n  lines\t1", "two lines 2 "], "two lines <n>"),
        ([""], ""),
        (["x" * 600], "x" * 500),
    ],
)
def test_messages_lose_what_differs_each_time(
    telemetry_engine: TelemetryEngine, messages: list[str], expected: str | None
) -> None:
    """Numbers, ids, addresses and quoted values; words stay, in any language."""
    sql = f"SELECT {normalised('message')} FROM (SELECT arrayJoin({{messages:Array(String)}}) AS message)"
    found = {row[0] for row in telemetry_engine.query(sql, {"messages": messages}).rows}
    assert found == {"request <id> failed" if expected is None else expected}


def test_alike_failures_are_one_row(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """With counts of now and before, the time it happened, and the newest as the example."""
    hour = timedelta(hours=1)
    spans = [make_failure(n, n, started_at=NOON - timedelta(minutes=n)) for n in range(1, 6)]
    spans += [make_failure(n, n, started_at=NOON - hour - timedelta(minutes=n)) for n in (11, 12)]
    spans += [make_failure(20, 20, started_at=NOON - 3 * hour)]
    spans += [make_failure(30, 30, error_class="rate_limit", error_type="RateLimitError")]
    spans += [make_failure(40, 40, error_class="network", started_at=NOON - hour - timedelta(minutes=9))]
    insert_spans(telemetry_engine, project, [*spans, make_span(50, 50)])
    answer = explorer.errors(project, Written(since="2026-11-20T11:00:00Z"), 50)
    ErrorList.model_validate(answer)
    assert answer["total"] == 6
    first, second = answer["errors"]
    assert first == {
        "group_id": group_id("timeout", "ReadTimeout", "timed out after <n> ms", "voc-chat"),
        "error_class": "timeout",
        "error_type": "ReadTimeout",
        "message": "timed out after <n> ms",
        "service": "voc-chat",
        "model": "qwen2.5:7b",
        "name": "chat",
        "count": 5,
        "previous_count": 2,
        "first_at": "2026-11-20T11:55:00Z",
        "last_at": "2026-11-20T11:59:00Z",
        "example_trace_id": as_hex(trace_id(1)),
        "example_span_id": as_hex(span_id(1)),
    }
    assert (second["error_class"], second["count"], second["previous_count"]) == ("rate_limit", 1, 0)


def test_error_counts_where_it_happened(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """Not again at each parent it was handed up to; a parent that fails by itself counts."""
    failed: Row = {"status": "error", "error_class": "timeout"}
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, name="request", **failed),
            make_span(1, 2, 1, name="answer", **failed),
            make_failure(1, 3, 2),
            make_span(2, 4, name="request", **failed),
            make_llm_span(2, 5, 4),
        ],
    )
    answer = explorer.errors(project, Written(), 50)
    assert sorted((row["name"], row["count"]) for row in answer["errors"]) == [("chat", 1), ("request", 1)]


def test_span_received_twice_fails_once(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """As in lists."""
    insert_spans(telemetry_engine, project, [make_failure(1, 1), make_failure(1, 1)])
    assert explorer.errors(project, Written(), 50)["total"] == 1


def test_filters_and_limit(telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer) -> None:
    """The total counts what is not listed; absent values are null."""
    spans = [make_failure(n, n, error_type=f"E{n}") for n in (1, 2, 3)]
    bare = make_span(4, 4, status="error", name="tool", service="")
    insert_spans(telemetry_engine, project, [*spans, bare])
    answer = explorer.errors(project, Written(filters=["kind:eq:llm"]), 2)
    assert (len(answer["errors"]), answer["total"]) == (2, 3)
    row = explorer.errors(project, Written(filters=["name:eq:tool"]), 2)["errors"][0]
    assert [row[name] for name in ("error_class", "error_type", "message", "service", "model")] == [None] * 5


def test_no_errors_is_an_empty_list(project: str, explorer: TraceExplorer) -> None:
    """Of a project without telemetry."""
    answer = explorer.errors(project, Written(), 50)
    assert (answer["errors"], answer["total"]) == ([], 0)
