"""Clocks as arguments: real time for the product, time that stands still or is moved by hand for tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

NANOS_PER_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Where a component learns the time; the wall clock may jump, `monotonic` never goes back."""

    def now(self) -> datetime:
        """Return the wall-clock time as an aware UTC datetime (microseconds)."""
        ...

    def unix_nano(self) -> int:
        """Return the wall-clock time in nanoseconds since 1970, as OTLP writes it."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start, for measuring durations."""
        ...


class SystemClock:
    """The clock of the machine."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the wall-clock time as an aware UTC datetime."""
        return datetime.now(UTC)

    def unix_nano(self) -> int:
        """Return the wall-clock time in nanoseconds since 1970."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Return the machine's monotonic time in seconds."""
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to.

    Args:
        start: Wall-clock time to begin with; must be aware.

    Raises:
        ValueError: `start` has no time zone.
    """

    __slots__ = ("_monotonic_nanos", "_unix_nanos")

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._unix_nanos = to_unix_nano(start)
        self._monotonic_nanos = 0

    def now(self) -> datetime:
        """Return the wall-clock time set by hand."""
        return from_unix_nano(self._unix_nanos)

    def unix_nano(self) -> int:
        """Return the wall-clock time set by hand, in nanoseconds since 1970."""
        return self._unix_nanos

    def monotonic(self) -> float:
        """Return the seconds this clock was advanced by so far."""
        return self._monotonic_nanos / NANOS_PER_SECOND

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks.

        Raises:
            ValueError: `seconds` is negative; use `jump` for a wall clock that goes back.
        """
        if seconds < 0:
            raise ValueError(f"time cannot pass by {seconds} s; use jump() for a wall clock that goes back")
        nanos = round(seconds * NANOS_PER_SECOND)
        self._unix_nanos += nanos
        self._monotonic_nanos += nanos

    def jump(self, seconds: float) -> None:
        """Move the wall clock alone, forwards or backwards, as an administrator or NTP does."""
        self._unix_nanos += round(seconds * NANOS_PER_SECOND)


def to_unix_nano(moment: datetime) -> int:
    """Convert an aware datetime to nanoseconds since 1970, exactly.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; use an aware datetime")
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def from_unix_nano(unix_nano: int) -> datetime:
    """Convert nanoseconds since 1970 to an aware UTC datetime, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=unix_nano // 1000)
