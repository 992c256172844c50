"""`/api/v1/telemetry/remap`, `.../recost` and `.../unwrap`: stored spans computed again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.ingest.recompute.schemas import PlanView, ResultView
from pitwall.ingest.recompute.service import RecomputeService
from pitwall.ingest.recompute.types import Recompute

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Moment = Annotated[datetime, Query(description="ISO 8601, UTC if it names no zone.")]


def recompute_router(service: RecomputeService) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/api/v1/telemetry", tags=["telemetry"])

    @router.get("/slices", summary="Cut a range into slices to remap, recost or unwrap")
    def plan(principal: Reader, since: Moment | None = None, until: Moment | None = None) -> PlanView:
        """Return the hours of the project that have spans, put together to slices."""
        return PlanView.of(service.plan(principal.project_id, since and _utc(since), until and _utc(until)))

    @router.post("/{what}", summary="Remap, recost or unwrap the spans of a slice")
    def run(
        what: Recompute, principal: Operator, since: Moment, until: Moment, dry_run: bool = False
    ) -> ResultView:
        """Replace spans that began in [since, until) by what mapping, prices or other spans make of them.

        Hours are taken whole. Ingest into the store waits while the slice is swapped, and what is queried in
        that second or two may miss some of its spans.
        """
        begin, end = _utc(since), _utc(until)
        if begin >= end:
            raise InvalidInput(f"since {begin:%FT%TZ} is not before until {end:%FT%TZ}.")
        return ResultView.of(service.run(what, begin, end, by=principal, is_dry_run=dry_run))

    return router


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
