"""Calls as they are kept: what was asked, what came back, what it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pitwall.llm.types import Api, CallFailure, Usage
from pitwall.llm.wire import Mode

_PICO = Decimal(10) ** 12


class CallKind(StrEnum):
    """What a call asks for."""

    CHAT = "chat"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Call:
    """One call with all its attempts; of embeddings, one text of a call.

    Attributes:
        id: Of this row; sorts by time.
        key: What was asked of whom, see `keys`; a call that failed and its repetition have the same.
        run_id: What it was made for.
        endpoint: Base address.
        mode: How the structured reply was asked for; None for embeddings and without a model.
        request: The body as it was sent, JSON.
        reply: The text that came back; of an embedding, float32 numbers in base64.
        failure: None if the reply could be used.
        error: The failure in words.
        cost_usd: None where the model has no price or the server did not count tokens.
        latency_ms: Of the last attempt.
        attempts: Requests sent; 0 for a text of an embedding call whose first text counts it.
    """

    id: str
    key: str
    run_id: str | None
    kind: CallKind
    api: Api
    endpoint: str
    model: str
    mode: Mode | None
    sample: int
    request: str
    reply: str | None
    finish_reason: str | None
    failure: CallFailure | None
    error: str | None
    usage: Usage
    cost_usd: Decimal | None
    latency_ms: float
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store knows of a question: its answer, or else the last reply that could not be used."""

    key: str
    reply: str | None
    failure: CallFailure | None
    error: str | None


def to_pico(amount: Decimal | None) -> int | None:
    """US dollars as the table keeps them."""
    return None if amount is None else int(amount * _PICO)


def from_pico(amount: int | None) -> Decimal | None:
    """US dollars of what the table keeps."""
    return None if amount is None else Decimal(amount) / _PICO
