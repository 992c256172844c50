"""Recording the steps of retrieval: embedding, search, rerank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pitwall.core.vocabulary import SpanKind, TokenSource
from pitwall.sdk import names
from pitwall.sdk.operation import Operation, RetryableOperation, safely
from pitwall.sdk.runtime import runtime
from pitwall.sdk.values import content_text, describe, finite, to_json

_MAX_DOCUMENTS = 100
_MAX_DOCUMENT_CHARS = 4_000
_ID_KEYS = ("id", "document_id", "doc_id", "source")
_SCORE_KEYS = ("score", "relevance_score", "similarity")
_CONTENT_KEYS = ("content", "text", "page_content", "document")


class DocumentsOperation(Operation):
    """An operation that yields documents."""

    __slots__ = ()

    @safely
    def set_documents(self, documents: Iterable[Any]) -> Self:
        """The documents found, best first.

        Args:
            documents: Mappings or objects with id, score and content (or the names vector stores use for
            them),
                `(content, score)` pairs, or plain texts. Their number is exact; at most 100 are described,
                the content only when content is captured.
        """
        found = list(documents)
        self.span.set_attribute(names.DOCUMENT_COUNT, len(found))
        if self.span.is_recording():
            described = [_document(item) for item in found[:_MAX_DOCUMENTS]]
            self.span.set_attribute(names.RETRIEVAL_DOCUMENTS, to_json(described))
        return self


class Retrieval(DocumentsOperation):
    """A search for documents; see `retrieval`."""

    __slots__ = ()

    def set_rerank(self, *, enabled: bool, model: str | None = None) -> Self:
        """Say whether this search's result is reranked, and by what."""
        self.span.set_attribute(names.RERANK_ENABLED, enabled)
        return self.set_attribute(names.RERANK_MODEL, model)


class Rerank(DocumentsOperation):
    """Reordering of documents; see `rerank`."""

    __slots__ = ()


class Embedding(RetryableOperation):
    """Turning text into vectors; see `embedding`."""

    __slots__ = ()

    def set_usage(self, *, input_tokens: int | None = None, estimated: bool = False) -> Self:
        """Token count of the embedded texts; None is unknown, not 0."""
        if input_tokens is not None:
            source = TokenSource.ESTIMATED if estimated else TokenSource.PROVIDER
            self.span.set_attributes({names.INPUT_TOKENS: input_tokens, names.TOKEN_SOURCE: source.value})
        return self

    def set_dimension(self, dimension: int) -> Self:
        """Length of each vector."""
        return self.set_attribute(names.EMBEDDING_DIMENSION, dimension)


def retrieval(
    *,
    query: str | None = None,
    top_k: int | None = None,
    rerank_enabled: bool | None = None,
    rerank_model: str | None = None,
    name: str = "retrieval",
    **attributes: Any,
) -> Retrieval:
    """A search for documents, as a context manager for sync and async code.

    Args:
        query: What is searched for. Captured unless `init(capture_content=False)`.
        top_k: How many documents are asked for.
        rerank_enabled: Whether the result will be reranked.
        rerank_model: By what.
        name: Name of the span.
        attributes: Further span attributes.
    """
    values = {
        names.OPERATION_NAME: "retrieval",
        names.RETRIEVAL_QUERY: _captured(query),
        names.RETRIEVAL_TOP_K: top_k,
        names.RERANK_ENABLED: rerank_enabled,
        names.RERANK_MODEL: rerank_model,
        **attributes,
    }
    return Retrieval(name, SpanKind.RETRIEVER.value, values)


def rerank(
    *,
    query: str | None = None,
    model: str | None = None,
    top_k: int | None = None,
    name: str = "rerank",
    **attributes: Any,
) -> Rerank:
    """Reordering of documents by a reranker.

    Args:
        query: What the documents are judged against.
        model: The reranker.
        top_k: How many documents are kept.
        name: Name of the span.
        attributes: Further span attributes.
    """
    values = {
        names.RETRIEVAL_QUERY: _captured(query),
        names.RERANK_MODEL: model,
        names.REQUEST_MODEL: model,
        names.RETRIEVAL_TOP_K: top_k,
        **attributes,
    }
    return Rerank(name, SpanKind.RERANKER.value, values)


def embedding(
    *,
    model: str,
    count: int = 1,
    provider: str | None = None,
    name: str | None = None,
    **attributes: Any,
) -> Embedding:
    """Turning text into vectors.

    Args:
        model: The embedding model.
        count: How many texts.
        provider: Who serves it.
        name: Name of the span; default "embeddings model".
        attributes: Further span attributes.
    """
    values = {
        names.OPERATION_NAME: "embeddings",
        names.REQUEST_MODEL: model,
        names.PROVIDER_NAME: provider,
        names.EMBEDDING_COUNT: count,
        **attributes,
    }
    return Embedding(name or f"embeddings {model}", SpanKind.EMBEDDING.value, values)


def _captured(text: str | None) -> str | None:
    return content_text(text) if text is not None and runtime.capture_content else None


def _document(item: Any) -> dict[str, Any]:
    if isinstance(item, tuple) and len(item) == 2:
        inner, score = item
        return {**_document(inner), "score": finite(score)}
    if isinstance(item, str):
        item = {"content": item}
    identity, score, content = _pick(item, _ID_KEYS), _pick(item, _SCORE_KEYS), _pick(item, _CONTENT_KEYS)
    document: dict[str, Any] = {
        "id": None if identity is None else describe(identity),
        "score": finite(score),
    }
    if content is not None and runtime.capture_content:
        document["content"] = content_text(content, _MAX_DOCUMENT_CHARS)
    return document


def _pick(item: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)
        if value is not None:
            return value
    return None
