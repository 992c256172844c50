"""Whether a case passes: one rule for runs, comparisons, analyses and exports.

A case passes if every metric with a threshold that says something of it lets it pass. It fails if one does
not, or if there was no answer to judge, which is the service's own doing. Where only a judge failed, or said
too little, nobody knows: the case has no verdict, neither a pass nor a fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pitwall.evals.metrics.needs import EMPTY_ANSWER, TARGET_FAILED
from pitwall.evals.types import ScoreStatus

NO_ANSWER: Final = frozenset({EMPTY_ANSWER, TARGET_FAILED})
"""Reasons of errors for which the service stands, not the judge."""
_UNKNOWN: Final = frozenset({ScoreStatus.ERROR.value, ScoreStatus.UNDETERMINED.value})


def is_unanswered(status: str, reason: str | None) -> bool:
    """Whether a score says that there was no answer."""
    return status == ScoreStatus.ERROR.value and reason in NO_ANSWER


def is_unknown(status: str, reason: str | None) -> bool:
    """Whether a metric should have said something of a case, and nobody knows what."""
    return status in _UNKNOWN and not is_unanswered(status, reason)


class CaseVerdict:
    """Takes in what the metrics with a threshold say of one case."""

    __slots__ = ("_fails", "_is_unknown", "_passes")

    def __init__(self) -> None:
        self._passes = self._fails = self._is_unknown = False

    def take(self, status: str, reason: str | None, passed: bool | None) -> None:
        """Take in one metric: its status, why it has no value, and whether its value passes."""
        self._passes |= passed is True
        self._fails |= passed is False or is_unanswered(status, reason)
        self._is_unknown |= is_unknown(status, reason)

    @property
    def passed(self) -> bool | None:
        """Whether the case passes; None if nothing can be said."""
        if self._fails:
            return False
        return True if self._passes and not self._is_unknown else None


def share_passed(verdicts: Iterable[bool | None]) -> tuple[int, int]:
    """How many cases pass, and how many have a verdict."""
    decided = [verdict for verdict in verdicts if verdict is not None]
    return sum(decided), len(decided)
