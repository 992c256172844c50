"""Events: what stands higher tells what stands lower, in the transaction of what happened.

An event is a row written with the change it tells of. A consumer keeps its place in its own transaction, so
that an event is handled exactly once as far as state is concerned, also after `kill -9`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, delete, func, insert, select, text, update

from pitwall.stores.state.tables import event_cursors, events


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        sequence: Grows with each event of the store.
        topic: Which kind of thing, such as `alerts`.
        payload: What happened, as JSON.
    """

    sequence: int
    topic: str
    project_id: str
    at: datetime
    payload: Mapping[str, Any]


class EventLog:
    """All SQL about events of one topic, within the caller's transaction."""

    def __init__(self, connection: Connection, topic: str) -> None:
        self._connection = connection
        self._topic = topic

    def append(self, project_id: str, at: datetime, payload: Mapping[str, Any]) -> int:
        """Add an event; it exists when the transaction is committed. Returns its sequence."""
        self._keep_order()
        values = {"topic": self._topic, "project_id": project_id, "at": at, "payload": dict(payload)}
        added = self._connection.execute(insert(events).values(**values).returning(events.c.sequence))
        sequence: int = added.scalar_one()
        return sequence

    def extend(self, project_id: str, entries: Iterable[tuple[datetime, Mapping[str, Any]]]) -> None:
        """Add many events in their order, each with its time; cheaper than one after the other."""
        rows = [
            {"topic": self._topic, "project_id": project_id, "at": at, "payload": dict(payload)}
            for at, payload in entries
        ]
        if rows:
            self._keep_order()
            self._connection.execute(insert(events), rows)

    def unread(self, consumer: str, *, limit: int = 500) -> list[Event]:
        """Return events that a consumer has not handled, oldest first; a new consumer has handled none."""
        query = (
            select(events)
            .where(events.c.topic == self._topic, events.c.sequence > self._cursor(consumer))
            .order_by(events.c.sequence)
            .limit(limit)
        )
        return [Event(**row) for row in self._connection.execute(query).mappings()]

    def newest(self) -> int:
        """Return the sequence of the last event of the topic; 0 if there is none."""
        query = select(func.max(events.c.sequence)).where(events.c.topic == self._topic)
        return self._connection.execute(query).scalar() or 0

    def latest(self, project_id: str, *, after: int, limit: int) -> list[Event]:
        """Return the last events of a project behind a sequence, oldest first; nobody's place is moved."""
        query = (
            select(events)
            .where(
                events.c.topic == self._topic,
                events.c.sequence > after,
                events.c.project_id == project_id,
            )
            .order_by(events.c.sequence.desc())
            .limit(limit)
        )
        rows = list(self._connection.execute(query).mappings())
        return [Event(**row) for row in reversed(rows)]

    def handled(self, consumer: str, sequence: int) -> None:
        """Note that a consumer is done with everything up to an event."""
        mine = (event_cursors.c.topic == self._topic) & (event_cursors.c.consumer == consumer)
        changed = self._connection.execute(update(event_cursors).where(mine).values(sequence=sequence))
        if not changed.rowcount:
            values = {"topic": self._topic, "consumer": consumer, "sequence": sequence}
            self._connection.execute(insert(event_cursors).values(**values))

    def forget(self, before: datetime) -> int:
        """Delete events older than a time that every consumer has handled; returns how many."""
        query = select(func.min(event_cursors.c.sequence)).where(event_cursors.c.topic == self._topic)
        slowest = self._connection.execute(query).scalar()
        old = (events.c.topic == self._topic) & (events.c.at < before)
        if slowest is not None:  # without a consumer nobody waits for them
            old &= events.c.sequence <= slowest
        return self._connection.execute(delete(events).where(old)).rowcount

    def _cursor(self, consumer: str) -> int:
        query = select(event_cursors.c.sequence).where(
            event_cursors.c.topic == self._topic, event_cursors.c.consumer == consumer
        )
        return self._connection.execute(query).scalar() or 0

    def _keep_order(self) -> None:
        """Let sequences become visible in their order: PostgreSQL hands them out before it commits."""
        if self._connection.dialect.name == "postgresql":
            key = crc32(f"pitwall.events.{self._topic}".encode())
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def forget_events(connection: Connection, before: datetime) -> int:
    """Delete the old events of all topics that every consumer has handled; returns how many."""
    topics = connection.execute(select(events.c.topic).distinct()).scalars().all()
    return sum(EventLog(connection, topic).forget(before) for topic in topics)
