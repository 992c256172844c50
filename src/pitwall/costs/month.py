"""The month so far, day by day, and what it will have cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from pitwall.costs.period_costs import PeriodCost, PeriodCosts
from pitwall.costs.periods import Calendar, Period
from pitwall.costs.totals import Labels, Question, ask_totals
from pitwall.costs.types import NOTHING, DayCost, MonthSummary, Totals, UnpricedModel
from pitwall.signals.service import Signals, required
from pitwall.signals.types import SignalQuery

_UNPRICED_MODELS: Final = 20
_MODEL: Final = ("provider", "model")


class Months:
    """Sums up months; calls block.

    Args:
        signals: Where every number comes from.
        costs: Cost and projection of periods.
    """

    def __init__(self, signals: Signals, costs: PeriodCosts) -> None:
        self._signals = signals
        self._costs = costs
        self._calendar = costs.calendar

    def summary(self, project: str, moment: datetime) -> MonthSummary:
        """Sum up the month that a moment belongs to, as far as it has come.

        Args:
            project: Whose month.
            moment: The present, or a time in a month that is over.
        """
        now = self._signals.watermark.now()
        month = self._calendar.containing(Period.MONTH, moment)
        cost = self._costs.look(project, month, now)
        whole, models, windows = ask_totals(
            self._signals,
            [
                Question(project, month.start, cost.until),
                Question(project, month.start, cost.until, by=_MODEL),
                Question(project, month.start, cost.until, step=cost.step),
            ],
        )
        before = self._calendar.before(Period.MONTH, month)
        per_request, previous = self._values(
            SignalQuery("cost.usd_per_request", project, month.start, cost.until),
            SignalQuery("cost.usd", project, before.start, before.end),
        )
        return MonthSummary(
            month=month,
            at=now,
            zone=self._calendar.zone.key,
            totals=whole[0].get((), NOTHING),
            cost_per_request_usd=per_request,
            previous_cost_usd=previous,
            days=list(self._days(cost, _by_day(self._calendar, cost, windows), now)),
            projection=cost.projection,
            unpriced_models=_unpriced(models[0]),
        )

    def _values(self, *queries: SignalQuery) -> list[float | None]:
        return [required(answer).series[0].values[0] for answer in self._signals.query_many(queries)]

    def _days(self, cost: PeriodCost, by_day: Mapping[date, Totals], now: datetime) -> Iterator[DayCost]:
        today = self._calendar.day_of(now)
        ahead = iter(cost.ahead.days if cost.ahead else ())
        for day in cost.stretch.days:
            totals = by_day.get(day, NOTHING)
            yield DayCost(
                day=day,
                start=self._calendar.start_of(day),
                end=self._calendar.start_of(day + timedelta(days=1)),
                cost_usd=cost.by_day.get(day),
                calls=totals.calls,
                tokens=totals.tokens,
                unpriced_calls=totals.unpriced_calls,
                is_complete=day < today,
                ahead=next(ahead, None) if day >= today else None,
            )


def _by_day(
    calendar: Calendar, cost: PeriodCost, windows: Sequence[Mapping[Labels, Totals]]
) -> dict[date, Totals]:
    days: dict[date, Totals] = {}
    for number, window in enumerate(windows):
        if () in window:
            day = calendar.day_of(cost.stretch.start + number * cost.step)
            days[day] = days.get(day, NOTHING).plus(window[()])
    return days


def _unpriced(models: Mapping[Labels, Totals]) -> list[UnpricedModel]:
    found = [
        UnpricedModel(provider, model, totals.unpriced_calls)
        for (provider, model), totals in models.items()
        if totals.unpriced_calls
    ]
    return sorted(found, key=lambda one: (-one.calls, one.model))[:_UNPRICED_MODELS]
