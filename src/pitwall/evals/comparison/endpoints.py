"""`/api/v1/evals/compare`, `/gate` and `/baselines`: looking with the scope read, setting with act."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.ci import CiFormat, render
from pitwall.evals.comparison.schemas import (
    BaselineBody,
    BaselineList,
    BaselineView,
    CompareQuery,
    ComparisonView,
    GateBody,
    GateView,
)
from pitwall.evals.comparison.service import Comparisons
from pitwall.kit.i18n import Language

Reader = Annotated[Principal, requires(Scope.READ)]
EXIT_CODE: Final = "x-pitwall-exit-code"
MEDIA_TYPES: Final = {
    CiFormat.GITHUB: "text/plain",
    CiFormat.GITLAB: "application/json",
    CiFormat.JUNIT: "application/xml",
    CiFormat.MARKDOWN: "text/markdown",
    CiFormat.JSON: "application/json",
}
Operator = Annotated[Principal, requires(Scope.ACT)]


def comparison_router(comparisons: Comparisons) -> APIRouter:
    """Return the endpoints of comparisons; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals", tags=["evaluations"])

    @router.get("/compare", summary="Compare two runs")
    def compare_runs(principal: Reader, query: Annotated[CompareQuery, Query()]) -> ComparisonView:
        """Compare over the cases that both runs scored, paired by id.

        Differences with intervals, permutation tests adjusted by Holm, McNemar's test of passes, and what has
        to be known before the numbers are believed.
        """
        return ComparisonView.of(comparisons.compare(principal.project_id, query.request()))

    @router.post("/gate", summary="Judge whether a run may pass")
    def gate_run(principal: Reader, body: GateBody) -> GateView:
        """Hold a run against thresholds, a share of unscored cases, and a baseline; changes nothing."""
        return GateView.of(comparisons.gate(principal.project_id, body.request()))

    @router.post(
        "/ci",
        summary="Judge a run as a build wants to read it",
        response_class=Response,
        responses={
            200: {"content": {media: {} for media in MEDIA_TYPES.values()}, "description": "The file."}
        },
    )
    def ci_report(
        principal: Reader,
        body: GateBody,
        format: CiFormat,  # noqa: A002
        language: Language = Language.ENGLISH,
    ) -> Response:
        """Return what a gate says for GitHub, GitLab or JUnit; the exit code is in `x-pitwall-exit-code`."""
        found = GateView.of(comparisons.gate(principal.project_id, body.request())).model_dump(mode="json")
        headers = {EXIT_CODE: str(found["exit_code"])}
        return Response(render(found, format, language), media_type=MEDIA_TYPES[format], headers=headers)

    @router.get("/baselines/{dataset}", summary="List baselines of a dataset")
    def list_baselines(principal: Reader, dataset: str) -> BaselineList:
        """Return the runs that others of a dataset are held against, by name."""
        return BaselineList.of(comparisons.baselines(principal.project_id, dataset))

    @router.put("/baselines/{dataset}", summary="Set a baseline")
    def set_baseline(principal: Operator, dataset: str, body: BaselineBody) -> BaselineView:
        """Make a run the one that others of its dataset are held against."""
        found = comparisons.set_baseline(body.run, body.name, dataset=dataset, by=principal)
        return BaselineView.model_validate(found)

    return router
