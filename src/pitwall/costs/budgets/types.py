"""Budgets as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from pitwall.costs.periods import Period, Stretch
from pitwall.costs.types import PeriodProjection
from pitwall.signals.expressions import And, Column, Comparison


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose spend counts: that of everything which is named; nothing named is the whole project.

    Attributes:
        user: The user id that calls carry.
    """

    service: str | None = None
    user: str | None = None
    model: str | None = None
    environment: str | None = None

    def where(self) -> str:
        """The condition on the records, as signals take it."""
        columns = {"service": "service", "user": "user_id", "model": "model", "environment": "environment"}
        parts = tuple(Comparison(Column(columns[name]), "=", value) for name, value in self.named().items())
        if not parts:
            return ""
        return str(And(parts)) if len(parts) > 1 else str(parts[0])

    def named(self) -> dict[str, str]:
        """What is named, by name."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount that the calls of a scope may cost in a day, week or month."""

    name: str
    amount_usd: Decimal
    period: Period = Period.MONTH
    scope: Scope = Scope()

    def content(self) -> dict[str, Any]:
        """The budget as JSON, as packs, the API and the state store have it."""
        return {
            "name": self.name,
            "amount_usd": f"{self.amount_usd:f}",
            "period": self.period.value,
            **{field.name: getattr(self.scope, field.name) for field in fields(Scope)},
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Budget:
        """The budget of a content that was checked when it came in."""
        scope = Scope(**{field.name: content.get(field.name) for field in fields(Scope)})
        return cls(content["name"], Decimal(content["amount_usd"]), Period(content["period"]), scope)


@dataclass(frozen=True, slots=True)
class PackBudget:
    """A budget that a pack brings."""

    pack: str
    budget: Budget


@dataclass(frozen=True, slots=True)
class StoredBudget:
    """A budget that a team set."""

    budget: Budget
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of a budget is used.

    Attributes:
        stretch: The present day, week or month.
        spent_usd: None if nothing with a price was called in the project, so that nobody knows.
        used: Part of the amount that is spent.
        projected: Part of the amount that will have been; None if it cannot be told.
        unpriced_calls: Calls of the scope whose price is not known; they use nothing of the budget.
    """

    at: datetime
    stretch: Stretch
    spent_usd: float | None
    used: float | None
    projected: float | None
    projection: PeriodProjection
    unpriced_calls: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget as it is in force.

    Attributes:
        pack: Which pack brings a budget of this name; None for one of the team alone.
        stored: What the team set; None for a pack's budget that nobody touched.
        use: None where it was not asked for.
    """

    budget: Budget
    pack: str | None
    stored: StoredBudget | None
    use: BudgetUse | None = None
