"""Long common parts of two sequences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence


def lcs_length(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence.

    Source: Hyyrö 2004, Bit-parallel LCS-length computation revisited; whole rows at once in one integer.
    """
    if not one or not other:
        return 0
    masks: dict[Hashable, int] = defaultdict(int)
    for position, item in enumerate(one):
        masks[item] |= 1 << position
    everything = (1 << len(one)) - 1
    row = everything
    for item in other:
        matched = row & masks.get(item, 0)
        row = ((row + matched) | (row - matched)) & everything
    return len(one) - row.bit_count()


def contains_run(items: Sequence[Hashable], run: Sequence[Hashable]) -> bool:
    """Whether a run of items stands in a sequence, one after the other."""
    length = len(run)
    return length > 0 and any(
        items[start] == run[0] and items[start : start + length] == run
        for start in range(len(items) - length + 1)
    )
