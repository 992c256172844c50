"""Groups of errors over a real store: what is alike, since when, new or back, whom it hits, what one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from pitwall.core.errors import NotFound
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.cursors import CursorRefused
from pitwall.traces.error_groups.schemas import ErrorGroupAnswer, ErrorGroupList
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.error_groups.types import GroupStatus
from pitwall.traces.error_groups.wire import open_view, page_view, read_question
from pitwall.traces.exploring import TraceExplorer, Written
from pitwall.traces.failures import group_id
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

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TIMED_OUT = group_id("timeout", "ReadTimeout", "timed out after <n> ms", "voc-chat")
Ask = Callable[..., dict[str, Any]]


def failure(number: int, at: datetime = NOON, parent: int | None = None, **columns: Any) -> Row:
    """A model call that timed out."""
    failed: Row = {
        "status": "error",
        "error_class": "timeout",
        "error_type": "ReadTimeout",
        "status_message": f"timed out after {number * 17} ms",
        "name": "chat",
        "started_at": at,
    }
    return make_llm_span(number, number, parent, **{**failed, **columns})


@pytest.fixture
def ask(groups: ErrorGroups, project: str) -> Ask:
    """The list of groups, by default of 24 hours until five past noon."""

    def page(
        *,
        filters: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
        buckets: int = 24,
        statuses: Sequence[GroupStatus] = (),
        limit: int = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        question = read_question(
            project,
            Written(filters=filters, since=since, until=until),
            groups.clock.now(),
            buckets=buckets,
            statuses=statuses,
            limit=limit,
            cursor=cursor,
        )
        answer = page_view(groups.page(question))
        ErrorGroupList.model_validate(answer)
        return answer

    return page


@pytest.fixture
def show(groups: ErrorGroups, project: str) -> Ask:
    """One group, by default of 24 hours until five past noon."""

    def one(
        group: str, since: str | None = None, until: str | None = None, limit: int = 10
    ) -> dict[str, Any]:
        written = Written(since=since, until=until)
        question = read_question(project, written, groups.clock.now(), buckets=24, limit=limit)
        answer = open_view(groups.open(question, group), question.trend)
        ErrorGroupAnswer.model_validate(answer)
        return answer

    return one


def test_group_is_what_is_alike_whatever_model_and_span(
    telemetry_engine: TelemetryEngine, project: str, ask: Ask, explorer: TraceExplorer
) -> None:
    """One group over models, versions and names of spans; another service is another group."""
    spans = [
        failure(n, NOON - n * HOUR, user_id=f"u{n % 2}", session_id="s1", version="1.0") for n in range(1, 6)
    ]
    spans += [failure(7, NOON, model="gpt-4o", name="answer", version="1.1"), failure(8, service="other")]
    insert_spans(telemetry_engine, project, spans)
    answer = ask()
    first, second = answer["groups"]
    assert answer["total"] == 7
    assert first == {
        "id": TIMED_OUT,
        "error_class": "timeout",
        "error_type": "ReadTimeout",
        "message": "timed out after <n> ms",
        "service": "voc-chat",
        "status": "new",
        "count": 6,
        "previous_count": 0,
        "first_seen": "2026-11-20T07:00:00Z",
        "last_seen": "2026-11-20T12:00:00Z",
        "trend": [*[0] * 18, 1, 1, 1, 1, 1, 1],
        "model": "qwen2.5:7b",
        "models": ["qwen2.5:7b", "gpt-4o"],
        "name": "chat",
        "names": ["chat", "answer"],
        "versions": ["1.0", "1.1"],
        "user_count": 2,
        "session_count": 1,
        "trace_count": 6,
        "example_trace_id": as_hex(trace_id(7)),
        "example_span_id": as_hex(span_id(7)),
    }
    assert (second["service"], second["count"]) == ("other", 1)
    overview = explorer.errors(project, Written(), 50)["errors"]
    assert {row["group_id"] for row in overview} == {group["id"] for group in answer["groups"]}
    assert sum(row["count"] for row in overview) == sum(group["count"] for group in answer["groups"])


@pytest.mark.parametrize(
    ("earlier", "status", "first_seen"),
    [
        ([], "new", "2026-11-20T11:00:00Z"),
        ([timedelta(hours=2)], "ongoing", "2026-11-20T09:00:00Z"),
        ([timedelta(hours=23, minutes=59)], "ongoing", "2026-11-19T11:01:00Z"),
        ([timedelta(hours=24)], "regressed", "2026-11-19T11:00:00Z"),
        ([timedelta(days=3)], "regressed", "2026-11-17T11:00:00Z"),
        ([timedelta(days=40), timedelta(days=39)], "regressed", "2026-10-11T11:00:00Z"),
        ([timedelta(days=40), timedelta(hours=3)], "ongoing", "2026-10-11T11:00:00Z"),
    ],
)
def test_status_tells_new_from_what_is_back(
    telemetry_engine: TelemetryEngine,
    project: str,
    ask: Ask,
    earlier: list[timedelta],
    status: str,
    first_seen: str,
) -> None:
    """By the past as far as it is kept, many stretches back; a day of silence makes it a return."""
    at = NOON - HOUR
    spans = [failure(1, at), *(failure(n + 2, at - ago) for n, ago in enumerate(earlier))]
    spans += [make_span(50, 50, started_at=NOON - timedelta(days=60))]
    insert_spans(telemetry_engine, project, spans)
    (group,) = ask(since="2026-11-20T10:30:00Z")["groups"]
    assert (group["status"], group["first_seen"], group["count"]) == (status, first_seen, 1)


def test_quiet_group_is_listed_last_with_nothing_in_the_range(
    telemetry_engine: TelemetryEngine, project: str, ask: Ask
) -> None:
    """As long as it failed in the time of equal length before; it still tells what it was about."""
    spans = [failure(1), failure(2, NOON - 26 * HOUR, error_class="network", model="llama3")]
    insert_spans(telemetry_engine, project, spans)
    ongoing, quiet = ask()["groups"]
    assert (ongoing["status"], quiet["status"]) == ("new", "quiet")
    assert (quiet["count"], quiet["previous_count"], quiet["trend"]) == (0, 1, [0] * 24)
    assert (quiet["models"], quiet["user_count"], quiet["last_seen"]) == (
        ["llama3"],
        0,
        "2026-11-19T10:00:00Z",
    )


def test_only_some_statuses(telemetry_engine: TelemetryEngine, project: str, ask: Ask) -> None:
    """Also where many others are more frequent; the total stays that of all."""
    spans = [failure(n, NOON - 2 * HOUR, error_type=f"E{n}") for n in range(1, 130)]
    spans += [failure(200 + n, NOON - 30 * HOUR, error_type=f"E{n}") for n in range(1, 128)]
    insert_spans(telemetry_engine, project, spans)
    answer = ask(since="2026-11-20T09:00:00Z", statuses=[GroupStatus.NEW], limit=10)
    assert {group["error_type"] for group in answer["groups"]} == {"E128", "E129"}
    assert (answer["total"], answer["next_cursor"]) == (129, None)
    assert ask(statuses=[GroupStatus.QUIET])["groups"] == []


def test_pages_follow_each_other_without_gap_or_repeat(
    telemetry_engine: TelemetryEngine, project: str, ask: Ask, clock: ManualClock
) -> None:
    """A cursor keeps the range of the first page; one of another question is refused."""
    spans = [failure(n, NOON - timedelta(minutes=n), error_type=f"E{n % 7}") for n in range(1, 24)]
    insert_spans(telemetry_engine, project, spans)
    whole = [group["id"] for group in ask()["groups"]]
    first = ask(limit=3)
    clock.advance(3600)
    pages, cursor = [first], first["next_cursor"]
    while cursor:
        pages.append(ask(limit=3, cursor=cursor))
        cursor = pages[-1]["next_cursor"]
    assert [group["id"] for page in pages for group in page["groups"]] == whole
    assert {(page["since"], page["until"], page["total"]) for page in pages} == {
        (first["since"], first["until"], 23)
    }
    with pytest.raises(CursorRefused):
        ask(limit=3, cursor=first["next_cursor"], filters=["model:eq:x"])


def test_filters_hold_for_the_past_too(telemetry_engine: TelemetryEngine, project: str, ask: Ask) -> None:
    """What is old in staging is new in production."""
    spans = [failure(1, environment="prod"), failure(2, NOON - 5 * DAY, environment="staging")]
    insert_spans(telemetry_engine, project, spans)
    assert ask(filters=["environment:eq:prod"])["groups"][0]["status"] == "new"
    assert ask()["groups"][0]["status"] == "regressed"


def test_failure_handed_up_is_no_group_of_its_own(
    telemetry_engine: TelemetryEngine, project: str, ask: Ask
) -> None:
    """Nor does the parent's earlier start count as first seen."""
    wrapped: Row = {"status": "error", "error_class": "timeout", "error_type": "ReadTimeout"}
    for at in (NOON, NOON - 3 * DAY):
        number = 1 if at == NOON else 3
        parent = make_span(number, number, status_message="timed out after 1 ms", started_at=at, **wrapped)
        child = failure(number, at + timedelta(seconds=1), number) | {"span_id": span_id(number + 1)}
        insert_spans(telemetry_engine, project, [parent, child])
    (group,) = ask()["groups"]
    assert (group["count"], group["first_seen"]) == (1, "2026-11-17T12:00:01Z")


def test_one_group_shows_splits_samples_and_the_stack(
    telemetry_engine: TelemetryEngine, project: str, show: Ask
) -> None:
    """Samples have their own messages, newest first; the stack is of the newest that has one."""
    trace = 'File "chat.py", line 3, in ask\nReadTimeout'
    raised = {"at": "2026-11-20 11:00:00", "name": "exception", "attributes": {"exception.stacktrace": trace}}
    spans = [
        failure(1, NOON - HOUR, version="1.0", events=[raised]),
        failure(2, NOON, version="1.1", environment="prod"),
        failure(3, NOON - 30 * HOUR, version="1.0"),
        failure(4, error_type="Other"),
    ]
    insert_spans(telemetry_engine, project, spans)
    answer = show(TIMED_OUT)
    assert (answer["count"], answer["previous_count"], answer["status"]) == (2, 1, "regressed")
    assert answer["splits"]["version"] == [
        {"value": "1.0", "count": 1, "previous_count": 1},
        {"value": "1.1", "count": 1, "previous_count": 0},
    ]
    assert answer["splits"]["environment"][0] == {"value": None, "count": 1, "previous_count": 1}
    assert [sample["message"] for sample in answer["samples"]] == [
        f"timed out after {n * 17} ms" for n in (2, 1, 3)
    ]
    assert answer["stack"] == {"trace_id": as_hex(trace_id(1)), "span_id": as_hex(span_id(1)), "text": trace}


def test_group_outside_of_the_range_is_quiet(
    telemetry_engine: TelemetryEngine, project: str, show: Ask
) -> None:
    """Found by its id wherever it is, and shown by the last failure there was."""
    insert_spans(telemetry_engine, project, [failure(1, NOON - 20 * DAY), failure(2, NOON - 9 * DAY)])
    answer = show(TIMED_OUT)
    assert (answer["status"], answer["count"], answer["trend"]) == ("quiet", 0, [0] * 24)
    assert (answer["first_seen"], answer["last_seen"]) == ("2026-10-31T12:00:00Z", "2026-11-11T12:00:00Z")
    assert (answer["models"], len(answer["samples"])) == (["qwen2.5:7b"], 1)
    assert answer["example_trace_id"] == as_hex(trace_id(2))


def test_unknown_group_names_the_way_out(telemetry_engine: TelemetryEngine, project: str, show: Ask) -> None:
    """So does one that first came after the range."""
    with pytest.raises(NotFound, match="no errors of group"):
        show("0" * 32)
    insert_spans(telemetry_engine, project, [failure(1)])
    with pytest.raises(NotFound, match="after this time") as raised:
        show(TIMED_OUT, since="2026-11-10", until="2026-11-11")
    assert "later range" in (raised.value.hint or "")


@pytest.mark.parametrize(
    "message", ["100% of a_b\\c", "it's 'x' \"y\" `z`", "응답 시간 30초 초과\n  두 번째", "", "x" * 700]
)
def test_group_with_a_strange_message_is_found_again(
    telemetry_engine: TelemetryEngine, project: str, ask: Ask, show: Ask, message: str
) -> None:
    """Quotes, wildcards, backslashes, other scripts, no message at all, one that is cut."""
    spans = [failure(1, status_message=message), failure(2, NOON - 8 * DAY, status_message=message)]
    insert_spans(telemetry_engine, project, spans)
    (group,) = ask()["groups"]
    assert (group["status"], group["first_seen"]) == ("regressed", "2026-11-12T12:00:00Z")
    assert show(group["id"])["count"] == 1


def test_no_errors_is_an_empty_list(ask: Ask) -> None:
    """Of a project without telemetry, with a range whatever it is."""
    for since in (None, "2100-01-01", "0001-01-01"):
        answer = ask(since=since)
        assert (answer["groups"], answer["total"], answer["next_cursor"]) == ([], 0, None)
