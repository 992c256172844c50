"""Conversations in memory: the last turns of recent sessions, so that a follow-up can be understood."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence

Turn = tuple[str, str]
_REFERS_BACK = re.compile(r"^\s*(?:그럼|그러면|그건|그거|그게|그리고|거기|이건|이거)")
_SHORT_CHARACTERS = 14


class Sessions:
    """Keeps `max_turns` turns each of the `max_sessions` sessions used last."""

    def __init__(self, *, max_sessions: int = 1000, max_turns: int = 3) -> None:
        self._max_sessions = max_sessions
        self._max_turns = max_turns
        self._turns: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def history(self, session_id: str) -> tuple[Turn, ...]:
        """Earlier (question, answer) pairs, oldest first."""
        return self._turns.get(session_id, ())

    def remember(self, session_id: str, question: str, answer: str) -> None:
        turns = (*self.history(session_id), (question, answer))
        self._turns[session_id] = turns[-self._max_turns :]
        self._turns.move_to_end(session_id)
        while len(self._turns) > self._max_sessions:
            self._turns.popitem(last=False)


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """The question with the one before it when it is short or refers back; on its own otherwise."""
    if history and (len(question) <= _SHORT_CHARACTERS or _REFERS_BACK.match(question)):
        return f"{history[-1][0]} {question}"
    return question
