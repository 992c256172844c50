"""Documents as what is searched: passages that overlap, a hash of the content, one document for a name."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.datasets.synthesis.documents import DocumentsInvalid
from pitwall.evals.datasets.synthesis.types import Document
from pitwall.evals.retrievers.corpus import overlapping, read_corpus


@given(st.text(alphabet="ab .!?\n다", max_size=300), st.integers(10, 60), st.integers(0, 5))
def test_passages_cover_their_document_and_overlap(text: str, size: int, overlap: int) -> None:
    """No more than asked for, in order; every letter stands in one of them."""
    passages = list(overlapping(Document("d", text), size, overlap))
    seen = set[int]()
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert 0 < len(passage.text) <= size
        seen |= set(range(passage.start, passage.end))
    for one, following in pairwise(passages):
        assert one.start < following.start
        assert one.end - following.start <= overlap
    assert {at for at, letter in enumerate(text) if not letter.isspace()} <= seen


def test_passage_begins_with_whole_words_of_the_one_before() -> None:
    """So that what stands at the seam is found in one of them."""
    text = "alpha beta gamma. delta epsilon zeta."
    first, second = overlapping(Document("d", text), 28, 8)
    assert (first.text, second.text) == ("alpha beta gamma.", "gamma. delta epsilon zeta.")


def test_content_does_not_depend_on_how_it_is_filed(tmp_path: Path) -> None:
    """The same documents in one list or two, in any order, are one corpus; another word is another."""
    documents = [{"doc_id": name, "content": f"short text {name}"} for name in "cab"]
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "all.json").write_text(json.dumps(documents), "utf-8")
    (two / "x.jsonl").write_text(json.dumps(documents[1]), "utf-8")
    (two / "y.json").write_text(json.dumps({"documents": [documents[2], documents[0]]}), "utf-8")
    corpora = [read_corpus(path, 1200, 120) for path in (one, two)]
    assert corpora[0] == corpora[1]
    assert [passage.document for passage in corpora[0].passages] == ["a", "b", "c"]
    documents[0]["content"] += "!"
    (one / "all.json").write_text(json.dumps(documents), "utf-8")
    assert read_corpus(one, 1200, 120).content_hash != corpora[0].content_hash


def test_two_documents_of_one_name_are_refused(tmp_path: Path) -> None:
    """A label could mean either."""
    file = tmp_path / "docs.json"
    file.write_text(json.dumps([{"id": "a", "text": "one"}, {"id": "a", "text": "two"}]), "utf-8")
    with pytest.raises(DocumentsInvalid, match="Two documents are called 'a'"):
        read_corpus(file, 1200, 120)
