"""The shapes of live events, for the description of the API; `wire` builds them as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from pitwall.traces.schemas import TraceRowView


class HelloView(BaseModel):
    """Event `hello`, the first one: who speaks. What was asked before may be out of date by now."""

    version: str = Field(description="Version of the server.")
    started_at: datetime = Field(description="Another one than before is another run of the server.")


class FreshnessView(BaseModel):
    """How fresh and how whole the numbers are; also event `freshness`."""

    now: datetime = Field(description="The server's clock.")
    watermark: datetime = Field(description="Time up to which data counts as complete.")
    lag_seconds: float = Field(
        description="Age of the oldest acknowledged record that cannot be queried yet, of any project; "
        "0 if there is none."
    )
    completeness: float | None = Field(
        description="Share of the applications' spans of the last hour that reached the server, by their own "
        "count (signal `data.completeness`); null if nobody reports it."
    )
    pending_records: Annotated[int, Field(ge=0)] = Field(
        description="Acknowledged records that cannot be queried yet, of any project."
    )
    last_received_at: datetime | None = Field(
        description="When the project's newest record that can be queried arrived, to the second; null if "
        "there is none."
    )


class WindowView(BaseModel):
    """Event `window`: whole minutes that have become complete, usually one."""

    start: datetime
    end: datetime = Field(description="Not part of it.")


class ArrivalsView(BaseModel):
    """Event `traces`: traces of which something has arrived; a trace that grows comes again."""

    traces: list[TraceRowView] = Field(max_length=20)
    more: bool = Field(description="More have arrived than are told.")


class NewsView(BaseModel):
    """Events `alert`, `incident` and `change`: what has been published, as others are told of it too."""

    events: list[dict[str, Any]] = Field(
        max_length=20, description="Each with its `id` and `kind`; oldest first."
    )
    more: bool = Field(description="There were earlier ones that are not told.")
