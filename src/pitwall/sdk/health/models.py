"""Ready-made checks of models: Ollama, OpenAI-compatible servers, embeddings."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pitwall.sdk.health.http import Reply, Service
from pitwall.sdk.health.types import Check, CheckResult, degraded, failed, fine


def check_ollama(
    url: str = "http://127.0.0.1:11434", model: str | None = None, *, must_be_loaded: bool = False
) -> Check:
    """Ollama answers and has the model.

    Args:
        url: Its address.
        model: What the application calls, `qwen2.5:7b` say; without a tag it is `:latest`.
        must_be_loaded: Whether a model that is not in memory means degraded: the next call will be slow.
    """
    service = Service(url, {})
    names = {model, f"{model}:latest"}

    def check() -> CheckResult:
        tags = service.get("/api/tags")
        if not tags.is_ok:
            return _refused(tags)
        installed = _names(tags.member("models"), "name")
        if model is not None and names.isdisjoint(installed):
            return failed(f"model {model} is not installed", installed=installed)
        running = service.get("/api/ps")
        if not running.is_ok:
            return _refused(running)
        loaded = _names(running.member("models"), "name")
        if must_be_loaded and not (loaded if model is None else names & set(loaded)):
            return degraded(f"{model or 'a model'} is not in memory", installed=installed, loaded=loaded)
        return fine(installed=installed, loaded=loaded)

    return check


def check_openai(
    url: str = "https://api.openai.com/v1", model: str | None = None, *, api_key: str | None = None
) -> Check:
    """A server with OpenAI's API (vLLM, LiteLLM, OpenAI itself) answers, takes the key and has the model.

    Args:
        url: The base URL that the client gets, with `/v1`.
        model: What the application calls.
        api_key: Sent as bearer token.
    """
    service = Service(url, {"authorization": f"Bearer {api_key}"} if api_key else {})

    def check() -> CheckResult:
        reply = service.get("/models")
        if not reply.is_ok:
            return _refused(reply)
        models = _names(reply.member("data"), "id")
        if model is not None and model not in models:
            return failed(f"model {model} is not served", models=models)
        return fine(models=models)

    return check


def check_embedding(
    embed: Callable[[str], Sequence[float] | Awaitable[Sequence[float]]],
    dimension: int | None = None,
    *,
    text: str = "health check",
) -> Check:
    """The application's own embedding function makes a vector.

    Args:
        embed: Takes a text and returns its vector, plain or async.
        dimension: What the vector store expects.
        text: What is embedded.
    """

    def check() -> CheckResult | Awaitable[CheckResult]:
        vector = embed(text)
        return _judged_later(vector, dimension) if inspect.isawaitable(vector) else _judged(vector, dimension)

    return check


async def _judged_later(vector: Awaitable[Any], dimension: int | None) -> CheckResult:
    return _judged(await vector, dimension)


def _judged(vector: Any, dimension: int | None) -> CheckResult:
    numbers = [float(number) for number in vector]
    if not numbers or not any(numbers) or not all(map(math.isfinite, numbers)):
        return failed("the vector is empty, zero or not finite", dimension=len(numbers))
    if dimension is not None and len(numbers) != dimension:
        return failed(f"the vector has {len(numbers)} dimensions instead of {dimension}")
    return fine(dimension=len(numbers))


def _refused(reply: Reply) -> CheckResult:
    return failed(f"HTTP {reply.status}: {str(reply.body)[:200]}")


def _names(items: Any, key: str) -> list[str]:
    listed = items if isinstance(items, list) else []
    return [str(item[key]) for item in listed if isinstance(item, dict) and key in item]
