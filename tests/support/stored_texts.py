"""What a reader of one span has, of the attributes an SDK sent: the mapping's oracle, without a store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pitwall.ingest.mapping.messages import listed_messages
from pitwall.ingest.mapping.oracle import Context, map_request
from pitwall.ingest.mapping.values import decode_value
from pitwall.traces.conversation import Conversation, Part, PartType, SpanTexts, read_conversation
from pitwall.traces.logged import as_text
from tests.integration.ingest.mapping_rows import make_request
from tests.support.data_sets import read_json


def stored_row(attributes: Mapping[str, Any], **span: Any) -> dict[str, Any]:
    """The columns of a span with these attributes; `attributes` whole and decoded, as the API shows them."""
    (row,) = map_request(make_request({"attributes": attributes, **span}), Context(masking=()))
    return {**row, "attributes": {name: decode_value(text) for name, text in row["attributes"].items()}}


def texts_of(attributes: Mapping[str, Any], **span: Any) -> SpanTexts:
    """What a conversation is read from."""
    row = stored_row(attributes, **span)
    sides = {
        side: listed_messages(as_text(decode_value(row[side]))) if row[side] else None
        for side in ("input", "output")
    }
    return SpanTexts(kind=row["kind"] or None, attributes=row["attributes"], **sides)


def conversation_of(attributes: Mapping[str, Any], **span: Any) -> Conversation | None:
    """The conversation of a span with these attributes."""
    return read_conversation(texts_of(attributes, **span))


def told(conversation: Conversation | None) -> list[tuple[str, str, list[Any]]]:
    """A conversation in short: side, role and parts; words stand alone, other parts after their type."""
    messages = conversation.messages if conversation else []
    return [(one.side.value, one.role, [_short(part) for part in one.parts]) for one in messages]


def _short(part: Part) -> Any:
    if part.type is PartType.TEXT:
        return part.text
    members = (part.text, part.tool_name, part.tool_call_id, part.arguments, part.media_type, part.bytes)
    return (part.type.value, *(member for member in members if member is not None))


def framework_spans(folder: Path) -> Iterator[dict[str, Any]]:
    """Every span of a folder of Langfuse's exports that has attributes: id, type, name and attributes."""
    for path in sorted(folder.glob("*.trace.json*")):
        for observation in read_json(path)["observations"]:
            metadata = observation.get("metadata") or {}
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            if metadata.get("attributes"):
                named = {name: observation[name] for name in ("id", "type", "name")}
                yield {**named, "attributes": metadata["attributes"]}
