"""Long contexts in portions: nothing is lost, and every part knows its chunk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.judging.windows import batches, passages, windows

TEXTS = st.lists(st.text(alphabet="ab \n.다가", max_size=120), max_size=8)


@given(TEXTS, st.integers(2, 40))
def test_passages_keep_all_text_and_fit(chunks: list[str], longest: int) -> None:
    """Cutting only drops white space at the cuts; empty chunks have no passage."""
    cut = passages(chunks, longest)
    assert [passage.number for passage in cut] == list(range(1, len(cut) + 1))
    assert all(0 < len(passage.text) <= longest for passage in cut)
    for position, chunk in enumerate(chunks):
        own = "".join(passage.text for passage in cut if passage.chunk == position)
        assert "".join(own.split()) == "".join(chunk.split())


@given(TEXTS, st.integers(5, 60), st.integers(1, 4))
def test_windows_keep_order_and_limits(chunks: list[str], characters: int, count: int) -> None:
    """Every passage is in exactly one window, and none has more than fits."""
    cut = passages(chunks, characters)
    grouped = windows(cut, characters, count)
    assert [passage for window in grouped for passage in window] == cut
    for window in grouped:
        assert len(window) <= count
        assert sum(len(passage.text) for passage in window) <= characters


@given(st.lists(st.integers()), st.integers(1, 5))
def test_batches_are_few_and_of_like_size(items: list[int], count: int) -> None:
    """No batch is a straggler of one item."""
    cut = batches(items, count)
    assert [item for batch in cut for item in batch] == items
    assert len(cut) == -(-len(items) // count)
    sizes = [len(batch) for batch in cut]
    assert not sizes or max(sizes) - min(sizes) <= 1


def test_long_chunk_is_cut_where_a_sentence_ends() -> None:
    """A claim is not torn in two if it can be helped."""
    text = "첫 문장이다. 둘째 문장이다. 셋째 문장이다."
    assert [passage.text for passage in passages([text], 20)] == [
        "첫 문장이다. 둘째 문장이다.",
        "셋째 문장이다.",
    ]
