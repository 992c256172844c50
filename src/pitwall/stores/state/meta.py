"""A few facts about the store itself, by key."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from pitwall.stores.state.tables import meta


class Meta:
    """All SQL about the key/value table, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> str | None:
        """Return the value, or None if the key was never set."""
        return self._connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()

    def set(self, key: str, value: str) -> None:
        """Set or replace a value."""
        changed = self._connection.execute(update(meta).where(meta.c.key == key).values(value=value))
        if changed.rowcount == 0:
            self._connection.execute(insert(meta).values(key=key, value=value))

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens if it is not there."""
        self._connection.execute(delete(meta).where(meta.c.key == key))
