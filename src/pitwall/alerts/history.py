"""Series of the past as conditions read them, moment by moment; of previews and of rule tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Protocol

from pitwall.alerts.samples import LabelValues, Point, Points, Wanted, Watch, Watched
from pitwall.core.vocabulary import Band
from pitwall.signals.bands import Bands

_NO_POINT = Point(None, 0, Band.NO_DATA)


@dataclass(slots=True)
class Track:
    """One series: values of windows that follow each other, and what they rest on."""

    values: list[float | None]
    counts: list[int]
    _sums: tuple[list[float], list[int]] | None = field(default=None, repr=False)

    def point(self, end: int, windows: int, bands: Bands) -> Point | None:
        """The value of so many windows up to one, not including it; None before the beginning.

        A longer window of a ratio or a mean is exactly the mean of its parts, weighted by what they rest on.
        """
        if end <= 0 or end > len(self.values):
            return None
        if windows <= 1:
            value, count = self.values[end - 1], self.counts[end - 1]
        else:
            value, count = self._mean(max(0, end - windows), end)
        return None if value is None and not count else Point(value, count, bands.judge(value, count))

    def _mean(self, start: int, end: int) -> tuple[float | None, int]:
        if self._sums is None:
            pairs = zip(self.values, self.counts, strict=True)
            known = [(value or 0.0, 0 if value is None else count) for value, count in pairs]
            totals = accumulate((value * count for value, count in known), initial=0.0)
            self._sums = list(totals), list(accumulate((count for _, count in known), initial=0))
        totals_, counts = self._sums
        count = counts[end] - counts[start]
        return ((totals_[end] - totals_[start]) / count if count else None), count


@dataclass(slots=True)
class Tracks:
    """Series with the same windows: of length `step`, the first one from `start`."""

    start: datetime
    step: timedelta
    bands: Bands
    by_labels: Mapping[LabelValues, Track]

    def points(self, at: datetime, length: timedelta) -> Points:
        """The values of the latest complete window of a length at a time."""
        end, windows = (at - self.start) // self.step, length // self.step
        found = {labels: track.point(end, windows, self.bands) for labels, track in self.by_labels.items()}
        if () in found:  # what is not split has an answer at all times
            found[()] = found[()] or _NO_POINT
        return {labels: point for labels, point in found.items() if point is not None}


class Past(Protocol):
    """Where series of the past are found."""

    def tracks(self, wanted: Wanted) -> Tracks:
        """The series that a condition looks at.

        Raises:
            PitwallError: The question cannot be answered.
        """

    def watched(self, watch: Watch, at: datetime) -> Mapping[LabelValues, Watched]:
        """What detectors said at a time; the same errors."""


class PastReader:
    """Reads the past as the present of a moment."""

    def __init__(self, past: Past, at: datetime) -> None:
        self._past = past
        self._at = at

    def points(self, wanted: Wanted) -> Points:
        """The values of a window by label set."""
        return self._past.tracks(wanted).points(self._end(wanted), wanted.length)

    def watched(self, watch: Watch) -> Mapping[LabelValues, Watched]:
        """The verdicts of detectors by label set."""
        return self._past.watched(watch, self._at)

    def bounds(self, wanted: Wanted) -> tuple[datetime, datetime]:
        """Start and end of a window."""
        end = self._end(wanted)
        return end - wanted.length, end

    def _end(self, wanted: Wanted) -> datetime:
        return self._at - wanted.back - (wanted.settle or timedelta())
