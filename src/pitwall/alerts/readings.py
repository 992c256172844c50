"""Values of the present for all rules of a project: every question is asked once, all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pitwall.alerts.samples import LabelValues, Point, Points, Wanted, Watch, Watched, WindowEnd
from pitwall.core.errors import PitwallError
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery, SignalResult
from pitwall.signals.watermark import Present
from pitwall.signals.windows import floor_to

MINUTE = timedelta(minutes=1)


class Question(NamedTuple):
    """What `Wanted` means at a time; conditions that mean the same share the answer."""

    signal: str
    by: tuple[str, ...]
    where: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, wanted: Wanted, present: Present) -> Question:
        """The question at a time: its window ends at a whole minute, so that rollups can answer."""
        until = _end(wanted, present) - wanted.back
        return cls(wanted.signal, wanted.by, wanted.where, until - wanted.length, until)

    def query(self, project_id: str) -> SignalQuery:
        """The question as signals take it."""
        return SignalQuery(self.signal, project_id, self.since, self.until, by=self.by, where=self.where)


def _end(wanted: Wanted, present: Present) -> datetime:
    if wanted.settle is not None:
        return floor_to(present.now - wanted.settle, MINUTE)
    if wanted.end is WindowEnd.COMPLETE:
        return floor_to(present.watermark, MINUTE)
    return floor_to(present.now, MINUTE) + MINUTE


class Readings:
    """Answers of one moment.

    Args:
        signals: Has the numbers.
        project_id: Whose.
        present: The moment.
        watched: What detectors said last.
    """

    def __init__(
        self,
        signals: Signals,
        project_id: str,
        present: Present,
        watched: Mapping[Watch, Mapping[LabelValues, Watched] | PitwallError],
    ) -> None:
        self._signals = signals
        self._project_id = project_id
        self._present = present
        self._watched = watched
        self._answers: dict[Question, Points | PitwallError] = {}

    def ask(self, wanted: Iterable[Wanted]) -> int:
        """Get the answers to everything that will be wanted; returns how many questions that took.

        Raises:
            StoreUnavailable: The store cannot be reached.
        """
        questions = list(dict.fromkeys(Question.of(one, self._present) for one in wanted))
        answers = self._signals.query_many([one.query(self._project_id) for one in questions])
        for question, answer in zip(questions, answers, strict=True):
            self._answers[question] = answer if isinstance(answer, PitwallError) else points_of(answer)
        return len(questions)

    def points(self, wanted: Wanted) -> Points:
        """The values of a window by label set."""
        answer = self._answers[Question.of(wanted, self._present)]
        if isinstance(answer, PitwallError):
            raise answer
        return answer

    def watched(self, watch: Watch) -> Mapping[LabelValues, Watched]:
        """The latest verdicts of detectors by label set."""
        answer = self._watched.get(watch, {})
        if isinstance(answer, PitwallError):
            raise answer
        return answer

    def bounds(self, wanted: Wanted) -> tuple[datetime, datetime]:
        """Start and end of a window."""
        question = Question.of(wanted, self._present)
        return question.since, question.until


def points_of(result: SignalResult) -> Points:
    """The first window of every series of an answer, by the values of its labels."""
    return {
        tuple(series.labels.values()): Point(series.values[0], series.counts[0], series.bands[0])
        for series in result.series
    }
