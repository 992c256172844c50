"""Hypothesis strategies for OTLP requests, made from the message descriptors."""

from __future__ import annotations

import base64
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

_MAX_DEPTH = 9
_ID_SIZES = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
_JSON_IDS = frozenset({"traceId", "spanId", "parentSpanId"})
_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: _TEXT,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=6),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    # NaN is not equal to itself; it has a test of its own.
    FieldDescriptor.TYPE_DOUBLE: st.floats(allow_nan=False),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_FIXED32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SFIXED64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.TYPE_FIXED64: st.integers(0, 2**64 - 1),
}


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Any:
    """Draw a message with some of its fields set; of a oneof at most one."""
    message = GetMessageClass(descriptor)()
    taken: set[str] = set()
    for field in descriptor.fields:
        oneof = field.containing_oneof.name if field.containing_oneof else None
        if oneof in taken or not draw(st.booleans()):
            continue
        _set(draw, message, field, depth)
        if oneof is not None:
            taken.add(oneof)
    return message


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None:
        if depth >= _MAX_DEPTH:
            return
        children = st.lists(messages(field.message_type, depth + 1), min_size=1, max_size=2)
        if field.is_repeated:
            getattr(message, field.name).extend(draw(children))
        else:
            getattr(message, field.name).CopyFrom(draw(messages(field.message_type, depth + 1)))
        return
    values = _values(field)
    if field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(values, min_size=1, max_size=3)))
    else:
        setattr(message, field.name, draw(values))


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if size := _ID_SIZES.get(field.name):
        return st.binary(min_size=size, max_size=size)
    return _SCALARS[field.type]


def to_otlp_json(message: Message, **options: Any) -> Any:
    """Write a message as OTLP/JSON: protobuf's own JSON with hexadecimal ids."""
    return _with_hex_ids(MessageToDict(message, **options))


def _with_hex_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_hex_ids(item) for item in value]
    if isinstance(value, dict):
        return {
            key: base64.b64decode(item).hex() if key in _JSON_IDS or key in _ID_SIZES else _with_hex_ids(item)
            for key, item in value.items()
        }
    return value
