"""Arithmetic on vectors of an embedding model, without a library: whoever asks has a handful of them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def cosine(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the cosine of two vectors; None if one of them is zero, which points nowhere.

    Raises:
        ValueError: They are not of the same length, as from two models.
    """
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    norms = math.hypot(*one) * math.hypot(*other)
    return max(-1.0, min(1.0, dot / norms)) if norms else None
