"""The texts of spans: references resolved, structured values decoded, content of log events joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from pitwall.ingest.mapping.values import PAYLOAD_MARK, decode_value
from pitwall.traces.one_trace import PayloadKey, payload_key
from pitwall.traces.types import StoredLog, StoredSpan

CONTENT_EVENT: Final = "gen_ai.client.inference.operation.details"
_REFERENCE: Final = re.compile(f"{PAYLOAD_MARK}([0-9A-Fa-f]{{32}})")
_CONTENT_KEYS: Final = {
    "input": ("gen_ai.input.messages", "gen_ai.system_instructions"),
    "output": ("gen_ai.output.messages",),
}

Texts = Mapping[PayloadKey, str]


def wanted_texts(spans: Iterable[StoredSpan]) -> set[PayloadKey]:
    """Keys of every payload text that spans refer to."""
    keys = set()
    for span in spans:
        for text_hash in (span.input_hash, span.output_hash):
            if text_hash is not None:
                keys.add(payload_key(span.lite.unix_nano, text_hash))
        for value in span.attributes.values():
            if value.startswith(PAYLOAD_MARK) and (key := _reference(span, value)):
                keys.add(key)
    return keys


def logged_content(logs: Sequence[StoredLog]) -> dict[str, dict[str, str]]:
    """Inputs and outputs that came as log events, by span id; a later event completes an earlier one."""
    content: dict[str, dict[str, str]] = {}
    for log in logs:
        if log.event_name != CONTENT_EVENT or log.span_id is None:
            continue
        for side, names in _CONTENT_KEYS.items():
            value = next((log.attributes[name] for name in names if log.attributes.get(name)), None)
            if value is not None:
                content.setdefault(log.span_id, {})[side] = as_text(decode_value(value))
    return content


def with_content(span: StoredSpan, texts: Texts, logged: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a span's view that come from its texts.

    Args:
        texts: Payload texts that were fetched.
        logged: What log events said of this span.
    """
    absent: list[str] = []
    sides = {
        "input": _side(span, "input", span.input_hash, texts, logged, absent),
        "output": _side(span, "output", span.output_hash, texts, logged, absent),
    }
    attributes = {}
    for name, value in span.attributes.items():
        if value.startswith(PAYLOAD_MARK) and (key := _reference(span, value)):
            if key not in texts:
                absent.append(f"attributes.{name}")
                continue
            value = texts[key]
        attributes[name] = decode_value(value)
    return {
        **{side: text for side, (text, _) in sides.items()},
        **{f"{side}_source": source for side, (_, source) in sides.items()},
        "attributes": attributes,
        "absent_texts": absent,
    }


def decoded(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Attributes with structured values decoded."""
    return {name: decode_value(value) for name, value in attributes.items()}


def as_text(value: Any) -> str:
    """A decoded value as text; structures as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _side(
    span: StoredSpan,
    side: str,
    text_hash: bytes | None,
    texts: Texts,
    logged: Mapping[str, str],
    absent: list[str],
) -> tuple[str | None, str | None]:
    """A text and where it comes from; the span's own goes before what a log event says."""
    if text_hash is None:
        return (logged[side], "log") if side in logged else (None, None)
    text = texts.get(payload_key(span.lite.unix_nano, text_hash))
    if text is None:
        absent.append(side)
        return None, None
    return as_text(decode_value(text)), "span"


def _reference(span: StoredSpan, value: str) -> PayloadKey | None:
    match = _REFERENCE.fullmatch(value)
    return payload_key(span.lite.unix_nano, bytes.fromhex(match[1])) if match else None
