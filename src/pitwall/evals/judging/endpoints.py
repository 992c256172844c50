"""`/api/v1/evals/prompts`: what judges are told."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.core.vocabulary import Scope
from pitwall.evals.judging.own_prompts import check_name
from pitwall.evals.judging.schemas import EvalPromptDetail, EvalPromptList
from pitwall.evals.judging.wire import prompt_detail, prompts_view
from pitwall.evals.metrics.registry import Registry, load


def eval_prompts_router(metrics: Callable[[], Registry] = load) -> APIRouter:
    """Return the endpoints of prompts."""
    router = APIRouter(prefix="/api/v1/evals/prompts", tags=["evaluations"])
    reader = requires(Scope.READ)

    @router.get("", summary="List prompts", dependencies=[reader])
    def list_prompts() -> EvalPromptList:
        """Return Pitwall's own prompts with version, hash, places and the metrics that ask with them."""
        return EvalPromptList.model_validate(prompts_view(metrics()))

    @router.get("/{name}", summary="Show a prompt", dependencies=[reader])
    def get_prompt(name: str) -> EvalPromptDetail:
        """Return a prompt with its texts in both languages; a run may replace them with `prompts`."""
        return EvalPromptDetail.model_validate(prompt_detail(check_name(name), metrics()))

    return router
