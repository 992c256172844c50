"""What a call to a model is: where it goes, what it asks, what comes back and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, SecretStr

from pitwall.core.errors import PitwallError

Reply = TypeVar("Reply", bound=BaseModel)


class Api(StrEnum):
    """How an endpoint is spoken to."""

    OPENAI = "openai"
    OLLAMA = "ollama"
    SIMULATED = "simulated"
    """No model at all: rules in this process, for demos and tests without one; it says so."""


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """One model at one address.

    Attributes:
        api: How it is spoken to.
        model: Its name there.
        base_url: Without the path of the operation: `http://127.0.0.1:11434`, `https://host/v1`.
        api_key: Sent as a bearer token.
        temperature: None leaves it to the endpoint.
        seed: Of sample 0; sample n asks with seed + n.
        max_tokens: Of a reply.
        timeout_seconds: Of one attempt.
        concurrency: Calls under way at most.
        requests_per_minute: None for no limit.
        tokens_per_minute: None for no limit.
        input_usd_per_million: Price; None takes it from the price book, unpriced if it is not there.
        output_usd_per_million: Price, likewise.
        options: Further fields of the request body, sent as they are.
    """

    api: Api
    model: str
    base_url: str = ""
    api_key: SecretStr | None = None
    temperature: float | None = 0.0
    seed: int | None = None
    max_tokens: int = 2048
    timeout_seconds: float = 120.0
    concurrency: int = 16
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    input_usd_per_million: Decimal | None = None
    output_usd_per_million: Decimal | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; role is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call, as the endpoint reports them; None where it does not."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Answered(Generic[Reply]):
    """A reply in the shape that was asked for.

    Attributes:
        value: The reply.
        calls: Keys of the stored calls that it took, the one that succeeded last.
        is_from_store: No call was made now.
    """

    value: Reply
    calls: tuple[str, ...]
    is_from_store: bool = False


class CallFailure(StrEnum):
    """Why a call gave nothing; kinds that ask for different things of people stay apart."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    TRUNCATED = "truncated"
    INVALID_JSON = "invalid_json"
    WRONG_SHAPE = "wrong_shape"
    REFUSED = "refused"
    AUTH = "auth"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    NETWORK = "network"
    BUDGET = "budget"


class CallFailed(PitwallError):
    """A call, with all its retries, gave nothing that could be used.

    Attributes:
        failure: What kind of failure the last attempt was.
        calls: Keys of the stored calls that it took.
    """

    http_status = 503
    default_code = "llm.call_failed"

    def __init__(
        self, message: str, *, failure: CallFailure, calls: Sequence[str] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, code=f"llm.{failure.value}", hint=hint)
        self.failure = failure
        self.calls = tuple(calls)


class Models(Protocol):
    """What metrics, pipelines and analyses ask of a model; equal questions asked at once are one call."""

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        """Ask for a reply of a shape.

        Args:
            messages: The conversation.
            shape: The model that the reply is validated with; its JSON schema goes with the request.
            sample: Which of several independent replies to the same question.

        Raises:
            CallFailed: No usable reply came.
        """
        ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text.

        Raises:
            CallFailed: None came.
        """
        ...
