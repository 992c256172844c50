"""BM25, vectors and the fusion of ranks: against numbers made by hand, and what holds for all documents."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.retrievers.bm25 import Bm25, inverse_frequency
from pitwall.evals.retrievers.dense import DenseSearch
from pitwall.evals.retrievers.fusion import fuse
from pitwall.evals.retrievers.searching import open_search
from pitwall.evals.retrievers.types import Hit, RetrieverKind
from pitwall.llm.types import CallFailed

words = st.sampled_from(["a", "b", "c", "d", "e"])
corpora = st.lists(st.lists(words, max_size=8), max_size=8)


def test_bm25_of_a_small_corpus() -> None:
    """N = 3, mean length 5/3, two documents hold `a`: idf ln(1.6); one holds `b`: ln(1 + 2.5/1.5)."""
    index = Bm25([["a", "b"], ["a", "a"], ["c"]])
    assert index.scores(["a"]) == pytest.approx({0: 0.434457, 1: 0.611839}, abs=1e-6)
    assert index.scores(["a", "b", "a", "x"])[0] == pytest.approx(0.434457 + 0.906649, abs=1e-6)
    assert [hit.passage for hit in index.best(["a"], 5)] == [1, 0]
    assert index.best(["x"], 5) == []
    assert Bm25([]).best(["a"], 5) == Bm25([[], []]).best(["a"], 5) == []


@given(corpora, st.lists(words, max_size=4))
def test_bm25_is_above_zero_for_whoever_holds_a_word_and_only_for_them(
    corpus: list[list[str]], question: list[str]
) -> None:
    """A word that every document holds is worth little, and never less than nothing."""
    scores = Bm25(corpus).scores(question)
    assert set(scores) == {n for n, document in enumerate(corpus) if set(document) & set(question)}
    assert all(score > 0 for score in scores.values())
    assert inverse_frequency(len(corpus), len(corpus)) > 0


@given(corpora, st.lists(st.just("z"), min_size=1, max_size=7), st.integers(1, 7))
def test_bm25_grows_with_the_frequency_of_a_word(
    corpus: list[list[str]], held: list[str], other: int
) -> None:
    """Another word of the document turned into the one that is asked for: a better fit, at equal length."""
    before, after = [*held, *["y"] * other], [*held, "z", *["y"] * (other - 1)]
    few, more = (Bm25([*corpus, document]).scores(["z"])[len(corpus)] for document in (before, after))
    assert more > few


@given(corpora, st.lists(words, max_size=4), st.randoms(use_true_random=False))
def test_bm25_does_not_depend_on_the_order_of_documents(
    corpus: list[list[str]], question: list[str], shuffle: random.Random
) -> None:
    """Not in the last digit."""
    order = list(range(len(corpus)))
    shuffle.shuffle(order)
    scores, moved = Bm25(corpus).scores(question), Bm25([corpus[n] for n in order]).scores(question)
    assert {order[place]: score for place, score in moved.items()} == scores


def test_fusion_of_ranks() -> None:
    """1/(60 + rank) for each ranking; who stands in both is before who stands first in one."""
    lexical, near = [Hit(0, 9.0), Hit(1, 8.0), Hit(2, 1.0)], [Hit(2, 0.9), Hit(0, 0.8)]
    fused = fuse([lexical, near], 5)
    assert [hit.passage for hit in fused] == [0, 2, 1]
    assert [hit.score for hit in fused] == pytest.approx([1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62])
    assert fuse([[Hit(4, 1.0)], [Hit(3, 1.0)]], 1) == [Hit(3, 1 / 61)]
    assert fuse([[], []], 3) == []


VECTORS = {
    "north": [0.0, 2.0],
    "north too": [0.0, 1.0],
    "north-east": [3.0, 3.0],
    "south": [0.0, -1.0],
    "nowhere": [0.0, 0.0],
}


async def embed(texts: Sequence[str]) -> list[list[float]]:
    return [VECTORS[text] for text in texts]


async def test_nearest_passages_come_first_whatever_their_length() -> None:
    """By cosine; of equal ones the first; a vector of zeros is near nothing, and finds nothing."""
    texts = ["south", "north too", "nowhere", "north-east", "north"]
    search = await DenseSearch.build(texts, embed)
    found = await search.find("north", 10)
    assert [hit.passage for hit in found] == [1, 4, 3, 0]
    assert [hit.score for hit in found] == pytest.approx([1, 1, 0.5**0.5, -1])
    assert await search.find("nowhere", 10) == []


async def test_vectors_of_several_lengths_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that answers so cannot be searched by."""

    async def uneven(texts: Sequence[str]) -> list[list[float]]:
        return [[1.0] * len(text) for text in texts]

    monkeypatch.setattr("pitwall.evals.retrievers.dense._BATCH", 1)
    with pytest.raises(CallFailed, match="several lengths"):
        await DenseSearch.build(["a", "bb"], uneven)


@pytest.mark.parametrize(("kind", "found"), [("bm25", [0]), ("dense", [1, 0]), ("hybrid", [0, 1])])
async def test_searches_of_each_kind(kind: str, found: list[int]) -> None:
    """Words are found however spaces stand, vectors where no word is shared; a hybrid has both."""
    texts, question = ["청약을 철회하면 돌려받습니다.", "환불 절차 안내"], "청약철회"
    vectors = dict(zip([*texts, question], ([1.0, 0.0], [0.0, 1.0], [0.1, 1.0]), strict=True))

    async def by_meaning(asked: Sequence[str]) -> list[list[float]]:
        return [vectors[text] for text in asked]

    search = await open_search(RetrieverKind(kind), texts, by_meaning)
    assert [hit.passage for hit in await search.find(question, 2)] == found
