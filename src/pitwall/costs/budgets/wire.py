"""Budgets in their written form: the same from the API and from the command line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Literal

from pitwall.costs.amounts import written_usd
from pitwall.costs.budgets.schemas import BudgetList, BudgetUseView, BudgetView
from pitwall.costs.budgets.types import Budget, BudgetState, BudgetUse
from pitwall.costs.wire import projection_view
from pitwall.kit.money import usd

Level = Literal["unknown", "ok", "half", "nearly", "over"]
_LEVELS: Final[tuple[tuple[float, Level], ...]] = ((1.0, "over"), (0.8, "nearly"), (0.5, "half"), (0.0, "ok"))


def budget_view(state: BudgetState) -> BudgetView:
    """A budget as the API has it."""
    stored = state.stored
    return BudgetView(
        **state.budget.content(),
        origin="pack" if stored is None else "changed" if state.pack is not None else "team",
        pack=state.pack,
        updated_at=None if stored is None else stored.updated_at,
        updated_by=None if stored is None else stored.updated_by,
        use=None if state.use is None else _use_view(state.budget, state.use),
    )


def budget_list(states: Iterable[BudgetState]) -> BudgetList:
    """Budgets as the API lists them."""
    return BudgetList(budgets=[budget_view(state) for state in states])


def _use_view(budget: Budget, use: BudgetUse) -> BudgetUseView:
    return BudgetUseView(
        as_of=use.at,
        first_day=use.stretch.first,
        start=use.stretch.start,
        end=use.stretch.end,
        spent_usd=written_usd(use.spent_usd),
        left_usd=None if use.spent_usd is None else _left(budget.amount_usd, use.spent_usd),
        used=use.used,
        projected=use.projected,
        level=_level(use.used),
        projection=projection_view(use.projection),
        unpriced_calls=use.unpriced_calls,
    )


def _left(amount: Decimal, spent: float) -> str | None:
    return written_usd(float(amount - usd(spent)))


def _level(used: float | None) -> Level:
    if used is None:
        return "unknown"
    return next(level for least, level in _LEVELS if used >= least)
