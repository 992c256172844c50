"""Answers questions about costs: which range is meant, then what it cost."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from pitwall.costs.errors import CostQuestionInvalid
from pitwall.costs.month import Months
from pitwall.costs.period_costs import PeriodCosts
from pitwall.costs.periods import Calendar, Period
from pitwall.costs.repository import SpendRepository
from pitwall.costs.spend import SpendBy
from pitwall.costs.types import By, MonthSummary, Spend
from pitwall.kit.durations import InvalidInstant, format_instant, parse_instant
from pitwall.signals.service import Signals
from pitwall.signals.windows import floor_to
from pitwall.stores.telemetry.engine import TelemetryEngine

DEFAULT_ROWS: Final = 50
MAX_ROWS: Final = 500
_MINUTE: Final = timedelta(minutes=1)
_TICK: Final = timedelta(microseconds=1)
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


class Costs:
    """Months and spend of projects; calls block.

    Args:
        signals: Where numbers come from.
        engine: The telemetry store, for what signals cannot be split by.
        calendar: Whose months.
    """

    def __init__(self, signals: Signals, engine: TelemetryEngine, calendar: Calendar) -> None:
        self.periods = PeriodCosts(signals, calendar)
        self._signals = signals
        self._calendar = calendar
        self._months = Months(signals, self.periods)
        self._spend = SpendBy(signals, SpendRepository(engine))

    def summary(self, project: str, month: str | None = None) -> MonthSummary:
        """Sum up a month, `2026-11`; None is the present one.

        Raises:
            CostQuestionInvalid: It is no month, or one that is yet to come.
        """
        now = self._signals.watermark.now()
        return self._months.summary(project, now if month is None else self._moment_in(month, now))

    def spend(
        self,
        project: str,
        by: By,
        *,
        since: str | None = None,
        until: str | None = None,
        limit: int = DEFAULT_ROWS,
    ) -> Spend:
        """Split the spend of a range; without one that of the month so far.

        Raises:
            CostQuestionInvalid: A time cannot be understood, or the range is empty.
        """
        now = self._signals.watermark.now()
        start = self._calendar.containing(Period.MONTH, now).start
        begin = _read(since, now) if since else start
        end = _read(until, now) if until else now + _TICK  # the present minute is in it
        if begin >= end:
            raise CostQuestionInvalid(
                f"The range from {format_instant(begin)} until {format_instant(end)} is empty.",
                hint="`since` comes first and `until` is not part of the range.",
            )
        until_minute = floor_to(end + _MINUTE - _TICK, _MINUTE)
        return self._spend.spend(project, by, floor_to(begin, _MINUTE), until_minute, limit)

    def _moment_in(self, month: str, now: datetime) -> datetime:
        found = _MONTH.fullmatch(month)
        try:
            day = date(int(found[1]), int(found[2]), 1) if found else None
        except ValueError:
            day = None
        if day is None or day.year < 1971:
            raise CostQuestionInvalid(f"{month!r} is no month.", hint="Write it as 2026-11.")
        moment = self._calendar.start_of(day)
        if moment > now:
            raise CostQuestionInvalid(f"{month} has not begun.", hint="Name none for the present one.")
        return moment


def _read(text: str, now: datetime) -> datetime:
    try:
        return parse_instant(text, now=now)
    except InvalidInstant as error:
        raise CostQuestionInvalid(str(error)) from error
