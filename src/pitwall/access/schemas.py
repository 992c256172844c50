"""Wire shapes of API keys, projects and sessions of the UI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pitwall.access.types import ApiKey, IssuedKey, KeyRequest, Principal, PrincipalKind
from pitwall.core.vocabulary import Scope
from pitwall.stores.state import Project

KeyName = Annotated[str, Field(min_length=1, max_length=200, description="What the key is for.")]


class KeyView(BaseModel):
    """An API key without its secret."""

    id: str = Field(description="Names the key in `revoke` and in the audit log.")
    project: str = Field(description="The only project it works on.")
    name: str
    scopes: list[Scope]
    prefix: str = Field(description="The public part: the key reads pw_<prefix>_<secret>.")
    created_at: datetime
    created_by: str
    expires_at: datetime | None = Field(description="From then on it opens nothing; null is never.")
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute or so; null is never.")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Return the view of a key."""
        return cls(
            id=key.id,
            project=key.project_id,
            name=key.name,
            scopes=[scope for scope in Scope if scope in key.scopes],
            prefix=key.prefix,
            created_at=key.created_at,
            created_by=key.created_by,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )


class IssuedKeyView(KeyView):
    """A new API key; its token is shown this once."""

    token: str = Field(description="The key itself. Keep it now: it is not shown again.")

    @classmethod
    def of_issued(cls, issued: IssuedKey) -> Self:
        """Return the view of a new key."""
        return cls(token=issued.token, **KeyView.of(issued.key).model_dump())


class KeyList(BaseModel):
    """API keys, oldest first."""

    keys: list[KeyView]

    @classmethod
    def of(cls, keys: Iterable[ApiKey]) -> Self:
        """Return the view of several keys."""
        return cls(keys=[KeyView.of(key) for key in keys])


class NewKey(BaseModel):
    """What a new key is to be."""

    model_config = ConfigDict(extra="forbid")

    name: KeyName
    project: str | None = Field(default=None, description="Project of the key; null is the caller's.")
    scopes: list[Scope] = Field(min_length=1, description="What it may do.")
    expires_at: AwareDatetime | None = Field(default=None, description="When it ends; null is never.")

    def request(self, *, by: Principal) -> KeyRequest:
        """Return what the service is asked for; the project is the caller's unless one is named."""
        return KeyRequest(self.name, self.project or by.project_id, frozenset(self.scopes), self.expires_at)


class ProjectView(BaseModel):
    """One tenant."""

    id: str = Field(description="Names the project wherever one is asked for.")
    name: str = Field(description="For people.")
    created_at: datetime
    spans_total: int | None = Field(
        description="Spans stored and queryable; null if they could not be counted."
    )


class ProjectList(BaseModel):
    """The projects that the caller may look at, by id."""

    project: str = Field(description="The project that is looked at when none is named.")
    projects: list[ProjectView]

    @classmethod
    def of(cls, found: Iterable[Project], spans: Mapping[str, int] | None, *, by: Principal) -> Self:
        """Return the view of projects and their spans, None for those that could not be counted."""
        return cls(
            project=by.project_id,
            projects=[
                ProjectView(
                    id=project.id,
                    name=project.name,
                    created_at=project.created_at,
                    spans_total=None if spans is None else spans.get(project.id, 0),
                )
                for project in found
            ],
        )


class NewSession(BaseModel):
    """What a browser logs in with."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=1000, description="An API key that may read.")


class PrincipalView(BaseModel):
    """Who somebody is here, and what they may do."""

    kind: PrincipalKind
    name: str = Field(description="Name of the key; `anonymous` for callers who need none.")
    scopes: list[Scope]
    project: str = Field(description="The project worked on when none is named; a key's only one.")

    @classmethod
    def of(cls, principal: Principal, name: str) -> Self:
        """Return the view of a principal."""
        scopes = [scope for scope in Scope if scope in principal.scopes]
        return cls(kind=principal.kind, name=name, scopes=scopes, project=principal.project_id)


class UiSessionView(BaseModel):
    """Who the caller is."""

    is_authenticated: bool = Field(description="The caller has shown a key, or a session begun with one.")
    is_anonymous: bool = Field(description="The caller is let in without a key.")
    principal: PrincipalView | None = Field(description="Who that is; null if a key is needed first.")
    needs_key: bool = Field(description="Nothing can be seen before `POST /api/v1/session` with a key.")

    @classmethod
    def of(cls, principal: Principal | None, name: str = "") -> Self:
        """Return the view of a caller; None is one who has to log in."""
        is_anonymous = principal is not None and principal.kind is PrincipalKind.ANONYMOUS
        return cls(
            is_authenticated=principal is not None and not is_anonymous,
            is_anonymous=is_anonymous,
            principal=None if principal is None else PrincipalView.of(principal, name),
            needs_key=principal is None,
        )
