"""Documents, passages and what a model is asked to make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class QuestionKind(StrEnum):
    """What a question asks for."""

    FACTUAL = "factual"
    REASONING = "reasoning"
    COMPARATIVE = "comparative"
    PROCEDURAL = "procedural"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document, `[start, end)` in characters."""

    document: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """Names the passage wherever it stands as a context."""
        return f"{self.document}#{self.start}-{self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisPlan:
    """What is to be made.

    Attributes:
        count: Questions at most.
        per_passage: Questions that a passage is asked for at once.
        kinds: Of questions.
        seed: In which order passages are asked: the same documents and seed give the same questions to ask.
        same_from: From which likeness on, 0 to 1, two questions count as one.
    """

    count: int = 50
    per_passage: int = 2
    kinds: tuple[QuestionKind, ...] = tuple(QuestionKind)
    seed: int = 0
    same_from: float = 0.8


@dataclass(slots=True)
class SynthesisCounts:
    """What came of it.

    Attributes:
        asked: Passages that the model was asked about.
        offered: Questions that it gave.
        kept: Questions that became examples.
        dropped: Why others did not: `quote_not_found`, `near_duplicate`, `empty`.
        failed: Passages about which nothing came, by kind of failure.
    """

    asked: int = 0
    offered: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str) -> None:
        """Count a question that does not become an example."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def fail(self, failure: str) -> None:
        """Count a passage about which nothing came."""
        self.failed[failure] = self.failed.get(failure, 0) + 1
