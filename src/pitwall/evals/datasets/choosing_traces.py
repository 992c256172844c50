"""Which traces become examples, or whose sessions: the newest that match, or some drawn among them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pitwall.traces.filters import make_filter
from pitwall.traces.service import Traces
from pitwall.traces.types import ListQuery, Selection, TraceRow
from pitwall.traces.wire import MAX_ROWS, read_filters, read_selection

MAX_LOOKED_AT: Final = 20_000
"""Traces among which a sample is drawn or sessions are looked for, the newest that match."""
DEFAULT_TURNS: Final = 20
MAX_TURNS: Final = 100
_OF_EVERY_TURN: Final = ("service", "environment")
"""Columns whose filters hold for each trace of a session; by others a session is found."""


class Unit(StrEnum):
    """What one example is made of."""

    TRACE = "trace"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceChoice:
    """Which traces become examples.

    Attributes:
        filters: As `column:operator:value`; all hold for the same span.
        text: In the input or output of a span.
        by: Each trace by itself, or the conversations of the sessions that have such a trace.
        turns: Of a session at most, the last ones.
        limit: Traces or sessions at most, the newest.
        sample: Draw so many at random instead of taking the newest; None for the newest.
        seed: Of the drawing: the same traces give the same sample.
        is_distinct: Take equal questions once.
    """

    filters: Sequence[str] = ()
    text: str | None = None
    since: str | None = None
    until: str | None = None
    by: Unit = Unit.TRACE
    turns: int = DEFAULT_TURNS
    limit: int = 200
    sample: int | None = None
    seed: int = 0
    is_distinct: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen.

    Attributes:
        ids: Of traces or sessions, newest first.
        is_cut: Whether more match than were looked at.
        without_session: Traces that belong to no session, where sessions were asked for.
    """

    ids: list[str]
    is_cut: bool
    without_session: int = 0


def read_choice(choice: TraceChoice, project: str, traces: Traces) -> Selection:
    """Return the selection that is meant.

    Raises:
        InvalidInput: A filter or a time cannot be understood.
    """
    now = traces.clock.now()
    return read_selection(
        project,
        filters=read_filters(choice.filters, now=now),
        text=choice.text,
        since=choice.since,
        until=choice.until,
        now=now,
    )


def choose(traces: Traces, selection: Selection, choice: TraceChoice) -> Chosen:
    """Choose traces, or sessions by the traces that match."""
    wanted = choice.limit if choice.sample is None else MAX_LOOKED_AT
    ids: dict[str, None] = {}
    without = looked_at = 0
    cursor: str | None = None
    while True:
        size = min(MAX_ROWS, wanted - len(ids)) if choice.by is Unit.TRACE else MAX_ROWS
        page = traces.list_traces(ListQuery(selection=selection, limit=size, cursor=cursor))
        found = [_id(row, choice.by) for row in page.items]
        without += found.count(None)
        ids |= dict.fromkeys(id_ for id_ in found if id_)
        looked_at += len(found)
        cursor = page.next_cursor
        if cursor is None or len(ids) >= wanted or looked_at >= MAX_LOOKED_AT:
            break
    is_cut = cursor is not None or len(ids) > wanted
    return Chosen(_drawn(list(ids)[:wanted], choice), is_cut, without)


def traces_of_session(
    traces: Traces, session_id: str, selection: Selection, turns: int
) -> tuple[list[str], bool]:
    """Ids of the last traces of a session, oldest first, and whether it has earlier ones.

    Those from before the selection's start belong to the conversation, those from after its end do not.
    """
    own = make_filter("session_id", "eq", [session_id], now=traces.clock.now())
    kept = [one for one in selection.filters if one.column.name in _OF_EVERY_TURN]
    whole = replace(selection, filters=(own, *kept), text="", since_nano=None)
    page = traces.list_traces(ListQuery(selection=whole, limit=turns))
    rows = sorted(page.items, key=lambda row: row.unix_nano)
    return [row.trace_id for row in rows], page.next_cursor is not None


def _id(row: TraceRow, by: Unit) -> str | None:
    return row.trace_id if by is Unit.TRACE else row.session_id or None


def _drawn(ids: list[str], choice: TraceChoice) -> list[str]:
    if choice.sample is None or choice.sample >= len(ids):
        return ids
    places = sorted(random.Random(choice.seed).sample(range(len(ids)), choice.sample))
    return [ids[at] for at in places]
