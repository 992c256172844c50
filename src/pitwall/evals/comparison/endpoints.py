"""`/api/v1/evals/compare`, `/trend`, `/gate`, `/baselines`: looking with the scope read, setting with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.schemas import (
    BaselineBody,
    BaselineList,
    BaselineView,
    CompareQuery,
    ComparisonView,
    GateBody,
    GateView,
    MetricName,
)
from pitwall.evals.comparison.service import Comparisons
from pitwall.evals.comparison.trend_schemas import EvalTrendView

Reader = Annotated[Principal, requires(Scope.READ)]
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

    @router.get("/trend", summary="Line up the runs of a dataset")
    def trend_of_dataset(
        principal: Reader,
        dataset: Annotated[str, Query(min_length=1, max_length=200)],
        metric: Annotated[
            MetricName | None, Query(description="Null takes the one that most of the runs have.")
        ] = None,
        limit: Annotated[int, Query(ge=2, le=500, description="The last so many runs.")] = 100,
    ) -> EvalTrendView:
        """Return the finished runs of a dataset, oldest first, with the numbers of their summaries.

        Where the judge, the prompts, the metric or the cases are not those of the run before, it says so: the
        two means were not measured by the same ruler.
        """
        return EvalTrendView.of(comparisons.trend(principal.project_id, dataset, metric, limit=limit))

    @router.post("/gate", summary="Judge whether a run may pass")
    def gate_run(principal: Reader, body: GateBody) -> GateView:
        """Hold a run against thresholds, a share of unscored cases, and a baseline; changes nothing."""
        return GateView.of(comparisons.gate(principal.project_id, body.request()))

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
