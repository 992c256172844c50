"""The shapes of a judge's replies; a reason always comes before the verdict that it leads to.

Names and docstrings of these models go into the JSON schema that the judge is shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field


class Claims(BaseModel):
    """The claims of a text, in its order."""

    claims: list[str] = Field(description="Each claim, one sentence that can be understood by itself.")


class Support(StrEnum):
    """What sources say of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_STATED = "not_stated"


class ClaimVerdict(BaseModel):
    """The verdict on one claim."""

    id: int = Field(description="Number of the claim.")
    reason: str = Field(description="One short sentence.")
    verdict: Support
    sources: list[int] = Field(
        default_factory=list, description="Numbers of all sources that the verdict rests on."
    )


class ClaimVerdicts(BaseModel):
    """One verdict for each claim."""

    verdicts: list[ClaimVerdict]


class Relevance(StrEnum):
    """What a sentence of an answer does for the question."""

    RELEVANT = "relevant"
    OFF_TOPIC = "off_topic"
    NONCOMMITTAL = "noncommittal"
    NEUTRAL = "neutral"


class SentenceVerdict(BaseModel):
    """The verdict on one sentence."""

    id: int = Field(description="Number of the sentence.")
    reason: str = Field(description="One short sentence.")
    verdict: Relevance


class SentenceVerdicts(BaseModel):
    """One verdict for each sentence."""

    verdicts: list[SentenceVerdict]


class Bearing(StrEnum):
    """What a sentence of a context does for the question."""

    RELEVANT = "relevant"
    OFF_TOPIC = "off_topic"


class ContextVerdict(BaseModel):
    """The verdict on one sentence of a context."""

    id: int = Field(description="Number of the sentence.")
    reason: str = Field(description="One short sentence.")
    verdict: Bearing


class ContextVerdicts(BaseModel):
    """One verdict for each sentence."""

    verdicts: list[ContextVerdict]


class GuessedQuestion(BaseModel):
    """The question that a text answers."""

    question: str
    is_noncommittal: bool = Field(description="True if the text evades an answer, as in `I do not know`.")


class Entities(BaseModel):
    """The entities of a text."""

    entities: list[str] = Field(description="Each as it is written in the text.")


class KeyQuestion(BaseModel):
    """A question on a key point of a text, and what the text answers."""

    question: str
    answer: str = Field(description="What the text says, in a few words.")


class KeyQuestions(BaseModel):
    """Questions on the key points of a text."""

    questions: list[KeyQuestion]


class Answerable(StrEnum):
    """Whether a text answers a question."""

    ANSWERED = "answered"
    CONTRADICTED = "contradicted"
    NOT_ANSWERED = "not_answered"


class QuestionVerdict(BaseModel):
    """The verdict on one question."""

    id: int = Field(description="Number of the question.")
    reason: str = Field(description="One short sentence.")
    verdict: Answerable


class QuestionVerdicts(BaseModel):
    """One verdict for each question."""

    verdicts: list[QuestionVerdict]


class PointVerdict(BaseModel):
    """Whether a text tells one point."""

    id: int = Field(description="Number of the point.")
    reason: str = Field(description="One short sentence.")
    verdict: Literal["yes", "no"]


class PointVerdicts(BaseModel):
    """One verdict for each point."""

    verdicts: list[PointVerdict]


class Steps(BaseModel):
    """The steps by which something is evaluated."""

    steps: list[str]


class YesNoVerdict(BaseModel):
    """Whether something holds."""

    reason: str = Field(description="One or two sentences.")
    verdict: Literal["yes", "no"]


class LevelVerdict(BaseModel):
    """The level that something reaches."""

    reason: str = Field(description="One or two sentences.")
    verdict: Literal["1", "2", "3", "4", "5"] = Field(description="Number of the level.")
