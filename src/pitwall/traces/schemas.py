"""The shapes of the API, for its description and for questions; `wire` builds answers as plain values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pitwall.traces.conversation import PartType, Side
from pitwall.traces.types import Level, TraceSort
from pitwall.traces.wire import DEFAULT_ROWS, MAX_ROWS

Count = Annotated[int, Field(ge=0)]
Tokens = Annotated[int | None, Field(description="Null if nobody reported any.")]
Cost = Annotated[float | None, Field(description="US dollars; null if nothing has a price.")]
Duration = Annotated[float | None, Field(description="Milliseconds; null if nobody said how long it took.")]
Instant = Annotated[str, Field(description="ISO 8601, UTC, up to nanoseconds.")]
NextCursor = Annotated[str | None, Field(description="Begins the next page; null at the end.")]


class WrittenFilter(BaseModel):
    """A condition on one column of spans."""

    model_config = ConfigDict(extra="forbid")

    column: str = Field(description="Column of spans, or `attributes.KEY`, `resource_attributes.KEY`.")
    operator: str = Field(description="eq, ne, in, gt, gte, lt, lte, contains, prefix or is_null.")
    value: str | bool | int | float | list[str | int | float] | None = Field(
        default=None, description="A list for `in`; true, false or nothing for `is_null`."
    )

    def values(self) -> list[str]:
        """Return the value as texts, one for every operator but `in`."""
        match self.value:
            case None:
                return []
            case bool():
                return [str(self.value).lower()]
            case list():
                return [str(value) for value in self.value]
            case _:
                return [str(self.value)]


class TraceSearch(BaseModel):
    """A question for traces or spans, as a body."""

    model_config = ConfigDict(extra="forbid")

    filters: list[WrittenFilter] = Field(default=[], description="All must hold for the same span.")
    q: str | None = Field(default=None, description="Substring of a span's input or output.")
    since: str | None = Field(default=None, description="ISO 8601 or relative, such as `now-1h`.")
    until: str | None = Field(default=None, description="End, not part of the range.")
    level: Level = Level.TRACE
    sort: TraceSort = Field(
        default=TraceSort.NEWEST,
        description="Greatest first; what has no such value comes last. But for `newest`, `since` is a day "
        "ago unless said otherwise.",
    )
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = DEFAULT_ROWS
    cursor: str | None = None


class ScoreView(BaseModel):
    """What a judge, code or a person said of a span, a trace or a session."""

    score_id: str
    name: str
    value: float | None
    label: str | None
    explanation: str | None
    source: str | None
    evaluator: str | None
    error_type: str | None
    at: Instant
    trace_id: str | None
    span_id: str | None
    session_id: str | None


class TraceRowView(BaseModel):
    """A trace in a list, seen as its root span."""

    trace_id: str
    root: bool = Field(description="False while no span without a parent has arrived.")
    name: str
    kind: str | None
    started_at: Instant
    duration_ms: Duration
    status: str
    error_class: str | None
    environment: str | None
    service: str | None
    version: str | None
    session_id: str | None
    user_id: str | None
    models: list[str]
    span_count: Count
    error_count: Count
    input_tokens: Tokens
    output_tokens: Tokens
    cost_usd: Cost
    unpriced_span_count: Count
    input_preview: str | None
    output_preview: str | None
    matched_span_id: str = Field(description="Its earliest span that matches; the list is ordered by it.")
    matched_at: Instant
    scores: list[ScoreView]


class DocumentView(BaseModel):
    """A retrieved document."""

    id: str | None
    score: float | None


class SpanColumns(BaseModel):
    """Every typed column of a span; what is absent is null."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    started_at: Instant
    ended_at: Instant | None
    received_at: Instant
    name: str
    kind: str | None
    operation: str | None
    component: str | None
    environment: str | None
    service: str | None
    version: str | None
    duration_ms: Duration
    status: Literal["unset", "ok", "error"]
    status_message: str | None
    error_class: str | None
    error_type: str | None
    provider: str | None
    request_model: str | None
    response_model: str | None
    model: str | None
    input_tokens: Tokens
    uncached_input_tokens: Tokens
    cache_read_tokens: Tokens
    cache_write_tokens: Tokens
    cache_write_1h_tokens: Tokens
    output_tokens: Tokens
    reasoning_tokens: Tokens
    token_source: str
    is_usage_rollup: bool = Field(description="Repeats the tokens of spans below it; left out of sums.")
    cost_usd: Cost
    cost_source: str
    reported_cost_usd: Cost
    price_version: str | None
    ttft_ms: float | None
    finish_reason: str | None
    session_id: str | None
    user_id: str | None
    company: str | None
    request_id: str | None
    response_id: str | None
    agent: str | None
    workflow: str | None
    tool_name: str | None
    tool_call_id: str | None
    prompt_name: str | None
    prompt_version: str | None
    experiment: str | None
    variant: str | None
    run_id: str | None
    top_k: int | None
    document_count: int | None
    documents: list[DocumentView]
    rerank_enabled: bool | None
    rerank_input_count: int | None
    embedding_count: int | None
    embedding_dimensions: int | None
    cache_hit: bool | None
    parse_ok: bool | None
    is_fallback: bool | None
    retry_count: int | None
    http_status: int | None
    input_bytes: int | None
    output_bytes: int | None
    input_preview: str | None
    output_preview: str | None
    scope_name: str | None
    scope_version: str | None
    masked_count: Count
    dialect: str | None
    mapping_version: int


class EventView(BaseModel):
    """An event of a span."""

    at: Instant
    name: str
    attributes: dict[str, Any]


class LinkView(BaseModel):
    """A span that another one points to."""

    trace_id: str
    span_id: str


class WholeSpan(SpanColumns):
    """A span with its texts, attributes, events and links."""

    resource_attributes: dict[str, Any]
    events: list[EventView]
    links: list[LinkView]
    input: str | None
    output: str | None
    input_source: Literal["span", "log"] | None = Field(description="`log` if it came as a log event.")
    output_source: Literal["span", "log"] | None
    attributes: dict[str, Any]
    absent_texts: list[str] = Field(description="Texts not asked for, or removed by retention.")
    copies: int = Field(ge=1, description="How often the span was received; the last copy is shown.")


class TreeSpan(WholeSpan):
    """A span in its place in the trace."""

    depth: Count
    placement: Literal["root", "child", "orphan", "cycle"]
    child_count: Count
    offset_ms: float


class LogView(BaseModel):
    """A log record."""

    at: Instant
    span_id: str | None
    body: Any = Field(description="A text, or the object or list that the record holds.")
    severity: str | None
    severity_text: str | None
    event_name: str | None
    service: str | None
    request_id: str | None
    scope_name: str | None
    attributes: dict[str, Any]


class PartView(BaseModel):
    """A part of a message; what it has not is null."""

    type: PartType
    text: str | None = Field(
        description="The words, a tool's answer, the address or name of a file; JSON if the type is data."
    )
    tool_name: str | None
    tool_call_id: str | None
    arguments: str | None = Field(description="What a tool is called with, as JSON.")
    media_type: str | None = Field(description="Of an image, audio or file.")
    bytes: int | None = Field(description="Size of a content that is not shown.")


class MessageView(BaseModel):
    """A message of a conversation."""

    role: str = Field(description="system, developer, user, assistant, tool, or what the SDK said.")
    name: str | None
    side: Side = Field(description="Whether it was given to the model or came from it.")
    parts: list[PartView]
    omitted_parts: Count = Field(description="Parts at its end that were left out.")
    omitted_before: Count = Field(description="Messages left out between the one before and this one.")


class ToolView(BaseModel):
    """A tool that the model could call."""

    name: str
    description: str | None


class ConversationView(BaseModel):
    """The input and output of a span as a chat, whatever SDK wrote them."""

    messages: list[MessageView]
    tools: list[ToolView]


class RetrievedView(BaseModel):
    """A document that the span found or reordered."""

    id: str | None
    score: float | None
    rank: int = Field(ge=1, description="Its place, best first.")
    rank_before: int | None = Field(description="Its place before the rerank; null if that is not known.")
    title: str | None
    source: str | None
    text: str | None


class SpanAnswer(WholeSpan):
    """One span with its log records and scores."""

    conversation: ConversationView | None = Field(description="Null for a span that is no conversation.")
    retrieved: list[RetrievedView] | None = Field(description="Null for a span that names no documents.")
    logs: list[LogView]
    scores: list[ScoreView]


class TotalsView(BaseModel):
    """Sums over spans; tokens and cost over leaf model spans."""

    span_count: Count
    error_count: Count
    duration_ms: Duration
    input_tokens: Tokens
    output_tokens: Tokens
    cost_usd: Cost
    unpriced_span_count: Count


class PathStepView(BaseModel):
    """A stretch of time in which one span's own work kept the trace from ending."""

    span_id: str
    offset_ms: float
    duration_ms: float


class TraceAnswer(BaseModel):
    """One trace: sums and critical path over all of it, and a page of its spans in depth-first order."""

    trace_id: str
    root_span_id: str | None = Field(description="Null while no span without a parent has arrived.")
    name: str | None
    started_at: Instant
    duration_ms: Duration
    totals: TotalsView
    by_kind: dict[str, TotalsView]
    by_model: dict[str, TotalsView]
    missing_parent_ids: list[str]
    profiled_span_ids: list[str] = Field(
        description="Spans of this page with a profile; `/traces/{trace_id}/profiles` has it."
    )
    duplicate_count: Count
    is_cut: bool
    critical_path: list[PathStepView]
    spans: list[TreeSpan]
    logs: list[LogView]
    has_more_logs: bool
    scores: list[ScoreView]
    next_cursor: NextCursor


class TraceList(BaseModel):
    """A page of traces."""

    level: Literal["trace"]
    traces: list[TraceRowView]
    next_cursor: NextCursor


class SpanList(BaseModel):
    """A page of spans."""

    level: Literal["span"]
    spans: list[SpanColumns]
    next_cursor: NextCursor


class OwnerTotals(BaseModel):
    """Totals of a session or user over the time asked for."""

    first_at: Instant
    last_at: Instant
    trace_count: Count
    span_count: Count
    error_count: Count
    models: list[str]
    services: list[str]
    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens
    cost_usd: Cost
    unpriced_span_count: Count


class SessionView(OwnerTotals):
    """Totals of a session."""

    session_id: str
    user_ids: list[str]


class UserView(OwnerTotals):
    """Totals of a user."""

    user_id: str
    session_count: Count


class SessionList(BaseModel):
    """A page of sessions."""

    sessions: list[SessionView]
    next_cursor: NextCursor


class UserList(BaseModel):
    """A page of users."""

    users: list[UserView]
    next_cursor: NextCursor


class SessionAnswer(SessionView):
    """One session with its newest traces and the scores of the session as a whole."""

    scores: list[ScoreView]
    traces: list[TraceRowView]
    has_more_traces: bool


class UserAnswer(UserView):
    """One user with its newest traces."""

    scores: list[ScoreView]
    traces: list[TraceRowView]
    has_more_traces: bool
