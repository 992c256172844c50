"""Embeddings without a model: signed hashing of character n-grams. Similar spellings get similar vectors."""

from __future__ import annotations

import math
import zlib
from collections import Counter

from examples.model_server.text import ngrams, stems

DEFAULT_DIMENSIONS = 1024


def embed(text: str, dimensions: int = DEFAULT_DIMENSIONS) -> list[float]:
    """Turn a text into a unit vector.

    Args:
        text: Any language; normalised to NFC and lower case.
        dimensions: Length of the vector, at least 1.

    Returns:
        `dimensions` floats with Euclidean norm 1; the same text always gives the same vector.

    Source: Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning.
    """
    vector = [0.0] * dimensions
    for feature, count in _features(text).items():
        digest = zlib.crc32(feature.encode())
        sign = 1.0 if digest & 1 else -1.0
        vector[(digest >> 1) % dimensions] += sign * math.sqrt(count)
    norm = math.sqrt(sum(value * value for value in vector))
    if norm == 0.0:  # every feature cancelled another, or dimensions is tiny
        vector[zlib.crc32(text.encode()) % dimensions] = norm = 1.0
    return [value / norm for value in vector]


def _features(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word in stems(text):
        counts.update(f"2:{gram}" for gram in ngrams(word, 2))
        counts.update(f"3:{gram}" for gram in ngrams("^" + word, 3))
        counts[f"w:{word}"] += 1
    if not counts:
        counts[f"raw:{text}"] = 1
    return counts
