"""`/api/v1/costs/budgets`: looking at budgets with the scope read, setting them with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.costs.budgets.schemas import BudgetList, BudgetRemoval, BudgetTerms, BudgetView
from pitwall.costs.budgets.service import Budgets
from pitwall.costs.budgets.wire import budget_list, budget_view

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
NewName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="a-z, 0-9, - and _.")]


def budgets_router(budgets: Budgets) -> APIRouter:
    """Return the endpoints of budgets; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/costs/budgets", tags=["costs"])

    @router.get("", summary="List budgets")
    def list_budgets(principal: Reader) -> BudgetList:
        """Return the budgets of packs and of the team, with how much of each is used."""
        project = principal.project_id
        return budget_list(budgets.with_use(project, state) for state in budgets.list(project))

    @router.get("/{name}", summary="Show a budget")
    def get_budget(principal: Reader, name: str) -> BudgetView:
        """Return one budget, how much of it is used, and what its period will have cost."""
        return budget_view(budgets.get(principal.project_id, name))

    @router.put("/{name}", summary="Set a budget")
    def set_budget(principal: Operator, name: NewName, body: BudgetTerms) -> BudgetView:
        """Set a budget, in place of whatever has its name."""
        budgets.save(body.budget(name), by=principal)
        return budget_view(budgets.get(principal.project_id, name))

    @router.delete("/{name}", summary="Remove a budget")
    def remove_budget(principal: Operator, name: str) -> BudgetRemoval:
        """Forget what the team set; a changed budget of a pack goes back to the pack's."""
        left = budgets.remove(name, by=principal)
        return BudgetRemoval(budget=None if left is None else budget_view(left))

    return router
