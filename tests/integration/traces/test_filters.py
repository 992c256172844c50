"""Filters against the store: what SQL finds is what plain Python finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.core.vocabulary import CostSource, ErrorClass, SpanKind, TokenSource
from pitwall.kit.clock import ManualClock
from pitwall.kit.durations import format_instant
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.columns import COLUMNS, Column, Operator, ValueType, find_column
from pitwall.traces.filters import lower_ascii
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import TraceSearch, WrittenFilter
from pitwall.traces.service import Traces
from pitwall.traces.types import Level
from tests.integration.traces.telemetry import NOON, Row, as_hex, insert_spans, make_span

PROJECT = "filters"
_KNOWN_TOKENS = ("provider", "estimated")
_TEXT_POOL = ["gpt-4o", "GPT-4o-mini", "qwen2.5:7b", "환불 챗봇", "a,b", "50%", "x_y", "back\\slash", "it's"]
_FLAGS = [None, True, False]
_TOKENS = [name for name, column in COLUMNS.items() if name.endswith("_tokens")]
_PLAIN_TEXTS = [
    name
    for name, column in COLUMNS.items()
    if column.type is ValueType.TEXT and not column.is_list and not column.choices and "_preview" not in name
]


def _random_span(source: random.Random, number: int) -> Row:
    span = make_span(
        source.randint(1, 40),
        number,
        source.choice([None, 1]),
        started_at=NOON + timedelta(milliseconds=source.randrange(100_000)),
        duration_ms=source.choice([0.0, 1.5, 100.0, 2500.0]),
        received_at=NOON + timedelta(seconds=source.choice([3, 200])),
        kind=source.choice(list(SpanKind)).value,
        status=source.choice(["unset", "ok", "error"]),
        error_class=source.choice(["", *(item.value for item in ErrorClass)]),
        token_source=source.choice(list(TokenSource)).value,
        cost_source=source.choice(list(CostSource)).value,
        cost_usd=source.choice([None, "0.002", "1.5"]),
        reported_cost_usd=source.choice([None, "0.25"]),
        ttft_ms=source.choice([None, 0.0, 250.5]),
        top_k=source.choice([None, 0, 5]),
        document_count=source.choice([None, 0, 3]),
        rerank_input_count=source.choice([None, 0, 8]),
        document_ids=source.choice([[], ["gpt-4o"], ["환불 챗봇", "50%"]]),
        document_scores=source.choice([[], [0.5], [0.25, 0.75]]),
        embedding_count=source.choice([0, 2]),
        embedding_dimensions=source.choice([0, 1024]),
        retry_count=source.choice([None, 0, 1]),
        http_status=source.choice([0, 200, 500]),
        masked_count=source.choice([0, 2]),
        mapping_version=source.choice([1, 2]),
        log_position=number,
        input=source.choice(["", *_TEXT_POOL]),
        output=source.choice(["", *_TEXT_POOL]),
        is_usage_rollup=source.choice([True, False]),
        attributes=source.choice([{}, {"temperature": "0.7"}, {"temperature": "high", "a.b": "50%"}]),
        resource_attributes=source.choice([{}, {"host.name": "x_y"}]),
        events=source.choice([[], [{"at": "2026-11-20 12:00:00", "name": "50%", "attributes": {}}]]),
        links=source.choice([[], [{"trace_id": "trace00000000007", "span_id": "sp000007"}]]),
    )
    for name in _PLAIN_TEXTS:
        span[name] = source.choice(["", *_TEXT_POOL])
    for name in _TOKENS:
        span[name] = source.choice([0, 7, 4000])
    for name in ("rerank_enabled", "cache_hit", "parse_ok", "is_fallback"):
        span[name] = source.choice(_FLAGS)
    return span


SPANS = [_random_span(random.Random(number), number) for number in range(1, 301)]


@pytest.fixture(scope="module")
def questions(telemetry_engine: TelemetryEngine) -> TraceQuestions:
    """Three hundred spans with and without a value in every column; written once, only read."""
    insert_spans(telemetry_engine, PROJECT, SPANS)
    return TraceQuestions(Traces(telemetry_engine, ManualClock(NOON + timedelta(minutes=5))), PROJECT)


def _value(span: Row, column: Column) -> Any:
    """What a span holds in a column: None if nothing, a list if it is one."""
    name = column.name
    if column.map_key is not None:
        return span[column.sql].get(column.map_key) or None
    match name:
        case "is_root":
            return span["parent_span_id"] == ""
        case "trace_id" | "span_id" | "parent_span_id":
            return as_hex(span[name]) or None
        case "event_names":
            return [event["name"] for event in span["events"]] or None
        case "linked_trace_ids":
            return [as_hex(link["trace_id"]) for link in span["links"]] or None
        case "input_preview" | "output_preview":
            return span[name.removesuffix("_preview")] or None
        case "input_bytes" | "output_bytes":
            return len(span[name.removesuffix("_bytes")].encode()) or None
    if name in _TOKENS:
        return span[name] if span["token_source"] in _KNOWN_TOKENS else None
    if name in ("embedding_count", "embedding_dimensions", "http_status"):
        return span[name] or None
    if name in ("cost_usd", "reported_cost_usd"):
        return None if span[name] is None else float(span[name])
    value = span[name]
    return None if value in ("", []) else value


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda value, wanted: value == wanted,
    Operator.NE: lambda value, wanted: value != wanted,
    Operator.GT: lambda value, wanted: value > wanted,
    Operator.GTE: lambda value, wanted: value >= wanted,
    Operator.LT: lambda value, wanted: value < wanted,
    Operator.LTE: lambda value, wanted: value <= wanted,
    Operator.CONTAINS: lambda value, wanted: lower_ascii(wanted) in lower_ascii(value),
    Operator.PREFIX: lambda value, wanted: lower_ascii(value).startswith(lower_ascii(wanted)),
}


def _matches(span: Row, column: Column, operator: Operator, wanted: Any) -> bool:
    value = _value(span, column)
    if operator is Operator.IS_NULL:
        return bool((value is None) == wanted)
    if value is None:
        return False
    values = value if column.is_list else [value]
    if operator is Operator.IN:
        return any(item in wanted for item in values)
    if column.map_key is not None and operator in (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE):
        try:
            values = [float(item) for item in values]
        except ValueError:
            return False
    return any(_COMPARE[operator](item, wanted) for item in values)


def _wanted(draw: st.DrawFn, column: Column, operator: Operator) -> Any:
    if operator is Operator.IS_NULL or column.type is ValueType.FLAG:
        return draw(st.booleans())
    if column.map_key is not None and operator in (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE):
        return draw(st.sampled_from([0.5, 0.7]))
    if column.map_key is not None:
        return draw(st.sampled_from(["0.7", "high", "50%", "x_"]))
    if operator in (Operator.CONTAINS, Operator.PREFIX):
        return draw(st.sampled_from(["gpt", "GPT-4O", "환불", "%", "_", "\\", "'", "4o"]))
    found = [value for span in SPANS if (value := _value(span, column)) is not None]
    values = [item for value in found for item in (value if column.is_list else [value])]
    return draw(st.sampled_from(values)) if values else draw(st.sampled_from(["00" * 16]))


@st.composite
def _filters(draw: st.DrawFn) -> list[tuple[Column, Operator, Any]]:
    chosen = []
    for _ in range(draw(st.integers(1, 3))):
        names = [*COLUMNS, "attributes.temperature", "attributes.a.b", "resource_attributes.host.name"]
        column = find_column(draw(st.sampled_from([n for n in names if not n.endswith("_hash")])))
        operator = draw(st.sampled_from(column.operators))
        wanted = _wanted(draw, column, operator)
        if operator is Operator.IN:
            wanted = [wanted, _wanted(draw, column, operator)]
        chosen.append((column, operator, wanted))
    return chosen


def _written(column: Column, operator: Operator, wanted: Any) -> WrittenFilter:
    def text(value: Any) -> Any:
        return format_instant(value) if isinstance(value, datetime) else value

    value = [text(item) for item in wanted] if isinstance(wanted, list) else text(wanted)
    return WrittenFilter(column=column.name, operator=operator, value=value)


@given(_filters())
@settings(max_examples=150, deadline=None)
def test_filters_find_what_plain_python_finds(
    questions: TraceQuestions, filters: list[tuple[Column, Operator, Any]]
) -> None:
    """Every column with every operator that fits it, alone and together, on spans and on traces."""
    expected = [span for span in SPANS if all(_matches(span, *item) for item in filters)]
    search = TraceSearch(filters=[_written(*item) for item in filters], level=Level.SPAN, limit=500)
    found = questions.search(search)["spans"]
    assert {row["span_id"] for row in found} == {as_hex(span["span_id"]) for span in expected}
    traces = questions.search(search.model_copy(update={"level": Level.TRACE}))["traces"]
    assert sorted(row["trace_id"] for row in traces) == sorted(
        {as_hex(span["trace_id"]) for span in expected}
    )


def test_every_column_of_spans_can_be_asked(telemetry_engine: TelemetryEngine) -> None:
    """A typed column that is added to the table gets a filter, or a reason here why not."""
    stored = telemetry_engine.query(
        "SELECT name FROM system.columns WHERE table = 'spans' AND database = currentDatabase()"
    )
    elsewhere = {
        "project": "comes from the principal",
        "attributes": "attributes.KEY",
        "resource_attributes": "resource_attributes.KEY",
        "events": "event_names",
        "links": "linked_trace_ids",
    }
    assert {name for (name,) in stored.rows} - set(COLUMNS) == set(elsewhere)


def test_length_of_a_text_can_be_asked(questions: TraceQuestions) -> None:
    """Spans by the bytes of their input; a span without one has no length, not 0."""
    found = questions.search(TraceSearch(level=Level.SPAN, limit=500), ["input_bytes:lte:3"])["spans"]
    assert {row["input_preview"] for row in found} == {
        span["input"] for span in SPANS if 0 < len(span["input"].encode()) <= 3
    }
