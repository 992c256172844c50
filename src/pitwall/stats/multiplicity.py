"""p-values of several tests at once, adjusted so that many tests do not find something by chance."""

from __future__ import annotations

import numpy as np

from pitwall.stats.clusters import FloatArray, IntArray


def holm(p_values: FloatArray) -> FloatArray:
    """Adjust p-values so that the chance of any false finding stays below the level.

    Args:
        p_values: NaN is a test that was not made; it stays NaN and does not count.

    Source: Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure.
    """
    order = _tested_in_order(p_values)
    factors = np.arange(order.size, 0, -1)
    stepped = np.maximum.accumulate(p_values[order] * factors)
    return _put_back(p_values, order, stepped)


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Adjust p-values so that the expected share of false findings among all stays below the level.

    Args:
        p_values: NaN is a test that was not made; it stays NaN and does not count.

    Source: Benjamini and Hochberg 1995, Controlling the False Discovery Rate.
    """
    order = _tested_in_order(p_values)
    scaled = p_values[order] * order.size / np.arange(1, order.size + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _put_back(p_values, order, stepped)


def _tested_in_order(p_values: FloatArray) -> IntArray:
    tested = np.flatnonzero(~np.isnan(p_values))
    return tested[np.argsort(p_values[tested], kind="stable")]


def _put_back(p_values: FloatArray, order: IntArray, stepped: FloatArray) -> FloatArray:
    adjusted = np.full(p_values.shape, np.nan)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
