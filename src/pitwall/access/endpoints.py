"""`/api/v1/keys`: making, listing and revoking API keys; all of it needs the scope act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.schemas import IssuedKeyView, KeyList, KeyView, NewKey
from pitwall.access.service import AccessService
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope

Operator = Annotated[Principal, requires(Scope.ACT)]


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
