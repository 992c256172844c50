"""Links of runs to trackers, and what is sent: a run and its cases, after sanitising."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pitwall.evals.runs.types import Where

SENDER_IS_GONE_AFTER: Final = timedelta(minutes=30)
"""How long a link may be on its way until its process counts as gone."""


class TrackerName(StrEnum):
    """Which tracker."""

    LANGFUSE = "langfuse"
    PHOENIX = "phoenix"
    MLFLOW = "mlflow"


class LinkState(StrEnum):
    """How far the sending of a run to a tracker is."""

    WAITING = "waiting"
    """Until the run is over."""
    SENDING = "sending"
    SENT = "sent"
    PARTLY = "partly"
    """Something of it did not arrive; the reason says what."""
    FAILED = "failed"
    """Nothing of it arrived; the reason says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerLink:
    """A run at a tracker.

    Attributes:
        where: Which process is to send it.
        holder: The process that is sending it, or did last.
        url: Where people see it; None until the tracker was reached.
        cases: That the run had judged when it was sent.
        scores_sent: With a value; scores without one are told with their case.
        reason: Why not all of it arrived.
    """

    run_id: str
    project_id: str
    tracker: TrackerName
    where: Where
    state: LinkState
    asked_at: datetime
    asked_by: str
    holder: str | None = None
    started_at: datetime | None = None
    sent_at: datetime | None = None
    url: str | None = None
    cases: int = 0
    cases_sent: int = 0
    scores_sent: int = 0
    reason: str | None = None


@dataclass(slots=True)
class Report:
    """What has arrived so far.

    Attributes:
        refusal: What the tracker said of the first thing that it did not take.
    """

    url: str | None = None
    cases: int = 0
    cases_sent: int = 0
    scores_sent: int = 0
    refused: int = 0
    refusal: str | None = None

    def refuse(self, count: int, why: str) -> None:
        """Note what the tracker did not take."""
        self.refused += count
        self.refusal = self.refusal or why


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingScore:
    """A score of a case.

    Attributes:
        id: The same whenever it is sent: a tracker keeps one.
        is_judged: By a model, not by code.
    """

    id: str
    metric: str
    sample: int
    status: str
    value: float | None
    passed: bool | None
    reason: str | None
    explanation: str | None
    identity: str
    is_judged: bool

    @property
    def label(self) -> str | None:
        """What it says besides its number."""
        return None if self.passed is None else "pass" if self.passed else "fail"


@dataclass(frozen=True, slots=True)
class OutgoingContext:
    """A chunk of text that the answer rests on."""

    text: str
    id: str | None
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingCase:
    """A case as it leaves: masked, cut to length, under ids that are the same whenever it is sent.

    Attributes:
        trace_id: Of the trace at the tracker, 32 hexadecimal digits.
        span_id: Of the answer in it; `retrieval_id` is of its contexts.
        answer: A text, or the turns of a conversation.
        contexts: None if nobody knows them.
        contexts_left_out: How many there were more.
        pitwall_trace_id: The trace at Pitwall that shows how the answer came about.
        facts: Plain values about it by name.
    """

    position: int
    example_id: str
    trace_id: str
    span_id: str
    retrieval_id: str
    start_unix_nano: int
    latency_ms: float | None
    question: str
    answer: Any
    error: str | None
    reference: str | None
    contexts: Sequence[OutgoingContext] | None
    contexts_left_out: int
    metadata: Mapping[str, Any]
    pitwall_trace_id: str | None
    passed: bool | None
    scores: Sequence[OutgoingScore]
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    @property
    def characters(self) -> int:
        """About how much it is."""
        texts = (self.question, self.reference, self.error, *(one.text for one in self.contexts or ()))
        return sum(len(text) for text in texts if text) + len(str(self.answer))

    @property
    def end_unix_nano(self) -> int:
        """Where it ends; an unknown latency takes no time."""
        return self.start_unix_nano + round((self.latency_ms or 0.0) * 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMetric:
    """What a metric says of the run; a value that is None is not told."""

    name: str
    identity: str
    threshold: float | None
    mean: float | None
    low: float | None
    high: float | None
    n_scored: int
    n_total: int
    pass_rate: float | None

    @property
    def comment(self) -> str:
        """The mean in its context, in words."""
        said = f"Mean of {self.n_scored} of {self.n_total} cases"
        if self.low is not None and self.high is not None:
            said += f", 95 % interval {self.low:.3f} to {self.high:.3f}"
        return f"{said}; {self.identity}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRun:
    """A run as it leaves."""

    id: str
    name: str
    state: str
    started_at: datetime
    finished_at: datetime
    metrics: Sequence[OutgoingMetric]
    pass_rate: float | None
    facts: Mapping[str, str]
    """What it was of: dataset, version, judge."""
    numbers: Mapping[str, float]
    """What it took: cases, calls, seconds, US dollars where known."""
