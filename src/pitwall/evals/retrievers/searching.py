"""From documents to a search that is ready: words are indexed on a thread, vectors are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pitwall.evals.retrievers.bm25 import Bm25
from pitwall.evals.retrievers.fusion import fuse
from pitwall.evals.retrievers.types import Hit, RetrieverKind, Search
from pitwall.evals.text.tokens import index_terms

if TYPE_CHECKING:
    from pitwall.evals.retrievers.dense import Embed

DEPTH: Final = 100
"""How far down the two rankings of a hybrid search are looked at."""


class LexicalSearch:
    """Passages by the words of the question."""

    def __init__(self, index: Bm25) -> None:
        self._index = index

    async def find(self, question: str, count: int) -> list[Hit]:
        """Return the passages that fit the words best, the best first."""
        return self._index.best(index_terms(question), count)


class HybridSearch:
    """Passages by the ranks that several searches give them."""

    def __init__(self, searches: Sequence[Search]) -> None:
        self._searches = searches

    async def find(self, question: str, count: int) -> list[Hit]:
        """Return the passages that rank best in all of them, the best first."""
        depth = max(count, DEPTH)
        return fuse([await search.find(question, depth) for search in self._searches], count)


async def open_search(kind: RetrieverKind, texts: Sequence[str], embed: Embed) -> Search:
    """Make a search over passages.

    Args:
        embed: Gives vectors; not asked for words alone.

    Raises:
        CallFailed: Vectors of the passages could not be had.
    """
    if kind is RetrieverKind.BM25:
        return await _lexical(texts)
    from pitwall.evals.retrievers.dense import DenseSearch  # numpy, only for vectors

    dense = await DenseSearch.build(texts, embed)
    return dense if kind is RetrieverKind.DENSE else HybridSearch([await _lexical(texts), dense])


async def _lexical(texts: Sequence[str]) -> LexicalSearch:
    return LexicalSearch(await asyncio.to_thread(lambda: Bm25(map(index_terms, texts))))
