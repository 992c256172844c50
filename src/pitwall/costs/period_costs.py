"""What a day, week or month has cost, day by day, and what it will have cost when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import fsum
from typing import TYPE_CHECKING, Final

from pitwall.costs.periods import Calendar, Stretch
from pitwall.costs.types import MAX_DAYS, PeriodProjection, Projection, ProjectionStatus
from pitwall.signals.service import Signals, required
from pitwall.signals.types import SignalQuery, SignalResult
from pitwall.signals.windows import floor_to

if TYPE_CHECKING:
    from pitwall.costs.projection import History

COST: Final = "cost.usd"
UNPRICED: Final = "cost.unpriced_calls"
_PROFILE_DAYS: Final = 14
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class PeriodCost:
    """A period as of now.

    Attributes:
        until: Up to when the cost was looked at: the end of the window of now.
        step: Length of windows that no midnight cuts in two.
        spent_usd: None if nothing with a price was called in it.
        unpriced_calls: Calls whose price is not known.
        by_day: Cost of each day on which something was, those before the period included.
        ahead: Projection of today's rest, if the period is not over, and of the days after it.
    """

    stretch: Stretch
    until: datetime
    step: timedelta
    spent_usd: float | None
    unpriced_calls: int
    by_day: Mapping[date, float]
    projection: PeriodProjection
    ahead: Projection | None


class PeriodCosts:
    """Costs of periods, asked of the signals.

    Args:
        signals: Where every number comes from.
        calendar: Whose days.
    """

    def __init__(self, signals: Signals, calendar: Calendar) -> None:
        self._signals = signals
        self.calendar = calendar

    def look(self, project_id: str, stretch: Stretch, now: datetime, *, where: str = "") -> PeriodCost:
        """Cost of a period and its projection.

        Args:
            stretch: The period; what of it is later than now is projected.
            now: The present.
            where: Which records count; empty for all.
        """
        today = self.calendar.day_of(now)
        end = min(today, stretch.last)
        first = min(stretch.first, end - timedelta(days=MAX_DAYS + 1))
        looked_at = self.calendar.between(first, min(today + timedelta(days=1), stretch.last))
        step = self.calendar.window_length(looked_at)
        until = max(min(looked_at.end, floor_to(now, step) + step), stretch.start + step)
        import numpy as np  # a server starts without it

        from pitwall.costs.projection import project_costs

        windows = SignalQuery(COST, project_id, looked_at.start, until, step, where=where)
        whole = [
            SignalQuery(name, project_id, stretch.start, until, where=where) for name in (COST, UNPRICED)
        ]
        answer, *totals = map(required, self._signals.query_many([windows, *whole]))
        spent, unpriced = (total.series[0].values[0] for total in totals)
        costs = _Costs.of(answer, self.calendar)
        history = costs.history(looked_at.first, end, stretch, now, spent=spent or 0.0)
        ahead = project_costs(history, np.random.default_rng(_SEED)) if costs.by_day else None
        projection = _projection(costs, history, ahead)
        return PeriodCost(stretch, until, step, spent, round(unpriced or 0), costs.by_day, projection, ahead)

    def spent(self, project_id: str, since: datetime, until: datetime) -> float | None:
        """What a project spent in a range; None if nothing with a price was called."""
        return self._signals.query(SignalQuery(COST, project_id, since, until)).series[0].values[0]


def _projection(costs: _Costs, history: History, ahead: Projection | None) -> PeriodProjection:
    days = int(history.days.size)
    if ahead is not None:
        return PeriodProjection(ProjectionStatus.OK, ahead.total, ahead.method, days)
    status = ProjectionStatus.NOT_ENOUGH_DATA if costs.by_day else ProjectionStatus.NO_DATA
    return PeriodProjection(status, None, None, days)


@dataclass(frozen=True, slots=True)
class _Costs:
    """Costs of windows, and of days; a day without one is not among them."""

    windows: list[tuple[datetime, datetime, float]]
    by_day: dict[date, float]
    calendar: Calendar

    @classmethod
    def of(cls, answer: SignalResult, calendar: Calendar) -> _Costs:
        windows = [
            (window.start, window.end, value)
            for window, value in zip(answer.windows, answer.series[0].values, strict=True)
            if value is not None
        ]
        days: dict[date, list[float]] = {}
        for start, _, value in windows:
            days.setdefault(calendar.day_of(start), []).append(value)
        return cls(windows, {day: fsum(values) for day, values in days.items()}, calendar)

    def history(self, first: date, today: date, stretch: Stretch, now: datetime, *, spent: float) -> History:
        """What a projection rests on; the day on which the data begins is probably not whole."""
        import numpy as np

        from pitwall.costs.projection import History

        begins = min(self.by_day, default=today)
        begin = first if begins == first else begins + timedelta(days=1)
        days = [begin + timedelta(days=number) for number in range((today - begin).days)]
        remaining = [day.weekday() for day in stretch.days if day > today]
        return History(
            days=np.array([self.by_day.get(day, 0.0) for day in days], np.float64),
            weekdays=np.array([day.weekday() for day in days], np.int64),
            spent=spent,
            today=today.weekday() if stretch.start <= now < stretch.end else None,
            today_left=self._left_of_day(today, now),
            remaining=np.array(remaining, np.int64),
        )

    def _left_of_day(self, today: date, now: datetime) -> float:
        """Which part of a day's cost usually comes after this time of the day."""
        passed = now - self.calendar.start_of(today)
        earliest = today - timedelta(days=_PROFILE_DAYS)
        whole = left = 0.0
        for start, end, value in self.windows:
            day = self.calendar.day_of(start)
            if earliest <= day < today:
                moment = self.calendar.start_of(day) + passed
                whole += value
                left += value * min(1.0, max(0.0, (end - moment) / (end - start)))
        if whole:
            return left / whole
        return 1 - min(1.0, passed / timedelta(days=1))
