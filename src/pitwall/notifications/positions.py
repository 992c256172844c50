"""Cursors of lists that are sorted by a time and an id."""

from __future__ import annotations

from datetime import datetime

from pitwall.core.errors import InvalidInput
from pitwall.kit.durations import format_instant
from pitwall.kit.paging import InvalidCursor, decode_cursor, encode_cursor


def position(kind: str, at: datetime, row_id: str) -> str:
    """The cursor behind a row."""
    return encode_cursor(kind, format_instant(at), row_id)


def read_position(kind: str, cursor: str | None) -> tuple[datetime, str] | None:
    """The row that a cursor stands behind; None at the beginning.

    Raises:
        InvalidInput: The cursor is not one of this list.
    """
    if cursor is None:
        return None
    try:
        at, row_id = decode_cursor(kind, cursor)
        return datetime.fromisoformat(str(at)), str(row_id)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"{error}.", code="notification.bad_cursor") from error
