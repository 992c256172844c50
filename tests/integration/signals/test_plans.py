"""Rollups and raw records give the same answer; the plan depends on the question alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.kit.ids import new_id
from pitwall.signals.catalogue import Signal, core_pack, load_catalogue
from pitwall.signals.expressions import (
    Aggregate,
    Column,
    Function,
    Histogram,
    Share,
    Source,
    TopK,
    aggregates_of,
)
from pitwall.signals.lanes import Lane, Lanes
from pitwall.signals.parser import parse_condition, parse_value
from pitwall.signals.plan import Plan, Selection
from pitwall.signals.raw_plan import raw_plan
from pitwall.signals.repository import SeriesRepository
from pitwall.signals.rollup_plan import rollup_plan
from pitwall.signals.service import Signals
from pitwall.signals.statements import Wanted
from pitwall.signals.types import SignalQuery
from pitwall.signals.windows import Grid, aligned_grid, single_window
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON, insert_spans, make_span, random_spans

SPAN_SIGNALS = [
    signal
    for signal in load_catalogue([core_pack()])
    if signal.over is not None and signal.over.source is Source.SPANS
]


@pytest.fixture(scope="module")
def filled(telemetry_engine: TelemetryEngine) -> str:
    """A project with four hours of spans, another one each time that a process begins this file."""
    project = f"plans-{new_id()}"
    insert_spans(telemetry_engine, project, random_spans(7, 6000, length=timedelta(hours=4)))
    return project


def _selection(signal: Signal, by: tuple[str, ...]) -> Selection:
    assert signal.over is not None
    if isinstance(signal.value, Histogram | TopK | Share):
        return Selection(signal.over.source, signal.over.condition, (), by, signal.value)
    return Selection(signal.over.source, signal.over.condition, tuple(aggregates_of(signal.value)), by)


@pytest.mark.parametrize(
    "grid",
    [
        aligned_grid(NOON, NOON + timedelta(hours=4), timedelta(minutes=5)),
        aligned_grid(NOON, NOON + timedelta(hours=4), timedelta(hours=1)),
        single_window(NOON + timedelta(minutes=7), NOON + timedelta(hours=3, minutes=44)),
    ],
    ids=["minutes", "hours", "hours-and-minutes"],
)
@pytest.mark.parametrize("signal", SPAN_SIGNALS, ids=lambda signal: signal.name)
def test_rollup_equals_raw(
    telemetry_engine: TelemetryEngine, filled: str, signal: Signal, grid: Grid
) -> None:
    """Every core signal over spans has the same counts and values from both; sketches are within 1 %."""
    selection = _selection(signal, ("service",))
    planned = rollup_plan([selection], filled, grid)
    assert planned is not None
    run = _runner(telemetry_engine, grid)
    from_rollup, from_raw = run(planned), run(raw_plan(selection, filled, grid))
    assert from_raw[0], "the test's spans have no data for this signal"
    for aggregate, one, other in zip(selection.aggregates or (None,), from_rollup, from_raw, strict=True):
        assert one.keys() == other.keys()
        for labels in one:
            assert one[labels].counts == other[labels].counts
            if aggregate is None or aggregate.function is not Function.QUANTILE:
                assert _numbers(one[labels]) == pytest.approx(_numbers(other[labels]), rel=1e-9, nan_ok=True)


def test_long_range_read_in_halves_is_the_same_answer(
    telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Reading two halves at once changes nothing, also for series that only one half has."""
    spans = random_spans(3, 2000, length=timedelta(hours=30))
    spans.append(make_span(model="late", started_at=NOON + timedelta(hours=29)))
    insert_spans(telemetry_engine, project, spans)
    grid = aligned_grid(NOON, NOON + timedelta(hours=30), timedelta(hours=1))
    selection = Selection(Source.SPANS, None, (_quantile("duration_ms", 0.95),), ("model",))
    plan, lanes = SeriesRepository(telemetry_engine).fetch(Wanted(selection, project, grid))
    assert lanes == SeriesRepository(telemetry_engine).run(plan, grid)
    assert {labels[0] for labels in lanes[0]} == {"", "qwen2.5:7b", "gpt-4o", "late"}


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("column", ["duration_ms", "ttft_ms", "input_tokens", "output_tokens"])
def test_sketched_quantile_lies_within_one_percent(
    telemetry_engine: TelemetryEngine, project: str, column: str, level: float
) -> None:
    """A quantile from a sketch is at most 1 % off the sample that has this rank."""
    step = 7 if column.endswith("tokens") else 0.7
    spans = [
        make_span(**{column: 10 + number * step}, started_at=NOON, token_source="provider")
        for number in range(2000)
    ]
    insert_spans(telemetry_engine, project, spans)
    selection = Selection(Source.SPANS, None, (_quantile(column, level),), ())
    plan = rollup_plan(
        [selection], project, aligned_grid(NOON, NOON + timedelta(minutes=5), timedelta(minutes=5))
    )
    assert plan is not None
    value = _runner(telemetry_engine, single_window(NOON, NOON + timedelta(minutes=5)))(plan)[0][()].values[0]
    ranked = sorted(span[column] for span in spans)
    exact = ranked[math.floor(level * (len(ranked) - 1))]
    assert value == pytest.approx(exact, rel=0.0101)


def test_token_sketch_leaves_out_what_token_sums_leave_out(
    telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Spans that do not know their tokens, and wrappers that repeat them, are in no quantile of tokens."""
    known = [make_span(token_source=source, input_tokens=100) for source in ("provider", "estimated")]
    wrapper = make_span(token_source="provider", input_tokens=900, is_usage_rollup=True)
    unknown = [make_span(token_source="missing"), make_span()]
    insert_spans(telemetry_engine, project, [*known, *[wrapper] * 3, *unknown * 3])
    selection = Selection(Source.SPANS, None, (_quantile("input_tokens", 0.5),), ())
    grid = single_window(NOON, NOON + timedelta(hours=1))
    plan = rollup_plan([selection], project, grid)
    assert plan is not None
    lane = _runner(telemetry_engine, grid)(plan)[0][()]
    assert lane.counts == [2]
    assert _numbers(lane) == [pytest.approx(100, rel=0.0101)]


@settings(max_examples=15, deadline=None)
@given(
    documents=st.lists(st.none() | st.integers(0, 30) | st.integers(0, 2**32 - 1), min_size=1, max_size=40),
    bounds=st.lists(st.floats(-2, 40), min_size=1, max_size=6, unique=True).map(sorted),
)
def test_histogram_from_value_counts_is_exact(
    telemetry_engine: TelemetryEngine, documents: list[int | None], bounds: list[float]
) -> None:
    """Whatever the numbers and the bounds of the buckets are, both plans count the same."""
    project = new_id()
    spans = [
        make_span(document_count=count, model=f"m{index % 3}", started_at=NOON + timedelta(minutes=index))
        for index, count in enumerate(documents)
    ]
    insert_spans(telemetry_engine, project, spans)
    histogram = Histogram(Column("hits"), tuple(bounds), parse_condition("model != 'm2'"))
    selection = Selection(Source.SPANS, None, (), ("model",), histogram)
    grid = aligned_grid(NOON, NOON + timedelta(hours=1), timedelta(minutes=10))
    planned = rollup_plan([selection], project, grid)
    assert planned is not None
    run = _runner(telemetry_engine, grid)
    assert run(planned) == run(raw_plan(selection, project, grid))


@pytest.mark.parametrize(
    "value",
    [
        "histogram(hits, 1 where status = 'error')",
        "histogram(top_k, 1)",
        "quantile(0.5, cache_read_tokens)",
        "quantile(0.5, input_tokens where is_priced)",
    ],
)
def test_distribution_that_was_not_kept_reads_raw_records(value: str) -> None:
    """Distributions are kept of few numbers and whole; parts of them by a fact are not known."""
    parsed = parse_value(value)
    selection = (
        Selection(Source.SPANS, None, (), (), parsed)
        if isinstance(parsed, Histogram)
        else Selection(Source.SPANS, None, tuple(aggregates_of(parsed)), ())
    )
    assert rollup_plan([selection], "p", single_window(NOON, NOON + timedelta(hours=1))) is None


@pytest.mark.parametrize(
    ("since", "until", "step", "tables"),
    [
        (NOON, NOON + timedelta(hours=4), timedelta(minutes=5), ("spans_by_minute",)),
        (NOON, NOON + timedelta(hours=4), timedelta(hours=2), ("spans_by_hour",)),
        (NOON, NOON + timedelta(hours=4), None, ("spans_by_hour",)),
        (NOON, NOON + timedelta(minutes=5), None, ("spans_by_minute",)),
        (NOON + timedelta(minutes=1), NOON + timedelta(hours=4), None, ("spans_by_hour", "spans_by_minute")),
        (NOON + timedelta(seconds=1), NOON + timedelta(hours=4), None, ("spans",)),
        (NOON, NOON + timedelta(minutes=5), timedelta(seconds=30), ("spans",)),
        (NOON, NOON + timedelta(hours=4), timedelta(minutes=90), ("spans_by_minute",)),
    ],
)
def test_plan_follows_the_windows(
    signals: Signals, since: datetime, until: datetime, step: timedelta | None, tables: tuple[str, ...]
) -> None:
    """Hours when every boundary is one, minutes when every boundary is one, raw records otherwise."""
    plans = signals.explain(SignalQuery("llm.success_rate", "p", since, until, step))
    assert [plan.tables for plan in plans] == [tables]


def test_same_question_takes_the_same_plan(signals: Signals) -> None:
    """Asking twice gives the same statement with the same parameters."""
    query = SignalQuery("cost.usd_per_request", "p", NOON, NOON + timedelta(hours=1), None, ("service",))
    assert signals.explain(query) == signals.explain(query)


def test_condition_beyond_the_rollup_reads_raw_records(signals: Signals) -> None:
    """A condition on a column that no rollup keeps is answered exactly, from the records."""
    query = SignalQuery(
        "llm.success_rate", "p", NOON, NOON + timedelta(hours=1), where="attributes['tenant'] = 'a'"
    )
    assert signals.explain(query)[0].tables == ("spans",)


def test_literals_never_reach_the_statement(signals: Signals) -> None:
    """What a user writes in quotes travels as a parameter, whatever it looks like."""
    hostile = "'' OR 1=1; DROP TABLE spans --\\"
    query = SignalQuery("llm.requests", "p", NOON, NOON + timedelta(hours=1), where=f"model = '{hostile}'")
    plan = signals.explain(query)[0]
    assert "DROP" not in plan.sql
    assert "' OR 1=1; DROP TABLE spans --\\" in plan.parameters.values()
    assert [row.value for row in signals.query(query).rows] == [None]


def _numbers(lane: Lane) -> list[float]:
    return [math.nan if value is None else value for value in lane.values]


def _quantile(column: str, level: float) -> Aggregate:
    value = parse_value(f"quantile({level}, {column})")
    assert isinstance(value, Aggregate)
    return value


def _runner(engine: TelemetryEngine, grid: Grid) -> Callable[[Plan], list[Lanes]]:
    repository = SeriesRepository(engine)
    return lambda plan: repository.run(plan, grid)
