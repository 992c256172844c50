"""Clients for the two model APIs over plain httpx: Ollama's own and OpenAI's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from examples.voc_chat.settings import ModelSettings
from pitwall.core.errors import Unavailable

Messages = Sequence[dict[str, str]]
# None: no answer at all, or the connection broke.
_RETRYABLE_STATUSES = frozenset({None, 408, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A finished reply; token counts are None where the server gave none."""

    text: str
    model: str
    finish_reason: str
    input_tokens: int | None
    output_tokens: int | None
    is_simulated: bool


class ModelFailure(Unavailable):
    """A call to the model failed.

    Args:
        message: What happened.
        status_code: HTTP status; 502 when the server's answer makes no sense, None when there was no answer.
        retry_after: Seconds the server asked to wait.
    """

    default_code = "voc.model_failed"

    def __init__(
        self, message: str, *, status_code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.retry_after = retry_after

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may well succeed a little later."""
        return self.status_code in _RETRYABLE_STATUSES


class ModelTimeout(ModelFailure, TimeoutError):
    """The model did not answer in time."""


class ModelDisconnected(ModelFailure, ConnectionError):
    """The connection failed or broke in the middle of an answer."""


class ModelClient(Protocol):
    """What the service needs of a model server."""

    provider: str

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text. Raises ModelFailure."""
        ...

    async def chat(self, messages: Messages, on_first_token: Callable[[], object]) -> ChatReply:
        """Stream a JSON reply to its end; `on_first_token` is called once. Raises ModelFailure."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def create_client(settings: ModelSettings) -> ModelClient:
    """The client for the configured provider."""
    return OpenAiClient(settings) if settings.provider == "openai" else OllamaClient(settings)


class OllamaClient:
    """Ollama: NDJSON streams."""

    provider = "ollama"

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._http = _http_client(settings)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._settings.embedding_model, "input": list(texts)}
        with _Translated():
            response = await self._http.post("/api/embed", json=body)
            _raise_for_status(response)
            return _vectors(response.json()["embeddings"], len(texts))

    async def chat(self, messages: Messages, on_first_token: Callable[[], object]) -> ChatReply:
        body = {
            "model": self._settings.chat_model,
            "messages": list(messages),
            "stream": True,
            "format": "json",
        }
        pieces: list[str] = []
        async with _stream(self._http, "/api/chat", body) as response:
            async for line in response.aiter_lines():
                chunk = _checked(json.loads(line))
                _append(pieces, chunk["message"]["content"], on_first_token)
                if chunk.get("done"):
                    return ChatReply(
                        text="".join(pieces),
                        model=chunk["model"],
                        finish_reason=chunk.get("done_reason") or "stop",
                        input_tokens=chunk.get("prompt_eval_count"),
                        output_tokens=chunk.get("eval_count"),
                        is_simulated=_is_simulated(response),
                    )
        raise ModelDisconnected("The model's stream ended before it was done.")

    async def close(self) -> None:
        await self._http.aclose()


class OpenAiClient:
    """OpenAI and whatever speaks its API: server-sent events."""

    provider = "openai"

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._http = _http_client(settings)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._settings.embedding_model, "input": list(texts), "encoding_format": "float"}
        with _Translated():
            response = await self._http.post("/embeddings", json=body)
            _raise_for_status(response)
            return _vectors([item["embedding"] for item in response.json()["data"]], len(texts))

    async def chat(self, messages: Messages, on_first_token: Callable[[], object]) -> ChatReply:
        body = {
            "model": self._settings.chat_model,
            "messages": list(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {"type": "json_object"},
        }
        pieces: list[str] = []
        model, finish_reason = self._settings.chat_model, None
        usage: dict[str, Any] = {}
        async with _stream(self._http, "/chat/completions", body) as response:
            async for chunk in _events(response):
                model, usage = chunk.get("model") or model, chunk.get("usage") or usage
                for choice in chunk.get("choices", ()):
                    _append(pieces, choice["delta"].get("content"), on_first_token)
                    finish_reason = choice.get("finish_reason") or finish_reason
            simulated = _is_simulated(response)
        if finish_reason is None:
            raise ModelDisconnected("The model's stream ended before it was done.")
        tokens = usage.get("prompt_tokens"), usage.get("completion_tokens")
        return ChatReply("".join(pieces), model, finish_reason, *tokens, is_simulated=simulated)

    async def close(self) -> None:
        await self._http.aclose()


class _Translated:
    """Turns what httpx and a malformed body raise into ModelFailure."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, httpx.TimeoutException):
            raise ModelTimeout(f"The model did not answer in time ({type(error).__name__}).") from error
        if isinstance(error, httpx.TransportError):
            raise ModelDisconnected(f"The connection to the model failed: {error}.") from error
        if isinstance(error, json.JSONDecodeError | KeyError | TypeError | AttributeError):
            message = f"The model server sent something else than its API: {error!r}."
            raise ModelFailure(message, status_code=502) from error


@asynccontextmanager
async def _stream(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> AsyncIterator[httpx.Response]:
    with _Translated():
        async with http.stream("POST", path, json=body) as response:
            if response.is_error:
                await response.aread()
            _raise_for_status(response)
            yield response


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data != "[DONE]":
            yield _checked(json.loads(data))


def _checked(chunk: dict[str, Any]) -> dict[str, Any]:
    """A chunk, unless it is an error in the middle of the stream."""
    if "error" in chunk:
        raise ModelFailure(f"The model server stopped with an error: {chunk['error']}", status_code=500)
    return chunk


def _http_client(settings: ModelSettings) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    timeout = httpx.Timeout(settings.timeout_seconds, connect=min(5.0, settings.timeout_seconds))
    return httpx.AsyncClient(base_url=settings.base_url, headers=headers, timeout=timeout)


def _raise_for_status(response: httpx.Response) -> None:
    if not response.is_error:
        return
    status, said = response.status_code, response.text[:300]
    raise ModelFailure(
        f"The model server answered {status}: {said}",
        status_code=status,
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:  # a date: the usual backoff will do
        return None


def _vectors(vectors: list[list[float]], expected: int) -> list[list[float]]:
    if len(vectors) != expected:
        raise ModelFailure(f"Asked for {expected} embeddings, got {len(vectors)}.", status_code=502)
    return vectors


def _append(pieces: list[str], content: str | None, on_first_token: Callable[[], object]) -> None:
    if content:
        if not pieces:
            on_first_token()
        pieces.append(content)


def _is_simulated(response: httpx.Response) -> bool:
    return bool(response.headers.get("x-simulated") == "true")
