"""The shapes of what stands around a list of traces, for the description of the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from pitwall.traces.changes import ChangeKind
from pitwall.traces.columns import Operator, ValueType
from pitwall.traces.schemas import Count, Instant
from pitwall.traces.types import Level


class TitleView(BaseModel):
    """A text in both languages."""

    en: str
    ko: str


class ColumnGroupView(BaseModel):
    """A group of columns."""

    name: str
    title: TitleView


class ColumnView(BaseModel):
    """A column of spans that filters may name."""

    name: str
    title: TitleView
    group: str
    type: ValueType
    unit: Literal["ms", "usd", "token", "byte"] | None = Field(
        description="Of a number; null for a plain count."
    )
    operators: list[Operator]
    choices: list[str] = Field(description="All values there are; empty if any may occur.")
    is_list: bool = Field(description="A span has several values; it matches if one of them does.")
    has_facet: bool = Field(description="Whether `/traces/facets` counts its values.")


class ColumnList(BaseModel):
    """Every column of spans; `attributes.KEY` and `resource_attributes.KEY` may be named besides."""

    groups: list[ColumnGroupView]
    columns: list[ColumnView]


class FacetValueView(BaseModel):
    """A value and how many matching spans have it."""

    value: str = Field(description="As a filter writes it.")
    count: Count


class FacetView(BaseModel):
    """Counts of one column."""

    column: str
    values: list[FacetValueView]
    other_count: Count = Field(description="Matching spans with any other value.")
    missing_count: Count = Field(description="Matching spans without a value; `column:is_null` finds them.")


class FacetList(BaseModel):
    """Counts of spans by the values of columns."""

    since: Instant
    until: Instant
    sampled: bool = Field(description="Made out of a part of the minutes, so that counts are about right.")
    facets: list[FacetView]


class BucketView(BaseModel):
    """Matches that began in a stretch of time."""

    start: Instant
    count: Count
    error_count: Count


class HistogramAnswer(BaseModel):
    """Matches over time; buckets are whole steps, of which the first and the last may lie partly outside."""

    since: Instant
    until: Instant
    level: Level
    step_seconds: int = Field(ge=1)
    buckets: list[BucketView]
    total: Count
    error_total: Count = Field(description="Spans that failed; traces with a matching span that failed.")


class DimensionsAnswer(BaseModel):
    """What there is to choose from, what was seen last first."""

    environments: list[str]
    services: list[str]
    models: list[str]
    versions: list[str]


class ErrorView(BaseModel):
    """Failures that are alike."""

    group_id: str = Field(description="Of its group in `/errors/groups`, whatever the model and the span.")
    error_class: str | None
    error_type: str | None
    message: str | None = Field(
        description="With <n>, <id>, <url>, <address>, <email>, <value> for what differs each time."
    )
    service: str | None
    model: str | None
    name: str
    count: Count
    previous_count: Count = Field(description="In the time of equal length before.")
    first_at: Instant
    last_at: Instant
    example_trace_id: str = Field(description="Of the newest one.")
    example_span_id: str


class ErrorList(BaseModel):
    """What fails, most frequent first."""

    since: Instant
    until: Instant
    total: Count = Field(description="All failures, listed or not.")
    errors: list[ErrorView]


class ChangeView(BaseModel):
    """Something that was seen for the first time."""

    at: Instant
    kind: ChangeKind
    environment: str | None
    service: str | None
    subject: str = Field(description="What changed: a service for its version, a prompt's name, ...")
    before: str | None = Field(description="The version that had appeared before; null if there was none.")
    after: str


class ChangeList(BaseModel):
    """What was seen for the first time in a range, newest first."""

    since: Instant
    until: Instant
    changes: list[ChangeView]
