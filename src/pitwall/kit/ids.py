"""Identifiers: time-ordered ids for rows, trace and span ids as OpenTelemetry writes them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from uuid import UUID

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8
_COUNTER_BITS = 12


class InvalidId(ValueError):
    """The text or bytes are no valid id of this kind."""


class SortableIds:
    """Makes version 7 UUIDs that sort in the order they were made, also when the clock goes back.

    Args:
        unix_nano: Wall clock in nanoseconds.
        random_bytes: Source of randomness.
    """

    def __init__(
        self,
        unix_nano: Callable[[], int] = time.time_ns,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._unix_nano = unix_nano
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> UUID:
        """Return the next id: 48 bits of milliseconds, 12 bits of order within them, 62 random bits."""
        with self._lock:
            ticks = (self._unix_nano() // 1_000_000) << _COUNTER_BITS
            self._last = max(ticks, self._last + 1)
            moment = self._last
        milliseconds, counter = moment >> _COUNTER_BITS, moment & ((1 << _COUNTER_BITS) - 1)
        tail = int.from_bytes(self._random_bytes(8)) & ((1 << 62) - 1)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)


_ids = SortableIds()


def new_id() -> str:
    """Return a new sortable id as 32 hexadecimal digits."""
    return _ids.new().hex


def first_id_at(unix_nano: int) -> str:
    """Return what all ids made at a time or later sort behind, and all earlier ones before."""
    return f"{unix_nano // 1_000_000:012x}"


def new_prefixed_id(prefix: str) -> str:
    """Return a new sortable id that says what it names, such as `run_0190...`."""
    return f"{prefix}_{new_id()}"


def format_trace_id(value: bytes | int) -> str:
    """Write a trace id as 32 lower-case hexadecimal digits.

    Raises:
        InvalidId: It has not 16 bytes or is all zero, which OpenTelemetry forbids.
    """
    return _format(value, TRACE_ID_BYTES, "trace id")


def format_span_id(value: bytes | int) -> str:
    """Write a span id as 16 lower-case hexadecimal digits.

    Raises:
        InvalidId: It has not 8 bytes or is all zero, which OpenTelemetry forbids.
    """
    return _format(value, SPAN_ID_BYTES, "span id")


def parse_trace_id(text: str) -> bytes:
    """Read a trace id as people paste it: either case, hyphens allowed.

    Raises:
        InvalidId: The text is no trace id.
    """
    return _parse(text, TRACE_ID_BYTES, "trace id")


def parse_span_id(text: str) -> bytes:
    """Read a span id in either case.

    Raises:
        InvalidId: The text is no span id.
    """
    return _parse(text, SPAN_ID_BYTES, "span id")


def _format(value: bytes | int, length: int, what: str) -> str:
    if isinstance(value, int):
        if not 0 <= value < 1 << (8 * length):
            raise InvalidId(f"{value} does not fit a {what} of {length} bytes")
        value = value.to_bytes(length)
    return _checked(value, length, what).hex()


def _parse(text: str, length: int, what: str) -> bytes:
    digits = text.strip().replace("-", "")
    if len(digits) != 2 * length or not digits.isascii() or not digits.isalnum():
        raise InvalidId(f"{text!r} is no {what}; it has {2 * length} hexadecimal digits")
    try:
        return _checked(bytes.fromhex(digits), length, what)
    except ValueError as error:
        raise InvalidId(
            f"{text!r} is no {what}; it has {2 * length} hexadecimal digits, not all zero"
        ) from error


def _checked(value: bytes, length: int, what: str) -> bytes:
    if len(value) != length:
        raise InvalidId(f"a {what} has {length} bytes, not {len(value)}")
    if not any(value):
        raise InvalidId(f"a {what} of all zeros is invalid")
    return value
