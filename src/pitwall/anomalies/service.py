"""Back-tests of detectors on signals, over any split: what would have been told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from math import nan
from typing import TYPE_CHECKING, Final

from pitwall.anomalies.registry import DEFAULT, find_detector
from pitwall.anomalies.trust import rests_on_count
from pitwall.anomalies.types import Status
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.evaluation import check_question
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery, SignalResult, SignalSeries
from pitwall.signals.windows import EPOCH, aligned_grid

if TYPE_CHECKING:
    from pitwall.anomalies.backtest import Alarm, Backtest

MAX_POINTS: Final = 200_000
"""Windows of all series together, those that are only learnt included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyQuery:
    """A question: what would a detector have told of a signal.

    Attributes:
        query: Signal, range and split.
        step: Length of the windows.
        learn: So much time before the range the detector sees first, without being asked.
        detector: Its name.
        false_alarms_per_week: How many alarms a week and series are acceptable when nothing is wrong.
        max_series: Series that are looked at, those with the most observations.
        timezone: In which weekdays and hours are told.
    """

    query: SignalQuery
    step: timedelta
    learn: timedelta
    detector: str = DEFAULT
    false_alarms_per_week: float = 1.0
    max_series: int = 20
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class SeriesTold:
    """One series of a back-test.

    Attributes:
        told: Of every complete window, those before the range included.
        alarms: Those in the range.
        judged: How many windows of the range were judged.
    """

    series: SignalSeries
    told: Backtest
    alarms: Sequence[Alarm]
    judged: int


@dataclass(frozen=True, slots=True)
class SignalBacktest:
    """What a detector would have told of a signal.

    Attributes:
        result: The numbers, from the first window that is learnt.
        begin: Number of the first window of the range.
        windows: How many windows are complete; later ones are not looked at.
        left_out: Series beyond `max_series`.
    """

    asked: AnomalyQuery
    result: SignalResult
    begin: int
    windows: int
    series: Sequence[SeriesTold]
    left_out: int


class Anomalies:
    """Everything that can be asked about anomalies of signals.

    Args:
        signals: Where the numbers come from.
    """

    def __init__(self, signals: Signals) -> None:
        self.signals = signals

    def backtest(self, asked: AnomalyQuery) -> SignalBacktest:
        """Run a detector over a signal's past, window by window, as it would have run live.

        Raises:
            UnknownSignal: There is no such signal.
            UnknownDetector: There is no such detector.
            QuestionInvalid: The range, step or labels do not fit, or the answer would be too large.
            InvalidSensitivity: The accepted number of false alarms is not positive.
        """
        query = asked.query
        find_detector(asked.detector)
        aligned_grid(query.since, query.until, asked.step)  # what is learnt must not hide an empty range
        signal = check_question(self.signals.catalogue, query.name, by=query.by, where=query.where)
        result = self.signals.query(_with_past(asked))
        complete = sum(window.is_complete for window in result.windows)
        chosen = sorted(result.series, key=lambda one: sum(one.counts), reverse=True)[: asked.max_series]
        _check_size(len(chosen) * complete)
        has_counts = rests_on_count(self.signals.catalogue, signal)
        begin = sum(window.start < _begin(query, result) for window in result.windows[:complete])
        told = [_told(one, asked, result, complete, begin, has_counts=has_counts) for one in chosen]
        return SignalBacktest(asked, result, begin, complete, told, len(result.series) - len(chosen))


def _with_past(asked: AnomalyQuery) -> SignalQuery:
    query = asked.query
    since = query.since - min(asked.learn, query.since - EPOCH)
    return replace(query, since=since, step=asked.step)


def _begin(query: SignalQuery, result: SignalResult) -> datetime:
    """Start of the window that the range begins in."""
    return query.since - (query.since - result.since) % result.step


def _check_size(points: int) -> None:
    if points > MAX_POINTS:
        raise QuestionInvalid(
            f"{points} windows are more than the {MAX_POINTS} that a back-test looks at.",
            hint="Choose a longer step, a shorter range or less to learn from, or split by fewer labels.",
        )


def _told(
    series: SignalSeries,
    asked: AnomalyQuery,
    result: SignalResult,
    windows: int,
    begin: int,
    *,
    has_counts: bool,
) -> SeriesTold:
    from pitwall.anomalies.backtest import backtest  # numpy: a server starts without it

    told = backtest(
        [window.start.timestamp() for window in result.windows[:windows]],
        [nan if value is None else value for value in series.values[:windows]],
        step_s=result.step.total_seconds(),
        counts=series.counts[:windows] if has_counts else None,
        detector=asked.detector,
        false_alarms_per_week=asked.false_alarms_per_week,
    )
    alarms = [alarm for alarm in told.alarms if alarm.index >= begin]
    return SeriesTold(series, told, alarms, told.statuses[begin:].count(Status.JUDGED))
