"""Cases that belong together (of one document, one conversation) and so tell less than as many others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def cluster_codes(groups: Sequence[Hashable | None]) -> IntArray | None:
    """Number the clusters of cases.

    Args:
        groups: Of each case; a case whose group is None stands alone.

    Returns:
        A number per case, equal for cases of one group; None if no two cases share a group.
    """
    numbers: dict[Hashable, int] = {}
    alone = 0
    codes = np.empty(len(groups), dtype=np.int64)
    for index, group in enumerate(groups):
        if group is None:
            alone += 1
            codes[index] = -alone
        else:
            codes[index] = numbers.setdefault(group, len(numbers))
    if len(numbers) + alone == len(groups):
        return None
    codes[codes < 0] += len(numbers) + alone
    return codes


def cluster_totals(values: FloatArray, codes: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the sum and the number of the values of each cluster that has any."""
    counts = np.bincount(codes)
    sums: FloatArray = np.bincount(codes, weights=values).astype(np.float64)
    present = counts > 0
    return sums[present], counts[present].astype(np.float64)


def count_units(n: int, codes: IntArray | None) -> int:
    """Return how many independent units there are: clusters, or cases without any."""
    return n if codes is None else int(np.count_nonzero(np.bincount(codes))) if n else 0
