"""Fields of protobuf messages written by hand, where a generated class would cost more than it brings."""

from __future__ import annotations

from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2


def varint(value: int) -> bytes:
    """A non-negative integer, seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, wire_type: int) -> bytes:
    """What begins a field."""
    return varint(number << 3 | wire_type)


def bytes_field(number: int, value: bytes) -> bytes:
    """A length-delimited field: bytes, text or a message."""
    return tag(number, BYTES) + varint(len(value)) + value
