"""What can go wrong with costs and budgets."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput


class CostQuestionInvalid(InvalidInput):
    """A question about costs makes no sense; the message says which part."""

    default_code = "costs.invalid_question"
