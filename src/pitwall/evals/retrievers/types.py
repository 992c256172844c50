"""What is searched, how, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

VERSION: Final = 1
"""Grows whenever the same documents and question may give other passages."""


class RetrieverKind(StrEnum):
    """How passages are found."""

    BM25 = "bm25"
    DENSE = "dense"
    HYBRID = "hybrid"

    @property
    def needs_vectors(self) -> bool:
        """Whether an embedding model is asked."""
        return self is not RetrieverKind.BM25


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage: Its position in what is searched.
        score: The retriever's own; those of different kinds do not compare.
    """

    passage: int
    score: float


class Search(Protocol):
    """Finds passages."""

    async def find(self, question: str, count: int) -> list[Hit]:
        """Return the best passages, the best first; fewer where no more have anything to do with it.

        Raises:
            CallFailed: The vector of the question could not be had.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieverPlan:
    """How a run finds contexts, and in what; part of its plan.

    Attributes:
        path: Where the documents are: a file or a directory.
        documents_hash: Of their names and texts.
        documents: How many there are.
        passages: Of all documents.
        passage_tokens: Of a passage on average, about.
        replaces: Contexts that cases have are replaced; otherwise they stay.
        version: Of the code that searches.
    """

    kind: RetrieverKind
    path: str
    documents_hash: str
    documents: int
    passages: int
    passage_tokens: int
    top_k: int
    chunk_size: int
    chunk_overlap: int
    replaces: bool = False
    version: int = VERSION

    @classmethod
    def of(cls, target: Mapping[str, Any]) -> RetrieverPlan | None:
        """What a plan says of its retriever; None if its target has none."""
        said = target.get("retriever")
        return None if said is None else cls(**{**said, "kind": RetrieverKind(said["kind"])})

    def parameters(self, embedding_model: str | None) -> dict[str, Any]:
        """What decides which passages are found."""
        told = {name: value for name, value in self.json().items() if name not in ("path", "passage_tokens")}
        return {**told, "embedding_model": embedding_model} if self.kind.needs_vectors else told

    def json(self) -> dict[str, Any]:
        """As it stands in a plan."""
        return {**asdict(self), "kind": self.kind.value}
