"""`/api/v1/evals/compare`, `/gate` and `/baselines`: looking with the scope read, setting with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.schemas import (
    BaselineBody,
    BaselineList,
    BaselineView,
    ComparisonView,
    GateBody,
    GateView,
    RunId,
)
from pitwall.evals.comparison.service import CompareRequest, Comparisons
from pitwall.evals.comparison.slices import LEAST_CASES
from pitwall.evals.comparison.types import CompareOptions

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def comparison_router(comparisons: Comparisons) -> APIRouter:
    """Return the endpoints of comparisons; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals", tags=["evaluations"])

    @router.get("/compare", summary="Compare two runs")
    def compare_runs(
        principal: Reader,
        a: Annotated[RunId, Query(description="The run before, by id or its beginning.")],
        b: Annotated[RunId, Query(description="The run that is asked about.")],
        metric: Annotated[list[str] | None, Query(description="Only these metrics.")] = None,
        margin: Annotated[
            list[str] | None,
            Query(description="How much worse is still the same: `0.02`, or `latency_ms=50`."),
        ] = None,
        alpha: Annotated[float, Query(gt=0, lt=0.5)] = 0.05,
        seed: Annotated[int, Query(ge=0)] = 0,
        rejudged: Annotated[
            RunId | None,
            Query(
                description="Run over the answers of `a`, judged as those of `b`: tells answers from ruler."
            ),
        ] = None,
        slices: Annotated[bool, Query(description="Look for parts of the cases that lost.")] = False,
        least_cases: Annotated[int, Query(ge=2, description="Pairs that a slice needs.")] = LEAST_CASES,
        strict: Annotated[bool, Query(description="Refuse runs measured by another ruler.")] = False,
    ) -> ComparisonView:
        """Compare over the cases that both runs scored, paired by id.

        Differences with intervals, permutation tests adjusted by Holm, McNemar's test of passes, and what has
        to be known before the numbers are believed.
        """
        overall, by_metric = _read_margins(margin or [])
        options = CompareOptions(
            metrics=tuple(metric or ()), margin=overall, margins=by_metric, alpha=alpha, seed=seed
        )
        request = CompareRequest(
            a=a,
            b=b,
            rejudged=rejudged,
            with_slices=slices,
            least_cases=least_cases,
            is_strict=strict,
            options=options,
        )
        return ComparisonView.of(comparisons.compare(principal.project_id, request))

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


def _read_margins(texts: list[str]) -> tuple[float, dict[str, float]]:
    """A margin for all ratios, and margins by metric."""
    overall, by_metric = 0.0, {}
    for text in texts:
        metric, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0.0 <= value < float("inf"):
            raise InvalidInput(
                f"{text!r} is no margin.", code="comparison.bad_margin", hint="Write 0.02 or latency_ms=50."
            )
        if metric:
            by_metric[metric] = value
        else:
            overall = value
    return overall, by_metric
