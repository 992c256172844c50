"""`GET /api/v1/status`: what is stored, exactly, and how far the store lags behind what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope


@dataclass(frozen=True, slots=True)
class IngestTotals:
    """What is stored and can be queried; None where it could not be counted.

    Attributes:
        ingest_lag_seconds: Age of the oldest acknowledged record not yet applied; 0 when there is none.
    """

    spans_total: int | None
    points_total: int | None
    logs_total: int | None
    scores_total: int | None
    dead_letters_total: int | None
    ingest_lag_seconds: float | None


IngestStatus = Callable[[str | None], IngestTotals]
"""Counts one project, or with None all projects but Pitwall's own; may block."""


class StatusView(BaseModel):
    """The state of the server and of what it holds."""

    version: str = Field(description="Version of the server.")
    profile: str = Field(description="dev, staging or prod.")
    started_at: datetime = Field(description="When the server started, UTC.")
    uptime_seconds: float = Field(description="Seconds since then.")
    project: str | None = Field(description="The project counted; null for all.")
    spans_total: int | None = Field(
        description="Spans stored and queryable; null if they could not be counted."
    )
    points_total: int | None = Field(description="Metric points stored and queryable.")
    logs_total: int | None = Field(description="Log records stored and queryable.")
    scores_total: int | None = Field(description="Scores stored and queryable.")
    dead_letters_total: int | None = Field(description="Records that could not be understood.")
    ingest_lag_seconds: float | None = Field(
        description="Age of the oldest acknowledged record not yet queryable; 0 when there is none."
    )
    addresses: dict[str, str] = Field(description="Where the server listens, by door.")


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the server knows about itself."""

    version: str
    profile: str
    started_at: datetime
    uptime_seconds: float
    addresses: dict[str, str]


def status_router(facts: Callable[[], ServerFacts], ingest_status: IngestStatus | None) -> APIRouter:
    """Return the status endpoint.

    Args:
        facts: What the server knows about itself.
        ingest_status: Counts what is stored; None while no telemetry store is wired.
    """
    router = APIRouter(prefix="/api/v1", tags=["status"])

    @router.get("/status", summary="What is stored, exactly, and how fresh it is")
    def status(
        principal: Annotated[Principal, requires(Scope.READ)], project: str | None = None
    ) -> StatusView:
        """Count the caller's project; callers without one get all projects unless they name one."""
        counted = project if principal.may_choose_project else principal.project_id
        totals: dict[str, Any] = dict.fromkeys(IngestTotals.__dataclass_fields__)
        if ingest_status is not None:
            totals = asdict(ingest_status(counted))
        return StatusView(project=counted, **asdict(facts()), **totals)

    return router
