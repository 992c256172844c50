"""Sessions of the UI: a browser logs in with an API key and is known by a cookie from then on.

A session is worth what its key is worth, and ends with it. Its token has 256 random bits and is looked up by
its hash, so the time a look-up takes says nothing about any token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from pitwall.access.attempts import FailedAttempts
from pitwall.access.authenticators import ApiKeyAuthenticator, refuse_inactive
from pitwall.access.repository import ApiKeys, UiSessions
from pitwall.access.tokens import hash_token, new_secret
from pitwall.access.types import ApiKey, Principal, StartedSession, UiSession, require
from pitwall.core.errors import NotAuthenticated
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

log = structlog.get_logger(__name__)

IDLE_LIMIT: Final = timedelta(hours=12)
_MAX_KNOWN: Final = 10_000


class SessionEnded(NotAuthenticated):
    """The browser's session is over: logged out, unused for twelve hours, or never there."""

    default_code = "access.session_ended"


@dataclass(frozen=True, slots=True)
class _Known:
    session: UiSession
    key: ApiKey
    reload_at: float


class SessionService:
    """Starts, ends and recognises sessions.

    Like a key, a session that was good is believed for `cache_seconds`, and when it was last used is written
    later (`record_usage`), so that a request needs no database.

    Args:
        store: The open state store.
        clock: Time for idling and for the cache.
        keys: Knows the keys to log in with.
        cache_seconds: How long a look-up is believed.
    """

    def __init__(
        self, store: StateStore, clock: Clock, keys: ApiKeyAuthenticator, *, cache_seconds: float = 5.0
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._cache_seconds = cache_seconds
        self._attempts = FailedAttempts(clock)
        self._known: dict[str, _Known] = {}
        self._generation = 0
        self._last_used_at: dict[str, datetime] = {}

    def start(self, key: str, *, address: str, instead_of: str | None = None) -> StartedSession:
        """Log in.

        Args:
            key: The API key that was typed in.
            address: Where the caller is; failures are counted by it.
            instead_of: Token of the session that this one replaces.

        Raises:
            NotAuthenticated: It is no key of this server, or revoked, or expired.
            NotPermitted: The key may not read, so there is nothing to look at.
            TooManyAttempts: Too many wrong keys came from there.
        """
        principal = self._log_in(key, address)
        now, token = self._clock.now(), new_secret()
        session = UiSession(new_id(), principal.id, now, now)
        if instead_of is not None:
            self.end(instead_of)
        with self._store.session() as connection:
            found = ApiKeys(connection).find(principal.id)
            assert found is not None, "keys are never deleted"
            sessions = UiSessions(connection)
            sessions.remove_unused(now - IDLE_LIMIT)
            sessions.add(session, hash_token(token))
            AuditLog(connection).record(self._audit(session, found, "session.started", address))
        return StartedSession(session, found, token)

    def end(self, token: str) -> None:
        """Log out; nothing happens if the session is over already."""
        digest = hash_token(token)
        with self._store.session() as connection:
            session = UiSessions(connection).find(digest)
            if session is not None and UiSessions(connection).remove(session.id):
                key = ApiKeys(connection).find(session.key_id)
                assert key is not None, "keys are never deleted"
                AuditLog(connection).record(self._audit(session, key, "session.ended"))
        self._generation += 1
        self._known.pop(digest, None)

    def recall(self, token: str) -> Principal | None:
        """Return the principal of a session looked up a moment ago, else None; no I/O."""
        known = self._known.get(hash_token(token))
        now = self._clock.now()
        if known is None or self._clock.monotonic() >= known.reload_at or not known.key.is_active(now):
            return None
        self._last_used_at[known.session.id] = now
        return known.key.principal()

    def authenticate(self, token: str) -> Principal:
        """Look a session up in the state store.

        Raises:
            SessionEnded: There is no such session, or nobody has used it for twelve hours.
            NotAuthenticated: Its key is revoked or expired.
            StateUnavailable: The state store does not answer.
        """
        digest, now, generation = hash_token(token), self._clock.now(), self._generation
        with self._store.session(read_only=True) as connection:
            session = UiSessions(connection).find(digest)
            key = ApiKeys(connection).find(session.key_id) if session else None
        if session is None or key is None or self._is_idle(session, now):
            raise SessionEnded("The session is over.", hint="Log in again with an API key.")
        refuse_inactive(key, now)
        self._last_used_at[session.id] = now
        if generation == self._generation:
            self._remember(digest, _Known(session, key, self._clock.monotonic() + self._cache_seconds))
        return key.principal()

    def forget(self, key_id: str) -> None:
        """Look the sessions of this key up again at their next use."""
        self._generation += 1  # a look-up that is under way now must not be remembered
        self._known = {digest: known for digest, known in self._known.items() if known.key.id != key_id}

    def record_usage(self) -> None:
        """Write when sessions were last used; called now and then, and when the server stops."""
        used, self._last_used_at = self._last_used_at, {}
        if used:
            with self._store.session() as connection:
                UiSessions(connection).record_usage(used)

    def _log_in(self, key: str, address: str) -> Principal:
        self._attempts.check(address)
        try:
            principal = self._keys.authenticate(key.strip())
            if principal is None:
                raise NotAuthenticated(
                    "This is no API key of Pitwall.",
                    code="access.credential_unknown",
                    hint="A key reads pw_…; make one with `pitwall keys create --scopes read`.",
                )
        except NotAuthenticated as error:
            self._attempts.note(address)
            log.warning("session.refused", address=address, code=error.code)
            raise
        require(principal, Scope.READ)
        return principal

    def _is_idle(self, session: UiSession, now: datetime) -> bool:
        used_at = max(session.last_used_at, self._last_used_at.get(session.id, session.last_used_at))
        return now - used_at >= IDLE_LIMIT

    def _remember(self, digest: str, known: _Known) -> None:
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[digest] = known

    def _audit(self, session: UiSession, key: ApiKey, action: str, address: str | None = None) -> AuditEntry:
        details = {"key": key.name, "prefix": key.prefix}
        return AuditEntry(
            at=self._clock.now(),
            actor=key.principal().actor,
            action=action,
            object=f"session:{session.id}",
            project_id=key.project_id,
            details=details if address is None else {**details, "address": address},
        )
