"""`/api/v1/evals/labels` and `/trust`: looking with the scope read, labelling and keeping with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.schemas import MetricName, RunId
from pitwall.evals.trust.schemas import (
    AddedView,
    CalibrationList,
    CaseLabelsBody,
    LabelPage,
    MeasureBody,
    Name,
    QueueView,
    TrustView,
)
from pitwall.evals.trust.service import Trust
from pitwall.evals.trust.types import LabelQuery

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def trust_router(trust: Trust) -> APIRouter:
    """Return the endpoints of labels and calibrations; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals", tags=["evaluations"])

    @router.get("/labels", summary="List labels")
    def list_labels(
        principal: Reader,
        dataset: Name,
        metric: MetricName | None = None,
        example: Name | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: str | None = None,
    ) -> LabelPage:
        """Return labels of a dataset by metric, case and rater."""
        query = LabelQuery(dataset=dataset, metric=metric, example_id=example, limit=limit)
        page = trust.list(principal.project_id, query, cursor)
        return LabelPage.of(page.items, page.next_cursor)

    @router.post("/labels", summary="Add labels")
    def add_labels(principal: Operator, body: CaseLabelsBody) -> AddedView:
        """Keep what people say of cases; the same rater's earlier label of the same answer is replaced."""
        return AddedView.of(trust.add(body.batch(), by=principal))

    @router.get("/labels/queue", summary="List cases to label")
    def label_queue(
        principal: Reader,
        run: RunId,
        metric: MetricName,
        rater: Annotated[Name | None, Query(description="Whose labels count; null for the caller.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> QueueView:
        """Return cases of a run that nobody of this name has labelled, in an order drawn by lot."""
        who = rater or principal.actor
        return QueueView.of(trust.queue(principal.project_id, run, metric, rater=who, limit=limit))

    @router.get("/trust", summary="Hold a run against labels")
    def measure_run(principal: Reader, run: RunId) -> TrustView:
        """Return agreement, mistakes and corrected pass rates of the metrics of a run, and keep nothing."""
        return TrustView.of(trust.measure(principal.project_id, run))

    @router.post("/trust", summary="Calibrate the metrics of a run")
    def calibrate_run(principal: Operator, body: MeasureBody) -> TrustView:
        """Measure the same, and keep it as what is known of these metrics and judges."""
        found = trust.measure(principal.project_id, body.run)
        view = TrustView.of(found)
        trust.keep(found, view.by_metric(), by=principal)
        return view

    @router.get("/trust/calibrations", summary="List calibrations")
    def list_calibrations(
        principal: Reader, identity: Annotated[list[Name], Query(description="Identities of scores.")]
    ) -> CalibrationList:
        """Return what was measured of metrics by their identity; one that is missing is uncalibrated."""
        return CalibrationList.of(trust.calibrations(principal.project_id, identity))

    return router
