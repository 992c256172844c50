"""Leases: one process of several does a job, and another goes on when it dies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, update
from sqlalchemy.exc import IntegrityError

from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import leases

_LENGTH = timedelta(seconds=15)


@dataclass(slots=True)
class Lease:
    """The right to do a job, kept by renewing it.

    Attributes:
        name: Of the job.
        length: How long nobody else may take it after a renewal.
        token: Grows with each new holder; what writes to a target may refuse older ones.
    """

    state: StateStore
    clock: Clock
    name: str
    length: timedelta = _LENGTH
    holder: str = field(default_factory=new_id)
    token: int = 0

    def hold(self) -> bool:
        """Take the lease or renew it; False while somebody else has it."""
        now = self.clock.now()
        with self.state.session() as connection:
            mine = leases.c.name == self.name
            renewed = connection.execute(
                update(leases)
                .where(mine, leases.c.holder == self.holder, leases.c.token == self.token)
                .values(expires_at=now + self.length)
            )
            if renewed.rowcount:
                return True
            free = or_(leases.c.expires_at <= now, leases.c.expires_at > now + 2 * self.length)
            taken = connection.execute(
                update(leases)
                .where(mine, free)
                .values(holder=self.holder, expires_at=now + self.length, token=leases.c.token + 1)
                .returning(leases.c.token)
            ).scalar()
            if taken is None:
                return self._claim_new(connection, now + self.length)
            self.token = taken
            return True

    def release(self) -> None:
        """Let another process take over at once."""
        with self.state.session() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == self.name, leases.c.holder == self.holder)
                .values(expires_at=self.clock.now())
            )

    def _claim_new(self, connection: Connection, expires_at: datetime) -> bool:
        values = {"name": self.name, "holder": self.holder, "expires_at": expires_at, "token": 1}
        try:
            with connection.begin_nested():
                connection.execute(insert(leases).values(**values))
        except IntegrityError:
            return False
        self.token = 1
        return True
