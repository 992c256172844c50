"""Keeping changes that somebody tells of, and listing them with what telemetry shows for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from pitwall.access.types import Principal, require
from pitwall.changes.repository import Changes
from pitwall.changes.types import ChangeQuery, ListedChange, NewChange, ToldChange
from pitwall.core.errors import Conflict, InvalidInput, Unavailable
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock, from_unix_nano, to_unix_nano
from pitwall.kit.durations import format_instant
from pitwall.kit.ids import new_id
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore
from pitwall.traces.changes import Change

FindSeen = Callable[[str, int, int], list[Change]]
"""What was first seen in a project between two times in nanoseconds."""

log = structlog.get_logger(__name__)

_CURSOR = "changes"
_INSTANT = timedelta(microseconds=1)
_MOST_AROUND = 200
_AHEAD = timedelta(minutes=10)
"""How far the clock of whoever tells of a change may run ahead."""


class ChangeLog:
    """Keeps and lists changes; calls block.

    Args:
        state: Keeps what was told of.
        seen: Finds what telemetry shows for the first time.
        clock: When a change was told of.
    """

    def __init__(self, state: StateStore, seen: FindSeen, clock: Clock) -> None:
        self._state = state
        self._seen = seen
        self._clock = clock

    def add(self, new: NewChange, *, by: Principal) -> tuple[ToldChange, bool]:
        """Keep a change; the same one again, by its key, is found and nothing is added.

        Returns:
            The change, and whether it is new.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: It lies in the future.
            Conflict: The key names another change.
        """
        require(by, Scope.ACT)
        now = self._clock.now()
        change = _told(new, by.actor, now)
        with self._state.session() as session:
            changes = Changes(session, Projects(session).get(by.project_id).id)
            known = new.idempotency_key and changes.find_key(new.idempotency_key)
            if known:
                return _same(known, new), False
            changes.add(change)
            AuditLog(session).record(_audit(change, by))
        return change, True

    def list(self, query: ChangeQuery) -> Page[ListedChange]:
        """Return changes of a range, told of and first seen, newest first.

        Raises:
            InvalidInput: The cursor belongs to another list.
            StoreUnavailable: The telemetry store does not answer.
        """
        after = None if query.cursor is None else _read_cursor(query.cursor)
        told = self.told(query, after)
        seen = self._seen(query.project_id, to_unix_nano(query.since), to_unix_nano(query.until))
        found = sorted([*map(told_entry, told), *map(seen_entry, seen)], key=_order, reverse=True)
        rows = [one for one in found if after is None or _order(one) < after]
        page = rows[: query.limit]
        more = encode_cursor(_CURSOR, *_order(page[-1])) if len(rows) > query.limit else None
        return Page(page, more)

    def around(self, project_id: str, since: datetime, until: datetime) -> Sequence[ListedChange]:
        """Return the changes of a range, those that were seen only if the telemetry store answers."""
        query = ChangeQuery(project_id=project_id, since=since, until=until + _INSTANT, limit=_MOST_AROUND)
        try:
            return self.list(query).items
        except Unavailable as error:
            log.warning("changes.seen_not_asked", project=project_id, error=str(error))
            return [told_entry(one) for one in self.told(query)]

    def told(self, query: ChangeQuery, after: _Order | None = None) -> Sequence[ToldChange]:
        """Return only what was told of, one more than the limit."""
        position = None
        if after is not None:
            at, is_told, key = after
            position = (from_unix_nano(at), key if is_told else "")
        with self._state.session(read_only=True) as session:
            changes = Changes(session, query.project_id)
            return changes.between(query.since, query.until, limit=query.limit + 1, after=position)


def told_entry(change: ToldChange) -> ListedChange:
    """A change that was told of, as a list has it."""
    return ListedChange(to_unix_nano(change.at), change)


def seen_entry(change: Change) -> ListedChange:
    """A change that telemetry shows, as a list has it."""
    return ListedChange(change.at_nano, change)


_Order = tuple[int, bool, str]


def _order(entry: ListedChange) -> _Order:
    """Where a change stands: by time, what was told of before what was seen in the same moment."""
    change = entry.change
    if isinstance(change, ToldChange):
        return entry.at_nano, True, change.id
    place = (change.kind, change.environment, change.service, change.subject, change.after)
    return entry.at_nano, False, "\x1f".join(part or "" for part in place)


def _read_cursor(cursor: str) -> _Order:
    try:
        at, is_told, key = decode_cursor(_CURSOR, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return int(at or 0), bool(is_told), str(key)


def _told(new: NewChange, actor: str, now: datetime) -> ToldChange:
    at = new.at or now
    if at > now + _AHEAD:
        raise InvalidInput(
            f"The change is said to be made at {format_instant(at)}, which is in the future.",
            code="change.in_future",
            hint="Tell of it when it is made; leave the time out for now.",
        )
    return ToldChange(
        id=new_id(),
        at=at,
        facts=new.facts,
        by=actor,
        recorded_at=now,
        idempotency_key=new.idempotency_key,
    )


def _same(known: ToldChange, new: NewChange) -> ToldChange:
    """The change that a key names, if that is what is told of now."""
    if known.facts == new.facts and new.at in (None, known.at):
        return known
    raise Conflict(
        f"The key {new.idempotency_key!r} names another change: {known.facts.title!r}.",
        code="change.key_reused",
        hint="Use a key of its own for each change, such as the id of the deployment.",
        details={"id": known.id},
    )


def _audit(change: ToldChange, by: Principal) -> AuditEntry:
    return AuditEntry(
        at=change.recorded_at,
        actor=by.actor,
        action="change.added",
        object=f"change:{change.id}",
        project_id=by.project_id,
        details=change.payload(),
    )
