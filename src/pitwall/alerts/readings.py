"""Values of the present for all rules of a project: every question is asked once, all of them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
_LONG = timedelta(hours=1)
_LOOKS = 240


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


class LongAnswers:
    """Answers for long windows, which hardly change from one round to the next.

    What the last 24 hours say is asked every six minutes: once in a 240th of the window.
    """

    def __init__(self) -> None:
        self._answers: dict[Wanted, tuple[datetime, Question, Points]] = {}

    def find(self, wanted: Wanted, now: datetime) -> tuple[Question, Points] | None:
        """The last answer, if it is young enough."""
        if wanted.length < _LONG:
            return None
        asked_at, question, points = self._answers.get(wanted, (None, None, None))
        if asked_at is None or question is None or points is None:
            return None
        return (question, points) if abs(now - asked_at) < wanted.length / _LOOKS else None

    def keep(self, wanted: Wanted, now: datetime, question: Question, points: Points) -> None:
        """Remember an answer if its window is long."""
        if wanted.length >= _LONG:
            self._answers[wanted] = (now, question, points)

    def retain(self, wanted: Collection[Wanted]) -> None:
        """Forget what nobody asks any more."""
        self._answers = {one: answer for one, answer in self._answers.items() if one in wanted}


class Readings:
    """Answers of one moment.

    Args:
        signals: Has the numbers.
        project_id: Whose.
        present: The moment.
        watched: What detectors said last.
        long: Answers for long windows of earlier rounds.
    """

    def __init__(
        self,
        signals: Signals,
        project_id: str,
        present: Present,
        watched: Mapping[Watch, Mapping[LabelValues, Watched] | PitwallError],
        long: LongAnswers | None = None,
    ) -> None:
        self._long = long or LongAnswers()
        self._questions: dict[Wanted, Question] = {}
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
        new = [one for one in dict.fromkeys(wanted) if not self._recall(one)]
        merged = merge(dict.fromkeys(self._question(one) for one in new), self._signals.catalogue)
        for batch in batches(merged):
            self._ask(batch)
        self._ask_apart(merged)
        for one in new:
            answer = self._answers[self._question(one)]
            if not isinstance(answer, PitwallError):
                self._long.keep(one, self._present.now, self._question(one), answer)
        return len(merged)

    def _question(self, wanted: Wanted) -> Question:
        question = self._questions.get(wanted)
        if question is None:
            question = self._questions[wanted] = question_of(wanted, self._present)
        return question

    def _recall(self, wanted: Wanted) -> bool:
        found = self._long.find(wanted, self._present.now)
        if found is not None:
            self._questions[wanted], self._answers[found[0]] = found
        return found is not None

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
        answer = self._answers[self._question(wanted)]
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
        question = self._question(wanted)
        return question.since, question.until


def points_of(result: SignalResult) -> Points:
    """The first window of every series of an answer, by the values of its labels."""
    return {
        tuple(series.labels.values()): Point(series.values[0], series.counts[0], series.bands[0])
        for series in result.series
    }
