"""Documents cut into passages that a question can rest on: at paragraphs, else at sentences; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pitwall.evals.datasets.synthesis.types import Document, Passage

LENGTH = 1_200
"""Characters of a passage, about."""
LEAST = 80
"""A passage with fewer characters has nothing to ask about."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=[다요]\.)\s*|\n")


def cut(document: Document, length: int = LENGTH, least: int = LEAST) -> list[Passage]:
    """Passages in the order of the document; each is a stretch of it, none overlaps another.

    Args:
        length: Characters of a passage at most.
        least: Shorter ones are left out.
    """
    passages: list[Passage] = []
    start, end = 0, 0
    for _, last in _pieces(document.text, length):
        if end > start and last - start > length:
            passages.append(_passage(document, start, end))
            start = end
        end = last
    passages.append(_passage(document, start, len(document.text)))
    return [one for one in passages if len(one.text) >= min(least, length)]


def _passage(document: Document, start: int, end: int) -> Passage:
    """A stretch without the blanks around it."""
    text = document.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return Passage(document.name, start, start + len(text), text)


def _pieces(text: str, length: int) -> Iterator[tuple[int, int]]:
    """Paragraphs, sentences of long ones, stretches of long sentences; together the whole text."""
    for start, end in _split(text, 0, len(text), _PARAGRAPH):
        if end - start <= length:
            yield start, end
            continue
        for first, last in _split(text, start, end, _SENTENCE):
            for at in range(first, last, length):
                yield at, min(at + length, last)


def _split(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    begin = start
    for match in mark.finditer(text, start, end):
        if match.end() > begin:
            yield begin, match.end()
            begin = match.end()
    if begin < end:
        yield begin, end
