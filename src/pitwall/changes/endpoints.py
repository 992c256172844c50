"""`/api/v1/changes`: telling of changes with the scope act, listing them with read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.changes.schemas import ChangeBody, ListedChanges, RecordedChange
from pitwall.changes.service import ChangeLog
from pitwall.changes.types import ChangeQuery
from pitwall.changes.wire import listed_view, recorded_view
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.kit.durations import InvalidInstant, format_instant, parse_instant
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
_DAY = timedelta(days=1)
_TIMES = "ISO 8601, or such as `now-1h`"
Since = Annotated[str, Query(description=f"Start of the range ({_TIMES}).")]
Until = Annotated[
    str | None, Query(description=f"Its end, not part of it ({_TIMES}); now unless said otherwise.")
]
_RECORDED: Any = {
    200: {"model": RecordedChange, "description": "It was told of before."},
    201: {"model": RecordedChange},
}


def changes_router(changes: ChangeLog, clock: Clock) -> APIRouter:
    """Return the endpoints of changes; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/changes", tags=["changes"])

    @router.get("", summary="List changes", responses={200: {"model": ListedChanges}})
    def list_changes(
        principal: Reader,
        since: Since = "now-24h",
        until: Until = None,
        limit: Annotated[int, Query(ge=1, le=500, description="Rows at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        """Return what somebody told of and what telemetry showed for the first time, newest first."""
        query = _query(principal.project_id, since, until, limit, cursor, clock)
        page = changes.list(query)
        return json_response(
            {
                "since": format_instant(query.since),
                "until": format_instant(query.until),
                "changes": [listed_view(entry) for entry in page.items],
                "next_cursor": page.next_cursor,
            }
        )

    @router.post("", status_code=201, summary="Tell of a change", responses=_RECORDED)
    def add_change(principal: Operator, body: ChangeBody) -> Response:
        """Keep a deploy, a pinned model, a new prompt or whatever else was changed.

        With an `idempotency_key` that is known already nothing is added, and the answer is 200.
        """
        change, is_new = changes.add(body.change(), by=principal)
        return json_response(recorded_view(change, is_new=is_new), status_code=201 if is_new else 200)

    return router


def _query(
    project: str, since: str, until: str | None, limit: int, cursor: str | None, clock: Clock
) -> ChangeQuery:
    now = clock.now()
    try:
        start = parse_instant(since, now=now)
        end = _end(until, start, now)
    except InvalidInstant as error:
        raise InvalidInput(f"{error}.", code="time.invalid") from error
    if start >= end:
        raise InvalidInput(
            f"The range from {format_instant(start)} to {format_instant(end)} is empty.",
            code="time.empty_range",
            hint="Let `since` be before `until`.",
        )
    return ChangeQuery(project_id=project, since=start, until=end, limit=limit, cursor=cursor)


def _end(until: str | None, start: datetime, now: datetime) -> datetime:
    """The end of a range: now, or of one that begins in the future a day later."""
    if until is None:
        return now if start < now else start + _DAY
    return parse_instant(until, now=now)
