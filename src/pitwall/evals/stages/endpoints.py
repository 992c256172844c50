"""`/api/v1/stages`: taking stage events in with the scope act, looking at them with read."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.stages.schemas import (
    IngestedStages,
    RelevanceBody,
    StageEventsBody,
    StageEventsPage,
    StageReportView,
    StageRuns,
    StageRunView,
)
from pitwall.evals.stages.service import Stages
from pitwall.evals.stages.wire import event_view, ingested_view, report_view, run_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
RunId = Annotated[str, Query(min_length=1, max_length=200, description="Id of the run.")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows at most.")]


def stages_router(stages: Stages) -> APIRouter:
    """Return the endpoints of stages; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/stages", tags=["stages"])

    @router.get("", summary="List runs with stage events", responses={200: {"model": StageRuns}})
    def list_runs(principal: Reader, limit: Limit = 50, cursor: Cursor = None) -> Response:
        """Return runs that have events, those whose events came last first."""
        page = stages.runs(principal.project_id, limit=limit, cursor=cursor)
        return json_response({"runs": [run_view(run) for run in page.items], "next_cursor": page.next_cursor})

    @router.post("", summary="Take stage events in", responses={200: {"model": IngestedStages}})
    def ingest(principal: Operator, body: StageEventsBody) -> Response:
        """Keep events; those that are kept already add nothing. Something that is no event refuses all."""
        return json_response(
            ingested_view(stages.ingest(body.events, skip_invalid=body.skip_invalid, by=principal))
        )

    @router.get("/events", summary="List events of a run", responses={200: {"model": StageEventsPage}})
    def list_events(
        principal: Reader,
        run_id: RunId,
        stage_type: Annotated[str | None, Query(description="Of one stage only.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Return events in the order they came, each with its metrics."""
        page = stages.events(principal.project_id, run_id, stage_type=stage_type, limit=limit, cursor=cursor)
        events = [event_view(one) for one in page.items]
        return json_response({"events": events, "next_cursor": page.next_cursor})

    @router.get("/report", summary="Sum up a run", responses={200: {"model": StageReportView}})
    def report(
        principal: Reader,
        run_id: Annotated[
            str | None,
            Query(min_length=1, max_length=200, description="Of the run; by default whose events came last."),
        ] = None,
        threshold: Annotated[
            list[str] | None, Query(description="Instead of a metric's own: `retrieval.latency_ms=300`.")
        ] = None,
    ) -> Response:
        """Return metrics of events and of spans, both side by side, and what to improve."""
        limits = dict(map(_threshold, threshold or []))
        return json_response(report_view(stages.report(principal.project_id, run_id, limits)))

    @router.put("/relevance", summary="Label documents", responses={200: {"model": StageRunView}})
    def set_relevance(principal: Operator, body: RelevanceBody) -> Response:
        """Say which documents are right for each case; what was said before of the run is replaced."""
        return json_response(run_view(stages.set_relevance(body.run_id, body.relevance, by=principal)))

    return router


def _threshold(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(
            f"{text!r} is no threshold.",
            code="stage.bad_threshold",
            hint="Write it as metric=number, such as retrieval.latency_ms=300.",
        )
    return name.strip(), number
