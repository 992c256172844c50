"""`/api/v1/errors/groups`: errors that are alike, and what is known of one such group."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from pitwall.kit.json_answers import json_response
from pitwall.traces.endpoints import Cursor, Filters, Limit, Reader, Since, Until
from pitwall.traces.error_groups.schemas import ErrorGroupAnswer, ErrorGroupList
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.error_groups.types import GroupStatus
from pitwall.traces.error_groups.wire import open_view, page_view, read_question
from pitwall.traces.exploring import Written
from pitwall.traces.wire import DEFAULT_ROWS

Buckets = Annotated[int, Query(ge=1, le=200, description="Equal parts of the range in `trend`.")]
DEFAULT_BUCKETS = 24


def error_groups_router(groups: ErrorGroups) -> APIRouter:
    """Return the endpoints of groups of errors; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/errors/groups", tags=["traces"])

    @router.get("", summary="List error groups", responses={200: {"model": ErrorGroupList}})
    def list_groups(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        since: Since = None,
        until: Until = None,
        status: Annotated[list[GroupStatus] | None, Query(description="Only these; may be repeated.")] = None,
        buckets: Buckets = DEFAULT_BUCKETS,
        limit: Limit = DEFAULT_ROWS,
        cursor: Cursor = None,
    ) -> Response:
        """Return groups of a range, by default 24 hours, and of the time of equal length before.

        An error that spans hand up to their parents counts once, at the innermost span that failed.
        """
        written = Written(filters=filter or (), since=since, until=until)
        question = read_question(
            principal.project_id,
            written,
            groups.clock.now(),
            buckets=buckets,
            statuses=status or (),
            limit=limit,
            cursor=cursor,
        )
        return json_response(page_view(groups.page(question)))

    @router.get("/{group_id}", summary="Show an error group", responses={200: {"model": ErrorGroupAnswer}})
    def show_group(
        principal: Reader,
        group_id: Annotated[str, Path(description="32 hexadecimal digits.")],
        filter: Filters = None,  # noqa: A002 - the parameter's name
        since: Since = None,
        until: Until = None,
        buckets: Buckets = DEFAULT_BUCKETS,
        limit: Annotated[int, Query(ge=1, le=20, description="Samples at most.")] = 10,
    ) -> Response:
        """Return a group with splits, newest samples and a stack trace, by default of 24 hours."""
        written = Written(filters=filter or (), since=since, until=until)
        question = read_question(
            principal.project_id, written, groups.clock.now(), buckets=buckets, limit=limit
        )
        return json_response(open_view(groups.open(question, group_id), question.trend))

    return router
