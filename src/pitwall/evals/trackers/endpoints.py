"""`/api/v1/evals/runs/{id}/track`: sending a run to trackers, with the scope act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.types import Where
from pitwall.evals.trackers.schemas import TrackBody, TrackedRun
from pitwall.evals.trackers.service import Trackers
from pitwall.evals.trackers.wire import links_view
from pitwall.kit.json_answers import json_response

Operator = Annotated[Principal, requires(Scope.ACT)]


def trackers_router(runs: EvalRuns, trackers: Trackers, wake: Callable[[], None]) -> APIRouter:
    """Return the endpoint of trackers; it runs on worker threads.

    Args:
        wake: Tells the job that something waits.
    """
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])

    @router.post(
        "/{run_id}/track",
        status_code=202,
        summary="Send a run to trackers",
        responses={202: {"model": TrackedRun}},
    )
    def track_run(principal: Operator, run_id: str, body: TrackBody) -> Response:
        """Let the server send a run that is over; look at the run to see how far it is."""
        run = runs.get(principal.project_id, run_id)
        links = trackers.ask_again(run, body.trackers, Where.SERVER, by=principal)
        wake()
        return json_response({"run_id": run.id, "trackers": links_view(links)}, status_code=202)

    return router
