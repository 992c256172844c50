"""Spend by model, service, environment, user and prompt, over a real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitwall.costs.errors import CostQuestionInvalid
from pitwall.costs.service import Costs
from pitwall.costs.types import By
from pitwall.costs.wire import spend_view
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import NOW, daily_calls, insert_spans, make_call, make_search


@pytest.fixture
def spent(telemetry_engine: TelemetryEngine, project: str) -> str:
    """A dear and a cheap model, two users and nobody, a named prompt and one that only begins alike."""
    dear = {"model": "gpt-4o", "user_id": "kim", "prompt_name": "answer", "prompt_version": "2"}
    cheap = {"user_id": "lee", "service": "search", "environment": "test", "input": "Sum up: all"}
    calls = [
        *daily_calls(14, 6.0, **dear),
        *daily_calls(7, 3.0, **cheap),
        *daily_calls(7, 1.0, input="Sum up: all"),
        make_call(NOW - timedelta(hours=1), None, model="our-own"),
    ]
    insert_spans(telemetry_engine, project, calls)
    return project


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            By.MODEL,
            [("gpt-4o", "openai", "42"), ("gpt-4o-mini", "openai", "28"), ("our-own", "openai", None)],
        ),
        (By.SERVICE, [("voc-chat", "", "49"), ("search", "", "21")]),
        (By.ENVIRONMENT, [("prod", "", "49"), ("test", "", "21")]),
        (By.USER, [("kim", "", "42"), ("lee", "", "21"), ("", "", "7")]),
        (
            By.PROMPT,
            [
                ("answer", "2", "42"),
                ("chat gpt-4o-mini: Sum up: all", "", "28"),
                ("chat gpt-4o-mini: ", "", None),
            ],
        ),
    ],
)
def test_spend_is_split(
    costs: Costs, spent: str, by: By, expected: list[tuple[str, str, str | None]]
) -> None:
    """Dearest first; what has no price has no cost; all rows together are the whole."""
    view = spend_view(costs.spend(spent, by, since="2026-11-13T00:00:00Z"))
    assert [(row.name, row.detail, row.cost_usd) for row in view.rows] == expected
    assert view.cost_usd == "70"
    assert sum(row.share or 0 for row in view.rows) == pytest.approx(1)
    assert sum(row.calls for row in view.rows) == view.calls == 43


def test_spend_is_compared_with_the_time_before(costs: Costs, spent: str) -> None:
    """What cost nothing before has no change, rather than an infinite one."""
    view = spend_view(costs.spend(spent, By.USER, since="2026-11-13T00:00:00Z", until="2026-11-20T00:00:00Z"))
    assert [(row.previous_cost_usd, row.change) for row in view.rows] == [
        ("42", 0.0),
        (None, None),
        (None, None),
    ]
    assert view.change == pytest.approx(70 / 42 - 1)


def test_who_called_nothing_in_the_range_is_not_listed(
    costs: Costs, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Neither for what they cost before nor for requests without a model call."""
    before = make_call(NOW - timedelta(hours=3), 1.0, user_id="kim")
    searched = make_search(NOW - timedelta(hours=1), "what?", "[]")
    insert_spans(telemetry_engine, project, [before, {**searched, "user_id": "lee"}])
    view = spend_view(costs.spend(project, By.USER, since="now-2h"))
    assert (view.rows, view.previous_cost_usd) == ([], "1")


def test_rows_tell_what_a_request_and_a_call_cost(costs: Costs, spent: str) -> None:
    """A model has no requests; a call without a price makes no average cheaper."""
    dear, _, own = spend_view(costs.spend(spent, By.MODEL, since="2026-11-13T00:00:00Z")).rows
    assert (dear.cost_per_request_usd, dear.cost_per_call_usd, dear.tokens_per_call) == (None, "3", 1100)
    assert (own.cost_per_call_usd, own.unpriced_calls) == (None, 1)
    service = spend_view(costs.spend(spent, By.SERVICE, since="2026-11-13T00:00:00Z")).rows[0]
    user = spend_view(costs.spend(spent, By.USER, since="2026-11-13T00:00:00Z")).rows[0]
    assert user.cost_per_request_usd == "3"
    assert service.requests == 29


@pytest.mark.parametrize("by", [By.MODEL, By.USER])
def test_what_is_not_listed_is_one_more_row(costs: Costs, spent: str, by: By) -> None:
    """A limit hides nothing."""
    rows = spend_view(costs.spend(spent, by, since="2026-11-13T00:00:00Z", limit=1)).rows
    assert [(row.is_rest, row.cost_usd) for row in rows] == [(False, "42"), (True, "28")]


def test_spend_of_an_empty_project_has_no_rows(costs: Costs, project: str) -> None:
    """And no amount, which is not 0."""
    view = spend_view(costs.spend(project, By.USER))
    assert (view.cost_usd, view.rows) == (None, [])


def test_empty_range_is_refused(costs: Costs, project: str) -> None:
    """The message names both ends."""
    with pytest.raises(CostQuestionInvalid, match="is empty"):
        costs.spend(project, By.MODEL, since="now-1h", until="now-2h")
