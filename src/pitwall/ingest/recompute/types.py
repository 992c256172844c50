"""What is computed again, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Recompute(StrEnum):
    """What to compute again."""

    REMAP = "remap"
    """The whole normal form, cost included, of spans that an older mapping made."""
    RECOST = "recost"
    """The cost of spans, from their tokens and the present price book."""
    UNWRAP = "unwrap"
    """Which spans repeat the usage of spans below them that came in other requests."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Neighbouring hours of a project, [since, until), and how many spans began in them."""

    since: datetime
    until: datetime
    spans: int


@dataclass(frozen=True, slots=True)
class SliceResult:
    """What became of a slice.

    Attributes:
        spans: Spans in it.
        changed: Spans with new values; in a dry run, those that would get some.
        kept_without_text: Spans that stay as they are, because retention has removed long texts of theirs
            that the mapping reads.
        kept_without_rows: Spans that stay as they are, because of their hour retention has removed others,
            whose part of the rollups could not be made anew.
        cost_before_usd, cost_after_usd: Sum over the changed spans; None where none has a cost, and, in a dry
            run of a remap, `cost_after_usd`.
    """

    since: datetime
    until: datetime
    spans: int
    changed: int = 0
    kept_without_text: int = 0
    kept_without_rows: int = 0
    cost_before_usd: Decimal | None = None
    cost_after_usd: Decimal | None = None
