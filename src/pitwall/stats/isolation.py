"""How easily a value is isolated from others: the isolation forest in one dimension, worked out exactly."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

_EULER: Final = 0.5772156649015329


def average_depth(count: int) -> float:
    """Mean depth of a leaf in a random binary tree over `count` values (Liu et al., equation 1)."""
    if count <= 1:
        return 0.0
    if count == 2:
        return 1.0
    return 2.0 * (math.log(count - 1) + _EULER) - 2.0 * (count - 1) / count


def isolation_depth(ordered: NDArray[np.float64], value: float) -> float:
    """Mean depth at which random cuts separate a value from others.

    A random cut falls into a gap with a probability in proportion to its width. So a gap separates the value
    from what lies beyond it exactly if it is cut before every gap nearer to the value, with probability gap /
    distance to its far edge; the sum over all gaps is the mean depth. That is the limit of a forest of
    infinitely many trees over all values without a limit of height: no trees, no chance, no refitting.

    Args:
        ordered: The others, finite, in ascending order.
        value: Finite; the one to isolate.
    """
    place, count = int(ordered.searchsorted(value)), ordered.size
    line = np.empty(count + 1)
    line[:place], line[place], line[place + 1 :] = ordered[:place], value, ordered[place:]
    distance = np.abs(line - value)
    far = np.maximum(distance[:-1], distance[1:])
    far[far == 0.0] = 1.0
    equal = int(np.count_nonzero(distance == 0.0))
    return float(((line[1:] - line[:-1]) / far).sum()) + average_depth(equal)


def isolation_score(ordered: NDArray[np.float64], value: float) -> float:
    """Return the anomaly score of an isolation forest, between 0 and 1; about 0.5 is nothing special.

    Args:
        ordered: The others, finite, in ascending order.
        value: Finite; the one to judge.

    Source: Liu, Ting and Zhou 2008, Isolation Forest.
    """
    normal = average_depth(ordered.size + 1)
    return float(2.0 ** (-isolation_depth(ordered, value) / normal)) if normal else 0.5
