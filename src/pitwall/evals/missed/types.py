"""What missed questions are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pitwall.evals.missed.windows import Windows


class MissedReason(StrEnum):
    """Why a question counts as missed."""

    NO_HITS = "no_hits"
    """No search of the trace found a document."""
    REFUSAL = "refusal"
    """The answer says that it does not answer."""
    LOW_SCORE = "low_score"
    """A metric with a threshold scored below it."""
    NEGATIVE_FEEDBACK = "negative_feedback"
    """A thumb down, or a satisfaction of 1 or 2."""
    ERROR = "error"
    """The request failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The root span of a trace in the time range."""

    trace_id: str
    unix_nano: int
    is_error: bool
    output_preview: str
    span_id: str = ""
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class RootTexts:
    """The whole input and output of a root span; empty where it has none."""

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class GivenScore:
    """A score with a value that a trace was given."""

    trace_id: str
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedTrace:
    """A trace whose question was missed; texts as they are stored.

    Attributes:
        answer: How it was answered, or how far it came; empty if that is not known.
    """

    trace_id: str
    unix_nano: int
    question: str
    answer: str = ""
    reasons: frozenset[MissedReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Questions that ask nearly the same.

    Attributes:
        id: The same for the same wording, whenever it is asked for.
        question: The wording that came most often.
        wordings: How many there are.
        traces: Newest first.
    """

    id: str
    question: str
    wordings: int
    reasons: Mapping[MissedReason, int]
    traces: Sequence[MissedTrace]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedQuestions:
    """The missed questions of a time range.

    Attributes:
        windows: The range, and since when it was looked at.
        requests_by_window, missed_by_window: None where a window was not looked at as a whole.
        looked_at: Requests that were looked at, the newest.
        missed: Those of them that were missed, for whatever reason.
        reasons: How many of them for each reason; one trace may have several.
        without_question: Missed ones whose question is not known: not sent, or older than its retention.
        is_cut: There are more requests, or more missed ones, than were looked at.
    """

    windows: Windows
    requests_by_window: Sequence[int | None]
    missed_by_window: Sequence[int | None]
    looked_at: int
    missed: int
    reasons: Mapping[MissedReason, int]
    without_question: int
    is_cut: bool
    clusters: Sequence[Cluster]
