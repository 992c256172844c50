"""`/api/v1/scrape/targets`: looking with the scope read, changing and scraping with act."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.ingest.scrape.errors import TargetInvalid
from pitwall.ingest.scrape.schemas import NAME_PATTERN, ScrapeReportView, TargetBody, TargetList, TargetView
from pitwall.ingest.scrape.service import Scraping

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def scrape_router(scraping: Scraping) -> APIRouter:
    """Return the endpoints of targets."""
    router = APIRouter(prefix="/api/v1/scrape/targets", tags=["scrape"])

    @router.get("", summary="List scrape targets")
    def list_targets(principal: Reader) -> TargetList:
        """Return the pages that are scraped for the project, and what came of the latest scrape."""
        return TargetList.of(scraping.list(principal.project_id))

    @router.put("/{name}", summary="Add or change a scrape target")
    def put_target(principal: Operator, name: str, body: TargetBody) -> TargetView:
        """Scrape a page of Prometheus metrics from now on; its samples become points."""
        if not re.fullmatch(NAME_PATTERN, name):
            raise TargetInvalid(
                f"{name!r} is no name of a target.", hint="Use small letters, digits, - and _, at most 64."
            )
        return TargetView.of(scraping.put(body.target(name), by=principal))

    @router.delete("/{name}", summary="Remove a scrape target", status_code=204)
    def delete_target(principal: Operator, name: str) -> None:
        """Scrape a page no longer; its points stay."""
        scraping.remove(name, by=principal)

    @router.post("/{name}/run", summary="Scrape a target now")
    async def run_target(principal: Operator, name: str) -> ScrapeReportView:
        """Scrape once, beside the schedule, and return what came of it."""
        state = await asyncio.to_thread(scraping.get, principal.project_id, name)
        return ScrapeReportView.of(await scraping.run(principal.project_id, state.target))

    return router
