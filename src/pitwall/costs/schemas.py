"""The wire shapes of costs; amounts are decimal strings of USD, null where nothing is known."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from pitwall.costs.types import By, Method, ProjectionStatus

Amount = Annotated[str | None, Field(description="US dollars as a decimal; null if nothing has a price.")]
Tokens = Annotated[int | None, Field(description="Null if nobody reported any.")]
Words = Annotated[dict[str, str], Field(description="By language, `en` and `ko`.")]
Calls = Annotated[
    int, Field(description="Calls that have a price or ought to have one, embeddings and reranking included.")
]
UnpricedCalls = Annotated[int, Field(description="Calls whose price is not known; they are not in the cost.")]


class RangeView(BaseModel):
    """An amount and what it is between in eight of ten cases."""

    usd: str
    low_usd: str
    high_usd: str


class MonthView(BaseModel):
    """A month of the calendar of the setting `costs.timezone`."""

    name: str = Field(examples=["2026-11"])
    start: datetime
    end: datetime
    timezone: str


class DayView(BaseModel):
    """One day of the month."""

    date: date
    start: datetime
    end: datetime
    cost_usd: Amount
    calls: Calls
    tokens: Tokens
    unpriced_calls: UnpricedCalls
    is_complete: bool
    ahead: RangeView | None = Field(description="What it is like to cost yet; null for a day that is over.")


class ProjectionView(BaseModel):
    """What the month will have cost."""

    status: ProjectionStatus
    usd: Amount
    low_usd: Amount
    high_usd: Amount
    confidence: float = Field(description="Part of all cases in which it is between low and high.")
    method: Method | None
    history_days: int = Field(description="Complete days that it rests on.")
    text: Words


class UnpricedModelView(BaseModel):
    """A model without a price."""

    provider: str
    model: str
    calls: int


class UnpricedView(BaseModel):
    """What is in no amount, because its price is not known."""

    calls: int
    share: float | None = Field(description="Of all calls that ought to have a price.")
    models: list[UnpricedModelView] = Field(description="Most called first, at most 20.")


class SummaryView(BaseModel):
    """The month so far and what it will have cost."""

    month: MonthView
    as_of: datetime
    month_to_date_usd: Amount
    previous_month_usd: Amount
    projection: ProjectionView
    calls: Calls
    requests: int
    tokens: Tokens
    input_tokens: Tokens
    output_tokens: Tokens
    cost_per_request_usd: Amount
    unpriced: UnpricedView
    by_day: list[DayView]


class SpendRowView(BaseModel):
    """Whose spend it is, and how much."""

    name: str = Field(description="Empty for spend that names nobody.")
    detail: str = Field(description="Provider of a model, version of a prompt.")
    is_named: bool = Field(description="False for a prompt that is known by how it begins.")
    is_rest: bool = Field(description="Everything that is not listed.")
    cost_usd: Amount
    share: float | None = Field(description="Part of the cost of all.")
    previous_cost_usd: Amount
    change: float | None = Field(description="Against the time before: 0.25 is a quarter more.")
    calls: Calls
    requests: int
    tokens: Tokens
    cost_per_request_usd: Amount
    cost_per_call_usd: Amount
    tokens_per_call: float | None = Field(description="Of language models.")
    unpriced_calls: UnpricedCalls


class SpendView(BaseModel):
    """Spend of a range by something, dearest first."""

    by: By
    since: datetime
    until: datetime
    previous_since: datetime
    cost_usd: Amount
    previous_cost_usd: Amount
    change: float | None
    calls: Calls
    unpriced_calls: UnpricedCalls
    rows: list[SpendRowView]
