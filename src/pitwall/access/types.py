"""Who may do what: principals, roles and API keys as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pitwall.core.errors import NotPermitted
from pitwall.core.vocabulary import Scope

ALL_SCOPES = frozenset(Scope)


class PrincipalKind(StrEnum):
    """How a caller is known."""

    ANONYMOUS = "anonymous"
    LOCAL = "local"
    API_KEY = "api_key"


class Role(StrEnum):
    """What a caller is in the house; scopes say what it may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request, for which project, and what it may do.

    Attributes:
        kind: An API key works on its own project; `anonymous` and `local` (the command line of the server's
            own user) on any.
        id: Stable name for the audit log.
    """

    kind: PrincipalKind
    id: str
    project_id: str
    scopes: frozenset[Scope]
    role: Role

    @property
    def actor(self) -> str:
        """The name written in the audit log."""
        return self.id if self.kind is not PrincipalKind.API_KEY else f"api_key:{self.id}"

    @property
    def may_choose_project(self) -> bool:
        """Whether the caller may ask for a project other than its own."""
        return self.kind is not PrincipalKind.API_KEY

    def on_project(self, project_id: str | None) -> Principal:
        """Return this principal working on the project it asks for; None keeps its own.

        Reading doors only: what is ingested always goes to the principal's own project.

        Raises:
            NotPermitted: An API key asks for a project that is not its own.
        """
        if project_id is None or project_id == self.project_id:
            return self
        if not self.may_choose_project:
            raise NotPermitted(
                f"This API key belongs to project {self.project_id!r} and cannot work on {project_id!r}.",
                code="access.other_project",
                hint="Leave the project out, or use a key of that project.",
            )
        return replace(self, project_id=project_id)


def require(principal: Principal, scope: Scope) -> None:
    """Refuse a principal that lacks a scope.

    Raises:
        NotPermitted: It does.
    """
    if scope not in principal.scopes:
        raise NotPermitted(
            f"This needs the scope {scope.value!r}; {principal.actor} has {format_scopes(principal.scopes)}.",
            code="access.scope_missing",
            hint=f"Use a key made with `pitwall keys create --scopes {scope.value}`.",
            details={"needed": scope.value, "scopes": sorted(principal.scopes)},
        )


def format_scopes(scopes: frozenset[Scope]) -> str:
    """Write scopes in their usual order, as the command line takes them."""
    return ",".join(scope.value for scope in Scope if scope in scopes) or "none"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept about a key: everything except its secret."""

    id: str
    project_id: str
    name: str
    scopes: frozenset[Scope]
    prefix: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether the key opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def principal(self) -> Principal:
        """Return who a caller with this key is."""
        role = Role.OPERATOR if Scope.ACT in self.scopes else Role.VIEWER
        return Principal(PrincipalKind.API_KEY, self.id, self.project_id, self.scopes, role)


@dataclass(frozen=True, slots=True)
class UiSession:
    """A browser that logged in with a key, as it is kept: everything except its token."""

    id: str
    key_id: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A new session of the UI with its token, which goes into the browser's cookie and nowhere else."""

    session: UiSession
    key: ApiKey
    token: str


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What someone wants a new key to be."""

    name: str
    project_id: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its token, which is shown now and never again."""

    key: ApiKey
    token: str
