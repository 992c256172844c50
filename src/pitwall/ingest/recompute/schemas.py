"""Wire shapes of computing stored spans again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from pitwall.ingest.recompute.types import Slice, SliceResult


class SliceView(BaseModel):
    """Neighbouring hours that are done at once."""

    since: datetime
    until: datetime = Field(description="Not part of it.")
    spans: int = Field(description="Spans that began in it.")


class PlanView(BaseModel):
    """A range in slices, to be sent one by one."""

    slices: list[SliceView]
    spans: int = Field(description="Spans of all slices.")

    @classmethod
    def of(cls, slices: Sequence[Slice]) -> Self:
        """Return the view of a plan."""
        views = [SliceView(since=each.since, until=each.until, spans=each.spans) for each in slices]
        return cls(slices=views, spans=sum(each.spans for each in slices))


class ResultView(BaseModel):
    """What became of a slice."""

    since: datetime
    until: datetime = Field(description="Not part of it.")
    spans: int = Field(description="Spans that began in it.")
    changed: int = Field(description="Spans with new values; in a dry run, those that would get some.")
    kept_without_text: int = Field(
        description="Spans kept as they are, because long texts of theirs are no longer stored (retention)."
    )
    kept_without_rows: int = Field(
        description="Spans kept as they are, because others of their hour are no longer stored (retention), "
        "so that its rollups could not be made anew."
    )
    cost_before_usd: Decimal | None = Field(description="Of the changed spans; null if none had a cost.")
    cost_after_usd: Decimal | None = Field(description="Of the changed spans; null if none has a cost.")

    @classmethod
    def of(cls, result: SliceResult) -> Self:
        """Return the view of a result."""
        return cls(**asdict(result))
