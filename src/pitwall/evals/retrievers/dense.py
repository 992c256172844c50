"""Passages by the cosine of their vectors and that of the question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import numpy.typing as npt

from pitwall.evals.retrievers.types import Hit
from pitwall.llm.types import CallFailed, CallFailure

Embed = Callable[[Sequence[str]], Awaitable[list[list[float]]]]
Rows = npt.NDArray[np.float32]
_BATCH = 512
"""Texts whose vectors are lists of Python numbers at a time, which take ten times the room."""


class DenseSearch:
    """Vectors of passages, of length 1; one of zeros points nowhere and is never found."""

    def __init__(self, embed: Embed, rows: Rows) -> None:
        self._embed = embed
        self._rows = _unit(rows)
        self._is_nowhere = ~self._rows.any(axis=1)

    @classmethod
    async def build(cls, texts: Sequence[str], embed: Embed) -> DenseSearch:
        """Ask for the vectors of passages.

        Raises:
            CallFailed: They could not be had, or are not of one length.
        """
        parts = [
            np.asarray(await embed(texts[start : start + _BATCH]), dtype=np.float32)
            for start in range(0, len(texts), _BATCH)
        ]
        if len({part.shape[1] for part in parts}) > 1:
            raise CallFailed(
                "The embedding model gave vectors of several lengths.",
                failure=CallFailure.WRONG_SHAPE,
                hint="`pitwall judge doctor` looks at the embedding model of a profile.",
            )
        return cls(embed, np.vstack(parts))

    async def find(self, question: str, count: int) -> list[Hit]:
        """Return the nearest passages, the nearest first; of equal ones the one that comes first.

        Raises:
            CallFailed: The vector of the question could not be had.
        """
        asked = _unit(np.asarray(await self._embed([question]), dtype=np.float32))[0]
        if not asked.any():
            return []
        cosines = np.where(self._is_nowhere, -np.inf, self._rows @ asked)
        best = np.argsort(-cosines, kind="stable")[:count]
        return [Hit(int(number), float(cosines[number])) for number in best if np.isfinite(cosines[number])]


def _unit(rows: Rows) -> Rows:
    """Rows of length 1; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True).astype(np.float32)
    return np.divide(rows, np.where(norms == 0, np.float32(1), norms), dtype=np.float32)
