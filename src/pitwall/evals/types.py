"""Values that every part of evaluations shares: examples, answers, cases and scores with a status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""A JSON value."""


class ScoreStatus(StrEnum):
    """What came of judging a case by a metric; only `scored` has a value and enters a mean."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    """The metric has nothing to say of this case: no claims in the answer, no reference."""
    UNDETERMINED = "undetermined"
    """It was judged, and too little of the verdict is known."""
    ERROR = "error"
    """It could not be judged: a call failed, the target failed, the answer is empty."""


class Direction(StrEnum):
    """Which way a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Context:
    """A chunk of text that was retrieved, or should have been.

    Attributes:
        text: Its words; empty where only its id is known.
        id: Of the document.
        score: The retriever's.
    """

    text: str
    id: str | None = None
    score: float | None = None

    @property
    def is_only_named(self) -> bool:
        """Whether its id is known and its text is not, so that nothing can be judged by it."""
        return self.id is not None and not self.text.strip()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that was called, or should be."""

    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation: what the user said and what came back.

    Attributes:
        trace_id: The trace that it was made from.
    """

    question: str
    answer: str | None = None
    contexts: tuple[Context, ...] = ()
    latency_ms: float | None = None
    trace_id: str | None = None

    @property
    def can_be_grounded(self) -> bool:
        """Whether there is an answer, and contexts to hold it against."""
        return bool((self.answer or "").strip() and self.contexts)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered to an example; a field that is not known is None, never empty or 0.

    Attributes:
        error: Why there is no answer, in one sentence.
    """

    text: str | None = None
    contexts: tuple[Context, ...] | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    turns: tuple[Turn, ...] = ()
    latency_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    trace_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One input of a dataset, its reference, and an answer if one is stored with it.

    Attributes:
        id: Unique in a dataset version; comparisons pair by it.
        language: `ko`, `en` or another BCP 47 tag; found from the text where the file does not say.
        group: What belongs together (document, conversation): intervals count it as one cluster.
        reference: The answer that is right ("ground truth").
        reference_contexts: The chunks that hold what is needed.
        relevance: Gain by document id, the labels for retrieval metrics; None without labels.
        reference_tool_calls: The calls that are right.
        answer: Stored with the example; None if a target has to give it.
        trace_id: The trace that it was made from.
        metadata: Whatever else the file said; slices split by its plain values.
    """

    id: str
    question: str
    language: str = "en"
    group: str | None = None
    reference: str | None = None
    reference_contexts: tuple[Context, ...] | None = None
    relevance: Mapping[str, float] | None = None
    reference_tool_calls: tuple[ToolCall, ...] | None = None
    answer: Answer | None = None
    trace_id: str | None = None
    span_id: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """An example with the answer that is judged."""

    example: Example
    answer: Answer


@dataclass(frozen=True, slots=True)
class Score:
    """What a metric says of a case.

    Attributes:
        metric: Its name, such as `faithfulness`.
        value: Only when `scored`.
        reason: Short code of why it is not scored (`no_claims`, `empty_answer`, `judge_timeout`), or of what
            is special about the value (`no_contexts`).
        explanation: A sentence for people, in the language of the case.
        evidence: JSON that shows how the value came about: claims, verdicts, the chunk that supports each.
        calls: Keys of the stored model calls that it rests on.
    """

    metric: str
    status: ScoreStatus
    value: float | None = None
    reason: str | None = None
    explanation: str | None = None
    evidence: Json = None
    calls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.status is ScoreStatus.SCORED) != (self.value is not None):
            raise ValueError(f"{self.metric}: status {self.status} with value {self.value}")
