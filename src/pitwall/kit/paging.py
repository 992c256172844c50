"""Opaque cursors for paging by key: the position of the last row, readable by nobody but us."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson

Item = TypeVar("Item")
CursorPart = str | int | float | None

_MAX_CURSOR_CHARACTERS = 4_096


class InvalidCursor(ValueError):
    """The cursor was not made by this server for this list, or was cut on the way."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list.

    Attributes:
        items: The rows of this page.
        next_cursor: Where the next page begins; None at the end.
    """

    items: Sequence[Item]
    next_cursor: str | None = None


def encode_cursor(kind: str, *parts: CursorPart) -> str:
    """Make a cursor from the sort key of the last row shown.

    Args:
        kind: What list and order it belongs to, such as `traces.newest`; another list refuses it.
        parts: The sort key; JSON scalars.
    """
    body = orjson.dumps([kind, *parts])
    return base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4) + body).rstrip(b"=").decode("ascii")


def decode_cursor(kind: str, cursor: str) -> tuple[CursorPart, ...]:
    """Return the sort key a cursor holds.

    Raises:
        InvalidCursor: It is damaged or belongs to another list.
    """
    if len(cursor) > _MAX_CURSOR_CHARACTERS:
        raise InvalidCursor(f"cursor of {len(cursor)} characters is too long; start again without a cursor")
    try:
        raw = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        checksum, body = raw[:4], raw[4:]
        found_kind, *parts = orjson.loads(body)
    except (binascii.Error, UnicodeEncodeError, ValueError, TypeError) as error:
        raise InvalidCursor(f"cursor {cursor[:40]!r} cannot be read; start again without a cursor") from error
    if zlib.crc32(body).to_bytes(4) != checksum:
        raise InvalidCursor(f"cursor {cursor[:40]!r} was changed; start again without a cursor")
    if found_kind != kind:
        raise InvalidCursor(
            f"cursor belongs to {found_kind!r}, not to {kind!r}; start again without a cursor"
        )
    return tuple(parts)
