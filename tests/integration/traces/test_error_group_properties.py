"""Groups and trends over a real store are what a plain count of the same failures says."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.kit.clock import to_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.error_groups.history import like
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.error_groups.wire import page_view, read_question
from pitwall.traces.exploring import Written
from pitwall.traces.failures import group_id, normalised
from pitwall.traces.spans import format_nano
from tests.integration.traces.telemetry import NOON, insert_spans, make_llm_span, span_id, trace_id

SINCE = NOON - timedelta(hours=4)
TEMPLATES = {
    "timed out after {n} ms": "timed out after <n> ms",
    "no row 'r{n}' at http://10.0.0.1:{n}/x": "no row '<value>' at <url>",
    "한도 {n}개를 넘었습니다": "한도 <n>개를 넘었습니다",
    "100%_of\\it": "<n>%_of\\it",
    "": "",
}
PLAIN = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Failure:
    """One failed call, so many minutes before noon."""

    template: str
    number: int
    minutes: int
    service: str
    model: str
    user: str


FAILURES = st.lists(
    st.builds(
        Failure,
        st.sampled_from(list(TEMPLATES)),
        st.integers(0, 10**6),
        st.integers(1, 10 * 60),
        st.sampled_from(["voc-chat", "search"]),
        st.sampled_from(["qwen2.5:7b", "gpt-4o"]),
        st.sampled_from(["", "u1", "u2"]),
    ),
    min_size=1,
    max_size=40,
)


def _id(failure: Failure) -> str:
    return group_id("timeout", "E", TEMPLATES[failure.template], failure.service)


def _store(engine: TelemetryEngine, project: str, failures: list[Failure]) -> None:
    spans = [
        make_llm_span(
            number,
            number,
            None,
            status="error",
            error_class="timeout",
            error_type="E",
            status_message=failure.template.format(n=failure.number),
            started_at=NOON - timedelta(minutes=failure.minutes),
            service=failure.service,
            model=failure.model,
            user_id=failure.user,
        )
        for number, failure in enumerate(failures)
    ]
    assert len({(span_id(number), trace_id(number)) for number in range(len(spans))}) == len(spans)
    insert_spans(engine, project, spans)


@PLAIN
@given(failures=FAILURES, buckets=st.integers(1, 60))
def test_groups_are_what_a_plain_count_says(
    telemetry_engine: TelemetryEngine, groups: ErrorGroups, failures: list[Failure], buckets: int
) -> None:
    """Counts of now and before, buckets, first and last, models, users: of every group, in order."""
    project = f"p-{uuid.uuid4().hex}"
    _store(telemetry_engine, project, failures)
    written = Written(since="2026-11-20T08:00:00Z", until="2026-11-20T12:00:00Z")
    question = read_question(project, written, groups.clock.now(), buckets=buckets, limit=500)
    answer = page_view(groups.page(question))
    now = [failure for failure in failures if failure.minutes <= 240]
    before = Counter(_id(failure) for failure in failures if 240 < failure.minutes <= 480)
    counts = Counter(map(_id, now))
    assert answer["total"] == len(now)
    assert {group["id"] for group in answer["groups"]} == counts.keys() | before.keys()
    order = [(-group["count"], -group["previous_count"], group["id"]) for group in answer["groups"]]
    assert order == sorted(order)
    for group in answer["groups"]:
        mine = [failure for failure in now if _id(failure) == group["id"]]
        assert (group["count"], group["previous_count"]) == (len(mine), before[group["id"]])
        assert sum(group["trend"]) == group["count"]
        assert group["trend"] == _spread(mine, buckets)
        assert group["user_count"] == len({failure.user for failure in mine} - {""})
        ever = [failure.minutes for failure in failures if _id(failure) == group["id"]]
        assert group["first_seen"] == _written(max(ever))
        assert group["last_seen"] == _written(min(ever))
        if mine:
            assert set(group["models"]) == {failure.model for failure in mine}
            has_past = any(minutes > 240 for minutes in ever)
            assert group["status"] == ("ongoing" if has_past else "new")
        else:
            assert group["status"] == "quiet"


def _spread(failures: list[Failure], buckets: int) -> list[int]:
    width = -(-(4 * 3600 * 10**9) // buckets)
    since = to_unix_nano(SINCE)
    at = [to_unix_nano(NOON - timedelta(minutes=failure.minutes)) for failure in failures]
    counts = Counter((one - since) // width for one in at)
    return [counts[index] for index in range(buckets)]


def _written(minutes: int) -> str:
    return format_nano(to_unix_nano(NOON - timedelta(minutes=minutes)))


PIECES = st.sampled_from(
    ["timed out", " ", "\n\t ", "12", "3.5", "'", '"', "`", "%", "_", "\\", "<n>", "<url>", "http://a.b/c?d=1",
     "a@b.example", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "10.0.0.1:80", "[::1]:8400", "한국어",
     "req_011CSHoEeqs5C35K"]
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(st.lists(PIECES, max_size=12).map("".join), min_size=1, max_size=40))
def test_pattern_finds_every_message_that_became_it(
    telemetry_engine: TelemetryEngine, messages: list[str]
) -> None:
    """What narrows the reading of the past never loses a failure of the group."""
    sql = f"SELECT {normalised('message')} FROM (SELECT arrayJoin({{messages:Array(String)}}) AS message)"
    known = [row[0] for row in telemetry_engine.query(sql, {"messages": messages}).rows]
    patterns = [like(one) for one in known]
    check = (
        "SELECT arrayFilter(m -> NOT like(m.1, m.2), "
        "arrayZip({messages:Array(String)}, {patterns:Array(String)}))"
    )
    missed = telemetry_engine.query(check, {"messages": messages, "patterns": patterns}).scalar()
    assert missed == []
