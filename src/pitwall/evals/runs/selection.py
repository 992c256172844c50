"""Which cases of a dataset a run judges."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pitwall.evals.runs.types import Plan
from pitwall.evals.types import Example

Numbered = tuple[int, Example]


def selected(numbered: Iterator[Numbered], plan: Plan) -> Iterator[Numbered]:
    """Yield the cases of a plan: all, the first ones, or with a seed drawn ones, in order of position."""
    if plan.limit is None or plan.limit >= plan.available:
        yield from numbered
        return
    drawn = None if plan.seed is None else _draw(plan.seed, plan.limit, plan.available)
    for position, example in numbered:
        if drawn is None:
            if position >= plan.limit:
                return
            yield position, example
        elif position in drawn:
            yield position, example


def _draw(seed: int, limit: int, available: int) -> frozenset[int]:
    return frozenset(random.Random(seed).sample(range(available), limit))
