"""Documents cut into passages that overlap, in an order that does not depend on that of the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pitwall.evals.datasets.synthesis.documents import DocumentsInvalid, read_documents
from pitwall.evals.datasets.synthesis.passages import cut
from pitwall.evals.datasets.synthesis.types import Document, Passage
from pitwall.kit.hashing import json_hash


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is searched.

    Attributes:
        content_hash: Of the names and texts of the documents.
        documents: How many there are.
    """

    content_hash: str
    documents: int
    passages: tuple[Passage, ...]


def read_corpus(path: Path, size: int, overlap: int) -> Corpus:
    """Read the documents of a file or a directory and cut them.

    Args:
        size: Characters of a passage at most.
        overlap: How many of these it shares with the one before at most; less than `size`.

    Raises:
        DocumentsInvalid: There are none, one cannot be read, or two have one name.
    """
    documents = sorted(read_documents(path), key=lambda one: one.name)
    _refuse_same_names(documents)
    passages = tuple(one for document in documents for one in overlapping(document, size, overlap))
    content = [[document.name, document.text] for document in documents]
    return Corpus(json_hash(content), len(documents), passages)


def overlapping(document: Document, size: int, overlap: int) -> Iterator[Passage]:
    """Passages of a document, each beginning in the one before, at a word of it."""
    text, before = document.text, 0
    for passage in cut(document, size - overlap, 1):
        start = _begin(text, max(passage.start - overlap, before), passage.start)
        before = passage.start + 1  # the next one may repeat a part of it, not all
        yield replace(passage, start=start, text=text[start : passage.end])


def _begin(text: str, earliest: int, start: int) -> int:
    """Where a passage begins that may begin earlier: at the first whole word there."""
    words = (at for at in range(earliest, start) if not text[at].isspace() and text[at - 1].isspace())
    return next(words, start)


def _refuse_same_names(documents: Sequence[Document]) -> None:
    for one, following in pairwise(documents):
        if one.name == following.name:
            raise DocumentsInvalid(
                f"Two documents are called {one.name!r}.",
                hint="Give each an `id` of its own: labels of a dataset name documents by it.",
            )
