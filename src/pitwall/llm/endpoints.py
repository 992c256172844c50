"""`/api/v1/llm`: models that judge and what was asked of them, with the scope read; examining takes act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.llm.profile_list import profile_rows
from pitwall.llm.profiles import ModelProfiles
from pitwall.llm.repository import CallQuery
from pitwall.llm.schemas import (
    CallDetail,
    CallList,
    CallView,
    ExaminedModel,
    ExamineModel,
    JudgeProfileList,
    JudgeProfileView,
)
from pitwall.llm.service import StoredCalls
from pitwall.stores.state import StateStore

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


@dataclass(frozen=True, slots=True)
class ModelDesk:
    """What the endpoints of models work with.

    Attributes:
        profiles: Reads the profiles as they are now.
    """

    calls: StoredCalls
    profiles: Callable[[], ModelProfiles]
    state: StateStore
    clock: Clock


def llm_router(desk: ModelDesk) -> APIRouter:
    """Return the endpoints of profiles and calls; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/llm", tags=["llm"])

    @router.get("/profiles", summary="List model profiles", dependencies=[requires(Scope.READ)])
    def list_profiles() -> JudgeProfileList:
        """Return the profiles of the server, each with what keeps it from being used, if anything does."""
        return JudgeProfileList(profiles=[JudgeProfileView(**row) for row in profile_rows(desk.profiles())])

    @router.get("/calls", summary="List calls to models")
    def list_calls(
        principal: Reader,
        run_id: Annotated[str | None, Query(description="Only what this run asked.")] = None,
        failed: Annotated[bool | None, Query(description="Only calls that failed, or that did not.")] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="Rows at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> CallList:
        """Return what was asked of models and what it took, newest first, without the texts."""
        page = desk.calls.list(principal.project_id, CallQuery(limit, run_id, failed), cursor)
        return CallList(calls=[CallView.of(call) for call in page.items], next_cursor=page.next_cursor)

    @router.get("/calls/{key}", summary="Show a call to a model")
    def get_call(principal: Reader, key: str) -> CallDetail:
        """Return the call that answered a question with its texts, and the others under its key."""
        return CallDetail.of_question(desk.calls.of_key(principal.project_id, key))

    @router.post("/examine", summary="Examine the models of a profile")
    def examine_models(principal: Operator, body: ExamineModel) -> ExaminedModel:
        """Find out which ways of asking the judge of a profile work and how often they fail, and keep it.

        It asks some dozens of short questions, and answers when all are answered. An embedding model of the
        profile is examined, too.
        """
        from pitwall.llm.examining import examine, keep

        profile = desk.profiles().get(body.profile)
        examined = asyncio.run(examine(profile.judge, profile.embedding, body.probes, desk.clock))
        is_kept = keep(desk.state, examined.findings, desk.clock, by=principal)
        return ExaminedModel(**examined.view(), is_kept=is_kept)

    return router
