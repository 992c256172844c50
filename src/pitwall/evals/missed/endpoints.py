"""`/api/v1/evals/missed`: missed questions with the scope read, datasets of them with act."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.schemas import AppendedDataset
from pitwall.evals.datasets.wire import appended_view
from pitwall.evals.missed.export import MEDIA_TYPES, encode
from pitwall.evals.missed.schemas import MissedDatasetBody, MissedView
from pitwall.evals.missed.service import DEFAULT_RANGE, MAX_OPENED, Missed, MissedQuery
from pitwall.evals.missed.types import MissedReason
from pitwall.evals.missed.wire import EXAMPLES, missed_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Since = Annotated[str | None, Query(description="Start: ISO 8601 or relative such as now-7d.")]
Until = Annotated[str | None, Query(description="End, not part of the range.")]


Filters = Annotated[
    list[str] | None, Query(alias="filter", description="`column:operator:value`, of the root span.")
]
Reasons = Annotated[list[MissedReason] | None, Query(alias="reason", description="Only these reasons.")]
Limit = Annotated[int, Query(ge=1, le=MAX_OPENED, description="Questions at most.")]
_FILE: Any = {200: {"description": "The file.", "content": {media: {} for media in MEDIA_TYPES.values()}}}


def missed_router(missed: Missed) -> APIRouter:
    """Return the endpoints of missed questions; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/missed", tags=["evals"])

    @router.get("", summary="List missed questions", responses={200: {"model": MissedView}})
    def list_missed(
        principal: Reader,
        since: Since = DEFAULT_RANGE,
        until: Until = None,
        filters: Filters = None,
        reasons: Reasons = None,
        limit: Limit = 50,
        examples: Annotated[
            int, Query(ge=1, le=MAX_OPENED, description="Traces of each question at most.")
        ] = EXAMPLES,
    ) -> Response:
        """Return questions without hits, refused, scored low, disliked or failed, the most frequent first."""
        found = missed.find(principal.project_id, _query(since, until, filters, reasons))
        return json_response(missed_view(found, limit, examples))

    @router.get("/export", summary="Export missed questions", responses=_FILE, response_class=Response)
    def export(
        principal: Reader,
        since: Since = DEFAULT_RANGE,
        until: Until = None,
        filters: Filters = None,
        reasons: Reasons = None,
        limit: Limit = MAX_OPENED,
        format: Literal["csv", "jsonl"] = "csv",  # noqa: A002 - the parameter's name
    ) -> Response:
        """Return missed questions as a file, each with the ids of its traces."""
        found = missed.find(principal.project_id, _query(since, until, filters, reasons))
        content = encode(missed_view(found, limit, MAX_OPENED)["questions"], format)
        headers = {"content-disposition": f'attachment; filename="missed.{format}"'}
        return Response(content, media_type=MEDIA_TYPES[format], headers=headers)

    @router.post(
        "/dataset", summary="Make examples of missed questions", responses={200: {"model": AppendedDataset}}
    )
    def make_dataset(principal: Operator, body: MissedDatasetBody) -> Response:
        """Add missed questions to a dataset as a new version, equal questions once."""
        made = missed.make_dataset(body.dataset, body.query(), body.clusters, by=principal)
        return json_response(appended_view(made))

    return router


def _query(
    since: str | None, until: str | None, filters: list[str] | None, reasons: list[MissedReason] | None
) -> MissedQuery:
    return MissedQuery(
        since=since, until=until, filters=tuple(filters or ()), reasons=frozenset(reasons or ())
    )
