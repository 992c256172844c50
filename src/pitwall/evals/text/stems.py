"""Words and their other forms: English endings come off, Korean words are compared by how they begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from pitwall.evals.text.particles import is_hangul

FUNCTION_WORDS: Final = frozenset(
    "a an the of to in on at for by with from as and or but if then than that this these those is are was "
    "were be been being am do does did have has had it its he she they them his her their him there here "
    "what which who whom whose when where why how so too very can could will would shall should may might "
    "must also just about into over under out up down not no nor only own same such s t yes yeah yep ok "
    "okay oh hi hello 네 예 아니요 아니오".split()
)
"""Words that carry no content of their own; those of the speaker (`I`, `my`) are not among them.

A bare yes says nothing without its question.
"""

_ENDINGS: Final = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ly", ""),
    ("es", ""),
    ("s", ""),
)
_LEAST: Final = 3
_LEAST_SHARED: Final = 2
_SHARE: Final = 0.39


def stem(token: str) -> str:
    """Return an English word without its regular ending; other words as they are."""
    if len(token) <= _LEAST or not (token.isascii() and token.isalpha()):
        return token
    for ending, instead in _ENDINGS:
        if token.endswith(ending) and len(token) - len(ending) >= _LEAST and token[-2:] not in ("ss", "us"):
            token = token[: -len(ending)] + instead
            break
    if len(token) > _LEAST and token[-1] == "e":
        token = token[:-1]
    return token[:-1] if len(token) > _LEAST and token[-1] == token[-2] else token


class Vocabulary:
    """The words of a text, found also by another form of them."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._known = set(tokens)
        self._korean: dict[str, list[str]] = defaultdict(list)
        for token in sorted(self._known):
            if is_hangul(token[0]):
                self._korean[token[0]].append(token)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __contains__(self, token: object) -> bool:
        return token in self._known

    def nearest(self, token: str) -> str:
        """Return the word of the text that a word is a form of, the word itself if there is none.

        Korean words are forms of one another if they begin with the same two syllables (or one has but one),
        and what they share is two fifths of the word or more: `가능합니다` is `가능하다`.
        """
        if token in self._known or not is_hangul(token[0]):
            return token
        best, shared = token, _SHARE
        for other in self._korean.get(token[0], ()):
            length = _shared_start(token, other)
            if (length >= _LEAST_SHARED or length == len(other)) and length / len(token) > shared:
                best, shared = other, length / len(token)
        return best


def _shared_start(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
