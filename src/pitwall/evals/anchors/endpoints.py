"""`/api/v1/evals/anchors`: looking at anchors and their checks with the scope read, changing with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.anchors.schemas import AnchorsBody, AnchorsDetail, AnchorsList, AnchorsRemoval
from pitwall.evals.anchors.service import Anchors
from pitwall.evals.anchors.wire import anchors_detail, anchors_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def anchors_router(anchors: Anchors) -> APIRouter:
    """Return the endpoints of anchors; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/anchors", tags=["evaluations"])

    @router.get("", summary="List anchors", responses={200: {"model": AnchorsList}})
    def list_anchors(principal: Reader) -> Response:
        """Return the anchor sets by name, each with its last check."""
        return json_response({"anchors": [anchors_view(one) for one in anchors.list(principal.project_id)]})

    @router.get("/{name}", summary="Show anchors", responses={200: {"model": AnchorsDetail}})
    def get_anchors(principal: Reader, name: str) -> Response:
        """Return an anchor set with its last checks."""
        return json_response(anchors_detail(anchors.get(principal.project_id, name)))

    @router.put("/{name}", summary="Set anchors", responses={200: {"model": AnchorsDetail}})
    def set_anchors(principal: Operator, name: str, body: AnchorsBody) -> Response:
        """Choose answers of a run that the judge in use judges again on a schedule, at first now."""
        return json_response(anchors_detail(anchors.save(name, body.options(), by=principal)))

    @router.post("/{name}/check", summary="Check anchors now", responses={200: {"model": AnchorsDetail}})
    def check_anchors(principal: Operator, name: str) -> Response:
        """Let the server check anchors now, instead of when they are due."""
        return json_response(anchors_detail(anchors.call_for(name, by=principal)))

    @router.delete("/{name}", summary="Delete anchors", responses={200: {"model": AnchorsRemoval}})
    def delete_anchors(principal: Operator, name: str) -> Response:
        """Forget anchors and their checks; the run that they came from stays."""
        anchors.delete(name, by=principal)
        return json_response({"name": name})

    return router
