"""The protobuf wire format, written by hand: what OTLP needs and nothing more.

Encoding by hand needs no protobuf runtime in the application and costs a third of building message objects.
The tests decode everything written here with the official OTLP classes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pitwall.kit.protobuf_fields import varint as _encode_varint

_PACK_FIXED64 = struct.Struct("<Q").pack
_PACK_DOUBLE = struct.Struct("<d").pack
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_SMALL_LIMIT = 4096
_MAX_DEPTH = 8

_SMALL_VARINTS = tuple(_encode_varint(value) for value in range(_SMALL_LIMIT))


def varint(value: int) -> bytes:
    """Encode a non-negative integer; negative ones must be mapped to two's complement before."""
    return _SMALL_VARINTS[value] if value < _SMALL_LIMIT else _encode_varint(value)


def utf8(text: str) -> bytes:
    """Encode text; what UTF-8 cannot hold (lone surrogates) becomes a question mark instead of an error."""
    return text.encode("utf-8", "replace")


def length_delimited(tag: bytes, payload: bytes) -> bytes:
    """One field of wire type 2: tag, length, bytes."""
    return tag + varint(len(payload)) + payload


def text_field(tag: bytes, text: str) -> bytes:
    """A string field, absent when empty as proto3 has it."""
    return length_delimited(tag, utf8(text)) if text else b""


def fixed64_field(tag: bytes, value: int) -> bytes:
    """A fixed64 field; what lies outside 64 bits is cut off to the nearest bound."""
    return tag + _PACK_FIXED64(min(max(value, 0), 2**64 - 1))


def double_field(tag: bytes, value: float) -> bytes:
    """A double field; NaN and infinities are kept."""
    return tag + _PACK_DOUBLE(value)


def _string_value(value: str, _depth: int) -> bytes:
    raw = value.encode("utf-8", "replace")
    return b"\x0a" + varint(len(raw)) + raw


def _bool_value(value: bool, _depth: int) -> bytes:
    return b"\x10\x01" if value else b"\x10\x00"


def _int_value(value: int, depth: int) -> bytes:
    if 0 <= value <= _INT64_MAX:
        return b"\x18" + varint(value)
    if _INT64_MIN <= value < 0:
        return b"\x18" + _encode_varint(value + 2**64)
    return _string_value(str(value), depth)


def _float_value(value: float, _depth: int) -> bytes:
    return b"\x21" + _PACK_DOUBLE(value)


def _bytes_value(value: bytes, _depth: int) -> bytes:
    return b"\x3a" + varint(len(value)) + value


_VALUE_ENCODERS: dict[type, Callable[[Any, int], bytes]] = {
    str: _string_value,
    bool: _bool_value,
    int: _int_value,
    float: _float_value,
    bytes: _bytes_value,
}


def any_value(value: Any, depth: int = 0) -> bytes:
    """Encode the inside of an AnyValue; an unknown type is written as its text, None as an empty value."""
    encoder = _VALUE_ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value, depth)
    if value is None:
        return b""
    if depth >= _MAX_DEPTH:
        return _string_value(str(value), depth)
    return _composite_value(value, depth)


def _composite_value(value: Any, depth: int) -> bytes:
    if isinstance(value, Mapping):
        pairs = b"".join(key_value(b"\x0a", str(key), item, depth + 1) for key, item in value.items())
        return length_delimited(b"\x32", pairs)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        items = b"".join(length_delimited(b"\x0a", any_value(item, depth + 1)) for item in value)
        return length_delimited(b"\x2a", items)
    for kind, encoder in _VALUE_ENCODERS.items():
        if isinstance(value, kind):  # a subclass, such as an enum
            return encoder(kind(value), depth)
    return _string_value(str(value), depth)


def key_value(tag: bytes, key: str, value: Any, depth: int = 0) -> bytes:
    """One KeyValue message under the field `tag`."""
    inner = any_value(value, depth)
    body = length_delimited(b"\x0a", utf8(key)) + length_delimited(b"\x12", inner)
    return length_delimited(tag, body)


_key_cache: dict[str, bytes] = {}
_KEY_CACHE_LIMIT = 4096


def _key_bytes(key: str) -> bytes:
    """The key field of a KeyValue; attribute names repeat, so the encoded form is kept."""
    encoded = _key_cache.get(key)
    if encoded is None:
        encoded = length_delimited(b"\x0a", utf8(str(key)))
        if len(_key_cache) < _KEY_CACHE_LIMIT:
            _key_cache[key] = encoded
    return encoded


def write_attributes(parts: list[bytes], tag: bytes, attributes: Mapping[str, Any]) -> None:
    """Append every attribute as a KeyValue under `tag`; the inner loop of the exporter."""
    encoders = _VALUE_ENCODERS
    small = _SMALL_VARINTS
    for key, value in attributes.items():
        head = _key_cache.get(key) or _key_bytes(key)
        if type(value) is str:
            raw = value.encode("utf-8", "replace")
            size = len(raw)
            length = small[size] if size < _SMALL_LIMIT else _encode_varint(size)
            inner = size + 1 + len(length)
            inner_length = small[inner] if inner < _SMALL_LIMIT else _encode_varint(inner)
            total = len(head) + 1 + len(inner_length) + inner
            parts += (tag, varint(total), head, b"\x12", inner_length, b"\x0a", length, raw)
        else:
            encoder = encoders.get(type(value))
            body = encoder(value, 0) if encoder is not None else any_value(value)
            field = head + b"\x12" + varint(len(body)) + body
            parts += (tag, varint(len(field)), field)
