"""Facets and histograms count what a list has, from rollups and from spans alike."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.columns import UnknownColumn, find_column
from pitwall.traces.explore_schemas import FacetList, HistogramAnswer
from pitwall.traces.exploring import NoFacet, TraceExplorer, Written
from pitwall.traces.facets import FacetRepository
from pitwall.traces.filters import parse_filter
from pitwall.traces.hours import HourlyCounts
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import TraceSearch
from pitwall.traces.service import Traces
from pitwall.traces.types import Level, Selection
from tests.integration.traces.telemetry import NOON, Row, insert_spans, make_llm_span, make_span, stored_map

ROLLED = ("model", "kind", "error_class", "is_root")
RAW = (*ROLLED, "status", "name")


def _values(answer: Any, column: str) -> dict[str, int]:
    facet = next(facet for facet in answer["facets"] if facet["column"] == column)
    return {one["value"]: one["count"] for one in facet["values"]}


def _day_of_spans(count: int = 60) -> list[Row]:
    """Spans over the seven hours before noon, most with a model, some failed."""
    spans = []
    for number in range(count):
        at = NOON - timedelta(minutes=7 * number, seconds=number, milliseconds=number)
        make = make_llm_span if number % 3 else make_span
        failed = {"status": "error", "error_class": "timeout"} if number % 5 == 0 else {}
        model = {"model": ("qwen2.5:7b", "gpt-4o")[number % 2]} if number % 3 else {}
        spans.append(
            make(number // 2, number + 1, 1 if number % 2 else None, started_at=at, **model, **failed)
        )
    return spans


def test_facets_count_values_others_and_missing(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """Most frequent first; what is not listed is counted, and a span without a value is no value."""
    spans = [make_llm_span(n, n, model=f"m{n % 4}" if n % 4 < 2 or n < 8 else "m0") for n in range(20)]
    insert_spans(telemetry_engine, project, [*spans, make_span(30, 30), make_span(31, 31)])
    answer = explorer.facets(project, Written(), ["model", "kind", "status", "model"], 2)
    FacetList.model_validate(answer)
    assert [facet["column"] for facet in answer["facets"]] == ["model", "kind", "status"]
    model = answer["facets"][0]
    assert model["values"] == [{"value": "m0", "count": 11}, {"value": "m1", "count": 5}]
    assert (model["other_count"], model["missing_count"]) == (4, 2)
    assert _values(answer, "kind") == {"llm": 20, "chain": 2}
    assert _values(answer, "status") == {"ok": 22}
    assert answer["sampled"] is False


def test_each_count_is_what_the_filter_would_find(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer, questions: TraceQuestions
) -> None:
    """Flags, choices, numbers, attributes: a value is written as a filter writes it."""
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, cache_hit=1, http_status=200, attributes={"plan": "gold"}, user_id="김"),
            make_span(2, 2, cache_hit=0, http_status=429, attributes={"plan": "gold", "x": "1"}),
            make_span(3, 3, http_status=200, retry_count=0, finish_reason="stop", rerank_enabled=1),
            make_span(4, 4, 1, status="error", attributes={"plan": "free"}),
        ],
    )
    columns = ["cache_hit", "http_status", "attributes.plan", "user_id", "retry_count", "is_root", "status"]
    answer = explorer.facets(project, Written(), columns, 20)
    asked: Row = {"level": Level.SPAN, "since": "now-24h", "until": "now"}
    for facet in answer["facets"]:
        for one in facet["values"]:
            found = questions.search(TraceSearch(**asked), [f"{facet['column']}:eq:{one['value']}"])
            assert len(found["spans"]) == one["count"], (facet["column"], one)
        missing = questions.search(TraceSearch(**asked), [f"{facet['column']}:is_null"])
        assert len(missing["spans"]) == facet["missing_count"]
        assert facet["missing_count"] + sum(one["count"] for one in facet["values"]) == 4
    assert _values(answer, "cache_hit") == {"true": 1, "false": 1}
    assert _values(answer, "attributes.plan") == {"gold": 2, "free": 1}
    assert _values(answer, "is_root") == {"true": 3, "false": 1}


def test_structured_attributes_are_no_values(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """What the store keeps in a form of its own is counted, not shown."""
    attributes = [{"plan": stored_map({"a": 1})}, {"plan": "\x01"}, {"plan": "gold"}]
    insert_spans(
        telemetry_engine, project, [make_span(n, n, attributes=one) for n, one in enumerate(attributes, 1)]
    )
    facet = explorer.facets(project, Written(), ["attributes.plan"], 20)["facets"][0]
    assert facet["values"] == [{"value": "gold", "count": 1}]
    assert (facet["other_count"], facet["missing_count"]) == (2, 0)


@pytest.mark.parametrize("filters", [[], ["kind:eq:llm"], ["is_root:eq:true", "model:ne:gpt-4o"]])
def test_rollup_and_spans_give_the_same_counts(
    telemetry_engine: TelemetryEngine, project: str, filters: list[str], explorer: TraceExplorer
) -> None:
    """Also when the range begins and ends between the minutes."""
    insert_spans(telemetry_engine, project, _day_of_spans())
    selection = Selection(
        project=project,
        filters=tuple(parse_filter(text, now=NOON) for text in filters),
        since_nano=int((NOON - timedelta(hours=6, minutes=17, seconds=3)).timestamp()) * 10**9 + 7,
        until_nano=int((NOON - timedelta(minutes=23)).timestamp()) * 10**9 + 5,
    )
    columns = [find_column(name) for name in ROLLED]
    assert HourlyCounts(telemetry_engine).rows(selection, {c.name: c for c in columns}) is not None
    written = Written(
        filters=filters, since="2026-11-20T05:42:57.000000007Z", until="2026-11-20T11:37:00.000000005Z"
    )
    rolled = explorer.facets(project, written, ROLLED, 20)
    raw = explorer.facets(project, written, RAW, 20)
    assert rolled["facets"] == raw["facets"][: len(ROLLED)]
    assert sum(_values(rolled, "kind").values()) > 5
    by_hours = explorer.histogram(project, written, Level.SPAN, 6)
    assert by_hours["step_seconds"] == 3600
    by_minutes = explorer.histogram(project, written, Level.SPAN, 100)
    regrouped = Counter[str]()
    for bucket in by_minutes["buckets"]:
        regrouped[bucket["start"][:13]] += bucket["count"]
    assert {b["start"][:13]: b["count"] for b in by_hours["buckets"]} == dict(regrouped)
    assert by_hours["error_total"] == by_minutes["error_total"]


def test_rollup_leaves_out_hours_whose_spans_are_gone(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """Retention keeps hours longer than spans, and a list shows nothing of them."""
    insert_spans(telemetry_engine, project, _day_of_spans())
    telemetry_engine.command(
        f"DELETE FROM spans WHERE project = '{project}' AND started_at < '2026-11-20 09:00:00'"
    )
    answer = explorer.facets(project, Written(since="now-12h"), ["kind"], 20)
    left = sum(span["started_at"] >= NOON - timedelta(hours=3) for span in _day_of_spans())
    assert sum(_values(answer, "kind").values()) == left


def test_many_spans_are_sampled_and_few_matches_are_not(
    telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Whole minutes are left out, counts stand for all, and it says so; rare matches stay exact."""
    spans = [
        make_span(n, n + 1, started_at=NOON - timedelta(minutes=n // 10), name=f"n{n % 2}", version="1")
        for n in range(600)
    ]
    insert_spans(telemetry_engine, project, [*spans, make_span(999, 999, name="rare")])
    facets = FacetRepository(telemetry_engine, many_spans=200)
    since = int((NOON - timedelta(hours=2)).timestamp()) * 10**9
    selection = Selection(project=project, since_nano=since, until_nano=since + 3 * 3600 * 10**9)
    sampled = facets.facets(selection, [find_column("name")], 5)
    assert sampled.is_sampled
    total = sum(count for _, count in sampled.facets[0].values)
    assert total % 4 == 0
    assert 250 < total < 1100
    rare = Selection(
        project=project,
        filters=(parse_filter("name:eq:rare", now=NOON),),
        since_nano=since,
        until_nano=selection.until_nano,
    )
    exact = facets.facets(rare, [find_column("name")], 5)
    assert (exact.is_sampled, exact.facets[0].values) == (False, [("rare", 1)])


def test_text_narrows_counts(
    telemetry_engine: TelemetryEngine, project: str, explorer: TraceExplorer
) -> None:
    """The same text as the list's."""
    insert_spans(
        telemetry_engine,
        project,
        [make_span(1, 1, input="환불 언제"), make_span(2, 2, name="b", input="배송")],
    )
    written = Written(text="환불")
    assert _values(explorer.facets(project, written, ["name"], 5), "name") == {"span 1": 1}
    assert explorer.histogram(project, written, Level.TRACE, 10)["total"] == 1


def test_nothing_found_is_told_as_nothing(project: str, explorer: TraceExplorer) -> None:
    """An empty project and a range in the future."""
    for written in (Written(), Written(since="now+1d", until="now+2d")):
        answer = explorer.facets(project, written, ["model", "status"], 5)
        assert all(
            (facet["values"], facet["other_count"], facet["missing_count"]) == ([], 0, 0)
            for facet in answer["facets"]
        )
        histogram = explorer.histogram(project, written, Level.TRACE, 24)
        assert (histogram["total"], {bucket["count"] for bucket in histogram["buckets"]}) == (0, {0})


def test_columns_without_facet_are_refused(project: str, explorer: TraceExplorer) -> None:
    """With the columns that have one."""
    with pytest.raises(NoFacet, match="duration_ms") as caught:
        explorer.facets(project, Written(), ["duration_ms"], 5)
    assert "model" in caught.value.details["columns"]
    with pytest.raises(UnknownColumn):
        explorer.facets(project, Written(), ["modle"], 5)
    with pytest.raises(InvalidInput, match="0 columns"):
        explorer.facets(project, Written(), [], 5)


_SHARED_STORE = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def traces_over_an_hour(draw: st.DrawFn) -> list[Row]:
    """Traces whose spans begin minutes apart, some of them failed."""
    count = draw(st.integers(1, 25))
    return [
        make_span(
            draw(st.integers(1, 8)),
            number,
            draw(st.sampled_from([None, 1])),
            started_at=NOON - timedelta(seconds=draw(st.integers(1, 3600))),
            status=draw(st.sampled_from(["ok", "error"])),
            name=draw(st.sampled_from(["a", "b"])),
        )
        for number in range(1, count + 1)
    ]


@given(
    spans=traces_over_an_hour(), level=st.sampled_from(Level), filters=st.sampled_from([[], ["name:eq:a"]])
)
@_SHARED_STORE
def test_histogram_has_the_rows_of_the_list(
    telemetry_engine: TelemetryEngine,
    explorer: TraceExplorer,
    clock: ManualClock,
    spans: list[Row],
    level: Level,
    filters: list[str],
) -> None:
    """Each in the bucket of the time it is listed by, within the whole range."""
    project = f"histogram-{uuid.uuid4().hex}"
    insert_spans(telemetry_engine, project, spans)
    limits: Row = {"since": "2026-11-20T11:10:30Z", "until": "2026-11-20T11:58:07Z"}
    questions = TraceQuestions(Traces(telemetry_engine, clock), project)
    listed = questions.search(TraceSearch(level=level, limit=500, **limits), filters)
    answer = explorer.histogram(project, Written(filters=filters, **limits), level, 60)
    HistogramAnswer.model_validate(answer)
    at = "matched_at" if level is Level.TRACE else "started_at"
    expected = Counter(f"{row[at][:16]}:00Z" for row in listed[f"{level.value}s"])
    assert {b["start"]: b["count"] for b in answer["buckets"] if b["count"]} == dict(expected)
    assert answer["step_seconds"] == 60
    assert (answer["buckets"][0]["start"], answer["buckets"][-1]["start"]) == (
        "2026-11-20T11:10:00Z",
        "2026-11-20T11:58:00Z",
    )
    assert answer["total"] == sum(expected.values())
