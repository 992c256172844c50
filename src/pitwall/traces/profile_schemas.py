"""The shapes of profiles, for the description of the API."""

from __future__ import annotations

from pydantic import BaseModel, Field

from pitwall.traces.schemas import Count, Instant


class FrameView(BaseModel):
    """All calls of one function under one caller."""

    function: str
    file: str | None = Field(description="Null if the profile does not say.")
    depth: Count = Field(description="0 for a root; the frames it called follow it, one deeper.")
    offset_ms: float = Field(description="Where it begins beside its siblings; not when it was called.")
    total_ms: float = Field(description="With everything it called.")
    self_ms: float = Field(description="Without.")


class ProfileView(BaseModel):
    """Where a span spent its time."""

    span_id: str
    name: str
    service: str | None
    started_at: Instant = Field(description="Of the span.")
    duration_ms: float | None = Field(description="How long was profiled; null if nobody said.")
    cpu_ms: float | None = Field(description="Of it, time that the process used the processor.")
    sample_count: Count | None = Field(description="How often the stack was looked at.")
    total_ms: float = Field(description="Of all frames together.")
    left_out_ms: float = Field(description="Time of stacks beyond what is shown; missing from the frames.")
    unreadable_lines: Count = Field(description="Lines of the profile that are no stack.")
    frames: list[FrameView] = Field(description="Depth first, the costliest of siblings first.")


class ProfileList(BaseModel):
    """The profiles of a trace, in the order of their spans."""

    trace_id: str
    profiles: list[ProfileView]
