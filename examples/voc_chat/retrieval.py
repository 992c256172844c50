"""The Chroma collection: passages with our own embeddings, searched by cosine similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.voc_chat.documents import Passage
from pitwall.core.errors import Conflict, NotFound

_MODEL_KEY = "embedding_model"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question and its score (cosine similarity in [-1, 1] before reranking)."""

    passage: Passage
    score: float


class PassageStore:
    """One collection; vectors of one embedding model only. Calls block: run them in a thread."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    @classmethod
    def open(cls, folder: Path, name: str, embedding_model: str) -> PassageStore:
        """Open an ingested collection.

        Raises:
            NotFound: There is no such collection.
            Conflict: It was made with another embedding model.
        """
        client = _client(folder)
        if name not in {collection.name for collection in client.list_collections()}:
            raise NotFound(
                f"No collection {name!r} in CHROMA_DIR {str(folder)!r}.",
                hint="Run `python -m examples.voc_chat.ingest`.",
            )
        collection = client.get_collection(name, embedding_function=None)
        used = (collection.metadata or {}).get(_MODEL_KEY)
        if used != embedding_model:
            raise Conflict(
                f"Collection {name!r} holds embeddings of {used!r}, not of {embedding_model!r}.",
                hint="Run `python -m examples.voc_chat.ingest` again.",
            )
        return cls(collection)

    @classmethod
    def create(cls, folder: Path, name: str, embedding_model: str) -> PassageStore:
        """Open a collection for ingesting; one made with another embedding model is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        client = _client(folder)
        for existing in client.list_collections():
            if existing.name == name and (existing.metadata or {}).get(_MODEL_KEY) != embedding_model:
                client.delete_collection(name)
        metadata = {"hnsw:space": "cosine", _MODEL_KEY: embedding_model}
        return cls(client.get_or_create_collection(name, metadata=metadata, embedding_function=None))

    def replace_all(self, passages: Sequence[Passage], vectors: Sequence[Sequence[float]]) -> int:
        """Make the collection hold exactly these passages; returns how many old ones were removed."""
        self._collection.upsert(
            ids=[passage.id for passage in passages],
            documents=[passage.text for passage in passages],
            embeddings=[list(vector) for vector in vectors],
            metadatas=[{"document": passage.document, "title": passage.title} for passage in passages],
        )
        stale = sorted(set(self._collection.get(include=[])["ids"]) - {passage.id for passage in passages})
        if stale:
            self._collection.delete(ids=stale)
        return len(stale)

    def search(self, vector: Sequence[float], count: int) -> list[Hit]:
        """The most similar passages, best first."""
        found = self._collection.query(
            query_embeddings=[list(vector)], n_results=count, include=["documents", "metadatas", "distances"]
        )
        rows = zip(
            found["ids"][0], found["documents"][0], found["metadatas"][0], found["distances"][0], strict=True
        )
        return [
            Hit(
                Passage(id=id_, document=meta["document"], title=meta["title"], text=text),
                score=1.0 - distance,
            )
            for id_, text, meta, distance in rows
        ]

    def count(self) -> int:
        return int(self._collection.count())


def _client(folder: Path) -> Any:
    """Chroma on disk, in this process, sending nothing anywhere."""
    import chromadb  # heavy, and only in the example's own environment
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
