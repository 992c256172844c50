"""Whether a part of the cases is different from chance alone: tests that stay honest for small, lumpy parts."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from pitwall.stats.clusters import FloatArray
from pitwall.stats.distributions import normal_two_sided

DRAWS: Final = 20_000
_LOOK_CLOSER: Final = 0.2
"""Where a rough p-value is above this, drawing parts at random would not make it small."""
_EXACT_UP_TO: Final = 500
_PERMUTE_UP_TO: Final = 2_000
_CELLS_AT_ONCE: Final = 2_000_000
_NEGLIGIBLE: Final = 1e-12


def part_p_value(values: FloatArray, mask: np.ndarray[Any, np.dtype[np.bool_]], seed: int) -> float:
    """Return how probable a part of the values that is drawn at random has a mean as far from the rest's.

    Parts of up to 500 cases are drawn 20,000 times, as a Gaussian is far off for few cases and rare events;
    larger ones have the Gaussian corrected by the skewness of the values.
    """
    size, part = values.size, int(mask.sum())
    spread = float(values.std())
    if spread == 0.0 or part in (0, size):
        return 1.0
    deviation = float(values[mask].mean() - values.mean())
    deviations = deviation / (spread * math.sqrt((1.0 / part) * (size - part) / (size - 1)))
    rough = normal_two_sided(_less_skewed(deviations, values, part))
    if rough > _LOOK_CLOSER or part > _EXACT_UP_TO:
        return rough
    return _drawn_p_value(values, part, deviation, np.random.default_rng(seed))


def _less_skewed(deviations: float, values: FloatArray, part: int) -> float:
    """Source: Cornish and Fisher 1937, first term."""
    centred = values - values.mean()
    skewness = float((centred**3).mean()) / float((centred**2).mean()) ** 1.5
    correction = skewness * (deviations * deviations - 1.0) / (6.0 * math.sqrt(part))
    most = abs(deviations) / 2.0  # beyond it the first term alone says too much
    return deviations - min(max(correction, -most), most)


def _drawn_p_value(values: FloatArray, part: int, deviation: float, rng: np.random.Generator) -> float:
    far = abs(deviation) - 1e-12
    mean, hits, done = float(values.mean()), 0, 0
    replaces = values.size > _PERMUTE_UP_TO
    step = max(1, _CELLS_AT_ONCE // (part if replaces else values.size))
    while done < DRAWS:
        rows = min(step, DRAWS - done)
        if replaces:  # of so many that drawing a case twice hardly happens
            means = values[rng.integers(0, values.size, size=(rows, part))].mean(axis=1)
        else:
            order = rng.random((rows, values.size)).argpartition(part - 1, axis=1)[:, :part]
            means = values[order].mean(axis=1)
        hits += int(np.count_nonzero(np.abs(means - mean) >= far))
        done += rows
    return (hits + 1.0) / (DRAWS + 1.0)


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
