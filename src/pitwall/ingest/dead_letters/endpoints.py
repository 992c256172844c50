"""`/api/v1/telemetry/dead-letters`: what could not be stored, and sending it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.ingest.dead_letters.schemas import LetterPage, RetryView, WholeLetterView
from pitwall.ingest.dead_letters.service import MAX_PAGE, DeadLetterService
from pitwall.ingest.dead_letters.types import LetterFilter

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Letters per page.")]


def dead_letters_router(service: DeadLetterService) -> APIRouter:
    """Return the endpoints of dead letters."""
    router = APIRouter(prefix="/api/v1/telemetry/dead-letters", tags=["telemetry"])

    @router.get("", summary="List dead letters")
    def list_letters(
        principal: Reader,
        telemetry_type: str | None = None,
        reason: str | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> LetterPage:
        """Return what could not be stored of the project, newest first, without the bodies."""
        wanted = LetterFilter(telemetry_type, reason)
        return LetterPage.of(service.list(principal.project_id, wanted, cursor=cursor, limit=limit))

    @router.get("/{letter_id}", summary="Show a dead letter")
    def get_letter(principal: Reader, letter_id: str) -> WholeLetterView:
        """Return one letter with its masked body."""
        return WholeLetterView.of_letter(service.get(principal.project_id, letter_id))

    @router.post("/{letter_id}/retry", summary="Send a dead letter again")
    def retry_letter(principal: Operator, letter_id: str) -> RetryView:
        """Send a letter through its door again, for instance after a limit was raised."""
        return RetryView.of(service.retry(letter_id, by=principal))

    return router
