"""The month so far and its projection, over a real store."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pitwall.costs.errors import CostQuestionInvalid
from pitwall.costs.periods import Calendar
from pitwall.costs.service import Costs
from pitwall.costs.types import ProjectionStatus
from pitwall.costs.wire import summary_view
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import NOW, daily_calls, insert_spans, make_call


def test_month_is_summed_up_day_by_day(costs: Costs, telemetry_engine: TelemetryEngine, project: str) -> None:
    """Ten dollars on each of 40 days, five so far today: days, month so far, month before and projection."""
    calls = [*daily_calls(40), make_call(NOW - timedelta(hours=6), 5.0)]
    insert_spans(telemetry_engine, project, calls)
    summary = costs.summary(project)
    assert summary.totals.cost_usd == pytest.approx(195)
    assert [day.cost_usd for day in summary.days[:20]] == pytest.approx([10.0] * 19 + [5.0])
    assert all(day.cost_usd is None for day in summary.days[20:])
    assert summary.previous_cost_usd == pytest.approx(210)  # 11 October until the end of it
    assert summary.projection.status is ProjectionStatus.OK
    total = summary.projection.total
    assert total is not None
    assert total.usd == pytest.approx(300, rel=0.02)
    assert total.low_usd < 300 < total.high_usd
    ahead = summary.days[19].ahead
    assert ahead is not None  # half of a day's cost comes in the evening
    assert ahead.usd == pytest.approx(5, rel=0.05)
    assert [day.ahead is None for day in summary.days] == [True] * 19 + [False] * 11


def test_numbers_are_those_of_the_signals(
    costs: Costs, signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The same question gives the same number, whoever asks."""
    insert_spans(telemetry_engine, project, [*daily_calls(12, 0.123456789), make_call(NOW, None)])
    summary = costs.summary(project)
    start, until = summary.month.start, NOW + timedelta(hours=1)
    asked = {
        name: signals.query(SignalQuery(name, project, start, until)).series[0].values[0]
        for name in ("cost.usd", "llm.requests", "llm.tokens", "cost.usd_per_request", "cost.unpriced_calls")
    }
    totals = summary.totals
    assert list(asked.values()) == [
        totals.cost_usd, totals.llm_calls, totals.tokens, summary.cost_per_request_usd, totals.unpriced_calls
    ]  # fmt: skip
    daily = SignalQuery("cost.usd", project, start, NOW, timedelta(days=1))
    assert [day.cost_usd for day in summary.days[:20]] == pytest.approx(
        [row.value for row in signals.query(daily).rows]
    )


def test_month_without_any_call_has_no_cost(costs: Costs, project: str) -> None:
    """No data is not zero."""
    view = summary_view(costs.summary(project))
    assert (view.month_to_date_usd, view.projection.usd, view.projection.status) == (None, None, "no_data")
    assert view.projection.text["ko"] == "아직 단가를 아는 호출이 없습니다."


def test_one_day_is_not_enough_to_project(
    costs: Costs, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What was spent is told, what will be is not."""
    insert_spans(telemetry_engine, project, daily_calls(1))
    view = summary_view(costs.summary(project))
    assert (view.month_to_date_usd, view.projection.usd) == ("10", None)
    assert view.projection.status == "not_enough_data"
    assert view.projection.text["en"] == "Not enough data: 0 complete days of 7."


def test_calls_without_a_price_are_counted_and_named(
    costs: Costs, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """They add nothing to the cost, and nobody guesses what they cost."""
    own = [make_call(NOW - timedelta(hours=n), None, model="our-own", provider="") for n in range(3)]
    insert_spans(telemetry_engine, project, [*own, make_call(NOW, 1.0)])
    view = summary_view(costs.summary(project))
    assert view.month_to_date_usd == "1"
    assert (view.unpriced.calls, view.unpriced.share) == (3, 0.75)
    assert [(one.model, one.calls) for one in view.unpriced.models] == [("our-own", 3)]


def test_only_calls_without_a_price_cost_nobody_knows_what(
    costs: Costs, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A month of unpriced calls has no amount, which is not free."""
    insert_spans(telemetry_engine, project, [make_call(NOW, None)])
    view = summary_view(costs.summary(project))
    assert (view.month_to_date_usd, view.calls, view.unpriced.calls) == (None, 1, 1)


def test_month_that_is_over_has_nothing_to_project(
    costs: Costs, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Its projection is what it cost."""
    insert_spans(telemetry_engine, project, daily_calls(40))
    view = summary_view(costs.summary(project, "2026-10"))
    assert (view.month.name, view.month_to_date_usd, view.projection.usd) == ("2026-10", "210", "210")
    assert all(day.is_complete and day.ahead is None for day in view.by_day)


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-12", "0000-01"])
def test_month_that_makes_no_sense_is_refused(costs: Costs, project: str, month: str) -> None:
    """What is no month, or has not begun, is told."""
    with pytest.raises(CostQuestionInvalid, match=month):
        costs.summary(project, month)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2026-10-31T23:30:00+00:00", None),
        ("Asia/Seoul", "2026-10-31T23:30:00+00:00", "2026-11-01"),
        ("Asia/Kolkata", "2026-10-31T18:45:00+00:00", "2026-11-01"),
        ("America/New_York", "2026-11-02T03:30:00+00:00", "2026-11-01"),  # a day of 25 hours
    ],
)
def test_days_begin_at_midnight_of_the_time_zone(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, zone: str, moment: str, day: str | None
) -> None:
    """The same call belongs to another day, or month, where the clock says so."""
    insert_spans(telemetry_engine, project, [make_call(datetime.fromisoformat(moment), 1.0)])
    summary = Costs(signals, telemetry_engine, Calendar.of(zone)).summary(project)
    assert [f"{one.day}" for one in summary.days if one.cost_usd is not None] == ([day] if day else [])
    assert summary.totals.cost_usd == (1.0 if day else None)
