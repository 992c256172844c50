"""The shapes of groups of errors, for the description of the API."""

from __future__ import annotations

from pydantic import BaseModel, Field

from pitwall.traces.error_groups.types import GroupStatus
from pitwall.traces.schemas import Count, Instant


class ErrorGroupView(BaseModel):
    """Failures that are alike: of one class, type, message and service."""

    id: str = Field(description="The same whenever and wherever it is asked for.")
    error_class: str | None
    error_type: str | None
    message: str | None = Field(
        description="With <n>, <id>, <url>, <address>, <email>, <value> for what differs each time."
    )
    service: str | None
    status: GroupStatus = Field(
        description="`new`: first seen in the range. `regressed`: seen before, silent for a day or longer, "
        "and back. `ongoing`: seen before without such a silence. `quiet`: not in the range."
    )
    count: Count
    previous_count: Count = Field(description="In the time of equal length before.")
    first_seen: Instant = Field(description="As far as telemetry is kept, under the same filters.")
    last_seen: Instant = Field(description="Up to the end of the range.")
    trend: list[Count] = Field(description="Failures by equal parts of the range; as many as `count` in all.")
    model: str | None = Field(description="The most frequent one; so `name`.")
    models: list[str] = Field(description="The most frequent first; so `names` and `versions`.")
    name: str | None = Field(description="Of the span that failed.")
    names: list[str]
    versions: list[str]
    user_count: Count = Field(description="Users whom it hit in the range, as far as spans name them.")
    session_count: Count
    trace_count: Count
    example_trace_id: str = Field(description="Of the newest one.")
    example_span_id: str


class ErrorGroupRange(BaseModel):
    """What an answer about groups is about."""

    since: Instant
    until: Instant
    trend_step_seconds: float = Field(description="Length of a part of `trend`.")


class ErrorGroupList(ErrorGroupRange):
    """A page of groups, the most frequent first."""

    total: Count = Field(description="All failures of the range, listed or not.")
    groups: list[ErrorGroupView]
    next_cursor: str | None


class ErrorSplitView(BaseModel):
    """How many failures had a value."""

    value: str | None = Field(description="Null for those without one.")
    count: Count
    previous_count: Count


class ErrorSplits(BaseModel):
    """Failures of a group by columns of spans, the most frequent first."""

    version: list[ErrorSplitView]
    model: list[ErrorSplitView]
    environment: list[ErrorSplitView]
    name: list[ErrorSplitView]


class ErrorSampleView(BaseModel):
    """One failure."""

    at: Instant
    trace_id: str
    span_id: str
    name: str
    message: str | None = Field(description="As it was sent.")
    model: str | None
    version: str | None
    environment: str | None
    user_id: str | None
    session_id: str | None
    request_id: str | None
    duration_ms: float | None


class ErrorStackView(BaseModel):
    """Where in the code a failure happened."""

    trace_id: str
    span_id: str
    text: str


class ErrorGroupAnswer(ErrorGroupRange, ErrorGroupView):
    """One group with its failures: of the range and the time before, or else the last one there was."""

    splits: ErrorSplits
    samples: list[ErrorSampleView] = Field(description="Newest first.")
    stack: ErrorStackView | None = Field(description="Of the newest sample that has one.")
