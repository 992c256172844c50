"""An opened span as people read it, in the shape of the API: its conversation, the documents it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.traces.content import decoded, with_content
from pitwall.traces.conversation import Message, Part, SpanTexts, read_conversation
from pitwall.traces.documents import Document
from pitwall.traces.opening import OpenSpan
from pitwall.traces.retrieved import SpanFindings, read_retrieved
from pitwall.traces.types import StoredSpan

View = dict[str, Any]


def conversation_view(span: StoredSpan, content: Mapping[str, Any]) -> View | None:
    """The conversation of a span; `content` is what `with_content` made of its texts."""
    conversation = read_conversation(
        SpanTexts(
            kind=span.columns["kind"],
            input=content["input"],
            output=content["output"],
            attributes=content["attributes"],
        )
    )
    if conversation is None:
        return None
    return {
        "messages": [_message(message) for message in conversation.messages],
        "tools": [{"name": tool.name, "description": tool.description} for tool in conversation.tools],
    }


def retrieved_view(opened: OpenSpan, content: Mapping[str, Any]) -> list[View] | None:
    """The documents of a span, those of a reranker with the place that the search before it gave them."""
    before: list[Document] | None = None
    if opened.search is not None:
        search, payload = opened.search
        before = read_retrieved(findings_of(search, with_content(search, payload, {})))
    found = read_retrieved(findings_of(opened.span, content), before or ())
    return None if found is None else [_document(document) for document in found]


def findings_of(span: StoredSpan, content: Mapping[str, Any]) -> SpanFindings:
    """What the documents of a span are read from; `content` is what `with_content` made of its texts."""
    columns = span.columns
    return SpanFindings(
        kind=columns["kind"],
        input=content["input"],
        output=content["output"],
        attributes=content["attributes"],
        events=[(event["name"], decoded(event["attributes"])) for event in columns["events"]],
        known=columns["documents"],
        document_count=columns["document_count"],
    )


def _message(message: Message) -> View:
    return {
        "role": message.role,
        "name": message.name,
        "side": message.side.value,
        "parts": [_part(part) for part in message.parts],
        "omitted_parts": message.omitted_parts,
        "omitted_before": message.omitted_before,
    }


def _part(part: Part) -> View:
    return {
        "type": part.type.value,
        "text": part.text,
        "tool_name": part.tool_name,
        "tool_call_id": part.tool_call_id,
        "arguments": part.arguments,
        "media_type": part.media_type,
        "bytes": part.bytes,
    }


def _document(document: Document) -> View:
    return {
        "id": document.id,
        "score": document.score,
        "rank": document.rank,
        "rank_before": document.rank_before,
        "title": document.title,
        "source": document.source,
        "text": document.text,
    }
