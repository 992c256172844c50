"""`/api/v1/incidents`: looking at incidents with the scope read, handling them with act."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.incidents.schemas import Assignment, Comment, IncidentList, IncidentView, Resolution
from pitwall.incidents.service import IncidentDesk
from pitwall.incidents.types import IncidentState
from pitwall.incidents.wire import counts_view, row_view, whole_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
States = Annotated[
    list[IncidentState] | None, Query(description="Only incidents in this state; may be repeated.")
]
_ONE: Any = {200: {"model": IncidentView}}


def incidents_router(desk: IncidentDesk) -> APIRouter:
    """Return the endpoints of incidents; they run on worker threads. An id may be the incident's number."""
    router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])
    _add_reading(router, desk)
    _add_handling(router, desk)
    return router


def _add_reading(router: APIRouter, desk: IncidentDesk) -> None:
    @router.get("", summary="List incidents", responses={200: {"model": IncidentList}})
    def list_incidents(
        principal: Reader,
        state: States = None,
        limit: Annotated[int, Query(ge=1, le=500, description="Rows at most.")] = 50,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        """Return incidents, newest first, and how many of the project are in each state."""
        page, counts = desk.list(principal.project_id, states=state or (), limit=limit, cursor=cursor)
        return json_response(
            {
                "incidents": [row_view(row) for row in page.items],
                "counts": counts_view(counts),
                "next_cursor": page.next_cursor,
            }
        )

    @router.get("/{incident_id}", summary="Show an incident", responses=_ONE)
    def get_incident(principal: Reader, incident_id: str) -> Response:
        """Return an incident with its alerts, its timeline, what was changed, and what explains it."""
        return json_response(whole_view(desk.get(principal.project_id, incident_id)))


def _add_handling(router: APIRouter, desk: IncidentDesk) -> None:
    @router.post("/{incident_id}/acknowledge", summary="Acknowledge an incident", responses=_ONE)
    def acknowledge_incident(principal: Operator, incident_id: str) -> Response:
        """Say that you have seen it; 409 if it is over."""
        return json_response(whole_view(desk.acknowledge(incident_id, by=principal)))

    @router.post("/{incident_id}/assign", summary="Assign an incident", responses=_ONE)
    def assign_incident(principal: Operator, incident_id: str, body: Assignment) -> Response:
        """Say who takes care of it."""
        return json_response(whole_view(desk.assign(incident_id, body.to, by=principal)))

    @router.post("/{incident_id}/comment", summary="Comment on an incident", responses=_ONE)
    def comment_incident(principal: Operator, incident_id: str, body: Comment) -> Response:
        """Write something into its timeline."""
        return json_response(whole_view(desk.comment(incident_id, body.text, by=principal)))

    @router.post("/{incident_id}/resolve", summary="Resolve an incident", responses=_ONE)
    def resolve_incident(principal: Operator, incident_id: str, body: Resolution | None = None) -> Response:
        """Say that it is over; an alert in it that gets worse or fires again opens it again."""
        note = None if body is None else body.note
        return json_response(whole_view(desk.resolve(incident_id, note, by=principal)))

    @router.post("/{incident_id}/reopen", summary="Reopen an incident", responses=_ONE)
    def reopen_incident(principal: Operator, incident_id: str) -> Response:
        """Say that it is not over."""
        return json_response(whole_view(desk.reopen(incident_id, by=principal)))
