"""How an endpoint learns its principal: `principal: Annotated[Principal, requires(Scope.READ)]`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from pitwall.access.http import authenticate_request
from pitwall.access.service import AccessService
from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope

ProjectQuery = Annotated[
    str | None,
    Query(description="Project to work on; an API key works on its own only.", min_length=1, max_length=64),
]


async def current_principal(request: Request, project: ProjectQuery = None) -> Principal:
    """Return who calls, working on the project it asks for.

    Raises:
        NotAuthenticated: No credential where one is needed, or a bad one.
        NotPermitted: An API key asks for another project than its own.
    """
    return (await who_calls(request)).on_project(project)


async def who_calls(request: Request) -> Principal:
    """Return who calls, on its own project.

    Raises:
        NotAuthenticated: No credential where one is needed, or a bad one.
        NotPermitted: A browser's session would change something without the header of the UI.
    """
    access: AccessService = request.app.state.access
    origins: frozenset[str] = request.app.state.allowed_origins
    headers = request.scope["headers"]
    return await authenticate_request(access, headers, method=request.method, allowed_origins=origins)


def requires(scope: Scope) -> Any:
    """Return the dependency that yields the principal and refuses one that lacks the scope."""

    async def check(principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
        require(principal, scope)
        return principal

    return Depends(check)
