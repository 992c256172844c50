"""Costs as values; amounts are USD, None where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pitwall.costs.periods import Stretch

CONFIDENCE: Final = 0.8
"""Of the intervals of projections."""
MIN_DAYS: Final = 7
MAX_DAYS: Final = 56
"""Of history, that projections rest on."""


class By(StrEnum):
    """What spend can be split by."""

    MODEL = "model"
    SERVICE = "service"
    USER = "user"
    PROMPT = "prompt"
    ENVIRONMENT = "environment"


class Method(StrEnum):
    """How remaining days are simulated."""

    WEEKDAYS = "weekdays"
    PAST_DAYS = "past_days"


@dataclass(frozen=True, slots=True)
class Range:
    """An amount in USD, and what it is between in eight of ten cases."""

    usd: float
    low_usd: float
    high_usd: float


@dataclass(frozen=True, slots=True)
class Projection:
    """What a period will have cost.

    Attributes:
        method: None if nothing remains.
        total: The whole period.
        days: What today still costs, if the period holds today, then each day after it.
    """

    method: Method | None
    total: Range
    days: list[Range]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a stretch of time cost, and what for.

    Attributes:
        cost_usd: Of the calls whose price is known; None if there is none.
        calls: Calls of models that have a price or ought to have one, embeddings and reranking included.
        llm_calls: Calls of language models; tokens are theirs.
        requests: Requests of the application.
        unpriced_calls: Those of `calls` whose price is not known; they are not in the cost.
    """

    cost_usd: float | None
    calls: int
    llm_calls: int
    requests: int
    input_tokens: float | None
    output_tokens: float | None
    unpriced_calls: int

    @property
    def tokens(self) -> float | None:
        """Input and output; None if neither is known."""
        return _sum(self.input_tokens, self.output_tokens)

    def plus(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            cost_usd=_sum(self.cost_usd, other.cost_usd),
            calls=self.calls + other.calls,
            llm_calls=self.llm_calls + other.llm_calls,
            requests=self.requests + other.requests,
            input_tokens=_sum(self.input_tokens, other.input_tokens),
            output_tokens=_sum(self.output_tokens, other.output_tokens),
            unpriced_calls=self.unpriced_calls + other.unpriced_calls,
        )

    def minus(self, part: Totals) -> Totals:
        """What is left without a part."""
        return Totals(
            cost_usd=_difference(self.cost_usd, part.cost_usd),
            calls=self.calls - part.calls,
            llm_calls=self.llm_calls - part.llm_calls,
            requests=self.requests - part.requests,
            input_tokens=_difference(self.input_tokens, part.input_tokens),
            output_tokens=_difference(self.output_tokens, part.output_tokens),
            unpriced_calls=self.unpriced_calls - part.unpriced_calls,
        )


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def _difference(whole: float | None, part: float | None) -> float | None:
    return whole if whole is None or part is None else max(0.0, whole - part)


NOTHING = Totals(None, 0, 0, 0, None, None, 0)
"""What a time without any call cost: nobody knows, which is not 0."""


@dataclass(frozen=True, slots=True)
class DayCost:
    """One day.

    Attributes:
        cost_usd: What it cost so far; None if nothing with a price was called.
        ahead: What it is like to cost yet; None for a day that is over or cannot be told.
    """

    day: date
    start: datetime
    end: datetime
    cost_usd: float | None
    calls: int
    tokens: float | None
    unpriced_calls: int
    is_complete: bool
    ahead: Range | None = None


class ProjectionStatus(StrEnum):
    """Whether a period could be projected."""

    OK = "ok"
    NOT_ENOUGH_DATA = "not_enough_data"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class PeriodProjection:
    """What a period will have cost.

    Attributes:
        total: None unless the status is ok.
        method: None if it could not be told, or nothing of the month remains.
        history_days: Complete days that it rests on.
    """

    status: ProjectionStatus
    total: Range | None
    method: Method | None
    history_days: int


@dataclass(frozen=True, slots=True)
class UnpricedModel:
    """A model without a price, and how often it was called."""

    provider: str
    model: str
    calls: int


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """The month so far and what it will have cost."""

    month: Stretch
    at: datetime
    zone: str
    totals: Totals
    cost_per_request_usd: float | None
    previous_cost_usd: float | None
    days: list[DayCost]
    projection: PeriodProjection
    unpriced_models: list[UnpricedModel]


@dataclass(frozen=True, slots=True)
class SpendKey:
    """Whose spend it is; empty texts are spend that names nobody.

    Attributes:
        detail: What tells equal names apart: the provider of a model, the version of a prompt.
        is_named: False for a prompt that has no name and is known by how it begins.
        is_rest: Everything that is not listed.
    """

    name: str
    detail: str = ""
    is_named: bool = True
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class SpendRow:
    """What one of them cost.

    Attributes:
        share: Part of the cost of all.
        previous_cost_usd: Of the stretch of the same length before.
        cost_per_request_usd: None where requests cannot be told apart so.
    """

    key: SpendKey
    totals: Totals
    share: float | None
    previous_cost_usd: float | None
    cost_per_request_usd: float | None


@dataclass(frozen=True, slots=True)
class Spend:
    """Spend of a range by something, dearest first."""

    by: By
    since: datetime
    until: datetime
    previous_since: datetime
    total: Totals
    previous_cost_usd: float | None
    rows: list[SpendRow]
