"""Looking up calls to models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pitwall.core.errors import InvalidInput
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.llm.calls import Call
from pitwall.llm.errors import CallNotFound
from pitwall.llm.repository import CallQuery, Calls
from pitwall.stores.state import StateStore

_CURSOR = "llm.calls"


class StoredCalls:
    """The calls that a state store has."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def list(self, project_id: str, query: CallQuery, cursor: str | None = None) -> Page[Call]:
        """Return calls, newest first.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        before = None if cursor is None else _read_cursor(cursor)
        wanted = replace(query, limit=query.limit + 1, before=before)
        with self._state.session(read_only=True) as session:
            found = Calls(session, project_id).list(wanted)
        page = found[: query.limit]
        more = encode_cursor(_CURSOR, page[-1].id) if len(found) > query.limit else None
        return Page(page, more)

    def of_key(self, project_id: str, key: str) -> Sequence[Call]:
        """Return all calls of a question, newest first.

        Raises:
            CallNotFound: Nobody asked it.
        """
        with self._state.session(read_only=True) as session:
            found = Calls(session, project_id).of_key(key)
        if not found:
            raise CallNotFound(
                f"There is no call to a model under the key {key!r}.",
                hint="`pitwall judge calls` lists the calls that there are; old ones are deleted "
                "(setting models.calls_days).",
            )
        return found


def _read_cursor(cursor: str) -> str:
    try:
        (last,) = decode_cursor(_CURSOR, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return str(last)
