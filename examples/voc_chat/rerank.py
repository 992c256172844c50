"""Reranking what the vector search found: BM25 over character bigrams, mixed with the similarity."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from examples.voc_chat.retrieval import Hit

MODEL = "bm25-bigram"
_WORD = re.compile(r"[0-9a-z]+|[가-힣]+")
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75


def rerank(question: str, candidates: Sequence[Hit], top_k: int) -> list[Hit]:
    """Order candidates by the mean of their scaled BM25 and similarity scores, best first.

    Args:
        question: What the customer asks.
        candidates: Hits of the vector search, scores in [-1, 1].
        top_k: How many to keep.

    Returns:
        At most `top_k` hits; `score` is the mixed score in [0, 1], comparable within one call only.

    Source: Robertson & Zaragoza 2009, The Probabilistic Relevance Framework: BM25 and Beyond.
    """
    lexical = _scaled(_bm25(_grams(question), [_grams(hit.passage.text) for hit in candidates]))
    similar = _scaled([hit.score for hit in candidates])
    mixed = [replace(hit, score=(a + b) / 2) for hit, a, b in zip(candidates, lexical, similar, strict=True)]
    return sorted(mixed, key=lambda hit: -hit.score)[:top_k]


def _bm25(query: Counter[str], documents: Sequence[Counter[str]]) -> list[float]:
    lengths = [sum(document.values()) for document in documents]
    mean_length = (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0
    frequency = Counter(gram for document in documents for gram in document)
    weight = {g: math.log(1 + (len(documents) - frequency[g] + 0.5) / (frequency[g] + 0.5)) for g in query}

    def score(document: Counter[str], length: int) -> float:
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / mean_length)
        return sum(
            weight[g] * document[g] * (_SATURATION + 1) / (document[g] + norm) for g in query if g in document
        )

    return [score(document, length) for document, length in zip(documents, lengths, strict=True)]


def _grams(text: str) -> Counter[str]:
    """Character bigrams of Korean words, whole words otherwise: no dictionary needed for endings."""
    grams: Counter[str] = Counter()
    for word in _WORD.findall(text.lower()):
        is_korean = "가" <= word[0] <= "힣"
        grams.update(
            (word[i : i + 2] for i in range(len(word) - 1)) if is_korean and len(word) > 1 else [word]
        )
    return grams


def _scaled(scores: Sequence[float]) -> list[float]:
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]
