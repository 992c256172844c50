"""Maintenance windows: once, or again and again by weekday and hour of a time zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pitwall.notifications.matchers import Matcher, match_all

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Once:
    """From one moment to another, which is not part of it."""

    starts_at: datetime
    ends_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether a moment is in it."""
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Weekly:
    """Between two times of day on some weekdays, by the clocks of a time zone.

    One that ends at or before it begins goes on past midnight; it belongs to the day it begins on.
    """

    days: tuple[str, ...]
    begins: time
    ends: time
    time_zone: str = "UTC"

    def is_open(self, now: datetime) -> bool:
        """Whether a moment is in it."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        clock = local.time().replace(tzinfo=None, fold=0)
        today = WEEKDAYS[local.weekday()]
        if self.begins < self.ends:
            return today in self.days and self.begins <= clock < self.ends
        yesterday = WEEKDAYS[(local - timedelta(days=1)).weekday()]
        return (today in self.days and clock >= self.begins) or (yesterday in self.days and clock < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """A time in which nobody is told of the alerts that match."""

    name: str
    matchers: tuple[Matcher, ...]
    when: Once | Weekly
    reason: str
    updated_at: datetime
    updated_by: str

    def mutes(self, labels: Mapping[str, str], now: datetime) -> bool:
        """Whether nobody is told of an alert with these labels now."""
        return self.when.is_open(now) and match_all(self.matchers, labels)
