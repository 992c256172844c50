"""Whether a part of the cases differs by more than chance: tests that stay honest for small, lumpy parts."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from pitwall.stats.clusters import FloatArray
from pitwall.stats.distributions import normal_two_sided

DRAWS: Final = 10_000
_FIRST_DRAWS: Final = 500
_ENOUGH_HITS: Final = 25
_LOOK_CLOSER: Final = 0.2
"""Where a rough p-value is above this, drawing parts at random would not make it small."""
_DRAW_UP_TO: Final = 500
_PERMUTE_UP_TO: Final = 500
_CELLS_AT_ONCE: Final = 2_000_000
_NEGLIGIBLE: Final = 1e-12


def part_p_value(values: FloatArray, mask: np.ndarray[Any, np.dtype[np.bool_]], seed: int) -> float:
    """Return how probable a part of the values that is drawn at random has a mean as far from the rest's.

    Parts of up to 500 cases are drawn 10,000 times, as a Gaussian is far off for few cases and rare events;
    larger ones have the Gaussian corrected by the skewness of the values.
    """
    size, part = values.size, int(mask.sum())
    spread = float(values.std())
    if spread == 0.0 or part in (0, size):
        return 1.0
    if part > size - part:  # the rest is as far from all as the part is
        mask, part = ~mask, size - part
    deviation = float(values[mask].mean() - values.mean())
    deviations = deviation / (spread * math.sqrt((size - part) / (part * (size - 1))))
    rough = normal_two_sided(_less_skewed(deviations, values, part))
    if rough > _LOOK_CLOSER or part > _DRAW_UP_TO:
        return rough
    return _drawn_p_value(values, part, deviation, np.random.default_rng(seed))


def _less_skewed(deviations: float, values: FloatArray, part: int) -> float:
    """Source: Cornish and Fisher 1937, first term."""
    centred = values - values.mean()
    skewness = float((centred**3).mean()) / float((centred**2).mean()) ** 1.5
    correction = skewness * (deviations * deviations - 1.0) / (6.0 * math.sqrt(part))
    most = abs(deviations) / 2.0  # beyond it the first term alone says too much
    return float(deviations - min(max(correction, -most), most))


def _drawn_p_value(values: FloatArray, part: int, deviation: float, rng: np.random.Generator) -> float:
    """Source for stopping early: Besag and Clifford 1991, Sequential Monte Carlo p-values."""
    far, mean = abs(deviation) - 1e-12, float(values.mean())
    hits, done, rows = 0, 0, _FIRST_DRAWS
    while done < DRAWS:
        hits += int(np.count_nonzero(np.abs(_drawn_means(values, part, rows, rng) - mean) >= far))
        done += rows
        if hits >= _ENOUGH_HITS:
            return hits / done
        rows = min(DRAWS - done, max(1, _CELLS_AT_ONCE // min(values.size, _PERMUTE_UP_TO)))
    return (hits + 1.0) / (DRAWS + 1.0)


def _drawn_means(values: FloatArray, part: int, rows: int, rng: np.random.Generator) -> FloatArray:
    if values.size > _PERMUTE_UP_TO:  # drawing a case twice makes means vary a little more: on the safe side
        replaced: FloatArray = values[rng.integers(0, values.size, size=(rows, part))].mean(axis=1)
        return replaced
    chosen = rng.random((rows, values.size), dtype=np.float32).argpartition(part - 1, axis=1)[:, :part]
    means: FloatArray = values[chosen].mean(axis=1)
    return means


def share_p_value(hits: int, part: int, all_hits: int, size: int) -> float:
    """Return the chance that a random part of the cases has as many hits or more (Fisher's exact test)."""
    most = min(part, all_hits)
    whole = _log_choose(size, part)
    total, before = 0.0, -math.inf
    for count in range(max(hits, part - (size - all_hits)), most + 1):
        log = _log_choose(all_hits, count) + _log_choose(size - all_hits, part - count) - whole
        total += math.exp(log)
        if log < before and math.exp(log) < _NEGLIGIBLE * total:
            break
        before = log
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
