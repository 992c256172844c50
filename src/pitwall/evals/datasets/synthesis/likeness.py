"""Whether two questions are nearly the same, by the groups of three letters that they share; pure."""

from __future__ import annotations

import re
import unicodedata

_OTHER = re.compile(r"[\W_]+")
_GRAM = 3


class AskedBefore:
    """Questions that were taken.

    Args:
        same_from: Share of common letter groups, 0 to 1, from which on two questions count as one.
    """

    def __init__(self, same_from: float) -> None:
        self._same_from = same_from
        self._taken: list[frozenset[str]] = []

    def take(self, question: str) -> bool:
        """Whether no question like it was taken before; it is taken now if so."""
        grams = _grams(question)
        if any(_likeness(grams, other) >= self._same_from for other in self._taken):
            return False
        self._taken.append(grams)
        return True


def _grams(text: str) -> frozenset[str]:
    plain = _OTHER.sub("", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(plain[at : at + _GRAM] for at in range(max(1, len(plain) - _GRAM + 1)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    shorter, longer = sorted((len(one), len(other)))
    if shorter < longer * 0.5:
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)
