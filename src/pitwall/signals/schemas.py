"""The wire shapes: a signal as a pack file writes it, and questions and answers of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.core.vocabulary import Band
from pitwall.signals.bands import Better
from pitwall.signals.no_data_texts import NoDataReason
from pitwall.signals.types import ExemplarOrder

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=100)]
Expression = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,63}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BilingualText(_Written):
    """A text in both languages."""

    en: Line
    ko: Line


class WrittenBands(_Written):
    """Limits such as `"< 0.6"`, and how many observations a judgement needs."""

    normal: Line | None = None
    warning: Line | None = None
    critical: Line | None = None
    min_count: Annotated[int, Field(ge=1)] = 1


class WrittenSignal(_Written):
    """One entry of a pack's `signals/*.yaml`."""

    name: Name
    title: BilingualText
    description: BilingualText
    over: Expression | None = None
    value: Expression
    by: list[Line] = []
    labels: dict[LabelName, Line] = {}
    unit: Line
    better: Annotated[Better, Field(strict=False)] = Better.NEUTRAL
    per: Line | None = None
    bands: WrittenBands | None = None


class BandsView(BaseModel):
    """Limits of a signal."""

    normal: str | None = Field(
        description="Edge of the good zone, such as `> 0.8`: an alert is over once it is met again."
    )
    warning: str | None = Field(description="Limit of the band warning, such as `< 0.6`.")
    critical: str | None
    min_count: int = Field(description="Observations needed before a value is judged; fewer are `no_data`.")


class SignalView(BaseModel):
    """A signal of the catalogue."""

    name: str
    title: dict[str, str] = Field(description="By language, `en` and `ko`.")
    description: dict[str, str]
    over: str | None = Field(description="The records it looks at; null for a formula over other signals.")
    value: str
    per_seconds: float | None = Field(description="The value is a rate per this many seconds.")
    by: list[str] = Field(description="Dimensions that may split it.")
    unit: str
    better: Better
    bands: BandsView


class SignalList(BaseModel):
    """The catalogue."""

    signals: list[SignalView]


class RowView(BaseModel):
    """One window of one series."""

    labels: dict[str, str]
    start: datetime
    end: datetime = Field(description="Not part of the window.")
    value: float | None = Field(description="Null where there is no data; never 0 instead.")
    count: int = Field(description="Observations the value rests on.")
    band: Band
    complete: bool = Field(description="Whether all that happened in the window has arrived.")


class SignalAnswer(BaseModel):
    """An answer: every window of every series that had data in the range."""

    name: str
    unit: str
    since: datetime
    until: datetime
    step_seconds: float
    by: list[str]
    watermark: datetime = Field(description="Time up to which data counts as complete.")
    tables: list[str] = Field(description="Where the numbers were read.")
    rows: list[RowView]


class SignalAnswers(BaseModel):
    """Answers in the order of the questions."""

    results: list[SignalAnswer]


class SeriesView(BaseModel):
    """One series: a value, a count and a band per window."""

    labels: dict[str, str]
    values: list[float | None] = Field(description="Null where there is no data; never 0 instead.")
    counts: list[int] = Field(description="Observations each value rests on.")
    bands: list[Band]


class SeriesAnswer(BaseModel):
    """An answer that names its windows once: window i is `starts[i]` and `step_seconds` long."""

    name: str
    unit: str
    since: datetime
    until: datetime
    step_seconds: float
    by: list[str]
    watermark: datetime = Field(description="Time up to which data counts as complete.")
    tables: list[str] = Field(description="Where the numbers were read.")
    starts: list[datetime]
    complete: list[bool] = Field(description="Whether all that happened in the window has arrived.")
    series: list[SeriesView]


class QuestionProblem(BaseModel):
    """Why a question has no answer."""

    code: str
    detail: str
    hint: str | None


class FailedQuestion(BaseModel):
    """A question that has no answer, among others that may have one."""

    name: str
    error: QuestionProblem


class SeriesAnswers(BaseModel):
    """Answers in the order of the questions."""

    results: list[SeriesAnswer | FailedQuestion]


class Question(BaseModel):
    """A question; see the parameters of `GET /api/v1/signals/query`."""

    model_config = ConfigDict(extra="forbid")

    name: str
    since: str | None = None
    until: str | None = None
    last: str | None = None
    step: str | None = None
    by: list[str] = []
    where: str | None = None


class Questions(BaseModel):
    """Several questions at once."""

    model_config = ConfigDict(extra="forbid")

    queries: Annotated[list[Question], Field(min_length=1, max_length=100)]
    shape: Literal["rows", "series"] = Field(
        default="rows",
        description="`rows`: a row per value, and one wrong question fails all. `series`: a list of values "
        "per series, and a wrong question has its error in place of an answer.",
    )


class BothLanguages(BaseModel):
    """A text for people."""

    en: str
    ko: str


class StatementView(BaseModel):
    """A statement that answers a question."""

    sql: str = Field(description="With its values written in; what runs has bound parameters.")
    tables: list[str]


class NeedView(BaseModel):
    """One thing that a value needs."""

    what: BothLanguages
    seen: bool = Field(description="Whether the range has it.")


class NoDataView(BaseModel):
    """Why a question has no value that can be judged."""

    reason: NoDataReason
    text: BothLanguages
    last_seen_at: str | None = Field(
        description="When what is missing was last there; null if it never was, or nothing is missing."
    )
    needs: list[NeedView]


class ExplanationView(BaseModel):
    """How a question is answered."""

    name: str
    statements: list[StatementView]
    no_data: NoDataView | None = Field(description="Null if there is a value that can be judged.")


class ExemplarView(BaseModel):
    """A record behind a value, with the span it belongs to."""

    trace_id: str
    span_id: str | None = Field(description="Null where the record only names its trace.")
    at: str
    value: float | None = Field(description="The record's own share in the value; null if it has none.")
    name: str | None = Field(description="Of the span; null, as what follows, if the trace is not stored.")
    service: str | None
    model: str | None
    status: str | None
    duration_ms: float | None


class ExemplarsView(BaseModel):
    """The traces behind a value, each once."""

    name: str
    order: ExemplarOrder = Field(
        description="Which come first; `failed` is the newest of those that make it worse."
    )
    exemplars: list[ExemplarView]


class ExportView(BaseModel):
    """An export as a text."""

    media_type: str
    text: str
