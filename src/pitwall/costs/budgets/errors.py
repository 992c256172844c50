"""What can go wrong with budgets."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class BudgetInvalid(InvalidInput):
    """A budget makes no sense; the message says which part."""

    default_code = "budget.invalid"


class BudgetPackInvalid(InvalidInput):
    """A pack's budgets cannot be loaded; every problem is listed with its file and line."""

    default_code = "budget.pack_invalid"


class BudgetNotFound(NotFound):
    """There is no budget of this name."""

    default_code = "budget.not_found"
