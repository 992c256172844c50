"""The outer structure of a protobuf request, read without the library: how many records, and where it breaks.

A body made of empty records is a bomb of its own kind: each takes two bytes on the wire and nearly two
hundred in memory. So the records of large bodies are counted before they are parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pitwall.ingest.failures import BodyTooLarge

# Smaller bodies cannot hold enough records to matter.
COUNTED_FROM_BYTES = 1 << 20
_MAX_VARINT_BYTES = 10
# Field numbers from a request down to its records: resources, scopes, records; the same in all three streams.
_PATH = (1, 2, 2)
_MAX_DAMAGE_STEPS = 200_000
# The library follows messages in messages this far.
_MAX_DEPTH = 100
_NAME_FIELDS = ("name", "event_name")


class Damage(NamedTuple):
    """The first byte that cannot be right, and why."""

    offset: int
    problem: str


class Refused(NamedTuple):
    """What can be said of a record that the library cannot parse.

    Attributes:
        name: Its name as bytes; empty if it has none, or it lies behind the damage.
        is_too_deep: Whether it is sound as far as it was followed, but nested too deep.
    """

    name: bytes
    is_too_deep: bool


class _Unreadable(Exception):
    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(problem)
        self.damage = Damage(offset, problem)


class _TooManySteps(Exception):
    pass


def find_damage(body: bytes) -> Damage | None:
    """Walk the outer structure of an OTLP request.

    Returns:
        Where it breaks; None if that lies deeper, inside a record, or too far behind.
    """
    try:
        _Walker(body, _MAX_DAMAGE_STEPS).walk(0, len(body), 0)
    except _Unreadable as unreadable:
        return unreadable.damage
    except _TooManySteps:
        pass
    return None


def check_record_count(body: bytes, max_records: int) -> None:
    """Refuse a request with more records (or other fields beside them) than it may have.

    Raises:
        BodyTooLarge: It has.
    """
    try:
        _Walker(body, max_records).walk(0, len(body), 0)
    except _TooManySteps:
        raise too_many_records(max_records) from None
    except _Unreadable:
        pass


def too_many_records(max_records: int) -> BodyTooLarge:
    """Say that a request has too many records."""
    return BodyTooLarge(
        f"The request has more than {max_records:,} records.",
        hint="Send smaller batches.",
        details={"max_records": max_records},
    )


def read_refused(record: bytes, descriptor: Any) -> Refused:
    """Look into a record that the library refused, for its name and for the reason.

    Args:
        descriptor: Of the message that it should be.
    """
    walker = _Walker(record, len(record))
    name = b""
    # Messages still to be looked into: begin, end, descriptor, depth.
    left = [(0, len(record), descriptor, 0)]
    try:
        while left:
            begin, end, kind, depth = left.pop()
            if depth > _MAX_DEPTH:
                return Refused(name, is_too_deep=True)
            for number, wire_type, start, stop in walker.fields(begin, end):
                field = kind.fields_by_number.get(number)
                if field is None or wire_type != 2:
                    continue
                if field.message_type is not None:
                    left.append((start, stop, field.message_type, depth + 1))
                elif depth == 0 and field.name in _NAME_FIELDS:
                    name = record[start:stop]
    except _Unreadable:
        pass
    return Refused(name, is_too_deep=False)


class _Walker:
    """Goes through the fields of a request down to its records, a limited number of steps."""

    def __init__(self, body: bytes, max_steps: int) -> None:
        self._body = body
        self._steps_left = max_steps

    def walk(self, offset: int, end: int, depth: int) -> None:
        for number, wire_type, start, stop in self.fields(offset, end):
            if self._steps_left == 0:
                raise _TooManySteps
            self._steps_left -= 1
            if wire_type == 2 and depth < len(_PATH) - 1 and number == _PATH[depth]:
                self.walk(start, stop, depth + 1)

    def fields(self, offset: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield number, wire type, begin and end of each field of a message."""
        while offset < end:
            start = offset
            tag, offset = self._read_varint(offset, end)
            number, wire_type = tag >> 3, tag & 7
            if number == 0:
                raise _Unreadable(start, "field number 0")
            size, offset = self._read_size(wire_type, offset, end, start)
            if offset + size > end:
                beyond = offset + size - end
                raise _Unreadable(start, f"field {number} ends {beyond} bytes behind the end of its message")
            yield number, wire_type, offset, offset + size
            offset += size

    def _read_size(self, wire_type: int, offset: int, end: int, start: int) -> tuple[int, int]:
        match wire_type:
            case 0:  # varint
                return 0, self._read_varint(offset, end)[1]
            case 1:  # 64 bits
                return 8, offset
            case 2:  # length-delimited
                return self._read_varint(offset, end)
            case 5:  # 32 bits
                return 4, offset
        raise _Unreadable(start, f"wire type {wire_type}, which OTLP does not use")

    def _read_varint(self, offset: int, end: int) -> tuple[int, int]:
        value = 0
        for position in range(offset, min(end, offset + _MAX_VARINT_BYTES)):
            byte = self._body[position]
            value |= (byte & 0x7F) << 7 * (position - offset)
            if byte < 0x80:
                return value, position + 1
        raise _Unreadable(offset, "an unfinished number")
