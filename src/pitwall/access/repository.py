"""All SQL about API keys and the sessions of the UI."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from pitwall.access.types import ApiKey, UiSession
from pitwall.core.vocabulary import Scope
from pitwall.stores.state.tables import api_keys, ui_sessions


class ApiKeys:
    """API keys, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey, key_hash: str) -> None:
        """Store a new key with the hash of its token."""
        self._connection.execute(
            insert(api_keys).values(
                id=key.id,
                project_id=key.project_id,
                name=key.name,
                scopes=sorted(key.scopes),
                key_hash=key_hash,
                prefix=key.prefix,
                created_at=key.created_at,
                created_by=key.created_by,
                expires_at=key.expires_at,
            )
        )

    def find_by_prefix(self, prefix: str) -> tuple[ApiKey, str] | None:
        """Return the key of a public prefix and the hash of its token, or None."""
        row = self._connection.execute(select(api_keys).where(api_keys.c.prefix == prefix)).mappings().first()
        return None if row is None else (_key(row), row["key_hash"])

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key by its id, or None."""
        row = self._connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().first()
        return None if row is None else _key(row)

    def list(self, project_id: str | None = None) -> list[ApiKey]:
        """Return the keys of one project or of all, oldest first, revoked ones too."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        if project_id is not None:
            query = query.where(api_keys.c.project_id == project_id)
        return [_key(row) for row in self._connection.execute(query).mappings()]

    def count_active(self, now: datetime) -> int:
        """Return how many keys open something now."""
        in_time = api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > now)
        query = select(func.count()).where(api_keys.c.revoked_at.is_(None) & in_time)
        return self._connection.execute(query).scalar_one()

    def revoke(self, key_id: str, at: datetime) -> None:
        """Mark a key as revoked; the first time counts."""
        self._connection.execute(
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    def record_usage(self, last_used_at: Mapping[str, datetime]) -> None:
        """Note when keys were last used, by id."""
        for key_id, at in last_used_at.items():
            self._connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))


class UiSessions:
    """Sessions of the UI, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: UiSession, token_hash: str) -> None:
        """Store a new session with the hash of its token."""
        self._connection.execute(
            insert(ui_sessions).values(
                id=session.id,
                token_hash=token_hash,
                key_id=session.key_id,
                created_at=session.created_at,
                last_used_at=session.last_used_at,
            )
        )

    def find(self, token_hash: str) -> UiSession | None:
        """Return the session of a token, or None."""
        query = select(ui_sessions).where(ui_sessions.c.token_hash == token_hash)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _session(row)

    def remove(self, session_id: str) -> bool:
        """Forget a session; returns whether there was one."""
        removed = self._connection.execute(delete(ui_sessions).where(ui_sessions.c.id == session_id))
        return removed.rowcount > 0

    def remove_unused(self, since: datetime) -> None:
        """Forget all sessions that nobody has used since a moment."""
        self._connection.execute(delete(ui_sessions).where(ui_sessions.c.last_used_at < since))

    def record_usage(self, last_used_at: Mapping[str, datetime]) -> None:
        """Note when sessions were last used, by id; never earlier than another server noted."""
        for session_id, at in last_used_at.items():
            self._connection.execute(
                update(ui_sessions)
                .where(ui_sessions.c.id == session_id, ui_sessions.c.last_used_at < at)
                .values(last_used_at=at)
            )


def _session(row: RowMapping) -> UiSession:
    return UiSession(row["id"], row["key_id"], row["created_at"], row["last_used_at"])


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        project_id=row["project_id"],
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        prefix=row["prefix"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )
