"""JSON values into protobuf fields by the OTLP/JSON rules: one setter for each field of each message.

Ids are hexadecimal (base64 is tolerated), 64-bit integers may be strings or numbers, enums numbers or names,
field names lowerCamelCase or snake_case; unknown fields are ignored. What has a wrong type is said with its
path.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from pitwall.ingest.failures import RejectReason

MAX_VALUE_DEPTH = 32
_ID_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_KEY_VALUE = KeyValue.DESCRIPTOR
_TYPE_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}
_INTEGERS = frozenset(
    {
        FieldDescriptor.TYPE_INT32,
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT32,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_SINT32,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_FIXED32,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED32,
        FieldDescriptor.TYPE_SFIXED64,
    }
)

# Sets one field of a message: (message, JSON value, depth of nested attribute values).
Setter = Callable[[Any, Any, int], None]
# Turns one JSON value into what the field takes.
Convert = Callable[[Any], Any]


class BadField(Exception):
    """A JSON value that does not fit its field.

    Args:
        message: What was expected, without repeating what was sent.
        reason: What a record with it is rejected for.
    """

    def __init__(self, message: str, reason: RejectReason = RejectReason.WRONG_TYPE) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self._path: list[str] = []

    def within(self, step: str) -> BadField:
        """Add the step that leads to the value, called from the inside out."""
        self._path.append(step)
        return self

    @property
    def path(self) -> str:
        """The steps so far, outermost first, such as `.attributes[2].value.intValue`."""
        return "".join(reversed(self._path))


def expected(what: str, value: Any) -> BadField:
    """Say that a value is of a wrong type."""
    return BadField(f"expected {what}, got {_TYPE_NAMES.get(type(value), 'null')}")


def fill(message: Any, value: Any, setters: Mapping[str, Setter], depth: int = 0) -> None:
    """Set the fields of a message from a JSON object.

    Raises:
        BadField: A value does not fit; fields set before stay set.
    """
    if type(value) is not dict:
        raise expected("an object", value)
    for key, member in value.items():
        setter = setters.get(key)
        if setter is not None and member is not None:
            try:
                setter(message, member, depth)
            except BadField as bad:
                raise bad.within(f".{key}") from None


@cache
def setters_of(descriptor: Descriptor) -> dict[str, Setter]:
    """Return the setter of each field of a message under both of its names."""
    setters: dict[str, Setter] = {}
    for field in descriptor.fields:
        setters[field.json_name] = setters[field.name] = _setter_of(field)
    return setters


def _setter_of(field: FieldDescriptor) -> Setter:
    if field.message_type is not None:
        if not field.is_repeated:
            return _message_setter(field)
        return _attributes_setter(field) if field.message_type is _KEY_VALUE else _messages_setter(field)
    return _scalars_setter(field) if field.is_repeated else _scalar_setter(field)


def _message_setter(field: FieldDescriptor) -> Setter:
    name, descriptor = field.name, field.message_type

    def set_message(message: Any, value: Any, depth: int) -> None:
        if depth > MAX_VALUE_DEPTH:
            raise BadField(f"values are nested deeper than {MAX_VALUE_DEPTH}", RejectReason.NESTED_TOO_DEEP)
        child = getattr(message, name)
        child.SetInParent()
        fill(child, value, setters_of(descriptor), depth + 1)

    return set_message


def _messages_setter(field: FieldDescriptor) -> Setter:
    name, descriptor = field.name, field.message_type

    def set_messages(message: Any, value: Any, depth: int) -> None:
        if type(value) is not list:
            raise expected("a list", value)
        container, setters = getattr(message, name), setters_of(descriptor)
        for index, item in enumerate(value):
            try:
                fill(container.add(), item, setters, depth)
            except BadField as bad:
                raise bad.within(f"[{index}]") from None

    return set_messages


def _attributes_setter(field: FieldDescriptor) -> Setter:
    """Most of a request is attributes with a text: they take the short way."""
    name = field.name

    def set_attributes(message: Any, value: Any, depth: int) -> None:
        if type(value) is not list:
            raise expected("a list", value)
        container, setters = getattr(message, name), setters_of(_KEY_VALUE)
        for index, item in enumerate(value):
            entry = container.add()
            try:
                key, text = item["key"], item["value"]["stringValue"]
                if len(item) == 2 and len(item["value"]) == 1 and type(text) is str:
                    entry.key = key
                    entry.value.string_value = text
                    continue
            except (KeyError, TypeError, IndexError):
                pass
            try:
                fill(entry, item, setters, depth)
            except BadField as bad:
                raise bad.within(f"[{index}]") from None

    return set_attributes


def _scalar_setter(field: FieldDescriptor) -> Setter:
    name, convert = field.name, _converter_of(field)

    def set_scalar(message: Any, value: Any, _depth: int) -> None:
        try:
            setattr(message, name, convert(value))
        except ValueError:
            raise BadField(f"the number is out of range for {name}") from None

    return set_scalar


def _scalars_setter(field: FieldDescriptor) -> Setter:
    name, convert = field.name, _converter_of(field)

    def set_scalars(message: Any, value: Any, _depth: int) -> None:
        if type(value) is not list:
            raise expected("a list", value)
        container = getattr(message, name)
        for index, item in enumerate(value):
            try:
                container.append(convert(item))
            except ValueError:
                raise BadField(f"the number is out of range for {name}").within(f"[{index}]") from None
            except BadField as bad:
                raise bad.within(f"[{index}]") from None

    return set_scalars


def _converter_of(field: FieldDescriptor) -> Convert:
    if field.enum_type is not None:
        names = {value.name: value.number for value in field.enum_type.values}
        return lambda value: _to_enum(value, names)
    if field.type in _INTEGERS:
        return _to_integer
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _to_id if field.name in _ID_FIELDS else _to_bytes
    return {
        FieldDescriptor.TYPE_STRING: _to_string,
        FieldDescriptor.TYPE_BOOL: _to_bool,
        FieldDescriptor.TYPE_DOUBLE: _to_double,
    }[field.type]


def _to_string(value: Any) -> str:
    if type(value) is str:
        return value
    raise expected("a string", value)


def _to_bool(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise expected("true or false", value)


def _to_integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is str and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20:
        return int(value)
    if type(value) is float and value.is_integer():
        return int(value)
    raise expected("an integer or a string that holds one", value)


def _to_double(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return float(value)
    if type(value) is str:
        try:
            return float(value)
        except ValueError:
            pass
    raise expected('a number, "NaN", "Infinity" or "-Infinity"', value)


def _to_enum(value: Any, names: Mapping[str, int]) -> int:
    if type(value) is str and value in names:
        return names[value]
    if type(value) is str and not value.removeprefix("-").isdigit():
        raise BadField("expected a number or a name of the enumeration")
    return _to_integer(value)


def _to_bytes(value: Any) -> bytes:
    if type(value) is not str:
        raise expected("a base64 string", value)
    try:
        padded = value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4)
        return base64.b64decode(padded, validate=True)
    except binascii.Error:
        raise BadField("expected a base64 string") from None


def _to_id(value: Any) -> bytes:
    """Read a hexadecimal id, or a base64 one as protobuf's own JSON has it; its length is checked later."""
    if type(value) is not str:
        raise expected("a hexadecimal string", value)
    try:
        return binascii.unhexlify(value)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        pass
    try:
        return _to_bytes(value)
    except BadField:
        raise BadField("expected a hexadecimal string") from None
