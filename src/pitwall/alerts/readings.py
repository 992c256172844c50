"""Values of the present for all rules of a project: every question is asked once, all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pitwall.alerts.merging import Merged, Question, batches, merge
from pitwall.alerts.samples import LabelValues, Point, Points, Wanted, Watch, Watched, WindowEnd
from pitwall.core.errors import PitwallError
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalResult
from pitwall.signals.watermark import Present
from pitwall.signals.windows import floor_to

MINUTE = timedelta(minutes=1)


def question_of(wanted: Wanted, present: Present) -> Question:
    """What is asked at a time: the window ends at a whole minute, so that rollups can answer."""
    until = _end(wanted, present) - wanted.back
    return Question(wanted.signal, wanted.by, wanted.where, until - wanted.length, until)


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
        questions = dict.fromkeys(question_of(one, self._present) for one in wanted)
        merged = merge(questions, self._signals.catalogue)
        for batch in batches(merged):
            self._ask(batch)
        self._ask_apart(merged)
        return len(merged)

    def _ask(self, batch: Sequence[Merged]) -> None:
        answers = self._signals.query_many([one.question.query(self._project_id) for one in batch])
        for one, answer in zip(batch, answers, strict=True):
            if isinstance(answer, PitwallError):
                self._answers |= one.fail(answer)
            else:
                self._answers |= one.split(points_of(answer))

    def _ask_apart(self, merged: Sequence[Merged]) -> None:
        """What was too large for one answer is asked one by one."""
        for one in merged:
            if len(one.parts) > 1 and isinstance(self._answers[one.parts[0][0]], QuestionInvalid):
                self._ask([Merged(question, [(question, ())]) for question, _ in one.parts])

    def points(self, wanted: Wanted) -> Points:
        """The values of a window by label set."""
        answer = self._answers[question_of(wanted, self._present)]
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
        question = question_of(wanted, self._present)
        return question.since, question.until


def points_of(result: SignalResult) -> Points:
    """The first window of every series of an answer, by the values of its labels."""
    return {
        tuple(series.labels.values()): Point(series.values[0], series.counts[0], series.bands[0])
        for series in result.series
    }
