"""The decisions of access: who a caller is, and who may see projects, make and revoke keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pitwall.access.authenticators import ApiKeyAuthenticator, Authenticator
from pitwall.access.repository import ApiKeys
from pitwall.access.sessions import SessionService
from pitwall.access.tokens import hash_token, new_token, parse_prefix, read_credential
from pitwall.access.types import (
    ALL_SCOPES,
    ApiKey,
    IssuedKey,
    KeyRequest,
    Principal,
    PrincipalKind,
    Role,
    format_scopes,
    require,
)
from pitwall.core.errors import InvalidInput, NotAuthenticated, NotFound, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.stores.state import (
    DEFAULT_PROJECT,
    AuditEntry,
    AuditLog,
    Project,
    Projects,
    StateStore,
    check_project_id,
)

ANONYMOUS_OPERATOR = Principal(
    PrincipalKind.ANONYMOUS, "anonymous", DEFAULT_PROJECT, ALL_SCOPES, Role.OPERATOR
)

_HOW_TO_SEND = "Send it as `Authorization: Bearer pw_…`, as the password of Basic, or as `x-api-key`."


class AccessService:
    """Knows principals and manages API keys.

    Args:
        store: The open state store.
        clock: Time for creation, expiry and revocation.
        allow_anonymous: Whether a direct caller on this machine is the operator without a key.
        authenticators: Ways to prove who one is besides API keys, asked first.

    Attributes:
        sessions: Browsers that have logged in.
    """

    def __init__(
        self,
        store: StateStore,
        clock: Clock,
        *,
        allow_anonymous: bool = False,
        authenticators: Sequence[Authenticator] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._allow_anonymous = allow_anonymous
        self._keys = ApiKeyAuthenticator(store, clock)
        self.sessions = SessionService(store, clock, self._keys)
        self._authenticators: tuple[Authenticator, ...] = (*authenticators, self._keys)

    @property
    def allows_anonymous(self) -> bool:
        """Whether direct callers on this machine are let in without a key."""
        return self._allow_anonymous

    def authenticate(self, credential: str | None, *, is_direct: bool = True) -> Principal:
        """Find out who a caller is; may ask the state store.

        Args:
            credential: The `Authorization` header (Bearer or Basic) or a bare key; None if nothing was sent.
            is_direct: False if the caller may stand elsewhere than the connection says (a proxy or a web page
                in between); only direct callers are let in without a key.

        Raises:
            NotAuthenticated: No credential where one is needed, or one that is unknown, revoked or expired.
            StateUnavailable: The state store does not answer.
        """
        secret = read_credential(credential)
        if secret is not None:
            for authenticator in self._authenticators:
                if (principal := authenticator.authenticate(secret)) is not None:
                    return principal
        return self._anonymous(secret, is_direct=is_direct)

    async def authenticate_async(self, credential: str | None, *, is_direct: bool = True) -> Principal:
        """Do what `authenticate` does without blocking the event loop; a known answer costs no thread."""
        secret = read_credential(credential)
        if secret is None:
            return self._anonymous(None, is_direct=is_direct)
        for authenticator in self._authenticators:
            if (principal := authenticator.recall(secret)) is not None:
                return principal
        return await asyncio.to_thread(self.authenticate, credential, is_direct=is_direct)

    async def authenticate_session(self, token: str, *, is_direct: bool) -> Principal | None:
        """Find out who a browser is by its session.

        A cookie may be a leftover of another server on this machine, so a session that is over counts as none
        where no key is needed.

        Returns:
            The principal; None if the session is over and the caller may come in without one.

        Raises:
            NotAuthenticated: The session is over, or its key is.
            StateUnavailable: The state store does not answer.
        """
        if (known := self.sessions.recall(token)) is not None:
            return known
        try:
            return await asyncio.to_thread(self.sessions.authenticate, token)
        except NotAuthenticated:
            if self._allow_anonymous and is_direct:
                return None
            raise

    def has_keys(self) -> bool:
        """Whether any key opens anything now."""
        with self._store.session(read_only=True) as session:
            return ApiKeys(session).count_active(self._clock.now()) > 0

    def create_key(self, request: KeyRequest, *, by: Principal) -> IssuedKey:
        """Make a key; its project is made with it if it is new.

        Raises:
            NotPermitted: The caller may not act, or would give what it does not have.
            InvalidInput: No name, no scope, a bad project id, or an expiry in the past.
        """
        self._check_grant(request, by)
        token = new_token()
        now = self._clock.now()
        key = ApiKey(
            id=new_id(),
            project_id=request.project_id,
            name=request.name.strip(),
            scopes=request.scopes,
            prefix=token.prefix,
            created_at=now,
            created_by=by.actor,
            expires_at=request.expires_at,
        )
        with self._store.session() as session:
            projects = Projects(session)
            if projects.find(key.project_id) is None:
                projects.create(key.project_id, key.project_id, now=now)
            ApiKeys(session).add(key, hash_token(token.text))
            AuditLog(session).record(self._audit(key, "key.created", by))
        return IssuedKey(key, token.text)

    def list_keys(self, *, by: Principal, project_id: str | None = None) -> list[ApiKey]:
        """Return keys, revoked ones too: of one project, or of all for those who may choose.

        Raises:
            NotPermitted: The caller may not act, or asks for another project than its own.
        """
        require(by, Scope.ACT)
        if not by.may_choose_project:
            project_id = by.on_project(project_id).project_id
        with self._store.session(read_only=True) as session:
            return ApiKeys(session).list(project_id)

    def list_projects(self, *, by: Principal, project_id: str | None = None) -> list[Project]:
        """Return projects by id: the caller's own, or for those who may choose all of them or the one named.

        Raises:
            NotPermitted: The caller may not read, or asks for another project than its own.
        """
        require(by, Scope.READ)
        if not by.may_choose_project:
            project_id = by.on_project(project_id).project_id
        with self._store.session(read_only=True) as session:
            return [one for one in Projects(session).list() if project_id in (None, one.id)]

    def revoke_key(self, key_id: str, *, by: Principal) -> ApiKey:
        """Make a key worthless, in this process at once; revoking again changes nothing.

        Raises:
            NotPermitted: The caller may not act.
            NotFound: There is no such key in a project the caller works on.
        """
        require(by, Scope.ACT)
        now = self._clock.now()
        with self._store.session() as session:
            keys = ApiKeys(session)
            key = keys.find(key_id)
            if key is None or (key.project_id != by.project_id and not by.may_choose_project):
                raise NotFound(
                    f"There is no API key {key_id!r}.",
                    code="access.key_not_found",
                    hint="See `pitwall keys list`.",
                )
            if key.revoked_at is None:
                keys.revoke(key_id, now)
                AuditLog(session).record(self._audit(key, "key.revoked", by))
            revoked = keys.find(key_id) or key
        self._keys.forget(key_id)
        self.sessions.forget(key_id)
        return revoked

    def record_usage(self) -> None:
        """Write when keys and sessions were last used."""
        self._keys.record_usage()
        self.sessions.record_usage()

    def name_of(self, principal: Principal) -> str:
        """Return what people call a principal: the name of its key."""
        if principal.kind is not PrincipalKind.API_KEY:
            return principal.id
        with self._store.session(read_only=True) as session:
            key = ApiKeys(session).find(principal.id)
        return principal.id if key is None else key.name

    def _anonymous(self, secret: str | None, *, is_direct: bool) -> Principal:
        """Let in who needs no key; a credential of some other product then counts as none."""
        if self._allow_anonymous and is_direct and (secret is None or parse_prefix(secret) is None):
            return ANONYMOUS_OPERATOR
        if secret is not None:
            raise NotAuthenticated(
                "The credential is not one that Pitwall issued.",
                code="access.credential_unknown",
                hint=_HOW_TO_SEND,
            )
        raise NotAuthenticated(
            "This needs an API key."
            if is_direct
            else "This needs an API key: only direct callers on this machine are let in without one.",
            hint=f"Make one with `pitwall keys create`. {_HOW_TO_SEND}",
        )

    def _check_grant(self, request: KeyRequest, by: Principal) -> None:
        require(by, Scope.ACT)
        if not request.name.strip():
            raise InvalidInput(
                "An API key needs a name.", hint="Say what it is for, such as the service's name."
            )
        if not request.scopes:
            raise InvalidInput("An API key needs a scope.", hint="Give one or more of ingest, read, act.")
        if request.expires_at is not None and request.expires_at <= self._clock.now():
            raise InvalidInput(f"The expiry {request.expires_at.isoformat()} is in the past.")
        check_project_id(request.project_id)
        by.on_project(request.project_id)
        if missing := request.scopes - by.scopes:
            raise NotPermitted(
                f"{by.actor} cannot give the scope {format_scopes(missing)}, which it does not have.",
                code="access.grant_exceeds",
            )

    def _audit(self, key: ApiKey, action: str, by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"api_key:{key.id}",
            project_id=key.project_id,
            details={"name": key.name, "prefix": key.prefix, "scopes": sorted(key.scopes)},
        )
