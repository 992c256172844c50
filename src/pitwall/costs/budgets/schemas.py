"""The wire shapes of budgets, and the limits of what may be set."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pitwall.costs.budgets.types import Budget
from pitwall.costs.periods import Period
from pitwall.costs.schemas import Amount, ProjectionView, UnpricedCalls
from pitwall.kit.text import check_line

MAX_AMOUNT_USD = 10**9


def _as_decimal(value: Any) -> Any:
    """YAML and JSON write numbers; a float is taken as it prints."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(check_line)]
PositiveAmount = Annotated[
    Decimal,
    BeforeValidator(_as_decimal),
    Field(gt=0, le=MAX_AMOUNT_USD, max_digits=15, decimal_places=6, allow_inf_nan=False, strict=False),
]


class BudgetTerms(BaseModel):
    """What may be spent on what."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    amount_usd: PositiveAmount = Field(description="US dollars for a period.")
    period: Annotated[Period, Field(strict=False)] = Field(
        default=Period.MONTH, description="Days, weeks from Monday and months of the setting costs.timezone."
    )
    service: Name | None = Field(default=None, description="Only calls of this service.")
    user: Name | None = Field(default=None, description="Only calls that carry this user id.")
    model: Name | None = Field(default=None, description="Only calls of this model.")
    environment: Name | None = Field(default=None, description="Only calls of this environment.")

    def budget(self, name: str) -> Budget:
        """Return the budget of a name."""
        return Budget.of({**self.model_dump(mode="json"), "name": name})


class BudgetBody(BudgetTerms):
    """A budget as packs write it."""

    name: Slug = Field(description="Names the budget in the project: a-z, 0-9, - and _.")


class BudgetUseView(BaseModel):
    """How much of a budget is used in the present period."""

    as_of: datetime
    first_day: date
    start: datetime
    end: datetime
    spent_usd: Amount
    left_usd: Amount = Field(description="Negative once more was spent.")
    used: float | None = Field(description="Part of the amount; null while nothing with a price was called.")
    projected: float | None = Field(description="Part of the amount that the period will have cost.")
    level: Literal["unknown", "ok", "half", "nearly", "over"] = Field(
        description="From 50, 80 and 100 per cent: half, nearly, over."
    )
    projection: ProjectionView
    unpriced_calls: UnpricedCalls


class BudgetView(BaseModel):
    """A budget as it is in force."""

    name: str
    amount_usd: str
    period: Period
    service: str | None
    user: str | None
    model: str | None
    environment: str | None
    origin: Literal["pack", "changed", "team"] = Field(description="`changed` is the team's for a pack's.")
    pack: str | None = Field(description="The pack that brings a budget of this name.")
    updated_at: datetime | None
    updated_by: str | None
    use: BudgetUseView | None


class BudgetList(BaseModel):
    """Budgets: those of packs first, then the team's own, by name."""

    budgets: list[BudgetView]


class BudgetRemoval(BaseModel):
    """What a removal left."""

    budget: BudgetView | None = Field(description="The pack's budget that is in force again; null if none.")
