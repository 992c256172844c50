"""Values that lists of traces and one trace are made of; times are nanoseconds since 1970, lengths in ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from pitwall.kit.paging import Page
from pitwall.traces.filters import Filter

NANOS_PER_MS = 1_000_000


class Level(StrEnum):
    """What one row of a list is."""

    TRACE = "trace"
    SPAN = "span"


class TraceSort(StrEnum):
    """Orders of a list of traces or spans, greatest first; what has no such value comes last."""

    NEWEST = "newest"
    DURATION = "duration"
    COST = "cost"
    TOKENS = "tokens"


class SpanKey(NamedTuple):
    """Where a span stands in time order; ids break ties. Lists run from the greatest key to the smallest."""

    unix_nano: int
    span_id: bytes
    trace_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which spans a list is about.

    Attributes:
        project: The only project that is read.
        filters: All must hold for the same span.
        text: Substring of the span's input or output; empty for none.
        since_nano: Spans that started at or after; None is no limit.
        until_nano: Spans that started before; None is no limit.
        received_by_ms: Only what had been received by then (unix milliseconds), so that later pages continue
            the first one; None is everything.
        received_after_ms: Only spans that were received later; None is no limit. A trace that has one is
            summed up whole.
    """

    project: str
    filters: tuple[Filter, ...] = ()
    text: str = ""
    since_nano: int | None = None
    until_nano: int | None = None
    received_by_ms: int | None = None
    received_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """A question for one page of traces or spans.

    Attributes:
        limit: Rows of the page.
        cursor: Where an earlier page ended; None for the first page.
    """

    selection: Selection
    level: Level = Level.TRACE
    limit: int = 50
    cursor: str | None = None
    sort: TraceSort = TraceSort.NEWEST


class RankKey(NamedTuple):
    """Where a trace or span stands in a list by value; the span id of a trace is empty."""

    value: float
    span_id: bytes
    trace_id: bytes


@dataclass(frozen=True, slots=True)
class RankedTrace:
    """A trace with its place in a list by value, and between which starts its spans lie."""

    key: RankKey
    first_nano: int
    last_nano: int


@dataclass(frozen=True, slots=True)
class RankedSpan:
    """A span with its place in a list by value."""

    rank: RankKey
    key: SpanKey


@dataclass(frozen=True, slots=True)
class Scan:
    """A stretch of matching spans, newest first.

    Attributes:
        keys: Every match between where the scan began and `end`.
        end: The scan saw all matches above this key, itself included; None if there are no more below.
    """

    keys: list[SpanKey]
    end: SpanKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a judge, code or a person said."""

    score_id: str
    name: str
    value: float | None
    label: str | None
    explanation: str | None
    source: str | None
    evaluator: str | None
    error_type: str | None
    unix_nano: int
    trace_id: str | None
    span_id: str | None
    session_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """One trace of a list, seen as its root span, or as its earliest span while the root has not arrived.

    Attributes:
        position: Its earliest span that matches; the list is ordered by it.
        has_root: Whether a span without a parent has arrived.
        unix_nano: Start of the earliest span; `end_nano` is the end of the last.
        duration_ms: Of the root; without one, from the earliest start to the latest end. None if unknown.
        input_tokens: Over leaf model spans; None if nobody reported any. So `output_tokens`.
        cost_usd: None if no span has a price.
        unpriced_span_count: Model spans without a price; the cost is at least what it says.
    """

    trace_id: str
    position: SpanKey
    has_root: bool
    name: str
    kind: str | None
    unix_nano: int
    end_nano: int
    duration_ms: float | None
    status: str
    error_class: str | None
    environment: str | None
    service: str | None
    version: str | None
    session_id: str | None
    user_id: str | None
    models: list[str]
    span_count: int
    error_count: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    unpriced_span_count: int
    input_preview: str | None
    output_preview: str | None
    scores: list[Score] = field(default_factory=list)


class Placement(StrEnum):
    """How a span came to its place in the tree."""

    ROOT = "root"
    CHILD = "child"
    ORPHAN = "orphan"
    """Its parent has not arrived; it hangs under a root that stands for the missing ones."""
    CYCLE = "cycle"
    """It is its own ancestor; the circle was cut before it, and it hangs where orphans do."""


class SpanLite(NamedTuple):
    """What shape and totals of a trace need of a span, None where unknown; tokens are input and output."""

    span_id: str
    parent_span_id: str | None
    unix_nano: int
    duration_ms: float | None
    is_error: bool = False
    kind: str = "other"
    model: str | None = None
    tokens: tuple[int, int] | None = None
    cost_usd: float | None = None
    is_unpriced: bool = False
    is_usage_rollup: bool = False

    @property
    def end_nano(self) -> int:
        """Its end as far as it is known: the start of a span that does not say how long it took."""
        return self.unix_nano + round((self.duration_ms or 0.0) * NANOS_PER_MS)


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A span's place: trees are lists of nodes in depth-first order, siblings by start."""

    span: SpanLite
    depth: int
    placement: Placement
    child_count: int


@dataclass(frozen=True, slots=True)
class PathStep:
    """A stretch of the critical path: time in which this span's own work kept the trace from ending."""

    span_id: str
    start_nano: int
    end_nano: int

    @property
    def duration_ms(self) -> float:
        return (self.end_nano - self.start_nano) / NANOS_PER_MS


@dataclass(frozen=True, slots=True)
class Payload:
    """The whole texts of a span: input, output ('' if there is none), and other long attributes by key."""

    input: str
    output: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSpan:
    """A span with all its columns.

    Attributes:
        columns: Every column of the API's span view by name, JSON-ready; absent values are None.
        attributes: As stored: long values are references, structured ones are encoded.
        copies: How often the span was received; the last copy counts.
    """

    lite: SpanLite
    columns: Mapping[str, Any]
    attributes: Mapping[str, str]
    copies: int = 1


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A log record that belongs to a trace; `columns` is JSON-ready, `attributes` is as stored."""

    span_id: str | None
    event_name: str | None
    columns: Mapping[str, Any]
    attributes: Mapping[str, str]


class Owner(StrEnum):
    """By what traces are brought together; the value is the column."""

    SESSION = "session_id"
    USER = "user_id"

    @property
    def noun(self) -> str:
        return self.value.removesuffix("_id")


class OwnerSort(StrEnum):
    """Orders of a list of sessions or users, greatest first."""

    LAST_AT = "last_at"
    TRACES = "trace_count"
    ERRORS = "error_count"
    TOKENS = "total_tokens"
    COST = "cost_usd"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """Totals of one session or user over the time asked for."""

    id: str
    first_nano: int
    last_nano: int
    trace_count: int
    span_count: int
    error_count: int
    session_count: int
    user_ids: Sequence[str]
    models: Sequence[str]
    services: Sequence[str]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    unpriced_span_count: int
    sort_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerQuery:
    """A question for one page of sessions or users."""

    owner: Owner
    selection: Selection
    sort: OwnerSort = OwnerSort.LAST_AT
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class OpenOwner:
    """One session or user: totals, the newest traces, and the scores of the session as a whole."""

    row: OwnerRow
    traces: Page[TraceRow]
    scores: Sequence[Score]
