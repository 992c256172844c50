"""`/api/v1/views`: saved views; looking with the scope read, changing with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.views.schemas import Page, SavedViewView, ViewBody, ViewList
from pitwall.views.service import Views

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def views_router(views: Views) -> APIRouter:
    """Return the endpoints of saved views; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/views", tags=["views"])

    @router.get("", summary="List saved views")
    def list_views(
        principal: Reader, page: Annotated[Page | None, Query(description="Only those of this page.")] = None
    ) -> ViewList:
        """Return the views that the project keeps, by page and name."""
        return ViewList.of(views.list(principal.project_id, page))

    @router.post("", status_code=201, summary="Save a view")
    def save_view(principal: Operator, body: ViewBody) -> SavedViewView:
        """Keep what a page shows under a name, for everybody in the project."""
        return SavedViewView.of(views.save(body.view(), by=principal))

    @router.delete("/{view_id}", summary="Delete a saved view")
    def delete_view(principal: Operator, view_id: str) -> SavedViewView:
        """Forget a view; the answer is what it was."""
        return SavedViewView.of(views.delete(view_id, by=principal))

    return router
