"""Sentences of Korean and English text, with where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# A mark that may end a sentence, with the quotes and brackets that close after it.
_END: Final = re.compile(r"[.!?。！？…]+[\"'”’)\]』」]*")
_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms dr prof sr jr st vs etc e.g i.e eg ie cf al fig eq no vol pp approx inc ltd co corp dept est "
    "jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n ph.d a.m p.m".split()
)
_KOREAN_END: Final = re.compile(r"[다요죠까음함임됨]$")
_LINE: Final = re.compile(r"[^\n]+")
_MARKER: Final = re.compile(r"\s*(?:[-*•·‣▪]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z가-힣][.)]\s+|#{1,6}\s+|>\s+)")
_LONGEST_WORD: Final = 40
_LETTER: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text.

    Attributes:
        start: Where it begins in the text; a list's marker is not part of it.
        end: Where it ends.
    """

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """Split a text into sentences; an item of a list and a heading are one each.

    A full stop ends a sentence if white space or a Korean letter follows, and it is not part of a number, an
    abbreviation, an initial or a numbered item.
    """
    found: list[Sentence] = []
    for line in _LINE.finditer(text):
        marker = _MARKER.match(line[0])
        start = line.start() + (marker.end() if marker else 0)
        found.extend(_in_line(text, start, line.end()))
    return found


def _in_line(text: str, start: int, end: int) -> Iterator[Sentence]:
    begin = start
    for mark in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, mark, end):
            yield from _sentence(text, begin, mark.end())
            begin = mark.end()
    yield from _sentence(text, begin, end)


def _ends_sentence(text: str, begin: int, mark: re.Match[str], end: int) -> bool:
    following = text[mark.end() : mark.end() + 1] if mark.end() < end else " "
    before = text[max(begin, mark.start() - _LONGEST_WORD) : mark.start()]
    if not following.isspace():
        return bool(_KOREAN_END.search(before)) and "가" <= following <= "힣"
    if not mark[0].startswith(".") or mark[0].startswith(".."):
        return True
    word = before.rsplit(maxsplit=1)[-1].lstrip("([\"'“‘").lower() if before.strip() else ""
    is_initial = len(word) == 1 and word.isascii() and word.isalpha()
    return bool(word) and not is_initial and word not in _ABBREVIATIONS


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    stripped = text[start:end].strip()
    if _LETTER.search(stripped):
        begin = start + text[start:end].index(stripped)
        yield Sentence(stripped, begin, begin + len(stripped))
