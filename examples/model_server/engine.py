"""What both APIs share: models, faults, replies and their timing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from examples.model_server.answering import Message, answer_from
from examples.model_server.embedding import DEFAULT_DIMENSIONS, embed
from examples.model_server.faults import Fault, FaultBoard, FaultMode
from examples.model_server.latency import Latency, LatencyProfile
from examples.model_server.text import count_tokens, tokenize


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """What the simulator offers and how it behaves; `seed` fixes waits and which requests faults hit."""

    chat_models: tuple[str, ...] = ("qwen2.5:7b", "llama3.1:8b")
    embedding_models: tuple[str, ...] = ("bge-m3", "nomic-embed-text")
    dimensions: int = DEFAULT_DIMENSIONS
    latency: LatencyProfile = field(default_factory=LatencyProfile)
    seed: int = 20261120


class ApiError(Exception):
    """An error answer; each API gives it its own JSON shape."""

    def __init__(self, status: int, message: str, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}


class ConnectionCut(Exception):
    """The fault `cut_stream`: stop sending now."""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What a chat request asks for besides its messages."""

    model: str
    wants_json: bool = False
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, ready to be sent at once or token by token."""

    tokens: tuple[str, ...]
    prompt_tokens: int
    finish_reason: str
    is_cut: bool = False

    @property
    def text(self) -> str:
        return "".join(self.tokens)


class Simulator:
    """The state of one simulated model server."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.faults = FaultBoard(random.Random(config.seed))
        self.latency = Latency(config.latency, random.Random(config.seed + 1))

    async def chat(self, messages: Sequence[Message], options: ChatOptions) -> Reply:
        """Compose a reply; faults that refuse or hold the request happen here.

        Raises:
            ApiError: Unknown model, or a fault that answers with an error.
        """
        self._require(options.model, self.config.chat_models, "chat")
        fault = await self._meet_fault(options.model)
        answer = answer_from(messages)
        text = answer.as_json() if options.wants_json else answer.text
        if fault is FaultMode.BROKEN_JSON:
            text = answer.as_json()[: len(answer.as_json()) * 2 // 3]
        tokens = tokenize(text)[: options.max_tokens]
        return Reply(
            tokens=tuple(tokens),
            prompt_tokens=sum(count_tokens(message.content) for message in messages),
            finish_reason="length" if len("".join(tokens)) < len(text) else "stop",
            is_cut=fault is FaultMode.CUT_STREAM,
        )

    async def play(self, reply: Reply) -> AsyncIterator[str]:
        """Yield the reply token by token at the model's pace.

        Raises:
            ConnectionCut: Half way, when the reply is to be cut.
        """
        await asyncio.sleep(self.latency.first_token())
        for index, token in enumerate(reply.tokens):
            if reply.is_cut and index >= len(reply.tokens) // 2:
                raise ConnectionCut
            yield token
            await asyncio.sleep(self.latency.next_token())

    async def embeddings(
        self, texts: Sequence[str], model: str, dimensions: int | None = None
    ) -> list[list[float]]:
        """One unit vector per text.

        Raises:
            ApiError: Unknown model, or a fault that answers with an error.
            ConnectionCut: A fault that stops the answer half way.
        """
        self._require(model, self.config.embedding_models, "embeddings")
        fault = await self._meet_fault(model)
        await asyncio.sleep(self.latency.embedding())
        if fault in (FaultMode.CUT_STREAM, FaultMode.BROKEN_JSON):
            raise ConnectionCut if fault is FaultMode.CUT_STREAM else BrokenBody
        return [embed(text, dimensions or self.config.dimensions) for text in texts]

    def _require(self, model: str, offered: Sequence[str], ability: str) -> None:
        if model.removesuffix(":latest") in {name.removesuffix(":latest") for name in offered}:
            return
        if model in (*self.config.chat_models, *self.config.embedding_models):
            raise ApiError(
                400,
                f"{model!r} does not support {ability}; models that do: {', '.join(offered)}",
                "wrong_model",
            )
        raise ApiError(
            404, f"model {model!r} not found; this simulator offers {', '.join(offered)}", "model_not_found"
        )

    async def _meet_fault(self, model: str) -> FaultMode | None:
        fault = self.faults.draw(model)
        if fault is None:
            return None
        if fault.mode in (FaultMode.TIMEOUT, FaultMode.SLOW):
            await asyncio.sleep(fault.seconds)
        _refuse(fault)
        return fault.mode


class BrokenBody(Exception):
    """The fault `broken_json` on embeddings: answer 200 with JSON that stops half way."""


def _refuse(fault: Fault) -> None:
    if fault.mode is FaultMode.TIMEOUT:
        raise ApiError(504, f"simulated fault: no answer within {fault.seconds:g} s", "timeout")
    if fault.mode is FaultMode.STATUS_429:
        raise ApiError(
            429, "simulated fault: rate limit reached", "rate_limit_exceeded", retry_after=fault.seconds
        )
    if fault.mode is FaultMode.STATUS_500:
        raise ApiError(500, "simulated fault: internal server error", "server_error")
