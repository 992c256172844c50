"""All SQL about changes that were told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from pitwall.changes.types import TOPIC, ChangeFacts, ToldChange, ToldKind
from pitwall.core.errors import Conflict
from pitwall.stores.state.tables import changes
from pitwall.work.events import EventLog


class Changes:
    """Changes of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def between(
        self,
        since: datetime,
        until: datetime,
        *,
        limit: int,
        after: tuple[datetime, str] | None = None,
    ) -> list[ToldChange]:
        """Return those made in `[since, until)`, newest first, behind time and id of the last seen."""
        query = select(changes).where(
            changes.c.project_id == self._project_id, changes.c.at >= since, changes.c.at < until
        )
        if after is not None:
            query = query.where(tuple_(changes.c.at, changes.c.id) < after)
        query = query.order_by(changes.c.at.desc(), changes.c.id.desc()).limit(limit)
        return [_change(row) for row in self._connection.execute(query).mappings()]

    def find_key(self, idempotency_key: str) -> ToldChange | None:
        """Return the change that was told of under a key."""
        mine = changes.c.project_id == self._project_id
        query = select(changes).where(mine, changes.c.idempotency_key == idempotency_key)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _change(row)

    def add(self, change: ToldChange) -> None:
        """Keep a change and publish it.

        Raises:
            Conflict: Somebody else has just used its key.
        """
        facts = change.facts
        values = {
            "id": change.id,
            "project_id": self._project_id,
            "at": change.at,
            "kind": facts.kind.value,
            "title": facts.title,
            "environment": facts.environment,
            "service": facts.service,
            "before": facts.before,
            "after": facts.after,
            "link": facts.link,
            "added_by": change.by,
            "idempotency_key": change.idempotency_key,
            "recorded_at": change.recorded_at,
        }
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(changes).values(**values))
        except IntegrityError as exc:
            raise Conflict(
                f"The change {change.idempotency_key!r} is being added by another request.",
                code="change.in_progress",
                hint="Send it again; it will be found then.",
            ) from exc
        EventLog(self._connection, TOPIC).append(self._project_id, change.recorded_at, change.payload())


def _change(row: RowMapping) -> ToldChange:
    return ToldChange(
        id=row["id"],
        at=row["at"],
        facts=ChangeFacts(
            kind=ToldKind(row["kind"]),
            title=row["title"],
            environment=row["environment"],
            service=row["service"],
            before=row["before"],
            after=row["after"],
            link=row["link"],
        ),
        by=row["added_by"],
        recorded_at=row["recorded_at"],
        idempotency_key=row["idempotency_key"],
    )
