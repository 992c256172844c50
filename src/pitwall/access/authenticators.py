"""Ways to prove who one is. Accounts and OIDC will be two more of these."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pitwall.access.repository import ApiKeys
from pitwall.access.tokens import hash_token, parse_prefix
from pitwall.access.types import ALL_SCOPES, ApiKey, Principal, PrincipalKind, Role
from pitwall.core.errors import NotAuthenticated
from pitwall.kit.clock import Clock
from pitwall.stores.state import DEFAULT_PROJECT, StateStore

LOCAL_OPERATOR = Principal(PrincipalKind.LOCAL, "local", DEFAULT_PROJECT, ALL_SCOPES, Role.OPERATOR)


class Authenticator(Protocol):
    """Turns credentials of one kind into principals."""

    def recall(self, credential: str) -> Principal | None:
        """Return the principal if that needs no I/O, else None."""
        ...

    def authenticate(self, credential: str) -> Principal | None:
        """Return the principal, or None if the credential is of another kind; may ask a database.

        Raises:
            NotAuthenticated: The credential is of this kind, and not good.
        """
        ...


class LocalTokenAuthenticator:
    """Knows the token of the runtime file, which only the server's own user can read.

    Args:
        token: The token of this server run.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def recall(self, credential: str) -> Principal | None:
        """Return the local operator if the token is this server's."""
        same = hmac.compare_digest(credential.encode("utf-8", "surrogatepass"), self._token)
        return LOCAL_OPERATOR if same else None

    def authenticate(self, credential: str) -> Principal | None:
        """Return the local operator if the token is this server's."""
        return self.recall(credential)


@dataclass(frozen=True, slots=True)
class _Cached:
    principal: Principal
    key_id: str
    expires_at: datetime | None
    reload_at: float


class ApiKeyAuthenticator:
    """Knows the API keys of the state store.

    A key that was good is believed for `cache_seconds`, so that a request costs one hash and one look-up.
    `forget` ends that at once; a key revoked by another process is refused when the time is over.

    Args:
        store: Where the keys are.
        clock: Time for expiry and for the cache.
        cache_seconds: How long a look-up is believed.
    """

    def __init__(self, store: StateStore, clock: Clock, *, cache_seconds: float = 5.0) -> None:
        self._store = store
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._cache: dict[str, _Cached] = {}
        self._generation = 0
        self._last_used_at: dict[str, datetime] = {}

    def recall(self, credential: str) -> Principal | None:
        """Return the principal of a key looked up a moment ago."""
        cached = self._cache.get(hash_token(credential))
        if cached is None or self._clock.monotonic() >= cached.reload_at:
            return None
        if cached.expires_at is not None and self._clock.now() >= cached.expires_at:
            return None
        return cached.principal

    def authenticate(self, credential: str) -> Principal | None:
        """Look the key up in the state store.

        Raises:
            NotAuthenticated: It has the shape of a key, and is unknown, revoked or expired.
            StateUnavailable: The state store does not answer.
        """
        prefix = parse_prefix(credential)
        if prefix is None:
            return None
        if (known := self.recall(credential)) is not None:
            return known
        key_hash = hash_token(credential)
        generation = self._generation
        with self._store.session(read_only=True) as session:
            found = ApiKeys(session).find_by_prefix(prefix)
        if found is None or not hmac.compare_digest(found[1], key_hash):
            raise NotAuthenticated(
                f"The API key pw_{prefix}_… is not known here.",
                code="access.key_unknown",
                hint="Make one with `pitwall keys create`, and check that it was copied whole.",
            )
        key = found[0]
        refuse_inactive(key, self._clock.now())
        self._remember(key, key_hash, generation)
        return key.principal()

    def forget(self, key_id: str) -> None:
        """Look this key up again at its next use."""
        self._generation += 1  # a look-up that is under way now must not be remembered
        self._cache = {digest: cached for digest, cached in self._cache.items() if cached.key_id != key_id}

    def record_usage(self) -> None:
        """Write when keys were last used; called now and then, and when the server stops."""
        used, self._last_used_at = self._last_used_at, {}
        if used:
            with self._store.session() as session:
                ApiKeys(session).record_usage(used)

    def _remember(self, key: ApiKey, key_hash: str, generation: int) -> None:
        self._last_used_at[key.id] = self._clock.now()
        if generation == self._generation:
            reload_at = self._clock.monotonic() + self._cache_seconds
            self._cache[key_hash] = _Cached(key.principal(), key.id, key.expires_at, reload_at)


def refuse_inactive(key: ApiKey, now: datetime) -> None:
    """Refuse a key that opens nothing at that time.

    Raises:
        NotAuthenticated: It is revoked or expired.
    """
    if key.is_active(now):
        return
    ended_at = key.revoked_at or key.expires_at
    how = "was revoked" if key.revoked_at else "expired"
    when = "" if ended_at is None else f" at {ended_at.isoformat(timespec='seconds')}"
    raise NotAuthenticated(
        f"The API key pw_{key.prefix}_… ({key.name}) {how}{when}.",
        code="access.key_inactive",
        hint="Make a new one with `pitwall keys create`.",
    )
