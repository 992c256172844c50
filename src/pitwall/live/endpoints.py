"""`/api/v1/live`: what is new, as it comes in. `/api/v1/freshness`: how fresh the numbers are."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from pitwall.access.dependencies import current_principal, requires
from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.live.schemas import ArrivalsView, FreshnessView, HelloView, NewsView, WindowView
from pitwall.live.service import Live
from pitwall.live.stream import HEARTBEAT_SECONDS, EventStream, Listening
from pitwall.live.types import Audience, Freshness
from pitwall.live.wire import RETRY, freshness_event, hello

Reader = Annotated[Principal, requires(Scope.READ)]
_EVENTS: Any = {
    200: {
        "model": HelloView | FreshnessView | WindowView | ArrivalsView | NewsView,
        "description": "Server-sent events; each has its name in `event` and one of these in `data`.",
    }
}
_DATA_IS_JSON: Any = {
    "responses": {"200": {"content": {EventStream.media_type: {"schema": {"type": "object"}}}}}
}
_Environment = Annotated[str | None, Query(min_length=1, description="Only traces of this environment.")]
_Service = Annotated[str | None, Query(min_length=1, description="Only traces of this service.")]


def live_router(
    live: Live, *, version: str, started_at: datetime, heartbeat_seconds: float = HEARTBEAT_SECONDS
) -> APIRouter:
    """Return the endpoints of what is live.

    Args:
        live: Knows who listens.
        version: Of this server.
        started_at: When this server was started.
        heartbeat_seconds: How often a stream shows that it lives and checks that its caller may still listen.
    """
    router = APIRouter(prefix="/api/v1", tags=["live"])

    @router.get("/freshness", summary="How fresh the numbers are")
    def show_freshness(principal: Reader) -> FreshnessView:
        """Return the watermark, the lag behind what was acknowledged, and what was lost on the way."""
        return _freshness_view(live.freshness(principal.project_id))

    @router.get(
        "/live",
        status_code=200,  # said, because the class of the answer does not say it
        summary="Listen to what is new",
        response_class=EventStream,
        responses=_EVENTS,
        openapi_extra=_DATA_IS_JSON,
    )
    async def listen(
        request: Request, principal: Reader, environment: _Environment = None, service: _Service = None
    ) -> Response:
        """Send `hello` and `freshness`, then `freshness` when it changes, and the rest as it comes.

        That is `window`, `traces`, and `alert`, `incident` and `change` with what happened to them; all but
        `window` come at most every two seconds. No event is needed to understand another one:
        after a lost connection, connect again and ask anew for what is on the page. The stream ends with
        the caller's key or session, with the server, and when a client does not keep up.
        """
        project = principal.project_id

        async def opening() -> bytes:
            freshness = await asyncio.to_thread(live.freshness, project)
            return RETRY + hello(version, started_at) + freshness_event(freshness)

        async def check() -> None:
            require(await current_principal(request, project), Scope.READ)

        return EventStream(
            Listening(
                join=lambda: live.listen(project, Audience(environment, service)),
                leave=live.leave,
                opening=opening,
                check=check,
                heartbeat_seconds=heartbeat_seconds,
            )
        )

    return router


def _freshness_view(freshness: Freshness) -> FreshnessView:
    return FreshnessView(
        now=freshness.now,
        watermark=freshness.watermark,
        lag_seconds=freshness.lag_seconds,
        completeness=freshness.completeness,
        pending_records=freshness.pending_records,
        last_received_at=freshness.last_received_at,
    )
