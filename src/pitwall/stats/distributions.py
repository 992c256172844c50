"""The few distributions that tests and intervals need: Gaussian, Student's t, a fair coin."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_STANDARD: Final = NormalDist()
_MANY_DEGREES: Final = 200.0
"""From so many degrees of freedom on, four terms of an expansion give Student's quantile to nine digits."""
_TINY: Final = 1e-300
_CLOSE: Final = 1e-15
_MAX_STEPS: Final = 20_000


def normal_quantile(probability: float) -> float:
    """Return the value that a standard Gaussian stays below with a probability."""
    return _STANDARD.inv_cdf(probability)


def normal_two_sided(deviations: float) -> float:
    """Return the probability that a standard Gaussian is at least so far from 0, either way."""
    return math.erfc(abs(deviations) / math.sqrt(2.0))


def student_two_sided(t: float, degrees: float) -> float:
    """Return the probability that Student's t is at least so far from 0, either way."""
    if math.isinf(t):
        return 0.0
    return beta_cdf(degrees / (degrees + t * t), degrees / 2.0, 0.5)


@lru_cache(maxsize=1024)
def student_quantile(probability: float, degrees: float) -> float:
    """Return the value that Student's t stays below with a probability of at least one half."""
    normal = normal_quantile(probability)
    if degrees >= _MANY_DEGREES:
        return _expanded_quantile(normal, degrees)
    tail = 2.0 * (1.0 - probability)
    low, high = 0.0, max(2.0, 2.0 * normal)
    while student_two_sided(high, degrees) > tail:
        high *= 2.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if student_two_sided(middle, degrees) > tail else (low, middle)
    return 0.5 * (low + high)


def _expanded_quantile(z: float, degrees: float) -> float:
    """Source: Abramowitz and Stegun, 26.7.5."""
    terms = (
        (z**3 + z) / 4.0,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96.0,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384.0,
    )
    return z + sum(term / degrees ** (power + 1) for power, term in enumerate(terms))


def coin_two_sided(heads: int, tosses: int) -> float:
    """Return how probable a split at least as uneven as this is if a fair coin is tossed."""
    fewer = min(heads, tosses - heads)
    if 2 * fewer >= tosses - 1:
        return 1.0
    return min(1.0, 2.0 * beta_cdf(0.5, tosses - fewer, fewer + 1.0))


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), by its continued fraction."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_cdf(1.0 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _beta_fraction(x, a, b) / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Lentz's evaluation of the fraction; takes about the square root of a and b steps."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for step in range(1, _MAX_STEPS):
        for factor in (
            step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step)),
            -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1)),
        ):
            d = 1.0 / _nonzero(1.0 + factor * d)
            c = _nonzero(1.0 + factor / c)
            value *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
