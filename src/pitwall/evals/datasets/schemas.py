"""The wire shapes of datasets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.evals.datasets.choosing_traces import (
    DEFAULT_TURNS,
    MAX_LOOKED_AT,
    MAX_TURNS,
    TraceChoice,
    Unit,
)
from pitwall.evals.datasets.names import MAX_NAME

MAX_FROM_TRACES = 10_000
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME)]


class DatasetVersionView(BaseModel):
    """A version of a dataset, which never changes."""

    id: str
    number: int = Field(description="Counts the versions of the dataset, from 1; none is given twice.")
    label: str | None = Field(description="What the file calls its version.")
    content_hash: str = Field(description="Of the examples, whatever their order and the dataset's name.")
    example_count: int
    fields: dict[str, int] = Field(
        description="How many examples have a field; one that none has is missing."
    )
    languages: dict[str, int] = Field(description="How many examples are in a language.")
    thresholds: dict[str, float] = Field(description="By metric, what the dataset says a case passes at.")
    source: dict[str, Any] = Field(description="Where the examples come from.")
    created_at: datetime
    created_by: str


class DatasetView(BaseModel):
    """A dataset with its newest version."""

    name: str
    version_count: int
    created_at: datetime
    created_by: str
    latest: DatasetVersionView


class DatasetList(BaseModel):
    """Datasets by name."""

    datasets: list[DatasetView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class OneDataset(DatasetView):
    """A dataset with the version that was asked for."""

    version: DatasetVersionView


class DatasetVersionList(BaseModel):
    """Versions, newest first."""

    versions: list[DatasetVersionView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class ExampleContext(BaseModel):
    """A chunk of text."""

    text: str
    id: str | None = None
    score: float | None = None


class ExampleToolCall(BaseModel):
    """A tool with what it is called with."""

    name: str
    arguments: dict[str, Any]


class ExampleTurn(BaseModel):
    """A question of a conversation and what came back."""

    question: str
    answer: str | None = None
    contexts: list[ExampleContext] = []
    latency_ms: float | None = None
    trace_id: str | None = Field(default=None, description="The trace that it was made from.")


class ExampleAnswer(BaseModel):
    """The answer that is stored with an example."""

    text: str | None
    contexts: list[ExampleContext] | None = Field(description="Null if unknown, empty if nothing was found.")
    tool_calls: list[ExampleToolCall] | None
    turns: list[ExampleTurn]
    latency_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    trace_id: str | None
    error: str | None = Field(description="Why there is no answer.")


class ExampleView(BaseModel):
    """An example of a dataset."""

    position: int = Field(description="Its place in the version, from 0.")
    id: str
    question: str
    language: str
    group: str | None = Field(description="What belongs together, such as a document or a conversation.")
    reference: str | None = Field(description="The answer that is right.")
    reference_contexts: list[ExampleContext] | None
    relevance: dict[str, float] | None = Field(description="Gain by document id.")
    reference_tool_calls: list[ExampleToolCall] | None
    answer: ExampleAnswer | None
    trace_id: str | None = Field(description="The trace that it was made from.")
    span_id: str | None
    metadata: dict[str, Any]


class ExampleList(BaseModel):
    """Examples of a version, in their order."""

    version: DatasetVersionView
    examples: list[ExampleView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class DatasetProblem(BaseModel):
    """Why a record of a file is no example."""

    file: str
    sheet: str | None
    line: int | None
    row: int | None
    example: int | None = Field(description="Which example of the file, from 1.")
    field: str | None
    code: str
    text: dict[str, str]


class ImportedDataset(BaseModel):
    """What became of a file."""

    dataset: DatasetView
    version: DatasetVersionView
    is_new: bool = Field(description="False if the dataset has a version with these examples already.")
    skipped: list[DatasetProblem] = Field(description="What was left out, the first hundred.")
    skipped_count: int


class AppendedDataset(BaseModel):
    """What was added to a dataset."""

    dataset: DatasetView
    version: DatasetVersionView
    is_new: bool = Field(description="False if nothing was added.")
    considered: int
    added: int
    left_out: dict[str, int] = Field(
        description="Why others were not added: `no_question`, `texts_gone`, `gone`, `known` (their id is "
        "there), `same_question`; of sessions also `one_turn`, and `no_session` for traces that have none."
    )


class DatasetDifference(BaseModel):
    """What changed from one version to another, by ids of examples."""

    before: DatasetVersionView
    after: DatasetVersionView
    added: list[str]
    removed: list[str]
    changed: list[str]
    added_count: int
    removed_count: int
    changed_count: int
    equal_count: int


class DeletedDataset(BaseModel):
    """What is gone."""

    name: str
    versions: list[DatasetVersionView]


class DatasetFromTraces(BaseModel):
    """Traces that are to become examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: Name = Field(description="Its name; it is made if there is none.")
    filters: list[str] = Field(
        default=[],
        description="`column:operator:value`, as lists of traces take it.",
    )
    q: str | None = Field(default=None, description="Substring of a span's input or output.")
    since: str | None = Field(default="now-24h", description="Start: ISO 8601 or relative.")
    until: str | None = Field(default=None, description="End, not part of the range.")
    by: Unit = Field(
        default=Unit.TRACE,
        description="`session` makes a conversation of each session that has such a trace, out of all its "
        "traces; filters on service and environment hold for each of them.",
    )
    turns: int = Field(
        default=DEFAULT_TURNS, ge=2, le=MAX_TURNS, description="Of a session at most, the last ones."
    )
    limit: int = Field(
        default=200, ge=1, le=MAX_FROM_TRACES, description="Traces or sessions at most, the newest."
    )
    sample: int | None = Field(
        default=None,
        ge=1,
        le=MAX_FROM_TRACES,
        description=f"Draw so many at random, found among the newest {MAX_LOOKED_AT:,} traces.",
    )
    seed: int = Field(default=0, description="Of the drawing: the same traces give the same sample.")
    distinct: bool = Field(default=True, description="Take equal questions once.")

    def choice(self) -> TraceChoice:
        """Return which traces are meant."""
        return TraceChoice(
            filters=tuple(self.filters),
            text=self.q,
            since=self.since,
            until=self.until,
            by=self.by,
            turns=self.turns,
            limit=self.limit,
            sample=self.sample,
            seed=self.seed,
            is_distinct=self.distinct,
        )


class DatasetFromIncident(BaseModel):
    """An incident whose traces are to become examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: Name = Field(description="Its name; it is made if there is none.")
    incident: str = Field(description="Its id or number.", min_length=1, max_length=64)
