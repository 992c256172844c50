"""Months, weeks and days of a calendar, as instants; a day on which clocks change has 23 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)


class Period(StrEnum):
    """How long an amount of money is meant to last; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of whole days of a calendar.

    Attributes:
        first: Its first day.
        last: The day after its last one.
        start: When it begins, UTC.
        end: When it is over, not part of it, UTC.
    """

    first: date
    last: date
    start: datetime
    end: datetime

    @property
    def days(self) -> list[date]:
        """Its days, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which day an instant belongs to.

    Attributes:
        zone: The time zone whose midnight begins a day.
    """

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str) -> Self:
        """The calendar of a time zone such as `UTC` or `Asia/Seoul`."""
        return cls(ZoneInfo(name))

    def day_of(self, moment: datetime) -> date:
        """The day an instant belongs to."""
        return moment.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """When a day begins, UTC."""
        return _start_of(self.zone, day)

    def between(self, first: date, last: date) -> Stretch:
        """The days from `first` to the one before `last`."""
        return Stretch(first, last, self.start_of(first), self.start_of(last))

    def containing(self, period: Period, moment: datetime) -> Stretch:
        """The day, week or month an instant belongs to."""
        day = self.day_of(moment)
        match period:
            case Period.DAY:
                return self.between(day, day + timedelta(days=1))
            case Period.WEEK:
                monday = day - timedelta(days=day.weekday())
                return self.between(monday, monday + timedelta(days=7))
            case Period.MONTH:
                return self.between(day.replace(day=1), _next_month(day))

    def before(self, period: Period, stretch: Stretch) -> Stretch:
        """The day, week or month before one."""
        return self.containing(period, stretch.start - timedelta(microseconds=1))

    def window_length(self, stretch: Stretch) -> timedelta:
        """The longest window, aligned to the epoch, that no midnight of a stretch cuts in two."""
        starts = (self.start_of(day) for day in (*stretch.days, stretch.last))
        return _HOUR if all(not start.minute and not start.second for start in starts) else _QUARTER


@lru_cache(maxsize=1024)
def _start_of(zone: ZoneInfo, day: date) -> datetime:
    # A midnight that comes twice is the first one; one that the clock skips is the moment of the change.
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
