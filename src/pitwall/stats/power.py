"""How small a difference a comparison can find, and how many cases a difference needs."""

from __future__ import annotations

import math

from pitwall.stats.distributions import normal_quantile


def detectable_difference(standard_error: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest true difference that a two-sided test finds with a probability of `power`.

    Args:
        standard_error: Of the mean difference, cluster-robust where cases come in clusters.

    Source: Miller 2024, Adding Error Bars to Evals (arXiv 2411.00640), section 5.
    """
    return (normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power)) * standard_error


def cases_needed(
    difference: float, deviation: float, *, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """Return how many pairs are needed to find a true difference; None for a difference of 0.

    Args:
        deviation: Standard deviation of the differences of pairs.
    """
    if difference == 0.0:
        return None
    return max(2, math.ceil((detectable_difference(deviation, power=power, alpha=alpha) / difference) ** 2))
