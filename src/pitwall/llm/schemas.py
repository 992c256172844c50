"""The wire shapes of calls to models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field

from pitwall.llm.calls import Call, CallKind
from pitwall.llm.types import Api, CallFailure
from pitwall.llm.wire import Mode


class CallView(BaseModel):
    """One call, without its texts."""

    id: str
    key: str = Field(
        description="What was asked of whom; a call that failed and its repetition have the same."
    )
    run_id: str | None
    kind: CallKind
    api: Api = Field(description="`simulated` means that no model was asked.")
    endpoint: str | None
    model: str
    mode: Mode | None = Field(description="How a structured reply was asked for.")
    sample: int
    finish_reason: str | None
    failure: CallFailure | None = Field(description="Null if the reply could be used.")
    error: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None = Field(description="Null where the model has no price.")
    latency_ms: float = Field(description="Of the last attempt.")
    attempts: int = Field(description="Requests sent; 0 for a text that shared the request of another.")
    created_at: datetime

    @classmethod
    def of(cls, call: Call) -> Self:
        """Return the view of a call."""
        return cls(**_fields(call))


class CallDetail(CallView):
    """One call with its texts, and the other calls of the same question."""

    request: Any = Field(description="The body as it was sent.")
    reply: str | None = Field(description="What came back; of an embedding, float32 numbers in base64.")
    others: list[CallView] = Field(description="Newest first.")

    @classmethod
    def of_question(cls, calls: Sequence[Call]) -> Self:
        """Return the call that answered the question, else the newest one."""
        shown = next((call for call in calls if call.failure is None), calls[0])
        return cls(
            **_fields(shown),
            request=orjson.loads(shown.request),
            reply=shown.reply,
            others=[CallView.of(call) for call in calls if call.id != shown.id],
        )


class CallList(BaseModel):
    """A page of calls, newest first."""

    calls: list[CallView]
    next_cursor: str | None = None


def _fields(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "key": call.key,
        "run_id": call.run_id,
        "kind": call.kind,
        "api": call.api,
        "endpoint": call.endpoint or None,
        "model": call.model,
        "mode": call.mode,
        "sample": call.sample,
        "finish_reason": call.finish_reason,
        "failure": call.failure,
        "error": call.error,
        "input_tokens": call.usage.input_tokens,
        "output_tokens": call.usage.output_tokens,
        "cost_usd": None if call.cost_usd is None else float(call.cost_usd),
        "latency_ms": call.latency_ms,
        "attempts": call.attempts,
        "created_at": call.created_at,
    }


class JudgeProfileView(BaseModel):
    """Models under a name; never a key."""

    profile: str
    judge: str | None
    judge_url: str | None = Field(description="Null for a judge that no address is asked for.")
    embedding: str | None
    problem: str | None = Field(description="What keeps it from being used, such as a missing secret.")
    origin: str | None = Field(description="Name of the file, or `built-in`.")
    description: str | None
    thresholds: dict[str, float]


class JudgeProfileList(BaseModel):
    """The profiles of the server, the built-in one last."""

    profiles: list[JudgeProfileView]


class ExamineModel(BaseModel):
    """Whose models to examine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str
    probes: Annotated[int, Field(ge=1, le=100, description="Questions in each mode.")] = 6


class ExaminedMode(BaseModel):
    """How a way of asking fared."""

    mode: str
    asked: int
    valid: int = Field(description="Replies of the right shape.")
    complete: int = Field(description="Replies that had every id once.")
    failure_rate: float | None
    right: dict[str, float | None] = Field(description="Share of right verdicts by kind of question.")
    latency_ms: float | None
    failures: dict[str, int]
    is_refused: bool
    problem: str | None


class ExaminedEmbedding(BaseModel):
    """How an embedding model fared."""

    model: str
    api: Api
    url: str | None
    is_simulated: bool
    dimension: int | None = Field(description="Null if no vector came.")
    is_normalised: bool | None
    same_text_same_vector: bool | None
    batch_keeps_order: bool | None
    right: dict[str, float | None] = Field(description="Share of triples told apart, by language.")
    largest_batch: int | None
    refused_batch: int | None
    latency_ms: float | None
    problem: str | None


class ExaminedModel(BaseModel):
    """What was found about the models of a profile."""

    model: str
    api: Api
    url: str | None
    is_simulated: bool
    listed_models: list[str] | None
    best_mode: str | None = Field(description="The one that runs ask in first; null if none works.")
    left_out: list[str]
    same_question_same_reply: bool | None
    seed_fixes_reply: bool | None
    modes: list[ExaminedMode]
    embedding: ExaminedEmbedding | None
    is_kept: bool = Field(description="Whether runs of this project ask so from now on.")
