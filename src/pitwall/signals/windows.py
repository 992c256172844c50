"""Time as signals see it: half-open UTC windows, aligned so that a window is the same whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pitwall.kit.durations import format_duration, format_instant
from pitwall.signals.errors import QuestionInvalid

MAX_WINDOWS = 50_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` half-open windows of length `step`, the first one from `start`."""

    start: datetime
    step: timedelta
    count: int

    @property
    def end(self) -> datetime:
        """Where the last window ends."""
        return self.start + self.step * self.count

    def bounds(self) -> Iterator[tuple[datetime, datetime]]:
        """Start and end of every window, oldest first."""
        start = self.start
        for _ in range(self.count):
            end = start + self.step
            yield start, end
            start = end

    def is_multiple_of(self, grain: timedelta) -> bool:
        """Whether every boundary falls on a multiple of `grain` since the epoch."""
        zero = timedelta()
        return (self.start - EPOCH) % grain == zero and self.step % grain == zero

    def halves(self) -> tuple[Grid, Grid]:
        """The earlier and the later half of the windows."""
        first = self.count // 2
        return (
            Grid(self.start, self.step, first),
            Grid(self.start + self.step * first, self.step, self.count - first),
        )

    def lengthened(self, windows: int) -> Grid:
        """The same grid with some more windows before it."""
        return Grid(self.start - self.step * windows, self.step, self.count + windows)


def aligned_grid(since: datetime, until: datetime, step: timedelta) -> Grid:
    """The epoch-aligned windows of length `step` that touch `[since, until)`.

    Raises:
        QuestionInvalid: The range is empty or outside 1970 to 2100, the step is under a second, or there
            are more than `MAX_WINDOWS` windows.
    """
    _check_range(since, until)
    if step < _SECOND:
        raise QuestionInvalid(f"A step of {step.total_seconds()} s is shorter than one second.")
    first = (since - EPOCH) // step
    count = -((EPOCH - until) // step) - first
    if count > MAX_WINDOWS:
        raise QuestionInvalid(
            f"{count} windows of {format_duration(step)} are more than {MAX_WINDOWS}.",
            hint="Ask for a shorter range or a longer step.",
        )
    start = EPOCH + first * step
    return Grid(start, step, count)


def single_window(since: datetime, until: datetime) -> Grid:
    """The one window `[since, until)`, not aligned to anything.

    Raises:
        QuestionInvalid: The range is empty or outside 1970 to 2100.
    """
    _check_range(since, until)
    return Grid(since.astimezone(UTC), until - since, 1)


def floor_to(moment: datetime, grain: timedelta) -> datetime:
    """The latest multiple of `grain` since the epoch that is not after `moment`."""
    return EPOCH + (moment - EPOCH) // grain * grain


def _check_range(since: datetime, until: datetime) -> None:
    if since.tzinfo is None or until.tzinfo is None:
        raise QuestionInvalid("A range needs instants with a time zone.")
    if since >= until:
        raise QuestionInvalid(
            f"The range from {format_instant(since)} until {format_instant(until)} is empty.",
            hint="`since` comes first and `until` is not part of the range.",
        )
    if since < EPOCH or until > _LATEST:
        raise QuestionInvalid(
            f"{format_instant(since)} until {format_instant(until)} is not within the years 1970 to 2099."
        )
