"""How many traces or spans match, over time; a trace counts where a list has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import NANOS_PER_HOUR
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.hours import HourlyCounts
from pitwall.traces.matching import TextSearch
from pitwall.traces.types import Level, Selection

_NANOS: Final = 1_000_000_000
_HOUR: Final = NANOS_PER_HOUR // _NANOS
_DAY: Final = 24 * _HOUR
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, *(_HOUR * n for n in (1, 2, 3, 6, 12)))
"""Lengths of a bucket in seconds; longer ones are whole days."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Matches that began in a bucket; `start` in seconds since 1970."""

    start: int
    count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Matches over time, every bucket of the range, oldest first; the first and the last may be cut off."""

    step_seconds: int
    buckets: Sequence[Bucket]


class HistogramRepository:
    """Counts over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self._hours = HourlyCounts(engine)
        self._texts = TextSearch(engine)

    def histogram(
        self, selection: Selection, since_nano: int, until_nano: int, level: Level, buckets: int
    ) -> Histogram:
        """Count the matches of a selection, which has the same limits; about `buckets` buckets."""
        step = choose_step((until_nano - since_nano) / _NANOS, buckets)
        first, last = since_nano // _NANOS // step, (until_nano - 1) // _NANOS // step
        counted = self._counts(selection, step, level)
        parameters = {**counted.parameters, "step": step}
        rows = self._engine.query(counted.text, parameters, settings=QUERY_SETTINGS).rows
        counts = {bucket: (count, failed) for bucket, count, failed in rows}
        return Histogram(
            step, [Bucket(number * step, *counts.get(number, (0, 0))) for number in range(first, last + 1)]
        )

    def _counts(self, selection: Selection, step: int, level: Level) -> Sql:
        """Rows of bucket, matches, and failed matches."""
        is_span = level is Level.SPAN
        rolled = self._hours.rows(selection, {}, at="at") if is_span and step % _HOUR == 0 else None
        if rolled is not None:
            sql = f"SELECT {_bucket('at')}, sum(n), sum(failed) FROM {rolled.text} GROUP BY bucket"
            return Sql(sql, rolled.parameters)
        match = self._texts.matching(selection)
        second, failed = "toInt64(toUnixTimestamp(started_at))", "status = 'error'"
        if is_span:
            sql = (
                f"SELECT {_bucket(second)}, count(), countIf({failed}) FROM spans WHERE {match.text} "
                "GROUP BY bucket"
            )
        else:
            sql = (
                f"SELECT {_bucket('at')}, count(), sum(failed) FROM (SELECT min({second}) AS at, "
                f"max({failed}) AS failed FROM spans WHERE {match.text} GROUP BY trace_id) GROUP BY bucket"
            )
        return Sql(sql, match.parameters)


def choose_step(length_seconds: float, buckets: int) -> int:
    """Choose the shortest step in seconds that people count in of which at most `buckets` cover a range."""
    for step in _STEPS:
        if step * buckets >= length_seconds:
            return step
    return max(1, int(-(-length_seconds // (buckets * _DAY)))) * _DAY


def _bucket(second: str) -> str:
    return f"intDiv({second}, {{step:Int64}}) AS bucket"
