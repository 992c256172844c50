"""`/api/v1/evals/runs/{id}/analysis`: with the scope read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.analysis.schemas import AnalysisView
from pitwall.evals.analysis.service import Analyses
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]


def analysis_router(analyses: Analyses) -> APIRouter:
    """Return the endpoint of analyses; it runs on a worker thread."""
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])

    @router.get("/{run_id}/analysis", summary="Analyse a run", responses={200: {"model": AnalysisView}})
    def get_analysis(principal: Reader, run_id: str) -> Response:
        """Return what a finished run says beyond its means; made when it is first asked for, then kept.

        Each part has a status; one that had nothing to look at says why, one that failed with what.
        """
        return json_response(analyses.get(principal.project_id, run_id))

    return router
