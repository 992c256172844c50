"""What holds of every projection, and how often the truth lies in its interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.costs.projection import History, project_costs, weekday_factors
from pitwall.costs.types import MIN_DAYS, Method, Projection

Amounts = st.floats(0, 1e6).map(lambda amount: round(amount, 6))


def _history(
    days: list[float], *, ahead: int = 10, spent: float = 0.0, today_left: float | None = None
) -> History:
    """A history that begins on a Monday; today is the day after it."""
    count = len(days)
    future = (np.arange(count, count + ahead + 1) % 7).astype(np.int64)
    return History(
        days=np.array(days, np.float64),
        weekdays=(np.arange(count) % 7).astype(np.int64),
        spent=spent,
        today=None if today_left is None else int(future[0]),
        today_left=today_left or 0.0,
        remaining=future[1:],
    )


def _project(history: History) -> Projection:
    projection = project_costs(history, np.random.default_rng(0))
    assert projection is not None
    return projection


histories = st.builds(
    _history,
    st.lists(Amounts, min_size=MIN_DAYS, max_size=70),
    ahead=st.integers(0, 30),
    spent=Amounts,
    today_left=st.none() | st.floats(0, 1),
)


@settings(deadline=None, max_examples=60)
@given(histories)
def test_projection_is_in_its_interval_and_no_less_than_what_was_spent(history: History) -> None:
    """Money that is spent does not come back."""
    total = _project(history).total
    assert history.spent * (1 - 1e-12) <= total.low_usd <= total.usd <= total.high_usd
    assert np.isfinite(total.high_usd)


@settings(deadline=None, max_examples=40)
@given(histories, st.floats(0.01, 100))
def test_projection_does_not_depend_on_the_currency(history: History, factor: float) -> None:
    """Costs ten times as high are projected ten times as high."""
    scaled = replace(history, days=history.days * factor, spent=history.spent * factor)
    one, other = _project(history).total, _project(scaled).total
    assert other.usd == pytest.approx(one.usd * factor, rel=1e-6, abs=1e-6)
    assert other.high_usd == pytest.approx(one.high_usd * factor, rel=1e-6, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(histories)
def test_same_history_gives_the_same_projection(history: History) -> None:
    """A number that is shown in two places is the same in both."""
    assert _project(history) == _project(history)


@settings(deadline=None, max_examples=30)
@given(st.lists(Amounts, max_size=MIN_DAYS - 1))
def test_few_days_tell_nothing(days: list[float]) -> None:
    """Until every weekday was seen once there is no projection."""
    assert project_costs(_history(days), np.random.default_rng(0)) is None


def test_period_that_is_over_costs_what_it_cost() -> None:
    """With nothing left there is nothing to guess, however short the history."""
    projection = _project(_history([1.0], ahead=0, spent=42.5))
    assert projection.method is None
    assert (projection.total.usd, projection.total.low_usd, projection.total.high_usd) == (42.5, 42.5, 42.5)


@pytest.mark.parametrize("days", [7, 14, 56])
def test_steady_costs_go_on(days: int) -> None:
    """Ten a day for twenty more days is two hundred more, give or take what levels drift."""
    projection = _project(_history([10.0] * days, ahead=20, spent=100.0))
    assert projection.total.usd == pytest.approx(300, rel=0.03)
    assert 0.05 < (projection.total.high_usd - projection.total.low_usd) / 300 < 0.6


def test_weekdays_are_told_apart() -> None:
    """A service of offices costs little at weekends."""
    days = [100.0, 100, 100, 100, 100, 10, 0] * 6
    projection = _project(_history(days, ahead=7))
    assert projection.method is Method.WEEKDAYS
    assert [round(day.usd, -1) for day in projection.days] == pytest.approx(
        [100, 100, 100, 100, 10, 0, 100], abs=11
    )


def test_one_odd_day_does_not_move_the_projection() -> None:
    """A batch that ran once is not expected every day, but may come again: the interval says so."""
    days = [10.0 + number % 3 for number in range(42)]
    usual = _project(_history(days, ahead=20)).total.usd
    days[-2] = 500.0
    total = _project(_history(days, ahead=20)).total
    assert total.usd == pytest.approx(usual, rel=0.15)
    assert total.high_usd > usual + 400


def test_service_that_spends_on_one_day_of_the_week_is_projected() -> None:
    """A report that runs on Mondays."""
    projection = _project(_history([100.0, 1, 1, 1, 1, 1, 1] * 6, ahead=14))
    assert projection.total.usd == pytest.approx(212, rel=0.1)


def test_new_level_is_followed_within_a_week() -> None:
    """Twice the traffic since a week is twice the cost ahead."""
    projection = _project(_history([10.0] * 40 + [20.0] * 7, ahead=20))
    assert projection.total.usd == pytest.approx(400, rel=0.05)


def test_costs_that_come_now_and_then_are_projected_by_their_mean() -> None:
    """A service that is idle on most days is not projected to cost nothing."""
    projection = _project(_history([0.0, 0, 0, 30] * 10, ahead=20))
    assert projection.method is Method.PAST_DAYS
    assert projection.total.usd == pytest.approx(150, rel=0.15)


def test_weekday_factors_of_chance_are_drawn_to_one() -> None:
    """Noise makes no season."""
    rng = np.random.default_rng(3)
    factors = weekday_factors(rng.lognormal(2, 0.3, 56), np.arange(56) % 7)
    assert factors.mean() == pytest.approx(1)
    assert np.all(np.abs(factors - 1) < 0.15)


@pytest.mark.parametrize(("days", "noise"), [(28, 0.3), (56, 0.3), (56, 0.6), (14, 0.15)])
def test_interval_holds_about_eight_of_ten(days: int, noise: float) -> None:
    """Over 150 services whose level drifts by 3 % a day and that rest at weekends."""
    rng = np.random.default_rng(11)
    held = sum(_is_held(rng, days, noise) for _ in range(150))
    assert 0.72 <= held / 150 <= 1


def _is_held(rng: np.random.Generator, days: int, noise: float) -> bool:
    count = days + 15
    level = np.exp(np.cumsum(rng.normal(0, 0.03, count)))
    costs = 10 * level * np.where(np.arange(count) % 7 >= 5, 0.4, 1.0) * rng.lognormal(0, noise, count)
    history = _history(list(costs[:days]), ahead=15)
    history = replace(history, remaining=(np.arange(days, count) % 7).astype(np.int64))
    total = _project(history).total
    return bool(total.low_usd <= costs[days:].sum() <= total.high_usd)
