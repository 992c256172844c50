"""One retrieved document in the forms that search libraries and vector stores give it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.traces.conversation.values import JsonObject, first, parsed_member, short_text, written

_IDS: Final = ("id", "document_id", "doc_id", "node_id", "id_", "_id", "chunk_id", "uuid", "key")
_SCORES: Final = (
    *("score", "relevance_score", "relevanceScore", "similarity", "_score", "rerank_score"),
    *("@search.score", "distance"),
)
_TEXTS: Final = (
    *("content", "text", "page_content", "pageContent", "document", "body", "passage", "chunk", "snippet"),
)
_TITLES: Final = ("title", "name", "file_name", "filename", "heading")
_SOURCES: Final = ("source", "url", "uri", "link", "href", "file_path", "path", "location")
_METADATA: Final = ("metadata", "extra_info", "payload", "_source", "fields", "attributes")
# Members that hold the document itself: LlamaIndex's nodes, results of a rerank.
_INNER: Final = ("node", "document", "doc")
_MAX_TITLE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A retrieved document; what nobody said is None.

    Attributes:
        rank: Its place, from 1.
        rank_before: Its place before it was reranked, from 1.
    """

    id: str | None = None
    score: float | None = None
    rank: int = 0
    rank_before: int | None = None
    title: str | None = None
    source: str | None = None
    text: str | None = None


def read_document(item: Any) -> Document:
    """Read a document; what is no object is its text, except for a pair of one and its score.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if is_scored(item):
        inner = read_document(item[0])
        return Document(
            id=inner.id, score=_number(item[1]), title=inner.title, source=inner.source, text=inner.text
        )
    if not isinstance(item, dict):
        return Document(text=None if item is None else written(item))
    return _from_object(item)


def is_scored(item: Any) -> bool:
    """Whether it is a pair of a document and its score."""
    return isinstance(item, list) and len(item) == 2 and _number(item[1]) is not None


def _from_object(item: JsonObject) -> Document:
    item = item["kwargs"] if item.get("lc") is not None and isinstance(item.get("kwargs"), dict) else item
    levels = [item, *(item[name] for name in _INNER if isinstance(item.get(name), dict))]
    metadata = [parsed_member(level.get(name)) for level in levels for name in _METADATA]
    places = [*levels, *(place for place in metadata if isinstance(place, dict))]
    text = _text(places)
    index = item.get("index")
    return Document(
        id=short_text(_from(places, _IDS), _MAX_TITLE),
        score=next((score for score in _scores(places) if score is not None), None),
        rank_before=index + 1 if type(index) is int and index >= 0 else None,
        title=short_text(_from(places, _TITLES), _MAX_TITLE),
        source=short_text(_from(places, _SOURCES), _MAX_TITLE),
        text=text if text is not None or _is_described(places) else written(item),
    )


def _text(places: list[JsonObject]) -> str | None:
    words = [{name: place[name] for name in _TEXTS if name in place} for place in places]
    flat = [{name: said for name, said in place.items() if not isinstance(said, dict)} for place in words]
    found = _from(flat, _TEXTS)
    return None if found is None else written(found)


def _is_described(places: list[JsonObject]) -> bool:
    """Whether something else than a text says which document it is."""
    return _from(places, (*_IDS, *_TITLES, *_SOURCES, *_SCORES)) is not None or "index" in places[0]


def _from(places: Sequence[JsonObject], names: tuple[str, ...]) -> Any:
    return next((found for place in places if (found := first(place, names)) is not None), None)


def _scores(places: list[JsonObject]) -> list[float | None]:
    return [_number(place[name]) for place in places for name in _SCORES if name in place]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
