"""One signal with its condition, asked along many dimensions in two stretches of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.incidents.decomposition import NOTHING, Kind, Measure, Slice
from pitwall.incidents.dimensions import COUNTS, leading_aggregate
from pitwall.incidents.explanation import Stretch
from pitwall.signals.bands import Bands, Better
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.expressions import (
    Aggregate,
    Column,
    Comparison,
    Condition,
    Function,
    Not,
    Source,
    Truth,
    conjunction,
)
from pitwall.signals.service import Signals, required
from pitwall.signals.sources import SOURCES, Type
from pitwall.signals.types import ExemplarQuery, SignalQuery, SignalResult

_MAX_EXAMPLES: Final = 3
_MINUTE: Final = timedelta(minutes=1)
_WINDOWS: Final = 6
"""Windows of the time before by which its noise is judged, at least."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A signal as an alert looks at it.

    Attributes:
        condition: Which records the alert looks at; None for all.
    """

    signals: Signals
    project_id: str
    signal: Signal
    kind: Kind
    condition: Condition | None

    def total(self, stretch: Stretch, like: Stretch) -> Measure:
        """The whole of a stretch; sums as they would be in one as long as another."""
        return self._measures(self.signals.query(self._query(stretch)), stretch, like).get("", NOTHING)

    def windows(self, stretch: Stretch, like: Stretch) -> list[Measure]:
        """The whole of a stretch window by window, each at most as long as another stretch."""
        length = min(like.until - like.since, (stretch.until - stretch.since) / _WINDOWS)
        step = max(length // _MINUTE * _MINUTE, _MINUTE)
        result = self.signals.query(replace(self._query(stretch), step=step))
        found = []
        for series in result.series:
            for window, value, count in zip(result.windows, series.values, series.counts, strict=True):
                if stretch.since <= window.start and window.end <= stretch.until:
                    held = self._held(value, count, Stretch(window.start, window.end))
                    found.append(Measure(value, held))
        return found

    def slices(
        self, names: Sequence[str], window: Stretch, baseline: Stretch
    ) -> Mapping[str, Sequence[Slice]]:
        """Every dimension that has more than one value, with its values."""
        found: dict[str, Sequence[Slice]] = {}
        nows = self._split(names, window, window)
        befores = self._split(names, baseline, window)
        for name, now, before in zip(names, nows, befores, strict=True):
            values = dict.fromkeys([*now, *before])
            if len(values) > 1:
                found[name] = [
                    Slice(value, before.get(value, NOTHING), now.get(value, NOTHING)) for value in values
                ]
        return found

    def without(self, name: str, value: str, stretch: Stretch) -> float | None:
        """The value of all records but those with a value of a dimension."""
        others = Not(equals(self.signal, name, value))
        return self.signals.query(self._query(stretch, others)).series[0].values[0]

    def examples(self, window: Stretch, label: tuple[str, str] | None) -> tuple[str, ...]:
        """Traces behind the value, those that make it worse first."""
        query = ExemplarQuery(
            self.signal.name,
            self.project_id,
            window.since,
            window.until,
            () if label is None else (label,),
            self._where(),
            _MAX_EXAMPLES,
        )
        try:
            return tuple(one.trace_id for one in self.signals.exemplars(query).exemplars)
        except InvalidInput:  # of some there are none
            return ()

    def beyond(self, limit: float, *, is_above: bool) -> Asked | None:
        """The share of records beyond a limit, asked alike; None if the signal is no quantile of a column."""
        aggregate = self.signal.value
        if not isinstance(aggregate, Aggregate) or aggregate.function is not Function.QUANTILE:
            return None
        assert aggregate.argument is not None  # a quantile is one of a column
        share = replace(
            self.signal,
            value=Aggregate(
                Function.RATIO,
                condition=Comparison(aggregate.argument, ">" if is_above else "<", limit),
                base=aggregate.condition,
            ),
            unit="ratio",
            better=Better.LOWER,
            bands=Bands(),
        )
        signals = self.signals.with_catalogue(Catalogue([share]))
        return replace(self, signals=signals, signal=share, kind=Kind.RATIO)

    def _split(
        self, names: Sequence[str], stretch: Stretch, like: Stretch
    ) -> Iterator[Mapping[str, Measure]]:
        answers = self.signals.query_many([self._query(stretch, by=name) for name in names])
        for name, answer in zip(names, answers, strict=True):
            yield self._measures(required(answer), stretch, like, name)

    def _query(
        self, stretch: Stretch, also: Condition | None = None, *, by: str | None = None
    ) -> SignalQuery:
        return SignalQuery(
            self.signal.name,
            self.project_id,
            stretch.since,
            stretch.until,
            by=() if by is None else (by,),
            where=self._where(also),
        )

    def _where(self, also: Condition | None = None) -> str:
        condition = conjunction(self.condition, also)
        return "" if condition is None else str(condition)

    def _measures(
        self, result: SignalResult, stretch: Stretch, like: Stretch, name: str = ""
    ) -> Mapping[str, Measure]:
        """Values by label; sums as they would be in a stretch as long as another one."""
        factor = 1.0
        if self.kind is Kind.SUM and self.signal.per is None:
            factor = like.seconds / stretch.seconds
        found = {}
        for series in result.series:
            value, count = series.values[0], series.counts[0]
            held = self._held(value, count, stretch)
            found[series.labels.get(name, "")] = Measure(None if value is None else value * factor, held)
        return found

    def _held(self, value: float | None, count: int, stretch: Stretch) -> int:
        """How many records make up a value: of what is counted, only those that are."""
        aggregate = leading_aggregate(self.signals.catalogue, self.signal)
        if (
            self.kind is not Kind.SUM
            or aggregate is None
            or aggregate.function not in COUNTS
            or value is None
        ):
            return count
        if self.signal.per is None:
            return round(value)
        return round(value * stretch.seconds / self.signal.per.total_seconds())


def equals(signal: Signal, name: str, value: str) -> Condition:
    """The condition that the records of a signal have a value of a dimension."""
    source = Source.SPANS if signal.over is None else signal.over.source
    spec = SOURCES[source].columns.get(name)
    column = Column(name)
    if spec is not None and spec.type is Type.TRUTH:
        return Truth(column) if value == "true" else Not(Truth(column))
    return Comparison(column, "=", value)
