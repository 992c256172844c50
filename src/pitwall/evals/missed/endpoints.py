"""`/api/v1/evals/missed`: missed questions with the scope read, datasets of them with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.schemas import AppendedDataset
from pitwall.evals.datasets.wire import appended_view
from pitwall.evals.missed.schemas import MissedDatasetBody, MissedView
from pitwall.evals.missed.service import DEFAULT_RANGE, Missed, MissedQuery
from pitwall.evals.missed.types import Reason
from pitwall.evals.missed.wire import missed_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Since = Annotated[str | None, Query(description="Start: ISO 8601 or relative such as now-7d.")]
Until = Annotated[str | None, Query(description="End, not part of the range.")]


def missed_router(missed: Missed) -> APIRouter:
    """Return the endpoints of missed questions; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/missed", tags=["evals"])

    @router.get("", summary="List missed questions", responses={200: {"model": MissedView}})
    def list_missed(
        principal: Reader,
        since: Since = DEFAULT_RANGE,
        until: Until = None,
        filter: Annotated[  # noqa: A002 as in the lists of traces
            list[str] | None, Query(description="`column:operator:value`, of the root span.")
        ] = None,
        reason: Annotated[list[Reason] | None, Query(description="Only these reasons.")] = None,
        limit: Annotated[int, Query(ge=1, le=300, description="Questions at most.")] = 50,
    ) -> Response:
        """Return questions without hits, refused, scored low, disliked or failed, the most frequent first."""
        query = MissedQuery(
            since=since, until=until, filters=tuple(filter or ()), reasons=frozenset(reason or ())
        )
        return json_response(missed_view(missed.find(principal.project_id, query), limit))

    @router.post(
        "/dataset", summary="Make examples of missed questions", responses={200: {"model": AppendedDataset}}
    )
    def make_dataset(principal: Operator, body: MissedDatasetBody) -> Response:
        """Add missed questions to a dataset as a new version, equal questions once."""
        made = missed.make_dataset(body.dataset, body.query(), body.clusters, by=principal)
        return json_response(appended_view(made))

    return router
