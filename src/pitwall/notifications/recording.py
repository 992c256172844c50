"""What every change has in common: a transaction with its audit entry, then effect at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore


@dataclass(frozen=True, slots=True)
class Change:
    """A change under way.

    Attributes:
        details: What the audit log says of it.
    """

    connection: Connection
    project_id: str
    at: datetime
    actor: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where changes are made and written down.

    Attributes:
        changed: Told of the project when a change is durable.
    """

    state: StateStore
    clock: Clock
    changed: Callable[[str], None]

    @contextmanager
    def change(
        self, action: str, what: str, by: Principal, details: Mapping[str, Any] | None = None
    ) -> Iterator[Change]:
        """Run one change.

        Raises:
            NotPermitted: The caller may not act.
            NotFound: There is no such project.
        """
        require(by, Scope.ACT)
        with self.state.session() as connection:
            project = Projects(connection).get(by.project_id)
            change = Change(connection, project.id, self.clock.now(), by.actor, dict(details or {}))
            yield change
            AuditLog(connection).record(
                AuditEntry(
                    at=change.at,
                    actor=by.actor,
                    action=action,
                    object=what,
                    project_id=project.id,
                    details=change.details,
                )
            )
        self.changed(by.project_id)
