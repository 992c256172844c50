"""Up to when data counts as complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitwall.kit.clock import Clock
from pitwall.signals.windows import floor_to

# What applications need to end a span, batch it and send it.
DEFAULT_GRACE = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Present:
    """One moment for all that is asked together, and up to when data counts as complete then."""

    now: datetime
    watermark: datetime

    def last_window(self, length: timedelta) -> tuple[datetime, datetime]:
        """The latest complete window of a length; it ends at a whole minute."""
        end = floor_to(self.watermark, _MINUTE)
        return end - length, end


class Watermark:
    """The present, less what is still on its way.

    It follows the wall clock wherever that jumps and remembers nothing: after a clock that ran ahead is
    set back, windows count as complete again only when their time has come.

    Args:
        clock: The wall clock.
        lag_seconds: Age of the oldest telemetry that was acknowledged but is not queryable yet; 0 if
        there is none. grace: Time that applications are given to send what has happened.
    """

    def __init__(
        self, clock: Clock, lag_seconds: Callable[[], float], *, grace: timedelta = DEFAULT_GRACE
    ) -> None:
        self._clock = clock
        self._lag_seconds = lag_seconds
        self._grace = grace

    def now(self) -> datetime:
        """The present by the same clock."""
        return self._clock.now()

    def present(self) -> Present:
        """This moment; who asks several things wants one for all of them."""
        now = self._clock.now()
        return Present(now, self.at(now, self._lag_seconds()))

    def at(self, now: datetime, lag_seconds: float) -> datetime:
        """Time up to which data counts as complete, for a present and a lag that are known already."""
        return now - max(timedelta(seconds=max(0.0, lag_seconds)), self._grace)

    def __call__(self) -> datetime:
        """Time up to which data counts as complete, UTC."""
        return self.present().watermark
