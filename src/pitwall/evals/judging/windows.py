"""Cuts what is judged into portions that a judge can read: passages, windows of passages, batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

WINDOW_CHARACTERS: Final = 16_000
WINDOW_PASSAGES: Final = 10
BATCH_ITEMS: Final = 20
"""Verdicts that fit into one reply, with their reasons, in any language."""

Thing = TypeVar("Thing")
_BREAKS: Final = ("\n\n", "\n", ". ", "다. ", " ")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk, or a part of one that is too long to be read at once.

    Attributes:
        number: What the judge calls it, from 1.
        chunk: Position of the chunk, from 0.
    """

    number: int
    chunk: int
    text: str


def passages(chunks: Sequence[str], longest: int = WINDOW_CHARACTERS) -> list[Passage]:
    """Number the chunks, those that are too long in parts; an empty chunk has nothing to read."""
    parts = [(chunk, part) for chunk, text in enumerate(chunks) for part in _parts(text.strip(), longest)]
    return [Passage(number, chunk, part) for number, (chunk, part) in enumerate(parts, 1)]


def windows(
    of: Sequence[Passage], characters: int = WINDOW_CHARACTERS, count: int = WINDOW_PASSAGES
) -> list[list[Passage]]:
    """Group passages, in their order, into windows that are judged at once."""
    grouped: list[list[Passage]] = []
    size = 0
    for passage in of:
        if not grouped or len(grouped[-1]) >= count or size + len(passage.text) > characters:
            grouped.append([])
            size = 0
        grouped[-1].append(passage)
        size += len(passage.text)
    return grouped


def batches(items: Sequence[Thing], count: int = BATCH_ITEMS) -> list[Sequence[Thing]]:
    """Split items into as few batches as possible, of nearly the same size."""
    if not items:
        return []
    n_batches = -(-len(items) // count)
    edges = [round(index * len(items) / n_batches) for index in range(n_batches + 1)]
    return [items[start:end] for start, end in pairwise(edges)]


def _parts(text: str, longest: int) -> Iterator[str]:
    while len(text) > longest:
        cut = _cut(text, longest)
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _cut(text: str, longest: int) -> int:
    """Where to cut: after the last break in the second half of what fits, else where it is full."""
    for mark in _BREAKS:
        found = text.rfind(mark, longest // 2, longest)
        if found > 0:
            return found + len(mark)
    return longest
