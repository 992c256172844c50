"""The wire shapes of missed questions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pitwall.evals.missed.service import DEFAULT_RANGE, MissedQuery
from pitwall.evals.missed.types import MissedReason


class MissedTraceView(BaseModel):
    """A trace that stands for missed questions."""

    trace_id: str
    at: str
    question: str
    answer: str = Field(description="How it begins; empty if there was none, or it is not known.")
    reasons: list[MissedReason]


class MissedCourse(BaseModel):
    """Requests and missed ones over the time range, in windows of equal length."""

    starts: list[str]
    step_seconds: float
    requests: list[int | None] = Field(description="Null where a window was not looked at as a whole.")
    missed: list[int | None] = Field(description="Of those, for the reasons that were asked for.")


class MissedClusterView(BaseModel):
    """Questions that ask nearly the same."""

    id: str
    question: str = Field(description="The wording that came most often.")
    count: int = Field(description="Requests.")
    wordings: int = Field(description="How many wordings there are.")
    reasons: dict[MissedReason, int] = Field(description="Requests by reason; one may have several.")
    first_at: str
    last_at: str
    course: list[int | None] = Field(description="Requests by window, as in the course of all of them.")
    examples: list[MissedTraceView] = Field(description="Newest first.")


class MissedView(BaseModel):
    """Missed questions of a time range, the most frequent first."""

    since: str
    until: str
    requests: int = Field(description="Requests that were looked at, the newest.")
    missed: int
    reasons: dict[MissedReason, int] = Field(description="Missed requests by reason; one may have several.")
    without_question: int = Field(description="Missed ones whose texts were not sent, or are gone.")
    is_cut: bool = Field(description="There are more than were looked at: narrow the time range.")
    question_count: int = Field(description="Groups of questions in all; `questions` has the first of them.")
    course: MissedCourse
    questions: list[MissedClusterView]


class MissedDatasetBody(BaseModel):
    """Missed questions that are to become examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(min_length=1, max_length=200, description="Its name; it is made if there is none.")
    since: str | None = Field(default=DEFAULT_RANGE, description="Start: ISO 8601 or relative.")
    until: str | None = Field(default=None, description="End, not part of the range.")
    filters: list[str] = Field(default=[], description="`column:operator:value`, of the root span.")
    reasons: list[MissedReason] = Field(default=[], description="Only these; empty for all.")
    clusters: list[str] = Field(default=[], max_length=1000, description="Ids of questions; empty for all.")

    def query(self) -> MissedQuery:
        """Return which missed questions are meant."""
        return MissedQuery(
            since=self.since, until=self.until, filters=tuple(self.filters), reasons=frozenset(self.reasons)
        )
