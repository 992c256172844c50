"""Advice as values, and what it is computed from; amounts are USD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pitwall.kit.i18n import Text

MONTH: Final = timedelta(days=30)


class Kind(StrEnum):
    """The kinds of advice."""

    REPEATED_PROMPTS = "repeated_prompts"
    SHARED_PREFIXES = "shared_prefixes"
    LONG_PROMPTS = "long_prompts"
    FAILED_CALLS = "failed_calls"
    CHEAPER_MODEL = "cheaper_model"
    UNUSED_CONTEXT = "unused_context"


class Confidence(StrEnum):
    """How much a suggestion rests on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Calls of one model by one service: what savings are compared within."""

    service: str
    provider: str
    model: str


@dataclass(frozen=True, slots=True, order=True)
class Work:
    """Calls that do the same: of one prompt if it has a name, otherwise of spans of one name."""

    cell: Cell
    name: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of a model today, USD per token, lowest tier."""

    input: float
    cache_read: float
    cache_write: float
    output: float


@dataclass(frozen=True, slots=True)
class WorkTotals:
    """All calls of a work in the range.

    Attributes:
        cost_usd: Of those whose price is known.
        quartiles: Input tokens that a quarter, half and three quarters of the calls have at most.
        warm_calls: Calls that came within five minutes of the one before.
        recent_calls: Calls that came within an hour of the one before.
    """

    work: Work
    calls: int
    cost_usd: float
    input_tokens: float
    uncached_tokens: float
    cache_read_tokens: float
    cache_write_tokens: float
    output_tokens: float
    quartiles: tuple[float, float, float]
    warm_calls: int
    recent_calls: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What advice rests on.

    Attributes:
        since: Start of the range.
        until: Its end.
        days: From the first call on.
        cost_usd: Of all model calls in the range.
        texts_since: From when on texts were read.
        texts_share: Part of the calls whose texts were read.
    """

    since: datetime
    until: datetime
    days: float
    cost_usd: float
    texts_since: datetime | None = None
    texts_share: float = 0.0

    @property
    def per_month(self) -> float:
        """What makes an amount of the range one of 30 days; less than a day is not made more of."""
        return MONTH / timedelta(days=1) / max(self.days, 1.0)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that would save money.

    Attributes:
        cell: Whose calls it is about.
        title: What to do.
        detail: What was found, in a sentence.
        usd: Saving in 30 days.
        evidence: The figures it rests on.
        note: What to keep in mind, such as how it is measured.
    """

    kind: Kind
    cell: Cell
    title: Text
    detail: Text
    usd: float
    low_usd: float
    high_usd: float
    confidence: Confidence
    evidence: Mapping[str, Any]
    note: Text
    trace_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A kind of advice that could not be given, and why."""

    kind: Kind
    reason: Text


@dataclass(frozen=True, slots=True)
class Combined:
    """What all suggestions save together; they overlap, so it is less than their sum."""

    usd: float
    low_usd: float
    high_usd: float


@dataclass(frozen=True, slots=True)
class Advice:
    """All suggestions, dearest first."""

    basis: Basis
    suggestions: Sequence[Suggestion]
    combined: Combined
    skipped: Sequence[Skipped] = field(default_factory=tuple)


def filled(text: Text, **values: Any) -> Text:
    """A text with its values filled in, in both languages."""
    return Text(text.en.format(**values), text.ko.format(**values))


def confidence_of(days: float, observations: int) -> Confidence:
    """How much a number of days and of observations tell."""
    if days < 3 or observations < 30:
        return Confidence.LOW
    return Confidence.HIGH if days >= 14 and observations >= 300 else Confidence.MEDIUM
