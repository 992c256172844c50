"""Lenient twins of the OTLP messages, made from their descriptors, for requests that the strict ones refuse.

`envelope_type` knows of a request only where its records are; it leaves them, resource and scope as bytes.
`bytes_twin` makes the same message with every string declared as bytes, so that invalid UTF-8 does not stop
it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_STRING, _BYTES = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_BYTES
_MESSAGE = FieldDescriptorProto.TYPE_MESSAGE
_ENVELOPE_PACKAGE = "pitwall.envelope"


@cache
def envelope_type() -> type[Any]:
    """Return the message `Request { repeated Resource resources = 1 }`, the same for all three streams.

    `Resource { bytes resource = 1; repeated Scope scopes = 2; bytes schema_url = 3 }`,
    `Scope { bytes scope = 1; repeated bytes items = 2; bytes schema_url = 3 }`.
    """
    file = FileDescriptorProto(name="pitwall/envelope.proto", package=_ENVELOPE_PACKAGE, syntax="proto3")
    request = file.message_type.add(name="Request")
    _add_field(request, 1, "resources", repeated=True, message_name="Resource")
    resource = file.message_type.add(name="Resource")
    _add_field(resource, 1, "resource")
    _add_field(resource, 2, "scopes", repeated=True, message_name="Scope")
    _add_field(resource, 3, "schema_url")
    scope = file.message_type.add(name="Scope")
    _add_field(scope, 1, "scope")
    _add_field(scope, 2, "items", repeated=True)
    _add_field(scope, 3, "schema_url")
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{_ENVELOPE_PACKAGE}.Request"))


def _add_field(
    message: DescriptorProto,
    number: int,
    name: str,
    *,
    repeated: bool = False,
    message_name: str | None = None,
) -> None:
    field = message.field.add(
        name=name,
        number=number,
        label=FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL,
        type=_BYTES if message_name is None else _MESSAGE,
    )
    if message_name is not None:
        field.type_name = f".{_ENVELOPE_PACKAGE}.{message_name}"


@cache
def bytes_twin(strict: Descriptor) -> type[Any]:
    """Return the message type that has bytes wherever `strict` has strings."""
    pool = DescriptorPool()
    _add_file(pool, strict.file)
    return GetMessageClass(pool.FindMessageTypeByName(strict.full_name))


def _add_file(pool: DescriptorPool, file: Any) -> None:
    for dependency in file.dependencies:
        _add_file(pool, dependency)
    twin = FileDescriptorProto()
    file.CopyToProto(twin)
    for message in twin.message_type:
        _strings_to_bytes(message)
    pool.Add(twin)


def _strings_to_bytes(message: DescriptorProto) -> None:
    for field in message.field:
        if field.type == _STRING:
            field.type = _BYTES
    for nested in message.nested_type:
        _strings_to_bytes(nested)


@cache
def text_fields(strict: Descriptor) -> frozenset[str]:
    """Return the names of a message's fields that are strings."""
    return frozenset(field.name for field in strict.fields if field.type == FieldDescriptor.TYPE_STRING)
