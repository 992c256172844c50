"""The audit log: who did what to which object, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from pitwall.kit.ids import new_id
from pitwall.stores.state.tables import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change; `action` is `noun.verb`, `object` names what was changed."""

    at: datetime
    actor: str
    action: str
    object: str
    project_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=new_id)


class AuditLog:
    """All SQL about the audit log, within the caller's transaction; entries are never changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entry: AuditEntry) -> None:
        """Add an entry."""
        self._connection.execute(
            insert(audit).values(
                id=entry.id,
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                object=entry.object,
                project_id=entry.project_id,
                details=dict(entry.details),
            )
        )

    def list(self, *, project_id: str | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return the newest entries first, of one project or of all."""
        query = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
        if project_id is not None:
            query = query.where(audit.c.project_id == project_id)
        return [_entry(row) for row in self._connection.execute(query).mappings()]


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        object=row["object"],
        project_id=row["project_id"],
        details=row["details"],
    )
