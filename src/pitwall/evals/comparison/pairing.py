"""Which cases of two runs are the same case: by id, never by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pitwall.evals.comparison.errors import ComparisonInvalid
from pitwall.evals.comparison.types import Pairs
from pitwall.stats.clusters import IntArray, cluster_codes


class Pairing:
    """Pairs columns of two runs; columns over the same cases are paired once.

    Args:
        groups: Cluster by case id.
    """

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = groups
        self._known: list[tuple[Sequence[str], Sequence[str], Pairs]] = []

    def of(self, a: Sequence[str], b: Sequence[str]) -> Pairs:
        """Return which rows belong together.

        Raises:
            ComparisonInvalid: A case id comes twice in one run.
        """
        for known_a, known_b, pairs in self._known:
            if (known_a is a or known_a == a) and (known_b is b or known_b == b):
                return pairs
        pairs = self._pair(a, b)
        self._known.append((a, b, pairs))
        return pairs

    def _pair(self, a: Sequence[str], b: Sequence[str]) -> Pairs:
        position_b = _positions(b)
        if a is b or a == b:
            rows_a = rows_b = np.arange(len(a), dtype=np.int64)
        else:
            _positions(a)
            found = np.array([position_b.get(case, -1) for case in a], dtype=np.int64)
            rows_a = np.flatnonzero(found >= 0)
            rows_b = found[rows_a]
        return Pairs(rows_a, rows_b, self._codes(a, rows_a), len(a) - rows_a.size, len(b) - rows_b.size)

    def _codes(self, cases: Sequence[str], rows: IntArray) -> IntArray | None:
        if not self._groups:
            return None
        return cluster_codes([self._groups.get(cases[row]) for row in rows.tolist()])


def _positions(cases: Sequence[str]) -> dict[str, int]:
    positions = {case: row for row, case in enumerate(cases)}
    if len(positions) < len(cases):
        twice = next(case for row, case in enumerate(cases) if positions[case] != row)
        raise ComparisonInvalid(
            f"The case {twice!r} comes twice in a run.",
            hint="Give every example of the dataset an id of its own.",
        )
    return positions
