"""Several rankings made one, by ranks alone: scores of different retrievers do not compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pitwall.evals.retrievers.types import Hit

RANK_CONSTANT: Final = 60


def fuse(rankings: Sequence[Sequence[Hit]], count: int) -> list[Hit]:
    """Return the best of all rankings: score = sum over the rankings of 1 / (60 + rank), ranks from 1.

    Of equal ones the one that comes first in what is searched.

    Source: Cormack, Clarke and Buettcher 2009, Reciprocal Rank Fusion outperforms Condorcet and individual
    Rank Learning Methods, with their k = 60.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage] = scores.get(hit.passage, 0.0) + 1 / (RANK_CONSTANT + rank)
    best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    return [Hit(passage, score) for passage, score in best[:count]]
