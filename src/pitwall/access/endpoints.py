"""`/api/v1/keys`: making, listing and revoking API keys, with the scope act. `/api/v1/projects`: listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.schemas import IssuedKeyView, KeyList, KeyView, NewKey, ProjectList
from pitwall.access.service import AccessService
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope

Operator = Annotated[Principal, requires(Scope.ACT)]
Reader = Annotated[Principal, requires(Scope.READ)]

CountSpans = Callable[[], Mapping[str, int] | None]
"""How many spans every project has that has any; None if that cannot be told. May block."""


def keys_router(access: AccessService) -> APIRouter:
    """Return the endpoints of API keys."""
    router = APIRouter(prefix="/api/v1/keys", tags=["keys"])

    @router.get("", summary="List API keys")
    def list_keys(principal: Operator, project: str | None = None) -> KeyList:
        """Return the keys of the caller's project; the operator gets those of all projects or of one."""
        return KeyList.of(access.list_keys(by=principal, project_id=project))

    @router.post("", status_code=201, summary="Make an API key")
    def create_key(principal: Operator, body: NewKey) -> IssuedKeyView:
        """Make a key, and its project if that is new; the token in the answer is not shown again."""
        return IssuedKeyView.of_issued(access.create_key(body.request(by=principal), by=principal))

    @router.delete("/{key_id}", summary="Revoke an API key")
    def revoke_key(principal: Operator, key_id: str) -> KeyView:
        """Make a key worthless at once; revoking it again changes nothing."""
        return KeyView.of(access.revoke_key(key_id, by=principal))

    return router


def projects_router(access: AccessService, count_spans: CountSpans | None) -> APIRouter:
    """Return the endpoint of projects.

    Args:
        access: Knows them.
        count_spans: Counts what is stored; None while no telemetry store is wired.
    """
    router = APIRouter(prefix="/api/v1/projects", tags=["projects"])

    @router.get("", summary="List projects")
    def list_projects(principal: Reader, project: str | None = None) -> ProjectList:
        """Return the caller's project; the operator gets all projects or the one named."""
        found = access.list_projects(by=principal, project_id=project)
        return ProjectList.of(found, None if count_spans is None else count_spans(), by=principal)

    return router
