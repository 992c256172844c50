"""BM25: how well passages fit the words of a question. Lists of words in, scores out."""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pitwall.evals.retrievers.types import Hit

K1: Final = 1.2
B: Final = 0.75


def inverse_frequency(documents: int, holding: int) -> float:
    """Weight of a word by how few documents hold it: ln(1 + (N - n + 0.5) / (n + 0.5)), never below 0."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


class Bm25:
    """Okapi BM25 over documents that are lists of words.

    score(q, d) = sum over the distinct words t of q of
        ln(1 + (N - n(t) + 0.5) / (n(t) + 0.5)) * f(t, d) (k1 + 1) / (f(t, d) + k1 (1 - b + b |d| / mean |d|))

    with N documents, n(t) of them holding t, f(t, d) times t in d, |d| words in d; k1 = 1.2, b = 0.75. The 1
    inside the logarithm keeps words that most documents hold from counting against one.

    Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework: BM25 and Beyond; the logarithm
    with 1 as in Lucene's BM25Similarity.
    """

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        lengths = array("L")
        self._postings: dict[str, tuple[array[int], array[int]]] = {}
        for number, words in enumerate(documents):
            lengths.append(len(words))
            for word, frequency in Counter(words).items():
                numbers, frequencies = self._postings.setdefault(word, (array("I"), array("I")))
                numbers.append(number)
                frequencies.append(frequency)
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0  # without a word nothing is ever found
        self._norms = array("d", (K1 * (1 - B + B * length / mean) for length in lengths))

    def scores(self, words: Iterable[str]) -> dict[int, float]:
        """Return the score of every document that holds one of the words, by its number."""
        norms, found = self._norms, dict[int, float]()
        known = found.get
        for word in sorted(set(words)):  # the same sum, in the same order, for the same words
            numbers, frequencies = self._postings.get(word, _NONE)
            weight = inverse_frequency(len(norms), len(numbers)) * (K1 + 1)
            for number, frequency in zip(numbers, frequencies, strict=True):
                added = weight * frequency / (frequency + norms[number])
                found[number] = known(number, 0.0) + added
        return found

    def best(self, words: Iterable[str], count: int) -> list[Hit]:
        """Return the best documents, the best first; of equal ones the one that comes first."""
        scores = self.scores(words)
        best = heapq.nsmallest(count, scores.items(), key=lambda one: (-one[1], one[0]))
        return [Hit(number, score) for number, score in best]


_NONE: Final = (array("I"), array("I"))
