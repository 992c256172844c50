"""The outer structure of a protobuf request, read without the library: how many records, and where it breaks.

A body made of empty records is a bomb of its own kind: each takes two bytes on the wire and nearly two
hundred in memory. So the records of large bodies are counted before they are parsed.
"""

from __future__ import annotations

from typing import NamedTuple

from pitwall.ingest.failures import BodyTooLarge

# Smaller bodies cannot hold enough records to matter.
COUNTED_FROM_BYTES = 1 << 20
_MAX_VARINT_BYTES = 10
# Field numbers from a request down to its records: resources, scopes, records; the same in all three streams.
_PATH = (1, 2, 2)
_MAX_DAMAGE_STEPS = 200_000


class Damage(NamedTuple):
    """The first byte that cannot be right, and why."""

    offset: int
    problem: str


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


class _Walker:
    """Goes through the fields of a request down to its records, a limited number of steps."""

    def __init__(self, body: bytes, max_steps: int) -> None:
        self._body = body
        self._steps_left = max_steps

    def walk(self, offset: int, end: int, depth: int) -> None:
        while offset < end:
            if self._steps_left == 0:
                raise _TooManySteps
            self._steps_left -= 1
            start = offset
            tag, offset = self._read_varint(offset, end)
            number, wire_type = tag >> 3, tag & 7
            if number == 0:
                raise _Unreadable(start, "field number 0")
            size, offset = self._read_size(wire_type, offset, end, start)
            if offset + size > end:
                beyond = offset + size - end
                raise _Unreadable(start, f"field {number} ends {beyond} bytes behind the end of its message")
            if wire_type == 2 and depth < len(_PATH) - 1 and number == _PATH[depth]:
                self.walk(offset, offset + size, depth + 1)
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
