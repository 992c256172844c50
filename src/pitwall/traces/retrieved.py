"""The documents that a span found or reordered, whatever SDK wrote it: OpenInference's numbered attributes,
OpenTelemetry's and Pitwall's JSON list, OpenLLMetry's span events, or the output of the search.

Pure, and never fails: what is no document is one with a text. `rank` counts from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.ingest.mapping.tables import DOCUMENT_EVENTS
from pitwall.traces.conversation.values import JsonObject, parsed, parsed_member
from pitwall.traces.documents import Document, is_scored, read_document

MAX_DOCUMENTS: Final = 1000

_SEARCHERS: Final = frozenset({SpanKind.RETRIEVER, SpanKind.RERANKER})
_FOUND: Final = ("retrieval.documents", "reranker.output_documents", "output.documents")
_GIVEN: Final = ("reranker.input_documents", "input.documents")
_LISTED: Final = "gen_ai.retrieval.documents"
_NUMBERED: Final = re.compile(
    r"(?P<list>[a-z_]+[.][a-z_]+)[.](?P<number>[0-9]{1,6})[.](?:document[.])?(?P<part>.+)"
)
_LISTS: Final = (
    *("documents", "results", "matches", "hits", "nodes", "source_nodes", "data", "items", "chunks"),
    *("passages", "output", "outputs", "result", "response", "context", "points", "candidates"),
)
_COLUMNS: Final = {
    "ids": "id",
    "documents": "content",
    "distances": "distance",
    "scores": "score",
    "metadatas": "metadata",
}
_MAX_NESTED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFindings:
    """What retrieved documents are read from.

    Attributes:
        events: Of the span, oldest first: name and attributes.
        known: Ids and scores of the columns, for spans that say no more.
    """

    kind: str | None
    input: str | None
    output: str | None
    attributes: Mapping[str, Any]
    events: Sequence[tuple[str, Mapping[str, Any]]] = ()
    known: Sequence[Mapping[str, Any]] = ()
    document_count: int | None = None


def read_retrieved(findings: SpanFindings, before: Sequence[Document] = ()) -> list[Document] | None:
    """The documents of a span, best first; None for a span that does not say.

    Args:
        findings: The span.
        before: What went into a reranker, if another span says it.
    """
    try:
        found = _found(findings)
        given = _given(findings) or list(before)
    except RecursionError:
        found, given = _from_columns(findings), []
    if found is None:
        return None
    numbered = [replace(one, rank=place) for place, one in enumerate(found[:MAX_DOCUMENTS], start=1)]
    if findings.kind != SpanKind.RERANKER:
        return [replace(one, rank_before=None) for one in numbered]
    return _with_places(numbered, given) if given else numbered


def _found(findings: SpanFindings) -> list[Document] | None:
    listed = parsed_member(findings.attributes.get(_LISTED))
    sources = (
        _from_numbered(findings.attributes, _FOUND),
        [read_document(item) for item in listed] if isinstance(listed, list) else [],
        _from_events(findings.events),
        _from_text(findings.output) if findings.kind in _SEARCHERS else [],
        _from_tool(findings.output) if findings.kind == SpanKind.TOOL else [],
    )
    found = next((source for source in sources if source), None)
    return found if found is not None else _from_columns(findings)


def _from_columns(findings: SpanFindings) -> list[Document] | None:
    found = [read_document(known) for known in findings.known]
    nothing: list[Document] | None = [] if findings.document_count == 0 else None
    return found or nothing


def _given(findings: SpanFindings) -> list[Document]:
    return _from_numbered(findings.attributes, _GIVEN) or (
        _from_text(findings.input) if findings.kind == SpanKind.RERANKER else []
    )


def _from_numbered(attributes: Mapping[str, Any], lists: Sequence[str]) -> list[Document]:
    members: dict[tuple[int, int], dict[str, Any]] = {}
    for key, value in attributes.items():
        match = _NUMBERED.fullmatch(key) if key.startswith(tuple(lists)) else None
        if match is not None and match["list"] in lists:
            place = (lists.index(match["list"]), int(match["number"]))
            said = parsed_member(value) if match["part"] == "metadata" else value
            members.setdefault(place, {})[match["part"]] = said
    first = min((place for place, _ in members), default=None)
    return [read_document(members[place]) for place in sorted(members) if place[0] == first]


def _from_events(events: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Document]:
    found = []
    for name, attributes in events:
        if name in DOCUMENT_EVENTS:
            parts = {key.removeprefix(f"{name}."): value for key, value in attributes.items()}
            found.append(read_document({part: parsed_member(value) for part, value in parts.items()}))
    return found


def _from_text(text: str | None) -> list[Document]:
    value = parsed(text) if text else None
    items = _items(value, _MAX_NESTED)
    return [read_document(item) for item in items] if items else []


def _from_tool(text: str | None) -> list[Document]:
    """What a tool answered, if it is a list of texts that say where they are from, as a web search's."""
    value = parsed(text) if text and text.lstrip().startswith("[") else None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return []
    found = [read_document(item) for item in value]
    return found if all(one.text and (one.source or one.score is not None) for one in found) else []


def _items(value: Any, depth: int) -> list[Any] | None:
    """The list of documents in what a search answered."""
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], list) and not is_scored(value[0]):
            return _items(value[0], depth - 1) if depth > 0 else None
        return value
    if not isinstance(value, dict) or depth <= 0:
        return None
    columns = list(_columns(value))
    if columns:
        return columns
    found = (_items(parsed_member(value[name]), depth - 1) for name in _LISTS if name in value)
    return next((items for items in found if items), None)


def _columns(value: JsonObject) -> Iterator[dict[str, Any]]:
    """Documents that a vector store answers column by column, as Chroma does: ids, documents, distances."""
    listed = {name: value[name] for name in _COLUMNS if isinstance(value.get(name), list)}
    lists = {_COLUMNS[name]: _flat(items) for name, items in listed.items()}
    if "id" not in lists or len(lists) < 2:
        return
    for at in range(len(lists["id"])):
        yield {name: items[at] for name, items in lists.items() if at < len(items)}


def _flat(items: list[Any]) -> list[Any]:
    return items[0] if len(items) == 1 and isinstance(items[0], list) else items


def _with_places(found: Sequence[Document], given: Sequence[Document]) -> list[Document]:
    """The documents with their place among those that went in: by id, else by text, else as they say."""
    by_id = _places([document.id for document in given])
    by_text = _places([document.text for document in given])
    placed = []
    for document in found:
        place = by_id.get(document.id) or by_text.get(document.text) or document.rank_before
        source = given[place - 1] if place is not None and place <= len(given) else None
        placed.append(_completed(replace(document, rank_before=place if source else None), source))
    return placed


def _places(keys: Sequence[str | None]) -> dict[str | None, int]:
    """Places from 1 by key; a key that stands twice tells nothing."""
    counts: dict[str | None, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return {key: at for at, key in enumerate(keys, start=1) if key and counts[key] == 1}


def _completed(document: Document, source: Document | None) -> Document:
    """What a reranker left out of a document, from what went in."""
    if source is None:
        return document
    return replace(
        document,
        id=document.id or source.id,
        title=document.title or source.title,
        source=document.source or source.source,
        text=document.text or source.text,
    )
