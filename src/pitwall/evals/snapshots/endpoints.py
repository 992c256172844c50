"""`/api/v1/evals/runs/{id}/snapshot`: what a run ran on, with the scope read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.snapshots.diff import compare
from pitwall.evals.snapshots.differences import differences_view
from pitwall.evals.snapshots.envelope import data_of
from pitwall.evals.snapshots.schemas import RunSnapshotView, SnapshotDifferences
from pitwall.evals.snapshots.service import Snapshots
from pitwall.evals.snapshots.wire import snapshot_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]


def snapshots_router(snapshots: Snapshots) -> APIRouter:
    """Return the endpoints of snapshots; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])

    @router.get(
        "/{run_id}/snapshot",
        summary="Tell what a run ran on",
        responses={200: {"model": RunSnapshotView}},
    )
    def get_snapshot(principal: Reader, run_id: str) -> Response:
        """Return what the run kept when it began, and what is known of it now; secrets are left out."""
        return json_response(snapshot_view(snapshots.get(principal.project_id, run_id)))

    @router.get(
        "/{run_id}/snapshot/diff",
        summary="Tell what differs from what another run ran on",
        responses={200: {"model": SnapshotDifferences}},
    )
    def diff_snapshots(
        principal: Reader,
        run_id: str,
        against: Annotated[str, Query(description="The run before.")],
    ) -> Response:
        """Return what differs, in the order of what it may do to scores; what one alone tells is unknown."""
        runs = [snapshots.get(principal.project_id, one) for one in (against, run_id)]
        found = compare(*(data_of(snapshot_view(one)) for one in runs))
        return json_response(differences_view(runs[0].run.id, runs[1].run.id, found))

    return router
