"""`/api/v1/prices`: what models cost, by the prices that spans are priced with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.ingest.pricing.schemas import ModelPricesView, PriceListView
from pitwall.ingest.pricing.service import Prices

Reader = Annotated[Principal, requires(Scope.READ)]


def prices_router(prices: Prices) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/api/v1/prices", tags=["prices"])

    @router.get("", summary="List today's prices")
    def list_prices(
        _principal: Reader,
        provider: Annotated[str | None, Query(description="Only of this provider.")] = None,
        contains: Annotated[str, Query(description="Only models whose name contains this text.")] = "",
    ) -> PriceListView:
        """Return the prices of the models that are known by name; of tiered ones the lowest."""
        return prices.list(provider, contains)

    @router.get("/lookup", summary="Look up what a model costs")
    def look_up(
        _principal: Reader,
        model: Annotated[str, Query(description="As spans name it.")],
        provider: Annotated[str, Query(description="As spans name it, such as aws.bedrock.")] = "",
    ) -> ModelPricesView:
        """Return what a call of the model costs, by day and tier, found as for a span."""
        return prices.find(provider, model)

    return router
