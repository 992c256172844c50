"""`/api/v1/costs`: what a month costs, whose spend it is, what could be saved; scope read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.costs.advice.schemas import AdviceView
from pitwall.costs.advice.service import Advisor
from pitwall.costs.advice.wire import advice_view
from pitwall.costs.schemas import SpendView, SummaryView
from pitwall.costs.service import DEFAULT_ROWS, MAX_ROWS, Costs
from pitwall.costs.types import By
from pitwall.costs.wire import spend_view, summary_view

Reader = Annotated[Principal, requires(Scope.READ)]
Month = Annotated[
    str | None, Query(description="A month; default is the present one.", examples=["2026-11"], max_length=7)
]
Since = Annotated[
    str | None,
    Query(description="Start: ISO 8601 or relative, such as `now-7d`; default is the first of the month."),
]
Until = Annotated[str | None, Query(description="End, not part of the range; default is now.")]
Rows = Annotated[int, Query(ge=1, le=MAX_ROWS, description="Rows at most; the rest is one more.")]


def costs_router(costs: Costs, advisor: Advisor) -> APIRouter:
    """Return the endpoints of costs; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/costs", tags=["costs"])

    @router.get("/summary", summary="Show what the month costs")
    def show_month(principal: Reader, month: Month = None) -> SummaryView:
        """Return the month so far by day, and what it will have cost with an interval."""
        return summary_view(costs.summary(principal.project_id, month))

    @router.get("/spend", summary="Split the spend of a range")
    def show_spend(
        principal: Reader,
        by: Annotated[By, Query(description="What splits it.")] = By.MODEL,
        since: Since = None,
        until: Until = None,
        limit: Rows = DEFAULT_ROWS,
    ) -> SpendView:
        """Return spend by something, dearest first, against the range of the same length before."""
        return spend_view(costs.spend(principal.project_id, by, since=since, until=until, limit=limit))

    @router.get("/advice", summary="Say what could be saved")
    def show_advice(
        principal: Reader,
        days: Annotated[int, Query(ge=1, le=30, description="How many days to look back.")] = 30,
    ) -> AdviceView:
        """Return suggestions with what each saves in 30 days, and a bound for all together."""
        return advice_view(advisor.advise(principal.project_id, days))

    return router
