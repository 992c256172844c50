"""Questions about signals and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Band


@dataclass(frozen=True, slots=True)
class SignalQuery:
    """A question: one signal of one project over a range.

    Attributes:
        name: Name of the signal.
        project: Whose telemetry.
        since: Start of the range, aware.
        until: End of the range, not part of it, aware.
        step: Length of the windows, which are aligned to the epoch and cover the range; None for the range
            as one window, as it is.
        by: Dimensions of the signal that split the answer.
        where: Condition in the expression language that the records must also meet; empty for none.
    """

    name: str
    project: str
    since: datetime
    until: datetime
    step: timedelta | None = None
    by: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """A question for all signals at once; the fields mean what they mean in `SignalQuery`."""

    project: str
    since: datetime
    until: datetime
    step: timedelta | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One window of one series.

    Attributes:
        labels: Values of the dimensions; empty for the whole.
        start: Start of the window, UTC.
        end: End of the window, not part of it.
        value: In the signal's unit; None where there is no data.
        count: How many observations the value rests on.
        band: Where the value stands; `no_data` where it is absent or too thin.
        is_complete: Whether everything that happened in the window has arrived as far as we can know.
    """

    labels: Mapping[str, str]
    start: datetime
    end: datetime
    value: float | None
    count: int
    band: Band
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open window, UTC, and whether all that happened in it has arrived as far as we can know."""

    start: datetime
    end: datetime
    is_complete: bool


@dataclass(frozen=True, slots=True)
class SignalSeries:
    """One series: a value, its count and its band for every window of the answer."""

    labels: Mapping[str, str]
    values: list[float | None]
    counts: list[int]
    bands: list[Band]


@dataclass(frozen=True, slots=True)
class SignalResult:
    """The answer: every window of every series that had data in the range, oldest first.

    Attributes:
        tables: Where the numbers were read: rollup tiers or raw records.
        watermark: Time up to which data counts as complete.
    """

    name: str
    unit: str
    since: datetime
    until: datetime
    step: timedelta
    by: tuple[str, ...]
    tables: tuple[str, ...]
    watermark: datetime
    windows: list[Window]
    series: list[SignalSeries]

    @property
    def rows(self) -> list[SignalRow]:
        """The same as a list, one series after the other."""
        return [
            SignalRow(series.labels, window.start, window.end, value, count, band, window.is_complete)
            for series in self.series
            for window, value, count, band in zip(
                self.windows, series.values, series.counts, series.bands, strict=True
            )
        ]


Answer = SignalResult | PitwallError
"""What became of one question among several."""


class ExemplarOrder(StrEnum):
    """Which records come first."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    FAILED = "failed"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class ExemplarQuery:
    """A question for the traces behind a value.

    Attributes:
        name: Name of the signal.
        project: Whose telemetry.
        since: Start of the window, aware.
        until: End of the window, not part of it.
        labels: Names and values of the labels of the series.
        where: The further condition of the question that the value answers.
        limit: How many traces at most.
    """

    name: str
    project: str
    since: datetime
    until: datetime
    labels: tuple[tuple[str, str], ...] = ()
    where: str = ""
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A record behind a value, with the span it belongs to; one per trace.

    Attributes:
        span_id: Absent where the record only names its trace; the root span then describes it.
        unix_nano: When the record happened.
        value: The record's own share in the value; None if it has none.
        name: Of the span; None, as everything after it, if the trace is not stored.
    """

    trace_id: str
    span_id: str | None
    unix_nano: int
    value: float | None
    name: str | None = None
    service: str | None = None
    model: str | None = None
    status: str | None = None
    duration_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Exemplars:
    """The traces behind a value, in an order."""

    name: str
    order: ExemplarOrder
    exemplars: list[Exemplar]
