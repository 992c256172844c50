"""`/api/v1/evals/runs/{id}/analysis`: with the scope read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.analysis.report import pages
from pitwall.evals.analysis.schemas import AnalysisView
from pitwall.evals.analysis.service import Analyses
from pitwall.kit.cli_output import to_json
from pitwall.kit.i18n import Language
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
ReportFormat = Literal["json", "md", "html"]
_MEDIA: Final = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def analysis_router(analyses: Analyses) -> APIRouter:
    """Return the endpoints of analyses; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])

    @router.get("/{run_id}/analysis", summary="Analyse a run", responses={200: {"model": AnalysisView}})
    def get_analysis(principal: Reader, run_id: str) -> Response:
        """Return what a finished run says beyond its means; made when it is first asked for, then kept.

        Each part has a status; one that had nothing to look at says why, one that failed with what.
        """
        return json_response(analyses.get(principal.project_id, run_id))

    @router.get(
        "/{run_id}/analysis/report",
        summary="Export the analysis of a run",
        response_class=Response,
        responses={200: {"content": {media: {} for media in _MEDIA.values()}, "description": "The file."}},
    )
    def get_report(
        principal: Reader,
        run_id: str,
        format: ReportFormat = "md",  # noqa: A002
        language: Language = Language.ENGLISH,
    ) -> Response:
        """Return the analysis as a file: everything as JSON, or a report in English or Korean."""
        analysis = analyses.get(principal.project_id, run_id)
        name = f"analysis_{analysis['run']['id']}.{format}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(_written(analysis, format, language), media_type=_MEDIA[format], headers=headers)

    return router


def _written(analysis: Mapping[str, Any], form: ReportFormat, language: Language) -> str:
    match form:
        case "json":
            return to_json(analysis, indent=True) + "\n"
        case "md":
            return pages.markdown(analysis, language)
        case "html":
            return pages.html(analysis, language)
