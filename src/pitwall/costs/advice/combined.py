"""What several suggestions save together, without counting anything twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import prod

from pitwall.costs.advice.types import Cell, Combined, Suggestion


def combine(suggestions: Sequence[Suggestion], cost_per_month: Mapping[Cell, float]) -> Combined:
    """Bound what all suggestions save together.

    Suggestions about calls of different models or services add up. Those about the same calls apply one
    after the other, each to what the others leave: two that save half each save three quarters. At least
    the largest alone is saved, at most the sum, and never more than the calls cost.
    """
    groups: defaultdict[Cell, list[Suggestion]] = defaultdict(list)
    for suggestion in suggestions:
        groups[suggestion.cell].append(suggestion)
    middle = low = high = 0.0
    for cell, group in groups.items():
        cost = cost_per_month.get(cell, 0.0)
        together = cost * (1 - prod(1 - _part(one.usd, cost) for one in group))
        low += min(cost, max(one.low_usd for one in group))
        high += min(cost, sum(one.high_usd for one in group))
        middle += together
    return Combined(max(low, min(middle, high)), low, high)


def _part(saving: float, cost: float) -> float:
    return min(1.0, saving / cost) if cost > 0 else 0.0
