"""Cursors of lists: the place of the last row, the times of the first page, and the question itself."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.kit.paging import CursorPart, InvalidCursor, decode_cursor, encode_cursor
from pitwall.traces.types import ListQuery, OwnerQuery, OwnerRow, RankKey, Selection, SpanKey

_OTHER_FORM: Final = "The cursor has another form than this list gives."
_START_AGAIN: Final = "Start again without a cursor."


class CursorRefused(InvalidInput):
    """The cursor does not belong to this question."""

    default_code = "traces.cursor_invalid"


def decode(kind: str, cursor: str) -> tuple[CursorPart, ...]:
    """Return what a cursor holds.

    Raises:
        CursorRefused: It is damaged or belongs to another question.
    """
    try:
        return decode_cursor(kind, cursor)
    except InvalidCursor as error:
        raise CursorRefused(
            f"The cursor does not belong to this question: {error}.",
            hint="Keep project, level, order, filters and text of the first page, or start again without "
            "a cursor.",
        ) from error


def resume(query: ListQuery) -> tuple[Selection, SpanKey | None]:
    """Return the selection of a page and the key it comes after; a later page keeps the times of the first.

    Raises:
        CursorRefused: The cursor is damaged or belongs to another question.
    """
    if query.cursor is None:
        return query.selection, None
    match decode(kind_of(query.level.value, query.selection), query.cursor):
        case (int(at), str(span), str(trace), *times):
            key = SpanKey(at, bytes.fromhex(span), bytes.fromhex(trace))
            return _with_times(query.selection, times), key
        case _:
            raise CursorRefused(_OTHER_FORM, hint=_START_AGAIN)


def cursor_after(query: ListQuery, selection: Selection, position: SpanKey) -> str:
    """Make the cursor of the page that begins after a row."""
    ids = (position.span_id.hex(), position.trace_id.hex())
    return encode_cursor(kind_of(query.level.value, selection), position.unix_nano, *ids, *_times(selection))


def resume_ranked(query: ListQuery) -> tuple[Selection, RankKey | None]:
    """Return the selection of a page of a list by value and the place it comes after.

    Raises:
        CursorRefused: The cursor is damaged or belongs to another question.
    """
    if query.cursor is None:
        return query.selection, None
    match decode(_ranked_kind(query, query.selection), query.cursor):
        case (float(value) | int(value), str(span), str(trace), *times):
            key = RankKey(float(value), bytes.fromhex(span), bytes.fromhex(trace))
            return _with_times(query.selection, times), key
        case _:
            raise CursorRefused(_OTHER_FORM, hint=_START_AGAIN)


def cursor_after_ranked(query: ListQuery, selection: Selection, key: RankKey) -> str:
    """Make the cursor of the page that begins after a place in a list by value."""
    ids = (key.span_id.hex(), key.trace_id.hex())
    return encode_cursor(_ranked_kind(query, selection), key.value, *ids, *_times(selection))


def resume_owners(query: OwnerQuery) -> tuple[Selection, tuple[float, str] | None]:
    """Return the selection of a page of sessions or users and the row it comes after.

    Raises:
        CursorRefused: The cursor is damaged or belongs to another question.
    """
    if query.cursor is None:
        return query.selection, None
    match decode(_owner_kind(query), query.cursor):
        case (float(value) | int(value), str(owner), *times):
            return _with_times(query.selection, times), (float(value), owner)
        case _:
            raise CursorRefused(_OTHER_FORM, hint=_START_AGAIN)


def cursor_after_owner(query: OwnerQuery, selection: Selection, row: OwnerRow) -> str:
    """Make the cursor of the page of sessions or users that begins after a row."""
    return encode_cursor(_owner_kind(query), row.sort_value, row.id, *_times(selection))


def _times(selection: Selection) -> tuple[int | None, int | None, int | None]:
    return selection.since_nano, selection.until_nano, selection.received_by_ms


def _with_times(selection: Selection, times: list[CursorPart]) -> Selection:
    match times:
        case [int() | None as since, int() | None as until, int(received_by)]:
            return replace(selection, since_nano=since, until_nano=until, received_by_ms=received_by)
        case _:
            raise CursorRefused(_OTHER_FORM, hint=_START_AGAIN)


def _ranked_kind(query: ListQuery, selection: Selection) -> str:
    return kind_of(f"{query.level.value}.{query.sort.value}", selection)


def _owner_kind(query: OwnerQuery) -> str:
    return kind_of(f"{query.owner.value}.{query.sort.value}", query.selection)


def kind_of(what: str, selection: Selection) -> str:
    """Name a list and its question, so that a cursor of another one is refused."""
    filters = [(item.column.name, item.operator.value, item.values) for item in selection.filters]
    question = repr((selection.project, selection.text, filters))
    return f"{what}.{zlib.crc32(question.encode()):08x}"
