"""`/api/v1/evals/online`: looking at rules that score live traces with the scope read, changing with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.online.schemas import (
    OnlineRuleBody,
    OnlineRuleDetail,
    OnlineRuleList,
    OnlineRuleRemoval,
    OnlineRuleSwitch,
)
from pitwall.evals.online.service import OnlineEvaluation
from pitwall.evals.online.wire import rule_detail, rule_view
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def online_router(online: OnlineEvaluation) -> APIRouter:
    """Return the endpoints of rules that score live traces; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/online", tags=["evals"])

    @router.get(
        "/rules", summary="List rules that score live traces", responses={200: {"model": OnlineRuleList}}
    )
    def list_rules(principal: Reader) -> Response:
        """Return the rules by name, each with what it did today, what waits and what it spent."""
        return json_response({"rules": [rule_view(one) for one in online.list(principal.project_id)]})

    @router.get(
        "/rules/{name}",
        summary="Show a rule that scores live traces",
        responses={200: {"model": OnlineRuleDetail}},
    )
    def get_rule(principal: Reader, name: str) -> Response:
        """Return a rule with what it did today, what it said last and its last errors."""
        return json_response(rule_detail(online.get(principal.project_id, name)))

    @router.put(
        "/rules/{name}",
        summary="Save a rule that scores live traces",
        responses={200: {"model": OnlineRuleDetail}},
    )
    def save_rule(principal: Operator, name: str, body: OnlineRuleBody) -> Response:
        """Make or change a rule; it scores traces that arrive from now on, each once."""
        return json_response(
            rule_detail(online.save(name, body.content(), is_enabled=body.enabled, by=principal))
        )

    @router.post(
        "/rules/{name}/switch",
        summary="Pause a rule that scores live traces, or let it go on",
        responses={200: {"model": OnlineRuleDetail}},
    )
    def switch_rule(principal: Operator, name: str, body: OnlineRuleSwitch) -> Response:
        """Let a rule score traces that arrive from now on, or none; rules of packs too."""
        return json_response(rule_detail(online.switch(name, is_enabled=body.is_enabled, by=principal)))

    @router.delete(
        "/rules/{name}",
        summary="Delete a rule that scores live traces",
        responses={200: {"model": OnlineRuleRemoval}},
    )
    def delete_rule(principal: Operator, name: str) -> Response:
        """Forget a rule; the scores that it gave stay beside their spans."""
        online.delete(name, by=principal)
        return json_response({"name": name})

    return router
