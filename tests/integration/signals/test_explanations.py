"""How an answer was computed, and why there is none: found in the telemetry, told in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.signals.errors import UnknownSignal
from pitwall.signals.no_data import NoData
from pitwall.signals.no_data_texts import NoDataReason
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    Row,
    insert_points,
    insert_spans,
    make_point,
    make_span,
    random_spans,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MORNING = NOON - 3 * HOUR


def _why(signals: Signals, project: str, name: str, where: str = "") -> NoData:
    why = signals.explanation(SignalQuery(name, project, NOON, NOON + HOUR, where=where)).no_data
    assert why is not None
    for text in (why.text, *(need.what for need in why.needs)):
        assert text.en != text.ko
        assert not {"{", "}"} & set(text.en + text.ko), "a value that was not filled in"
    return why


def _needs(why: NoData) -> list[tuple[str, bool]]:
    return [(need.what.en, need.is_seen) for need in why.needs]


def _at(why: NoData) -> float | None:
    return None if why.last_seen_unix_nano is None else why.last_seen_unix_nano / 1e9


def test_answer_that_has_a_value_has_its_statements_only(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """There is nothing to explain but how it was computed."""
    insert_spans(telemetry_engine, project, [make_span()])
    found = signals.explanation(SignalQuery("llm.requests", project, NOON, NOON + HOUR))
    assert found.no_data is None
    (statement,) = found.statements
    assert statement.tables == ("spans_by_hour",)
    assert f"project = '{project}'" in statement.sql


@pytest.mark.parametrize("where", ["", "model = 'it''s \\ {a:b}' or duration_ms > 0.5", "environment = ''"])
@pytest.mark.parametrize(
    "name", ["llm.p95_latency_ms", "llm.errors_by_class", "rag.hits_distribution", "cost.usd_per_request"]
)
def test_statement_that_is_shown_gives_the_same_rows(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, name: str, where: str
) -> None:
    """Pasted into a client of the store, with its values in it, it says what the bound one says."""
    insert_spans(telemetry_engine, project, [*random_spans(3, 300), make_span(model="it's \\ {a:b}")])
    query = SignalQuery(name, project, NOON, NOON + HOUR, 5 * MINUTE, ("service",), where)
    plans, shown = signals.explain(query), signals.explanation(query).statements
    for plan, statement in zip(plans, shown, strict=True):
        bound = telemetry_engine.query(plan.sql, plan.parameters).rows
        assert bound
        assert sorted(map(str, telemetry_engine.query(statement.sql).rows)) == sorted(map(str, bound))
        assert "\n" in statement.sql


def test_range_that_is_still_to_come(signals: Signals, project: str, clock: ManualClock) -> None:
    """Nothing can be there; nothing is looked for."""
    query = SignalQuery("llm.requests", project, clock.now() + HOUR, clock.now() + 2 * HOUR)
    why = signals.explanation(query).no_data
    assert why is not None
    assert why.reason is NoDataReason.FUTURE
    assert "2026-11-20T14:00:15Z" in why.text.ko


@pytest.mark.parametrize("name", ["llm.requests", "requests.in_progress", "cost.usd_per_request"])
def test_project_that_never_received_anything(signals: Signals, project: str, name: str) -> None:
    """Whatever is asked, the way out is to send something."""
    why = _why(signals, project, name)
    assert (why.reason, why.last_seen_unix_nano) == (NoDataReason.NOTHING_RECEIVED, None)
    assert not any(need.is_seen for need in why.needs)


def test_kind_of_telemetry_that_was_never_received(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """An application that sends traces need not send metrics."""
    insert_spans(telemetry_engine, project, [make_span()])
    why = _why(signals, project, "requests.in_progress")
    assert (why.reason, why.last_seen_unix_nano) == (NoDataReason.SOURCE_NOT_RECEIVED, None)
    assert "metric points" in why.text.en
    assert "메트릭 포인트" in why.text.ko


def test_range_in_which_nothing_happened(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """When it was last there is told."""
    insert_spans(
        telemetry_engine, project, [make_span(started_at=MORNING - HOUR), make_span(started_at=MORNING)]
    )
    why = _why(signals, project, "llm.requests")
    assert (why.reason, _at(why)) == (NoDataReason.NONE_IN_RANGE, MORNING.timestamp())
    assert "2026-11-20T09:00:00Z" in why.text.en
    assert _needs(why) == [("spans", False), ("spans: kind = 'llm'", False)]


@pytest.mark.parametrize("earlier", [True, False])
def test_records_of_other_kinds_only(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, earlier: bool
) -> None:
    """Spans arrive, but none of a retriever; whether there ever was one is told."""
    before = [make_span(kind="retriever", document_count=3, started_at=MORNING)] if earlier else []
    insert_spans(telemetry_engine, project, [make_span(), *before])
    why = _why(signals, project, "rag.hit_rate")
    assert (why.reason, _at(why)) == (NoDataReason.NONE_MATCH, MORNING.timestamp() if earlier else None)
    assert "kind = 'retriever'" in why.text.en
    assert ("There never was one" in why.text.en) is not earlier
    seen = [("spans", True), ("spans: kind = 'retriever'", False)]
    assert _needs(why)[:2] == seen


def test_condition_that_nothing_meets(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The signal has data; the question's own condition leaves none of it."""
    insert_spans(telemetry_engine, project, [make_span()])
    why = _why(signals, project, "llm.requests", "service = 'nobody'")
    assert why.reason is NoDataReason.FILTERED_OUT
    assert "service = 'nobody'" in why.text.ko
    assert _needs(why)[-2:] == [
        ("spans: kind = 'llm'", True),
        ("spans: kind = 'llm' and service = 'nobody'", False),
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("llm.mean_ttft_ms", "ttft_ms"),
        ("llm.fallback_rate", "is_fallback"),
        ("llm.tokens", "input_tokens"),
        ("data.price_coverage", "is_priced"),
    ],
)
def test_application_that_does_not_tell_what_is_measured(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, name: str, told: str
) -> None:
    """Calls are there; the attribute that is measured is on none of them, but was once."""
    known = make_span(
        started_at=MORNING,
        ttft_ms=90.0,
        is_fallback=False,
        token_source="provider",
        input_tokens=5,
        output_tokens=5,
        cost_usd="0.1",
    )
    insert_spans(telemetry_engine, project, [make_span(), make_span(), known])
    why = _why(signals, project, name)
    assert (why.reason, _at(why)) == (NoDataReason.NOT_REPORTED, MORNING.timestamp())
    assert why.text.en.startswith(f"2 spans match in this range, but none of them tells {told}.")
    assert (f"spans: kind = 'llm', with {told}", False) in _needs(why)


def test_formula_names_the_operand_that_is_missing(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Cost per request has costs here, but no requests; both are listed."""
    call = make_span(cost_usd="0.1", cost_source="computed", parent_span_id="parent00")
    insert_spans(telemetry_engine, project, [call])
    why = _why(signals, project, "cost.usd_per_request")
    assert why.reason is NoDataReason.NONE_MATCH
    assert "is_root" in why.text.en
    assert _needs(why) == [("spans", True), ("spans, with cost_usd", True), ("spans: is_root", False)]


def test_division_by_nothing_is_undefined(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Everything is there; a share of no tokens is no number."""
    insert_spans(telemetry_engine, project, [make_span(token_source="provider")])
    why = _why(signals, project, "llm.cached_token_share")
    assert why.reason is NoDataReason.UNDEFINED
    assert all(need.is_seen for need in why.needs)


def test_counter_that_was_reported_once_has_no_growth(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What was counted before the first report belongs to no window."""
    point = make_point(
        "pitwall.sdk.spans.dropped",
        4,
        type="sum",
        temporality="cumulative",
        at=NOON + MINUTE,
        started_at=MORNING,
    )
    insert_points(telemetry_engine, project, [point])
    assert _why(signals, project, "data.spans_dropped").reason is NoDataReason.NO_GROWTH


def test_too_few_observations_are_told_with_how_many_it_takes(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """There is a value, but its band rests on twenty."""
    insert_spans(telemetry_engine, project, [make_span(), make_span(status="error")])
    why = _why(signals, project, "llm.success_rate")
    assert why.reason is NoDataReason.TOO_FEW
    assert "2" in why.text.ko
    assert _needs(why)[-1] == ("20 observations in a window", False)


def test_every_signal_without_a_value_is_explained(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Whatever is missing of random telemetry, there is a reason; a value to judge needs none."""
    spans: list[Row] = random_spans(9, 40)
    insert_spans(telemetry_engine, project, spans)
    reasons = set()
    for signal in signals.catalogue:
        query = SignalQuery(signal.name, project, NOON, NOON + HOUR)
        bands = {row.band.value for row in signals.query(query).rows}
        why = signals.explanation(query).no_data
        assert (why is None) == bool(bands - {"no_data"}), signal.name
        if why is not None:
            reasons.add(_why(signals, project, signal.name).reason)
    assert {NoDataReason.TOO_FEW, NoDataReason.SOURCE_NOT_RECEIVED} <= reasons


def test_unknown_signal_is_named(signals: Signals, project: str) -> None:
    """There is nothing to explain of a signal that is gone."""
    with pytest.raises(UnknownSignal):
        signals.explanation(SignalQuery("llm.removed", project, NOON, NOON + HOUR))
