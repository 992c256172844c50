"""The wire shapes of advice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from pitwall.costs.advice.types import Confidence, Kind
from pitwall.costs.schemas import Words

Saving = Annotated[str, Field(description="US dollars in 30 days, as a decimal.")]


class SuggestionView(BaseModel):
    """Something that would save money."""

    kind: Kind
    title: Words
    detail: Words
    note: Words = Field(description="How it is measured, and what to keep in mind.")
    saving_usd_per_month: Saving
    saving_low: Saving
    saving_high: Saving
    confidence: Confidence = Field(description="How much data it rests on.")
    service: str
    provider: str
    model: str
    evidence: dict[str, Any] = Field(description="The figures it rests on; each kind has its own.")
    example_trace_ids: list[str]


class CombinedView(BaseModel):
    """What all suggestions save together; they overlap, so it is less than their sum."""

    saving_usd_per_month: Saving
    saving_low: Saving
    saving_high: Saving


class SkippedView(BaseModel):
    """A kind of advice that could not be given."""

    kind: Kind
    reason: Words


class BasisView(BaseModel):
    """What the advice rests on."""

    since: datetime
    until: datetime
    days: float = Field(description="From the first model call on.")
    cost_usd: str = Field(description="Of the model calls of the range.")
    texts_since: datetime | None = Field(description="From when on texts were read; null if none were.")
    texts_share: float = Field(description="Part of the calls whose texts were read.")


class AdviceView(BaseModel):
    """Suggestions, dearest first."""

    suggestions: list[SuggestionView]
    combined: CombinedView
    basis: BasisView
    skipped: list[SkippedView] = Field(description="Kinds that could not be looked for, and why.")
