"""What a detector would have said of a history, window by window, without looking ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pitwall.anomalies.monitor import SeriesMonitor
from pitwall.anomalies.registry import DEFAULT
from pitwall.anomalies.types import Judgement, Observation, Status
from pitwall.core.errors import InvalidInput

_WEEK_S = 604_800.0


class HistoryInvalid(InvalidInput):
    """The arrays of a history do not fit each other."""

    default_code = "anomaly.history"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that would have been raised.

    Attributes:
        index: Of the window in the history.
        time_s: Start of the window, seconds since the epoch.
        value: Of the window.
    """

    index: int
    time_s: float
    value: float
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a detector would have said.

    Attributes:
        alarms: In order of time.
        scores: One for each window; NaN where nothing was judged.
        usual: One row for each window: expected value, low and high end of the usual range; NaN where
            unknown.
        statuses: One for each window.
        last: What was said of the last window with a value; None if none had one.
        judged: How many windows were judged.
        learning: How many came too early to be judged.
        missing: How many had no data.
        judged_weeks: How long all judged windows are together.
    """

    alarms: Sequence[Alarm]
    scores: NDArray[np.float64]
    usual: NDArray[np.float64]
    statuses: list[Status]
    last: Judgement | None
    judged: int
    learning: int
    missing: int
    judged_weeks: float

    @property
    def alarms_per_week(self) -> float | None:
        """Alarms in a week of judged windows; None if none was judged."""
        return len(self.alarms) / self.judged_weeks if self.judged_weeks else None


def backtest(
    times_s: ArrayLike,
    values: ArrayLike,
    *,
    step_s: float,
    counts: ArrayLike | None = None,
    detector: str = DEFAULT,
    false_alarms_per_week: float = 1.0,
) -> Backtest:
    """Run a new monitor over a history in one pass, as it would have run live.

    Args:
        times_s: (n,) starts of the windows, seconds since the epoch, oldest first.
        values: (n,) in the signal's unit; NaN is no data.
        step_s: Length of the windows in seconds.
        counts: (n,) how many observations each value rests on; None where that does not matter.
        detector: Name of the detector.
        false_alarms_per_week: How many alarms a week are acceptable when nothing is wrong.

    Raises:
        HistoryInvalid: The arrays are not one-dimensional or of different lengths.
        UnknownDetector: No detector has that name.
    """
    columns = [
        np.asarray(one, dtype=np.float64) for one in (times_s, values, *([] if counts is None else [counts]))
    ]
    if any(column.ndim != 1 or column.shape != columns[0].shape for column in columns):
        shapes = ", ".join(str(column.shape) for column in columns)
        raise HistoryInvalid(
            f"Times, values and counts have the shapes {shapes}.",
            hint="Give one-dimensional arrays of one length.",
        )
    monitor = SeriesMonitor(step_s, detector=detector, false_alarms_per_week=false_alarms_per_week)
    scores = np.full(columns[0].size, np.nan)
    usual = np.full((columns[0].size, 3), np.nan)
    alarms, last = [], None
    statuses: list[Status] = []
    for index, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        verdict = monitor.observe(Observation(*row))
        judgement = verdict.judgement
        statuses.append(judgement.status)
        if judgement.status is not Status.NO_DATA:
            last = judgement
        if judgement.score is not None:
            scores[index] = judgement.score
        if judgement.usual is not None:
            usual[index] = (judgement.usual.value, *_range(judgement))
        if verdict.is_alarm:
            alarms.append(Alarm(index, row[0], row[1], judgement))
    return Backtest(
        alarms,
        scores,
        usual,
        statuses,
        last,
        judged=statuses.count(Status.JUDGED),
        learning=statuses.count(Status.NOT_ENOUGH_HISTORY),
        missing=statuses.count(Status.NO_DATA),
        judged_weeks=statuses.count(Status.JUDGED) * step_s / _WEEK_S,
    )


def _range(judgement: Judgement) -> tuple[float, float]:
    usual = judgement.usual
    if usual is None or usual.low is None or usual.high is None:
        return float("nan"), float("nan")
    return usual.low, usual.high
