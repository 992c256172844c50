"""The texts of spans: references resolved, structured values decoded, messages listed, log events joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.ingest.mapping.messages import listed_messages
from pitwall.ingest.mapping.values import INPUT_REFERENCE, OUTPUT_REFERENCE, PAYLOAD_MARK, decode_value
from pitwall.traces.logged import as_text
from pitwall.traces.types import Payload, StoredSpan

_REFERENCES: Final = frozenset({PAYLOAD_MARK, INPUT_REFERENCE, OUTPUT_REFERENCE})


def with_content(span: StoredSpan, payload: Payload | None, logged: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a span's view that come from its texts.

    Args:
        payload: The whole texts, None if they were not asked for or have gone.
        logged: What log events said of this span.
    """
    absent: list[str] = []
    sides = {side: _side(span, side, payload, logged, absent) for side in ("input", "output")}
    attributes = {}
    for name, value in span.attributes.items():
        whole = _whole_value(name, value, payload)
        if whole is None:
            absent.append(f"attributes.{name}")
        else:
            attributes[name] = decode_value(whole)
    return {
        **{side: text for side, (text, _) in sides.items()},
        **{f"{side}_source": source for side, (_, source) in sides.items()},
        "attributes": attributes,
        "absent_texts": absent,
    }


def decoded(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Attributes with structured values decoded."""
    return {name: decode_value(value) for name, value in attributes.items()}


def _side(
    span: StoredSpan, side: str, payload: Payload | None, logged: Mapping[str, str], absent: list[str]
) -> tuple[str | None, str | None]:
    """A text and where it comes from; the span's own goes before what a log event says."""
    if not span.columns[f"{side}_bytes"]:
        return (logged[side], "log") if side in logged else (None, None)
    if payload is None:
        absent.append(side)
        return None, None
    text = payload.input if side == "input" else payload.output
    return shown_text(text), "span"


def shown_text(stored: str) -> str:
    """A whole input or output as it is shown."""
    return listed_messages(as_text(decode_value(stored)))


def _whole_value(name: str, value: str, payload: Payload | None) -> str | None:
    """An attribute's text; None if it was kept apart and is not there."""
    if value not in _REFERENCES:
        return value
    if payload is None:
        return None
    if value == PAYLOAD_MARK:
        return payload.attributes.get(name)
    return payload.input if value == INPUT_REFERENCE else payload.output
