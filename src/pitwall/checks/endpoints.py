"""`/api/v1/checks`: looking at checklists and reports with the scope read, running them with act."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.checks.schemas import ChecklistList, ChecklistView, ReportPage, ReportView, RunBody
from pitwall.checks.service import Checklists
from pitwall.checks.types import Report, RunRequest
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.kit.paging import InvalidCursor, decode_cursor, encode_cursor

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
_CURSOR = "check_reports"


def checks_router(checklists: Checklists) -> APIRouter:
    """Return the endpoints of checklists; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/checks", tags=["checks"])

    @router.get("", summary="List checklists")
    def list_checklists(principal: Reader) -> ChecklistList:
        """Return every checklist with its items and its newest report."""
        return ChecklistList(lists=[ChecklistView.of(one) for one in checklists.all(principal.project_id)])

    @router.get("/reports", summary="List reports")
    def list_reports(
        principal: Reader,
        name: Annotated[str | None, Query(alias="list", description="Of one checklist only.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> ReportPage:
        """Return reports, newest first."""
        found = checklists.reports(principal.project_id, name, _position(cursor), limit + 1)
        return _page(found, limit)

    @router.get("/reports/{report_id}", summary="Show a report")
    def get_report(principal: Reader, report_id: str) -> ReportView:
        """Return one report."""
        return ReportView.of(checklists.report(principal.project_id, report_id))

    @router.post("/{name}/run", summary="Run a checklist")
    def run_checklist(principal: Operator, name: str, body: RunBody | None = None) -> ReportView:
        """Look at everything on the list now, keep the report and return it."""
        wanted = body or RunBody()
        request = checklists.read_items(name, wanted.items) if wanted.items.strip() else RunRequest()
        request = replace(request, variables=wanted.variables, settings=wanted.settings, notify=wanted.notify)
        return ReportView.of(checklists.run(name, request, by=principal))

    return router


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        at, report_id = decode_cursor(_CURSOR, cursor)
        return datetime.fromisoformat(str(at)), str(report_id)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"{error}.", code="checks.bad_cursor") from error


def _page(found: list[Report], limit: int) -> ReportPage:
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    cursor = None if last is None else encode_cursor(_CURSOR, last.at.isoformat(), last.id)
    return ReportPage(reports=[ReportView.of(report) for report in shown], next_cursor=cursor)
