"""`/api/v1/evals/runs/{id}/snapshot`: what a run ran on, with the scope read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.snapshots.schemas import RunSnapshotView
from pitwall.evals.snapshots.service import Snapshots
from pitwall.evals.snapshots.wire import snapshot_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]


def snapshots_router(snapshots: Snapshots) -> APIRouter:
    """Return the endpoint of snapshots; it runs on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])

    @router.get(
        "/{run_id}/snapshot",
        summary="Tell what a run ran on",
        responses={200: {"model": RunSnapshotView}},
    )
    def get_snapshot(principal: Reader, run_id: str) -> Response:
        """Return what the run kept when it began, and what is known of it now; secrets are left out."""
        return json_response(snapshot_view(snapshots.get(principal.project_id, run_id)))

    return router
