"""`/api/v1/llm`: which models there are to judge, and what was asked of models, with the scope read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.llm.profile_list import profile_rows
from pitwall.llm.profiles import ModelProfiles
from pitwall.llm.repository import CallQuery
from pitwall.llm.schemas import CallDetail, CallList, CallView, JudgeProfileList, JudgeProfileView
from pitwall.llm.service import StoredCalls

Reader = Annotated[Principal, requires(Scope.READ)]


def llm_router(calls: StoredCalls, profiles: Callable[[], ModelProfiles]) -> APIRouter:
    """Return the endpoints of profiles and calls; they run on worker threads.

    Args:
        profiles: Reads the profiles as they are now.
    """
    router = APIRouter(prefix="/api/v1/llm", tags=["llm"])

    @router.get("/profiles", summary="List model profiles", dependencies=[requires(Scope.READ)])
    def list_profiles() -> JudgeProfileList:
        """Return the profiles of the server, each with what keeps it from being used, if anything does."""
        return JudgeProfileList(profiles=[JudgeProfileView(**row) for row in profile_rows(profiles())])

    @router.get("/calls", summary="List calls to models")
    def list_calls(
        principal: Reader,
        run_id: Annotated[str | None, Query(description="Only what this run asked.")] = None,
        failed: Annotated[bool | None, Query(description="Only calls that failed, or that did not.")] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="Rows at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> CallList:
        """Return what was asked of models and what it took, newest first, without the texts."""
        page = calls.list(principal.project_id, CallQuery(limit, run_id, failed), cursor)
        return CallList(calls=[CallView.of(call) for call in page.items], next_cursor=page.next_cursor)

    @router.get("/calls/{key}", summary="Show a call to a model")
    def get_call(principal: Reader, key: str) -> CallDetail:
        """Return the call that answered a question with its texts, and the others under its key."""
        return CallDetail.of_question(calls.of_key(principal.project_id, key))

    return router
